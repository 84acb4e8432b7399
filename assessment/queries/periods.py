"""Periods, the scheme that applies, what is due, and whom one has to rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from assessment.choices import CATCH_UP, ChunkState, PeriodKind, PeriodState, RunState
from assessment.models import Period, Rating, Run, Scheme, WorkStyle
from assessment.queries import roster
from assessment.rules import periods as calendar
from core.models import Cadre, Posting, Unit, User
from core.permissions import Permission, may, reach
from core.queries import units_reached, workday_overrides
from core.queries.todos import Todo, Waiting, listed
from core.rules import workdays

RATING_SEASON = timedelta(days=10)
"""The workbench asks for ratings from so many days before the last day of the period."""


def office_calendar() -> Callable[[date], date]:
    """`next_workday` of the official calendar with the office's own corrections, read once."""
    overrides = workday_overrides()
    return lambda day: workdays.next_workday(day, overrides)


def due_day(period: Period) -> date:
    """The day on which the period closes on its own."""
    return calendar.due_on(period.span, office_calendar())


def due_periods(on: date) -> list[Period]:
    """Periods that should have been closed by `on` and were never started, oldest first.

    Of each kind that has a scheme, at most the CATCH_UP most recent ended ones. One a person has to look
    at first (its last run failed) is not among them.
    """
    next_workday = office_calendar()
    found: list[Period] = []
    for kind in PeriodKind:
        started = Run.objects.filter(period=OuterRef("pk"), provisional=False)
        ended = (
            Period.objects.filter(kind=kind, last_day__lt=on)
            .annotate(started=Count(Subquery(started.values("pk")[:1])))
            .order_by("-first_day")[: CATCH_UP[kind]]
        )
        found += [
            period
            for period in ended
            if period.state == PeriodState.COLLECTING
            and not period.started
            and calendar.is_due(period.span, on, next_workday)
        ]
    return sorted(found, key=lambda period: (period.last_day, period.kind))


def scheme_for(kind: PeriodKind, day: date, *, code: str | None = None) -> Scheme | None:
    """The scheme in force on `day` for this kind of period; the one of `code` when given, else the first."""
    schemes: QuerySet[Scheme] = Scheme.objects.in_force(day).filter(kind=kind)
    if code is not None:
        schemes = schemes.filter(key=code)
    return schemes.order_by("order", "key", "-effective_from", "id").first()


def period_on(kind: PeriodKind, day: date) -> Period | None:
    """The stored period of `kind` that holds `day`."""
    return Period.objects.filter(kind=kind, first_day__lte=day, last_day__gte=day).first()


def latest_run(period: Period) -> Run | None:
    """The newest finished run of a period, a provisional one included."""
    runs = Run.objects.filter(period=period, state=RunState.DONE).select_related("period", "scheme")
    return runs.order_by("-number").first()


def runs_under_way() -> list[int]:
    """The ids of the runs that are not finished, oldest first."""
    return list(Run.objects.filter(state=RunState.RUNNING).order_by("id").values_list("pk", flat=True))


def finished_run(run_id: int) -> Run | None:
    """A finished run by its id, with what its verification needs."""
    runs = Run.objects.filter(state=RunState.DONE).select_related("period", "scheme")
    return runs.filter(pk=run_id).first()


def work_styles(day: date) -> list[WorkStyle]:
    """快 猛 苦 巧 净 with what they mean, as in force on `day`."""
    return list(WorkStyle.objects.in_force(day).order_by("order", "key", "id"))


@dataclass(frozen=True)
class RunLine:
    """A run and how far it has come."""

    run: Run
    chunks: int
    chunks_done: int

    @property
    def percent(self) -> int:
        return self.chunks_done * 100 // self.chunks if self.chunks else 0

    @property
    def is_running(self) -> bool:
        return self.run.state == RunState.RUNNING


@dataclass(frozen=True)
class PeriodLine:
    """A period as the list shows it, with its newest run."""

    period: Period
    due_on: date
    newest: RunLine | None

    @property
    def is_running(self) -> bool:
        return self.newest is not None and self.newest.is_running


def periods_visible_to(user: User) -> QuerySet[Period]:
    """Periods are no secret to whoever may see results or has to rate; to others there are none."""
    allowed = any(
        may(user, permission)
        for permission in (Permission.VIEW_RESULTS, Permission.RATE_STAFF, Permission.RUN_ASSESSMENT)
    )
    return Period.objects.order_by("-first_day", "kind", "id") if allowed else Period.objects.none()


