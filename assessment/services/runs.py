"""Runs: started once, computed in chunks, finished by whoever brings the last chunk in.

Exactly-once lives in unique keys and row locks, never in the broker:

- one run of a period at a time (`run_one_at_a_time`), numbered under a lock on the period;
- a chunk is claimed, computed, written and marked in one transaction, so a killed worker leaves nothing;
- `result_once` refuses a second row for a person whatever happens above;
- "am I the last?" is asked under a lock on the run, after the own mark: without the lock two last chunks
  each see the other as unfinished, and nobody finishes the run.
"""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from assessment.choices import ChunkState, PeriodKind, PeriodState, RunState
from assessment.models import Period, Result, Run, RunChunk, Scheme
from assessment.queries import sources, verification
from assessment.queries.periods import due_periods, scheme_for
from assessment.queries.roster import Person, roster_on
from assessment.rules import digest, scoring
from assessment.rules import periods as calendar
from assessment.rules import scheme as schemes
from assessment.services import bulk, periods
from core.choices import JobState
from core.models import Cadre, Job, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, jobs

log = logging.getLogger(__name__)

CHUNK_SIZE = 1000
"""People per chunk: a province is some hundred chunks, a district office is one."""

COMPUTE = "assessment.compute_chunk"
FINALISE = "assessment.finalise_run"


def pick_scheme(*, kind: PeriodKind, on: date, code: str | None = None) -> Scheme:
    """The scheme that applies on a day. Raises DomainError, saying what to do, when there is none."""
    scheme = scheme_for(kind, on, code=code)
    if scheme is not None:
        return scheme
    if code is not None:
        raise DomainError(
            f"{on} 没有代码为“{code}”的{kind.label}方案。请核对代码，或运行 manage.py sync_catalogues。"
        )
    raise DomainError(
        f"还没有{kind.label}（{kind.value}）的考核方案。"
        "请先在 assessment/catalogues/schemes.yaml 中写入方案，再运行 manage.py sync_catalogues。"
    )


@transaction.atomic
def start_run(
    *,
    period: Period,
    scheme: Scheme | None = None,
    by: User | None,
    at: datetime,
    again: bool = False,
    chunk_size: int = CHUNK_SIZE,
    dispatch: bool = True,
) -> Run:
    """Start the computation of a period, or return the run that is under way or already done.

    Before the period has ended the run is provisional: it looks at the people and facts of today, and the
    period goes on collecting. `again` makes a new version of a period already computed. With
    `dispatch=False` no jobs are sent and the caller computes the chunks. `by=None` is the clock.

    Raises NotAllowed without the permission, DomainError when there is no scheme, nobody to score, or the
    period has not begun, SchemeError for a scheme that cannot be used.
    """
    if by is not None and not may(by, Permission.RUN_ASSESSMENT):
        raise NotAllowed("您的角色没有管理考核周期的权限。")
    period = Period.objects.select_for_update().get(pk=period.pk)
    today = timezone.localdate(at)
    provisional = today <= period.last_day
    known = Run.objects.filter(period=period).select_related("period", "scheme").order_by("-number")
    running = known.filter(state=RunState.RUNNING).first()
    if running is not None:
        return running
    done = known.filter(state=RunState.DONE, provisional=provisional).first()
    if done is not None and not again and not provisional:
        return done
    if period.first_day > today:
        raise DomainError(f"{period}尚未开始，不能核算。请在 {period.first_day} 以后再试。")
    as_of = min(period.last_day, today)
    scheme = scheme or pick_scheme(kind=PeriodKind(period.kind), on=as_of)
    spec = scheme.spec()
    roster = roster_on(as_of)
    if not roster:
        raise DomainError(f"{as_of} 没有在岗干部，无人可核算。请先导入花名册。")
    newest = known.first()
    run = Run.objects.create(
        period=period,
        scheme=scheme,
        number=newest.number + 1 if newest else 1,
        provisional=provisional,
        as_of=as_of,
        definition=schemes.freeze(spec),
        scheme_sha256=schemes.fingerprint(spec),
        subjects=len(roster),
        started_by=by,
        started_at=at,
    )
    chunks = RunChunk.objects.bulk_create(_chunks(run, roster, chunk_size))
    if not provisional:
        _move(period, PeriodState.COMPUTING)
    after = {
        "scheme": str(scheme),
        "number": run.number,
        "subjects": run.subjects,
        "provisional": provisional,
    }
    audit.record(action="开始核算", target=run, by=by, at=at, after=after)
    if dispatch:
        for chunk in chunks:
            _send_chunk(run, chunk, of=len(chunks), by=by, at=at)
    return run


