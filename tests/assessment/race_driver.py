"""Run by test_race.py in processes of its own, on a database of its own: one step per process."""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402 - Django has to be set up first
from django.db.models.query import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from assessment.choices import ChunkState, PeriodKind  # noqa: E402
from assessment.models import Period, Rating, Result, Run, RunChunk, Scheme  # noqa: E402
from assessment.queries import verification  # noqa: E402
from assessment.rules import periods as calendar  # noqa: E402
from assessment.services import periods, runs  # noqa: E402
from core.models import Cadre, Job, Posting, Unit, User  # noqa: E402
from core.services import catalogues  # noqa: E402
from tests.support.racing import meet  # noqa: E402


def populate(people: int) -> Period:
    """A district of so many people, rated for last month."""
    at = timezone.now()
    catalogues.sync(model=Scheme, by=None, at=at)
    last = calendar.span_before(calendar.span_containing(PeriodKind.MONTH, timezone.localdate(at)))
    joined = last.first_day - timedelta(days=99)
    unit = Unit.objects.create(code="U", name="测试区", kind="DISTRICT")
    rater = User.objects.create(username="rater", display_name="评分人")
    cadres = Cadre.objects.bulk_create(
        Cadre(
            staff_no=f"N{n:05}",
            name=f"甲{n}",
            pinyin="j",
            initials="j",
            unit=unit,
            joined_on=joined,
            establishment="CONTRACT",
        )
        for n in range(people)
    )
    Posting.objects.bulk_create(
        Posting(cadre=one, unit=unit, establishment="CONTRACT", start_on=joined) for one in cadres
    )
    period = periods.open_period(kind=PeriodKind.MONTH, on=last.first_day, by=None, at=at)
    Rating.objects.bulk_create(
        Rating(
            period=period,
            cadre=one,
            unit=unit,
            rater=rater,
            rated_at=at,
            swift=n % 101,
            bold=(3 * n) % 101,
            tireless=50,
            skilful=(7 * n) % 101,
            upright=99,
        )
        for n, one in enumerate(cadres)
    )
    return period


def prepare(people: int, chunk_size: int) -> None:
    """One undisturbed run of last month; then a second one, started only."""
    at = timezone.now()
    period = populate(people)
    calm = runs.start_run(period=period, by=None, at=at, chunk_size=chunk_size, dispatch=False)
    runs.work_off(run_id=calm.pk, at=at)
    runs.start_run(period=period, by=None, at=at, chunk_size=chunk_size, dispatch=False, again=True)


def work(seed: int) -> None:
    """A worker: every chunk twice, in an order of its own, and the last step after each."""
    run = Run.objects.latest("id")
    deliveries = list(run.chunks.values_list("pk", flat=True)) * 2
    random.Random(seed).shuffle(deliveries)  # noqa: S311 - an order, not a secret
    for chunk_id in deliveries:
        runs.compute_chunk(chunk_id=chunk_id, at=timezone.now())
        runs.finalise_run(run_id=run.pk, at=timezone.now())


def slow_last_check(ordinal: int, *, locked: bool) -> None:
    """Compute one of two chunks: both workers mark before either looks, both look before either commits."""
    run = Run.objects.latest("id")
    chunk = run.chunks.get(ordinal=ordinal)
    if not locked:
        QuerySet.select_for_update = lambda self, **_: self  # type: ignore[method-assign,assignment]
    update = QuerySet.update

    def mark_and_wait(self: QuerySet[RunChunk], **values: object) -> int:
        count = update(self, **values)
        if self.model is RunChunk and values.get("state") == ChunkState.DONE:
            meet("marked", ordinal, seconds=2 if connection.vendor == "sqlite" else 20)
        return count

    exists = QuerySet.exists

    def look_and_wait(self: QuerySet[RunChunk]) -> bool:
        found = exists(self)
        if self.model is RunChunk:
            meet("looked", ordinal, seconds=1 if locked or connection.vendor == "sqlite" else 20)
        return found

    QuerySet.update = mark_and_wait  # type: ignore[method-assign,assignment]
    QuerySet.exists = look_and_wait  # type: ignore[method-assign]
    meet("ready", ordinal, seconds=20)
    runs.compute_chunk(chunk_id=chunk.pk, at=timezone.now())


def tick(number: int) -> None:
    """A clock that wakes after a hundred days, together with another, and ticks a few times."""
    meet("ready", number, seconds=20)
    for _ in range(3):
        runs.run_due(at=timezone.now() + timedelta(days=100))


def months() -> None:
    """How often each due month was started, as JSON."""
    started = Run.objects.order_by("id").values_list("period__first_day", flat=True)
    counted = Counter(str(day) for day in started)
    chunk_jobs = Job.objects.filter(task="assessment.compute_chunk").count()
    found = {"runs": counted, "in_order": list(started) == sorted(started), "chunk_jobs": chunk_jobs}
    print(json.dumps(found))  # noqa: T201 - read by the test


def report() -> None:
    """What the database holds now, as JSON."""
    calm, raced = Run.objects.order_by("id")
    doubles = Result.objects.filter(run=raced).values("cadre").annotate(n=Count("id")).filter(n__gt=1).count()
    print(  # noqa: T201 - read by the test
        json.dumps(
            {
                "state": raced.state,
                "same": raced.sha256 == calm.sha256,
                "results": raced.results.count(),
                "subjects": raced.subjects,
                "doubles": doubles,
                "finalise_jobs": Job.objects.filter(key=f"assessment.finalise_run:{raced.pk}").count(),
                "verified": bool(raced.sha256) and verification.verify_run(raced).agrees,
                "period": Period.objects.get().state,
                "done": raced.chunks.filter(state=ChunkState.DONE).count(),
            }
        )
    )


if __name__ == "__main__":
    step, *numbers = sys.argv[1:]
    match step:
        case "prepare":
            prepare(int(numbers[0]), int(numbers[1]))
        case "work":
            work(int(numbers[0]))
        case "locked" | "unlocked":
            slow_last_check(int(numbers[0]), locked=step == "locked")
        case "people":
            populate(int(numbers[0]))
        case "tick":
            tick(int(numbers[0]))
        case "months":
            months()
        case _:
            report()