def _run_lines(periods: Iterable[Period]) -> list[RunLine]:
    """The runs of some periods, newest first, with their progress, in one query."""
    runs = (
        Run.objects.filter(period__in=periods)
        .select_related("scheme", "started_by", "period")
        .annotate(
            chunk_count=Count("chunks"), done_count=Count("chunks", filter=Q(chunks__state=ChunkState.DONE))
        )
        .order_by("-number", "-id")
    )
    return [RunLine(run, run.chunk_count, run.done_count) for run in runs]


def run_lines(period: Period) -> list[RunLine]:
    """Every version of a period, newest first."""
    return _run_lines([period])


def period_lines(periods: list[Period]) -> list[PeriodLine]:
    """The lines of the given periods, in two queries."""
    next_workday = office_calendar()
    newest: dict[int, RunLine] = {}
    for line in _run_lines(periods):
        newest.setdefault(line.run.period_id, line)
    return [
        PeriodLine(period, calendar.due_on(period.span, next_workday), newest.get(period.pk))
        for period in periods
    ]


def postings_to_rate(user: User, day: date) -> QuerySet[Posting]:
    """Whom the user rates on `day`, as their postings of that day, with `cadre` and `unit`, by unit and name.

    A unit head rates everybody in service in the own units; leadership, which reaches everywhere, rates
    those who report to it directly. Nobody rates oneself.
    """
    scope = reach(user, Permission.RATE_STAFF)
    rated = Q(unit__in=units_reached(user, Permission.RATE_STAFF))
    staff = roster.postings_on(day).select_related("cadre", "unit")
    if user.cadre_id is not None:
        staff = staff.exclude(cadre=user.cadre_id)
        if scope.everywhere:
            rated |= Q(supervisor=user.cadre_id)
    staff = staff.filter(rated)
    return staff.order_by("unit__order", "unit_id", "cadre__pinyin", "cadre_id", "id")


@dataclass(frozen=True)
class RatingRow:
    """One person on the rating page and the marks this rater has given, if any."""

    cadre: Cadre
    unit: Unit
    marks: tuple[int, ...] | None


def rating_day(period: Period, today: date) -> date:
    """As of which day people are rated: the last of the period, or today while it still runs."""
    return min(period.last_day, today)


def rating_rows(user: User, period: Period, *, today: date) -> list[RatingRow]:
    """The staff the user rates in a period, by unit and name; a fixed number of queries."""
    own = {rating.cadre_id: rating.marks for rating in Rating.objects.filter(period=period, rater=user)}
    staff = {posting.cadre_id: posting for posting in postings_to_rate(user, rating_day(period, today))}
    return [RatingRow(posting.cadre, posting.unit, own.get(pk)) for pk, posting in staff.items()]


@dataclass(frozen=True)
class RatingTask:
    """A period as a rater sees it: how many to rate, how many done, until when."""

    period: Period
    closes_on: date
    staff: int
    rated: int

    @property
    def left(self) -> int:
        return self.staff - self.rated

    @property
    def is_open(self) -> bool:
        return calendar.can_rate(PeriodState(self.period.state), self.period.span)[0]


def rating_tasks(user: User, periods: Iterable[Period], *, today: date) -> list[RatingTask]:
    """The given periods as the user has to rate them, a few queries each."""
    next_workday = office_calendar()
    tasks = []
    for period in periods:
        staff = set(postings_to_rate(user, rating_day(period, today)).values_list("cadre_id", flat=True))
        rated = set(Rating.objects.filter(period=period, rater=user).values_list("cadre_id", flat=True))
        closes_on = calendar.due_on(period.span, next_workday)
        tasks.append(RatingTask(period, closes_on=closes_on, staff=len(staff), rated=len(staff & rated)))
    return tasks


def months_to_rate(today: date) -> QuerySet[Period]:
    """Months that have begun, newest first."""
    return Period.objects.filter(kind=PeriodKind.MONTH, first_day__lte=today).order_by("-first_day", "id")


def todos(user: User, *, today: date) -> list[Waiting]:
    """Ratings still to give in months that end soon or have ended and are not closed yet."""
    if not may(user, Permission.RATE_STAFF):
        return []
    season = months_to_rate(today).filter(state=PeriodState.COLLECTING, last_day__lte=today + RATING_SEASON)
    tasks = [task for task in rating_tasks(user, season[:3], today=today) if task.left]
    return [
        listed(
            [
                Todo(
                    title=f"{task.period}五干评分",
                    who=f"还有 {task.left} 人未评",
                    detail=f"应评 {task.staff} 人",
                    url=reverse("assessment:rating-edit", args=[task.period.pk]),
                    action="去评分",
                    due_on=task.closes_on,
                )
                for task in tasks
            ],
            label="待完成的评分",
            url=reverse("assessment:rating-list"),
            today=today,
            soon=max((task.closes_on for task in tasks), default=None),
        )
    ]
