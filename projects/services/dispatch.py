"""Writes of dispatch meetings: preparing, holding, moving, cancelling, and taking down what was decided."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from core.choices import ProposalKind
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, NotAllowed
from core.services import proposals, steps
from projects.choices import DecisionBecomes, DecisionState, DispatchKind, DispatchState, PersonRole
from projects.models import (
    Assignment,
    DispatchDecision,
    DispatchMeeting,
    KeyProject,
)
from projects.queries import dispatch as queries
from projects.queries.dispatch_paper import paper_of
from projects.queries.projects import projects_visible_to
from projects.rules import dispatch as rules
from projects.services import assignments


@transaction.atomic
def prepare_meeting(*, kind: str, held_on: date, by: User, at: datetime) -> DispatchMeeting:
    """Prepare the meeting of a kind on a day; what it tells begins with the last one held before.

    Asked twice it is one meeting. Raises NotAllowed without the permission; DomainError for a day more than
    a year away or when that day's meeting was held already.
    """
    demand(by, Permission.HOLD_DISPATCH)
    word = DispatchKind(kind).label
    _check_day(held_on=held_on, at=at)
    if standing := queries.standing_meeting(kind=kind, held_on=held_on):
        if standing.state == DispatchState.PREPARED:
            return standing
        raise DomainError(f"{held_on} 的{word}已经召开，请打开那一次会议，或另选日期。", field="held_on")
    facts = {
        "kind": kind,
        "held_on": held_on,
        "since_on": queries.since_for(kind=kind, held_on=held_on),
    }
    meeting = DispatchMeeting.objects.create(**facts, recorded_by=by, recorded_at=at)
    steps.begin(record=meeting, workflow=rules.DISPATCH, facts=facts, by=by, at=at)
    return meeting


def _check_day(*, held_on: date, at: datetime) -> None:
    """A slip of the year is the usual mistake."""
    if abs((held_on - timezone.localdate(at)).days) > 366:
        raise DomainError(f"召开日期 {held_on} 离今天超过一年，请核对年份。", field="held_on")


def _locked(*, meeting_id: int, by: User) -> DispatchMeeting:
    """The meeting within the user's scope, locked. Raises DispatchMeeting.DoesNotExist outside it."""
    return queries.meetings_visible_to(by).select_for_update(of=("self",)).get(pk=meeting_id)


@transaction.atomic
def hold_meeting(
    *, meeting_id: int, place: str, chair: Cadre | None, minutes: str, by: User, at: datetime
) -> DispatchMeeting:
    """Record that the meeting took place; what lay on the table is kept as it was, and the letters it decided
    on are proposed.

    Raises like `steps.take`, and DomainError before the day of the meeting.
    """
    meeting = _locked(meeting_id=meeting_id, by=by)
    steps.check(record=meeting, workflow=rules.DISPATCH, step="hold", parts=(), by=by)
    if meeting.held_on > timezone.localdate(at):
        raise DomainError(f"会议定在 {meeting.held_on}，还没有到。提前召开的，请先改期。")
    paper = [asdict(block) for block in paper_of(meeting, KeyProject.objects.all())]
    steps.take(
        record=meeting,
        workflow=rules.DISPATCH,
        step="hold",
        parts=(),
        changes={"place": place.strip(), "chair": chair, "minutes": minutes.strip(), "paper": paper},
        unsaid=("paper",),
        by=by,
        at=at,
    )
    for decision in meeting.decisions.filter(
        becomes=DecisionBecomes.LETTER, state=DecisionState.OPEN
    ).order_by("id"):
        _propose_letter(decision, by=by, at=at)
    return meeting


