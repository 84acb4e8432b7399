"""Reads of the wall: every project as a lane, in a fixed number of statements whatever their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from core.queries import workday_overrides
from projects.choices import IssueState, Light, MilestoneKind, ProjectState
from projects.models import KeyProject, ProjectIssue
from projects.queries.investment import totals_of
from projects.queries.plan import forecast_of
from projects.queries.projects import (
    MilestoneLine,
    ProjectLine,
    project_line,
    with_parts,
)
from projects.rules import wall as rules

SHORT = {
    MilestoneKind.LAND: "交地",
    MilestoneKind.PERMIT: "许可证",
    MilestoneKind.START: "开工",
    MilestoneKind.COMPLETE: "竣工",
    MilestoneKind.IN_USE: "投用",
}
"""What a lamp of the four key nodes is called; another node by the first letters of its name."""
SHORT_LETTERS = 4


@dataclass(frozen=True)
class Issues:
    """Problems of a project that are not solved."""

    open: int = 0
    escalated: int = 0
    overdue: int = 0

    @property
    def words(self) -> str:
        """One sentence for the wall, "" without problems."""
        if not self.open:
            return ""
        parts = [
            f"{count} 个{what}"
            for count, what in ((self.escalated, "已提级"), (self.overdue, "已超时限"))
            if count
        ]
        return f"{self.open} 个问题未解决" + (f"（{'，'.join(parts)}）" if parts else "")


@dataclass(frozen=True)
class WallLane:
    """A project on the wall: what its list line says, its drawing, its money and its problems."""

    line: ProjectLine
    drawing: rules.Lane
    money: rules.Money
    issues: Issues
    rank: int
    worst: MilestoneLine | None
    """The milestone its light comes from: of the red ones the longest overdue, else the next one due."""
    worst_words: str
    """How things stand with it: 逾期 3 天, 还有 12 天, or the rule's sentence where days tell nothing."""
    worst_more: int
    """How many other milestones show the same light, where that light is red or yellow."""
    next: MilestoneLine | None
    """The next open milestone by its planned day, also where it is not the worst."""
    days_to_next: int | None

    @property
    def project(self) -> KeyProject:
        return self.line.project

    @property
    def light(self) -> str:
        return self.line.light

    @property
    def why(self) -> str:
        """The reason of the light in few words, with the milestone it comes from."""
        project = self.project
        if project.closed_on is not None:
            return f"已于 {project.closed_on} 办结"
        if project.state == ProjectState.SUSPENDED:
            return f"项目已暂停：{project.suspended_reason}"
        if self.worst is None:
            return "节点已全部完成" if self.line.milestones else "还没有节点"
        more = f"；另有 {self.worst_more} 个{Light(self.light).label}" if self.worst_more else ""
        return f"{self.worst.milestone.name} {self.worst_words}{more}"

    @property
    def why_in_full(self) -> str:
        """What the pointer is told: the rule's own sentence with its dates, and the problems."""
        said = f"{self.worst.milestone.name}：{self.worst.reason}" if self.worst else self.why
        return "；".join(part for part in (said, self.issues.words) if part)


@dataclass(frozen=True)
class Totals:
    """The line on top of the wall."""

    projects: int
    investment_yuan: Decimal
    lights: dict[str, int]
    """How many projects show each light, closed ones left out."""
    closed: int
    money: rules.Money
    money_of: int
    """How many projects `money` is about: those with both a plan and a report."""
    issues: int
    due_nodes: int
    """Milestones planned until today."""
    due_done: int
    """Those of them that are done."""


@dataclass(frozen=True)
class Wall:
    """Everything the wall shows."""

    window: rules.Window
    today: date
    year: int
    lanes: list[WallLane]
    totals: Totals


def wall_of(
    projects: QuerySet[KeyProject], *, year: int, every_year: bool, only_trouble: bool, today: date
) -> Wall:
    """The wall of these projects, those that hurt most first; seven statements.

    `year` is that of the money and, unless `every_year`, of the timeline. Totals are of the lanes shown.
    """
    found = [project_line(project, today=today) for project in with_parts(projects).order_by("code", "pk")]
    ids = [line.project.pk for line in found]
    overrides = workday_overrides()
    forecasts = {
        part.milestone.pk: forecast_of(part.milestone, today=today, overrides=overrides).on
        for line in found
        for part in line.milestones
    }
    days = [
        day
        for line in found
        for part in line.milestones
        for day in (part.milestone.planned_on, part.milestone.done_on, forecasts[part.milestone.pk])
        if day is not None
    ]
    window = rules.window_of_days(today, days) if every_year else rules.window_of_year(today, year)
    money = _money_of([line.project for line in found], year=year)
    issues = _issues_of(ids, today=today)
    lanes = [
        _lane(
            line,
            money[line.project.pk],
            issues.get(line.project.pk, Issues()),
            [_node(part, forecasts[part.milestone.pk]) for part in line.milestones],
            window=window,
            today=today,
        )
        for line in found
    ]
    if only_trouble:
        lanes = [lane for lane in lanes if rules.needs_eyes(lane.rank)]
    lanes.sort(key=lambda lane: _order(lane, today))
    return Wall(window, today, year, lanes, _totals(lanes, today))


