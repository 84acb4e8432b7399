"""Reads of investment; the row scope comes from `projects_visible_to` alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from core.models import Unit, User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.queries.todos import Todo, Waiting, listed
from core.rules.deadlines import workdays_deadline
from projects.choices import InvestmentFact, OpeningScope, ProjectState
from projects.models import (
    InvestmentEntry,
    InvestmentOpening,
    InvestmentPlan,
    InvestmentRevision,
    KeyProject,
)
from projects.permissions import investment_refusal
from projects.queries.overview import Card, Event
from projects.queries.projects import LEADING, leads, membership, projects_visible_to
from projects.rules import investment as rules

Months = dict[date, Decimal]
NO_UNIT = "未定单位"


@dataclass(frozen=True)
class Figures:
    """What is known of a project in a year: months in yuan, the year's plan, the amount brought forward."""

    months: Months
    plan: Decimal | None
    opening: rules.Opening | None

    def read(self, project: KeyProject, month: date) -> rules.Reading:
        return rules.read(
            months=self.months,
            month=month,
            total=project.investment_yuan,
            plan=self.plan,
            opening=self.opening,
        )


def as_rule(stored: InvestmentOpening | None) -> rules.Opening | None:
    """An amount brought forward as the rules take it."""
    if stored is None:
        return None
    return rules.Opening(stored.month, stored.amount_yuan, stored.scope == OpeningScope.START)


def figures_of(project_ids: Collection[int], *, year: int, until: date | None = None) -> dict[int, Figures]:
    """Figures of several projects by id, months up to `until`; three statements whatever their number."""
    entries = InvestmentEntry.objects.filter(project__in=project_ids)
    if until is not None:
        entries = entries.filter(month__lte=until)
    months: dict[int, Months] = {pk: {} for pk in project_ids}
    for pk, month, yuan in entries.order_by().values_list("project_id", "month", "amount_yuan"):
        months[pk][month] = yuan
    plans = InvestmentPlan.objects.filter(project__in=project_ids, year=year).order_by()
    planned = dict(plans.values_list("project_id", "amount_yuan"))
    openings = InvestmentOpening.objects.filter(project__in=project_ids).order_by()
    carried = {opening.project_id: as_rule(opening) for opening in openings}
    return {pk: Figures(own, planned.get(pk), carried.get(pk)) for pk, own in months.items()}


def totals_of(project_ids: Collection[int], year: int) -> dict[int, tuple[Decimal | None, Decimal | None]]:
    """Per project (the year's plan, what was done in it so far), in yuan, None where nothing is known; two
    statements."""
    plan = InvestmentPlan.objects.filter(project=OuterRef("pk"), year=year).values("amount_yuan")[:1]
    projects = KeyProject.objects.filter(pk__in=project_ids).order_by()
    rows = projects.annotate(plan=Subquery(plan)).select_related("investment_opening")
    entries = InvestmentEntry.objects.filter(
        project__in=project_ids, month__gte=date(year, 1, 1), month__lte=date(year, 12, 1)
    )
    months: dict[int, Months] = {}
    for pk, month, yuan in entries.order_by().values_list("project_id", "month", "amount_yuan"):
        months.setdefault(pk, {})[month] = yuan
    return {
        project.pk: (
            project.plan,
            rules.year_to(
                months.get(project.pk, {}),
                date(year, 12, 1),
                as_rule(getattr(project, "investment_opening", None)),
            ),
        )
        for project in rows
    }


# ---- The page over all projects ----


@dataclass(frozen=True)
class Line:
    """A project in the table of a month."""

    project: KeyProject
    reading: rules.Reading


@dataclass(frozen=True)
class UnitLine:
    """The projects of one lead unit as one; None stands for the projects without a unit."""

    unit: Unit | None
    count: int
    reading: rules.Reading

    @property
    def name(self) -> str:
        return NO_UNIT if self.unit is None else str(self.unit)


@dataclass(frozen=True)
class Ledger:
    """A month over some projects: each project, each lead unit, all together."""

    month: date
    lines: list[Line]
    units: list[UnitLine]
    total: rules.Reading

    @property
    def agrees(self) -> bool:
        """Whether projects and units add up to the same in every column."""
        columns = ("total", "plan", "month", "year", "since_start")
        return all(
            rules.known_sum(getattr(line.reading, name) for line in self.lines)
            == rules.known_sum(getattr(unit.reading, name) for unit in self.units)
            == getattr(self.total, name)
            for name in columns
        )

    @property
    def unreported(self) -> int:
        """How many of the projects have no figure for the month."""
        return sum(line.reading.month is None for line in self.lines)