@transaction.atomic
def move_meeting(*, meeting_id: int, held_on: date, by: User, at: datetime) -> DispatchMeeting:
    """Put a meeting that is prepared on another day; what it tells begins anew with the last before that day.

    Raises like `steps.take`, and DomainError for the same day or one that is taken.
    """
    meeting = _locked(meeting_id=meeting_id, by=by)
    steps.check(record=meeting, workflow=rules.DISPATCH, step="move", parts=(), by=by)
    if held_on == meeting.held_on:
        raise DomainError("与原来的日期相同，没有改期就不用提交。", field="held_on")
    _check_day(held_on=held_on, at=at)
    if queries.standing_meeting(kind=meeting.kind, held_on=held_on):
        raise DomainError(f"{held_on} 已有一次{meeting.get_kind_display()}，请另选日期。", field="held_on")
    steps.take(
        record=meeting,
        workflow=rules.DISPATCH,
        step="move",
        parts=(),
        changes={"held_on": held_on, "since_on": queries.since_for(kind=meeting.kind, held_on=held_on)},
        old=steps.in_words(meeting, ["held_on"]),
        by=by,
        at=at,
    )
    return meeting


@transaction.atomic
def correct_minutes(
    *,
    meeting_id: int,
    place: str,
    chair: Cadre | None,
    minutes: str,
    note: str,
    by: User,
    at: datetime,
) -> DispatchMeeting:
    """Correct what was written of a meeting held; the old text stays in its history. Raises DomainError when
    nothing differs."""
    meeting = _locked(meeting_id=meeting_id, by=by)
    steps.check(record=meeting, workflow=rules.DISPATCH, step="correct", parts=(), by=by)
    wanted = {"place": place.strip(), "chair": chair, "minutes": minutes.strip()}
    changes = steps.changed(meeting, wanted)
    steps.take(
        record=meeting,
        workflow=rules.DISPATCH,
        step="correct",
        parts=(),
        note=note,
        changes=changes,
        old=steps.in_words(meeting, changes),
        by=by,
        at=at,
    )
    return meeting


@transaction.atomic
def cancel_meeting(*, meeting_id: int, note: str, by: User, at: datetime) -> DispatchMeeting:
    """Cancel a meeting that is prepared. Raises DomainError when something was decided already."""
    meeting = _locked(meeting_id=meeting_id, by=by)
    steps.check(record=meeting, workflow=rules.DISPATCH, step="cancel", parts=(), by=by)
    left = meeting.decisions.exclude(state=DecisionState.DROPPED).count()
    if left:
        raise DomainError(f"会议已记下 {left} 件议定事项，不能取消；确实没有开会的，请先逐件“不再落实”。")
    steps.take(record=meeting, workflow=rules.DISPATCH, step="cancel", parts=(), note=note, by=by, at=at)
    return meeting