def worked_on(year: int) -> Q:
    """Begun by the year and not closed before it: what an earlier year began and still runs stays."""
    begun = Q(year=None) | Q(year__lte=year)
    return begun & (Q(closed_on=None) | Q(closed_on__gte=date(year, 1, 1)))


def _lane(
    line: ProjectLine,
    money: rules.Money,
    issues: Issues,
    nodes: Sequence[rules.Node],
    *,
    window: rules.Window,
    today: date,
) -> WallLane:
    project = line.project
    open_parts = [part for part in line.milestones if part.milestone.done_on is None]
    by_day = sorted(
        (part for part in open_parts if part.milestone.planned_on is not None),
        key=lambda part: (part.milestone.planned_on or today, part.milestone.order, part.milestone.pk),
    )
    of_light = [part for part in by_day if part.light == line.light] or [
        part for part in open_parts if part.light == line.light
    ]
    ahead = next((part for part in by_day if not part.milestone.suspended_reason), None)
    planned = ahead.milestone.planned_on if ahead else None
    worst = next(iter(of_light or open_parts), None)
    return WallLane(
        line=line,
        drawing=rules.draw(nodes, window=window, today=today),
        money=money,
        issues=issues,
        rank=rules.trouble_rank(
            light=line.light,
            closed=project.closed_on is not None,
            suspended=project.state == ProjectState.SUSPENDED
            or any(part.milestone.suspended_reason for part in open_parts),
            issues=issues.open,
        ),
        worst=worst,
        worst_words=_words(worst, today) if worst else "",
        worst_more=max(len(of_light) - 1, 0) if line.light in {"RED", "YELLOW"} else 0,
        next=ahead,
        days_to_next=(planned - today).days if planned else None,
    )


def _words(part: MilestoneLine, today: date) -> str:
    planned = part.milestone.planned_on
    if part.light == "GREY" or planned is None or part.milestone.progress == 100:
        return part.reason
    days = (planned - today).days
    return f"还有 {days} 天" if days > 0 else f"逾期 {-days} 天" if days else "今天到期"


def _node(part: MilestoneLine, forecast_on: date | None) -> rules.Node:
    milestone = part.milestone
    short = SHORT.get(MilestoneKind(milestone.kind)) or milestone.name[:SHORT_LETTERS]
    return rules.Node(
        name=milestone.name,
        short=short,
        light=part.light,
        reason=part.reason,
        baseline_on=milestone.baseline_on,
        planned_on=milestone.planned_on,
        forecast_on=forecast_on,
        done_on=milestone.done_on,
    )


def _order(lane: WallLane, today: date) -> tuple[int, date, int, str, int]:
    """By rank, then the day of the worst milestone (the longest overdue first), then the most problems."""
    day = lane.worst.milestone.planned_on if lane.worst else None
    return (lane.rank, day or date.max, -lane.issues.open, lane.project.code, lane.project.pk)


def _money_of(projects: Sequence[KeyProject], *, year: int) -> dict[int, rules.Money]:
    """The year's plan and what its months took, by project; `rules.money_of` says when the table speaks."""
    totals = totals_of([project.pk for project in projects], year)
    money = {}
    for project in projects:
        plan, done = totals.get(project.pk, (None, None))
        of_the_year = project.year in {None, year}
        money[project.pk] = rules.money_of(
            plan=plan,
            entries=done,
            table_plan=project.plan_yuan if of_the_year else None,
            table_done=project.invested_yuan if of_the_year else None,
        )
    return money


def _issues_of(ids: Iterable[int], *, today: date) -> dict[int, Issues]:
    """Unsolved problems by project, in one statement."""
    rows = (
        ProjectIssue.objects.filter(project__in=list(ids), state__in=(IssueState.OPEN, IssueState.ESCALATED))
        .order_by("project_id")
        .values_list("project_id")
        .annotate(
            open=Count("pk"),
            escalated=Count("pk", filter=Q(state=IssueState.ESCALATED)),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
        )
    )
    return {project: Issues(every, escalated, overdue) for project, every, escalated, overdue in rows}


def _totals(lanes: Sequence[WallLane], today: date) -> Totals:
    lights = Counter(lane.light for lane in lanes if lane.project.closed_on is None)
    money = [lane.money for lane in lanes]
    due = [
        part.milestone
        for lane in lanes
        for part in lane.line.milestones
        if part.milestone.planned_on is not None and part.milestone.planned_on <= today
    ]
    return Totals(
        projects=len(lanes),
        investment_yuan=sum((lane.project.investment_yuan or Decimal(0) for lane in lanes), Decimal(0)),
        lights={light: lights[light] for light in Light.values},
        closed=sum(1 for lane in lanes if lane.project.closed_on is not None),
        money=rules.total_of(money),
        money_of=sum(1 for part in money if part.share is not None),
        issues=sum(lane.issues.open for lane in lanes),
        due_nodes=len(due),
        due_done=sum(1 for milestone in due if milestone.done_on is not None),
    )