def ledger(projects: Iterable[KeyProject], *, month: date) -> Ledger:
    """The month over the given projects, which come with their lead unit; three statements more."""
    rows = list(projects)
    known = figures_of([project.pk for project in rows], year=month.year, until=month)
    lines = [Line(project, known[project.pk].read(project, month)) for project in rows]
    groups: dict[int | None, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.project.lead_unit_id, []).append(line)
    units = [
        UnitLine(group[0].project.lead_unit, len(group), rules.summed([line.reading for line in group]))
        for group in groups.values()
    ]
    units.sort(
        key=lambda each: (
            each.unit is None,
            each.unit.order if each.unit else 0,
            each.unit.pk if each.unit else 0,
        )
    )
    return Ledger(month, lines, units, rules.summed([line.reading for line in lines]))


def reported_in(month: date) -> Exists:
    """Whether a project of the outer query has a figure for this month."""
    return Exists(InvestmentEntry.objects.filter(project=OuterRef("pk"), month=month))


def expected_in(month: date) -> Q:
    """Projects that have to report this month: under way, with a total investment or a plan of that year."""
    planned = InvestmentPlan.objects.filter(project=OuterRef("pk"), year=month.year)
    return Q(state=ProjectState.ACTIVE) & (Q(investment_yuan__gt=0) | Q(Exists(planned)))


# ---- One project ----


@dataclass(frozen=True)
class MonthLine:
    """One month of a project's year: what is stored (None: not reported) and how it reads."""

    month: date
    entry: InvestmentEntry | None
    reading: rules.Reading
    open: bool
    """Whether it may be reported yet."""


@dataclass(frozen=True)
class YearSheet:
    """A project's year: its months, its plan, what was brought forward and how that agrees."""

    year: int
    years: Sequence[int]
    lines: list[MonthLine]
    plan: InvestmentPlan | None
    opening: InvestmentOpening | None
    agreement: rules.Agreement | None
    last: rules.Reading
    """As read in the last month that is not to come."""
    months_sum: Decimal | None
    """All reported months of all years, without what was brought forward."""
    table_difference: Decimal | None
    """What the imported table says was done, less what is done since the start; None when either lacks."""


def year_sheet(project: KeyProject, year: int, *, today: date) -> YearSheet:
    """A project's year as its page shows it; three statements."""
    stored = {entry.month: entry for entry in project.investments.select_related("recorded_by")}
    plans = {plan.year: plan for plan in project.investment_plans.select_related("recorded_by")}
    opening = opening_of(project)
    carried = as_rule(opening)
    plan = plans.get(year)
    months = {month: entry.amount_yuan for month, entry in stored.items()}
    known = Figures(months, plan.amount_yuan if plan else None, carried)
    this = rules.month_of(today)
    all_months = [date(year, number, 1) for number in range(1, 13)]
    lines = [
        MonthLine(month, stored.get(month), known.read(project, month), month <= this) for month in all_months
    ]
    last = known.read(project, min(this, all_months[-1]))
    now = rules.since_start(months, this, carried)
    said = project.invested_yuan
    return YearSheet(
        year=year,
        years=sorted(
            {year, today.year, today.year - 1, *plans, *(month.year for month in months)}, reverse=True
        ),
        lines=lines,
        plan=plan,
        opening=opening,
        agreement=rules.agreement(months, carried) if carried else None,
        last=last,
        months_sum=rules.known_sum(months.values()),
        table_difference=said - now if said is not None and now is not None else None,
    )


def plan_of(project: KeyProject, year: int) -> InvestmentPlan | None:
    """The project's plan of a year."""
    return InvestmentPlan.objects.filter(project=project, year=year).first()


def opening_of(project: KeyProject) -> InvestmentOpening | None:
    """What was brought forward for a project."""
    return InvestmentOpening.objects.filter(project=project).select_related("recorded_by").first()