def _chunks(run: Run, roster: list[Person], size: int) -> list[RunChunk]:
    shares = [roster[start : start + size] for start in range(0, len(roster), size)]
    return [
        RunChunk(
            run=run,
            ordinal=ordinal,
            first_unit_id=share[0].unit_id,
            last_unit_id=share[-1].unit_id,
            roster=[[person.cadre_id, person.unit_id, person.establishment] for person in share],
        )
        for ordinal, share in enumerate(shares, start=1)
    ]


def _send_chunk(run: Run, chunk: RunChunk, *, of: int, by: User | None, at: datetime) -> None:
    title = f"{run.period}第{run.number}次核算 第{chunk.ordinal}/{of}块"
    jobs.enqueue(task=COMPUTE, title=title, by=by, at=at, key=f"{COMPUTE}:{chunk.pk}", chunk_id=chunk.pk)


def _send_finalise(run: Run, *, at: datetime) -> None:
    title = f"{run.period}第{run.number}次核算 排名定稿"
    key = f"{FINALISE}:{run.pk}"
    jobs.enqueue(task=FINALISE, title=title, by=run.started_by, at=at, key=key, run_id=run.pk)


def _move(period: Period, to: PeriodState) -> None:
    allowed, reason = calendar.can_move(PeriodState(period.state), to)
    if not allowed:
        raise DomainError(reason)
    period.state = to
    period.save(update_fields=["state"])


@transaction.atomic
def compute_chunk(*, chunk_id: int, at: datetime) -> bool:
    """Score one chunk: claim, compute, write and mark, all in this transaction.

    Answers False when the chunk is done or in another worker's hands; a second delivery does nothing. The
    number of statements does not depend on the number of people. Raises SubjectError naming who cannot be
    scored and why; nothing is then written.
    """
    chunk = (
        RunChunk.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("run__period")
        .filter(pk=chunk_id, state=ChunkState.PENDING, run__state=RunState.RUNNING)
        .first()
    )
    if chunk is None:
        return False
    run = chunk.run
    spec = run.spec
    cadre_ids = [cadre_id for cadre_id, _, _ in chunk.roster]
    scope = sources.Scope(run.period_id, run.period.first_day, run.as_of, cadre_ids)
    columns = sources.columns(spec, scope)
    try:
        scores = scoring.score_columns(spec, cadre_ids, columns)
    except scoring.SubjectError as error:
        error.put_name(str(Cadre.objects.get(pk=str(error.subject))))
        raise
    bulk.insert_rows(
        Result,
        ("run", "cadre", "unit", "group", "total", "attainable", "lines"),
        (
            (
                run.pk,
                cadre_id,
                unit_id,
                verification.group_of(spec, establishment),
                scores[cadre_id].total,
                scores[cadre_id].attainable,
                [
                    digest.pack(line, column.get(cadre_id))
                    for line, column in zip(scores[cadre_id].lines, columns, strict=True)
                ],
            )
            for cadre_id, unit_id, establishment in chunk.roster
        ),
    )
    RunChunk.objects.filter(pk=chunk.pk).update(state=ChunkState.DONE, done_at=at)
    run = Run.objects.select_for_update(of=("self",), no_key=True).select_related("period").get(pk=run.pk)
    if not run.chunks.exclude(state=ChunkState.DONE).exists():
        _send_finalise(run, at=at)
    return True


@transaction.atomic
def finalise_run(*, run_id: int, at: datetime) -> Run | None:
    """Rank everybody, seal the result with its digest, and hand the period over for review.

    None when the run is not under way or a chunk is still missing; a second call does nothing. Raises
    DomainError when somebody of the roster has no result.
    """
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("period", "scheme", "started_by")
        .filter(pk=run_id, state=RunState.RUNNING)
        .first()
    )
    if run is None or run.chunks.exclude(state=ChunkState.DONE).exists():
        return None
    spec = run.spec
    results = list(verification.computed_results(run))
    if len(results) != run.subjects:
        raise DomainError(
            f"{run}应有 {run.subjects} 人的结果，实有 {len(results)} 人，未定稿。请联系系统管理员。"
        )
    standings = verification.rank(spec, results)
    bulk.set_ranks((pk, one.in_unit, one.in_group, one.order) for pk, one in standings.items())
    run.sha256 = verification.run_digest(run, spec, results, standings)
    run.state, run.finished_at = RunState.DONE, at
    run.save(update_fields=["sha256", "state", "finished_at"])
    if not run.provisional:
        period = Period.objects.select_for_update().get(pk=run.period_id)
        _move(period, PeriodState.REVIEW)
    unscored = sum(one.total is None for one in results)
    audit.record(
        action="完成核算",
        target=run,
        by=run.started_by,
        at=at,
        after={"sha256": run.sha256, "subjects": run.subjects, "unscored": unscored},
    )
    return run