@transaction.atomic
def record_decision(
    *,
    meeting_id: int,
    project: KeyProject,
    what: str,
    unit: Unit,
    cadre: Cadre | None,
    due_on: date,
    becomes: str,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> DispatchDecision:
    """Take down what a meeting decided; it is then a note, a task to be drafted out, or a proposed letter.

    A letter is proposed when the meeting has been held: until then nothing was decided, and it may be
    cancelled.
    The same form sent twice is one decision. Raises DispatchMeeting.DoesNotExist outside the scope,
    NotAllowed without the permission; DomainError for a cancelled meeting, a closed project or unit, a time
    limit before the meeting.
    """
    demand(by, Permission.HOLD_DISPATCH)
    meeting = _locked(meeting_id=meeting_id, by=by)
    if earlier := DispatchDecision.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if meeting.state == DispatchState.CANCELLED:
        raise DomainError("这次会议已取消，不能记议定事项。")
    if not projects_visible_to(by).filter(pk=project.pk).exists():
        raise NotAllowed("这个项目不存在，或不在您的权限范围内。")
    if project.closed_on is not None:
        raise DomainError(
            f"“{project}”已于 {project.closed_on} 办结，不能再议定事项，请核对项目。", field="project"
        )
    if unit.closed_on is not None:
        raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请选承接其职能的单位。", field="unit")
    if due_on < meeting.held_on:
        raise DomainError(f"时限 {due_on} 早于会议日期 {meeting.held_on}，请填会后的日期。", field="due_on")
    what = what.strip()
    facts = {
        "meeting": meeting,
        "project": project,
        "what": what,
        "unit": unit,
        "cadre": cadre,
        "due_on": due_on,
        "becomes": becomes,
    }
    task = None
    if becomes == DecisionBecomes.TASK:
        task = _draft_task(what, project=project, unit=unit, cadre=cadre, due_on=due_on, by=by, at=at)
    decision = DispatchDecision.objects.create(
        **facts, assignment=task, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=decision, workflow=rules.DECISION, facts=facts, by=by, at=at)
    if becomes == DecisionBecomes.LETTER and meeting.state == DispatchState.HELD:
        _propose_letter(decision, by=by, at=at)
    return decision


def _propose_letter(decision: DispatchDecision, *, by: User, at: datetime) -> None:
    """Put the letter a meeting decided on before who answers proposals; once, however often it is asked."""
    proposals.propose(
        kind=ProposalKind.LETTER,
        source=decision,
        reason=f"{decision.meeting}议定：{decision.project}，{decision.what}，时限 {decision.due_on}。",
        unit=decision.unit,
        named=f"{decision.project} · {decision.what}",
        by=by,
        at=at,
    )


def _draft_task(
    title: str, *, project: KeyProject, unit: Unit, cadre: Cadre | None, due_on: date, by: User, at: datetime
) -> Assignment:
    """A task with what the meeting fixed: unit, person, time. What is missing is filled in before it is
    issued."""
    task, _ = assignments.draft_task(
        project=project,
        parent=None,
        content=assignments.Content(
            title=title[:120],
            lead_unit=unit,
            duty=title,
            due_on=due_on,
            people=[assignments.Named(PersonRole.OWNER, cadre)] if cadre else [],
        ),
        submission_key=uuid4(),
        by=by,
        at=at,
    )
    return task


def _locked_decision(*, decision_id: int, by: User) -> DispatchDecision:
    """The decision within the user's scope, locked. Raises DispatchDecision.DoesNotExist outside it."""
    return queries.decisions_visible_to(by).select_for_update(of=("self",)).get(pk=decision_id)


@transaction.atomic
def finish_decision(
    *, decision_id: int, note: str, done_on: date, by: User, at: datetime
) -> DispatchDecision:
    """Say that a decision was carried out and how, by who answers for it or who holds the meetings.

    Raises like `steps.take`; DomainError for a day to come or before the meeting, and where a task stands for
    the decision.
    """
    decision = _locked_decision(decision_id=decision_id, by=by)
    parts, today = queries.parts_in(decision, by), timezone.localdate(at)
    steps.check(record=decision, workflow=rules.DECISION, step="done", parts=parts, by=by)
    if queries.has_task(decision):
        raise DomainError(f"已转为任务“{decision.assignment}”，以任务验收为准，请在任务中办理。")
    if done_on > today:
        raise DomainError(f"落实日期 {done_on} 晚于今天，请填实际落实的日期。", field="done_on")
    if done_on < decision.meeting.held_on:
        raise DomainError(
            f"落实日期 {done_on} 早于会议日期 {decision.meeting.held_on}，请核对。", field="done_on"
        )
    steps.take(
        record=decision,
        workflow=rules.DECISION,
        step="done",
        parts=parts,
        note=note,
        changes={"result": note.strip(), "done_on": done_on, "done_by": by},
        by=by,
        at=at,
    )
    return decision


@transaction.atomic
def drop_decision(*, decision_id: int, note: str, by: User, at: datetime) -> DispatchDecision:
    """Give a decision up, with the reason; a task or a letter that came of it goes its own way."""
    decision = _locked_decision(decision_id=decision_id, by=by)
    steps.take(
        record=decision,
        workflow=rules.DECISION,
        step="drop",
        parts=queries.parts_in(decision, by),
        note=note,
        changes={"result": note.strip()},
        by=by,
        at=at,
    )
    return decision


@transaction.atomic
def reopen_decision(*, decision_id: int, note: str, by: User, at: datetime) -> DispatchDecision:
    """Send a decision back: what was said to be done is not, or is wanted after all."""
    decision = _locked_decision(decision_id=decision_id, by=by)
    steps.take(
        record=decision,
        workflow=rules.DECISION,
        step="reopen",
        parts=queries.parts_in(decision, by),
        note=note,
        changes={"done_on": None, "done_by": None, "result": ""},
        old=steps.in_words(decision, ["result", "done_on"]),
        by=by,
        at=at,
    )
    return decision