def revisions_of(project: KeyProject) -> QuerySet[InvestmentRevision]:
    """Everything that was written about a project's investment, newest first."""
    return project.investment_revisions.select_related("recorded_by").order_by("-id")


def may_report(user: User, project: KeyProject) -> bool:
    """Whether the user leads the project and it may still be reported on."""
    return not investment_refusal(user=user, project=project, is_leader=leads(user, project))


def project_to_report(user: User, pk: int) -> KeyProject:
    """The project, locked, with `is_leader`; all its figures are written under this lock.

    Raises KeyProject.DoesNotExist outside the user's scope.
    """
    found = projects_visible_to(user).annotate(is_leader=membership(user, project="pk", roles=LEADING))
    locked: KeyProject = found.select_for_update(of=("self",)).get(pk=pk)
    return locked


# ---- What others show of it ----


def card(project: KeyProject, user: User, today: date) -> Card | None:
    """Plan, this year and last month on a project's overview; nothing where no money is planned or done."""
    month = rules.month_before(today)
    known = figures_of([project.pk], year=month.year, until=month)[project.pk]
    reading = known.read(project, month)
    if reading.total is None and reading.plan is None and reading.since_start is None:
        return None
    share = "" if reading.share is None else f"（{reading.share}%）"
    figures = [
        ("总投资", _said(reading.total)),
        (f"{month.year} 年计划", _said(reading.plan)),
        (f"{month.year} 年至 {month.month} 月完成", _said(reading.year) + share),
        (f"{month.month} 月完成", _said(reading.month)),
    ]
    is_late = reading.month is None and project.state == ProjectState.ACTIVE and today > due_day(today)
    return Card(
        title="投资",
        figures=figures,
        url=reverse("projects:project-investment", args=[project.pk]),
        alarm=f"{month.year}年{month.month}月投资未填" if is_late else "",
        order=40,
    )


def _said(yuan: Decimal | None) -> str:
    return "—" if yuan is None else rules.spoken(yuan)


def told(revision: InvestmentRevision) -> str:
    """Which figure a revision is of, in words."""
    if revision.fact == InvestmentFact.PLAN:
        return f"{revision.month.year}年计划投资"
    name = f"{revision.month.year}年{revision.month.month}月"
    return f"期初累计（截至{name}）" if revision.fact == InvestmentFact.OPENING else f"{name}投资完成"


def history(project: KeyProject, user: User) -> list[Event]:
    """What was written about a project's investment, for its history; who may see the project may see it."""
    url = reverse("projects:project-investment", args=[project.pk])
    return [
        Event(
            on=timezone.localdate(row.recorded_at),
            at=row.recorded_at,
            kind="投资",
            title=f"{told(row)} {row.after_text}",
            detail="；".join(
                part for part in (f"原为 {row.before_text}" if row.before_text else "", row.note) if part
            ),
            who=str(row.recorded_by or "系统"),
            url=f"{url}?year={row.month.year}",
        )
        for row in revisions_of(project)
    ]


def due_day(today: date) -> date:
    """Until when last month is to be reported: a working day of this month."""
    eve = rules.month_of(today) - timedelta(days=1)
    return workdays_deadline(eve, rules.DUE_WORKDAY, workday_overrides())


def todos(user: User, *, today: date) -> list[Waiting]:
    """Projects this person leads whose last month is not reported; due on the fifth working day.

    One statement for who has none, one more for the working days of who has.
    """
    if user.cadre_id is None or not may(user, Permission.REPORT_INVESTMENT):
        return []
    month, label = rules.month_before(today), "上月投资未填"
    led = KeyProject.objects.filter(membership(user, project="pk", roles=LEADING)).filter(expected_in(month))
    missing = list(led.filter(~reported_in(month)).select_related("lead_unit").order_by("code", "pk"))
    if not missing:
        return []
    due = due_day(today)
    lines = [
        Todo(
            title=f"{project.name} · {label}",
            who=str(project.lead_unit or ""),
            detail=f"{month.year}年{month.month}月完成投资，没有完成的填 0",
            url=reverse("projects:project-investment", args=[project.pk])
            + f"?year={month.year}#id_amount_{month.month}",
            action="填报",
            due_on=due,
        )
        for project in missing
    ]
    url = reverse("projects:investment-list") + "?reported=NO"
    return [listed(lines, label=label, url=url, today=today, soon=due)]