def fail_chunk(*, chunk_id: int, message: str, at: datetime) -> None:
    """End the run of a chunk that cannot be computed."""
    run_id = RunChunk.objects.values_list("run_id", flat=True).get(pk=chunk_id)
    fail_run(run_id=run_id, chunk_id=chunk_id, message=message, at=at)


@transaction.atomic
def fail_run(*, run_id: int, message: str, chunk_id: int | None = None, at: datetime) -> None:
    """End a run that cannot be finished, with the reason; the period goes back to collecting.

    What was computed stays in its version, which nobody sees. The clock does not try again by itself: a
    person mends the cause and starts a new version.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("period").get(pk=run_id)
    if run.state != RunState.RUNNING:
        return
    if chunk_id is not None:
        RunChunk.objects.filter(pk=chunk_id, state=ChunkState.PENDING).update(
            state=ChunkState.FAILED, message=message[:500]
        )
    run.state, run.finished_at, run.message = RunState.FAILED, at, message[:500]
    run.save(update_fields=["state", "finished_at", "message"])
    if not run.provisional:
        _move(Period.objects.select_for_update().get(pk=run.period_id), PeriodState.COLLECTING)
    audit.record(action="核算未完成", target=run, by=run.started_by, at=at, after={"message": run.message})


def resume_runs(*, at: datetime) -> None:
    """Give every run under way what it may have lost: a chunk without a job, or the last step.

    A chunk whose job was given up (five times an internal error) ends the run.
    """
    for run in (
        Run.objects.filter(state=RunState.RUNNING).select_related("period", "started_by").order_by("id")
    ):
        chunks = list(run.chunks.exclude(state=ChunkState.DONE).only("pk", "ordinal", "run_id"))
        keys = [f"{COMPUTE}:{chunk.pk}" for chunk in chunks] or [f"{FINALISE}:{run.pk}"]
        given_up = Job.objects.filter(key__in=keys, state=JobState.FAILED).order_by("id").first()
        if given_up is not None:
            fail_run(run_id=run.pk, message=given_up.message, at=at)
        elif not chunks:
            _send_finalise(run, at=at)
        else:
            total = run.chunks.count()
            for chunk in chunks:
                _send_chunk(run, chunk, of=total, by=run.started_by, at=at)


def run_due(*, at: datetime) -> list[Run]:
    """One tick: open the periods that should exist, resume what is under way, start what is due.

    Oldest first; each period once, however often or seldom the clock ticks. A period that cannot be
    started (no people yet, no scheme) is logged and does not hold up the others. Returns the runs started.
    """
    today = timezone.localdate(at)
    periods.ensure_periods(on=today, at=at)
    resume_runs(at=at)
    started = []
    for period in due_periods(today):
        try:
            started.append(start_run(period=period, by=None, at=at))
        except DomainError as error:
            log.warning("period %s is due but cannot be computed: %s", period.pk, error.message)
    return started


def evaluate(
    *, kind: PeriodKind, on: date, code: str | None, by: User | None, at: datetime, again: bool = False
) -> Run:
    """Compute one period here and now, in this process, and return the finished run.

    Raises DomainError as `start_run` does, and SubjectError when somebody cannot be scored; the run is
    then marked as failed, with the reason.
    """
    span = calendar.span_containing(kind, on)
    scheme = pick_scheme(kind=kind, on=min(span.last_day, timezone.localdate(at)), code=code)
    if span.first_day > timezone.localdate(at):
        raise DomainError(f"{span.label}尚未开始，不能核算。请在 {span.first_day} 以后再试。")
    period = periods.open_period(kind=kind, on=on, by=by, at=at)
    run = start_run(period=period, scheme=scheme, by=by, at=at, again=again, dispatch=False)
    return work_off(run_id=run.pk, at=at)


def work_off(*, run_id: int, at: datetime) -> Run:
    """Compute what is left of a run in this process, whatever workers do meanwhile; returns the run.

    Raises SubjectError when somebody cannot be scored; the run is then marked as failed, with the reason.
    """
    pending = RunChunk.objects.filter(
        run=run_id, run__state=RunState.RUNNING, state=ChunkState.PENDING
    ).order_by("ordinal")
    for chunk_id in pending.values_list("pk", flat=True):
        try:
            compute_chunk(chunk_id=chunk_id, at=at)
        except DomainError as error:
            fail_chunk(chunk_id=chunk_id, message=error.message, at=at)
            raise
    finalise_run(run_id=run_id, at=at)
    return Run.objects.select_related("period", "scheme").get(pk=run_id)
