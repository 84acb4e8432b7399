"""Reads of project issues; the row scope comes from `issues_visible_to` alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

from core.models import Unit, User
from core.permissions import Permission, may, reach
from core.queries import steps_of, units_reached, workday_overrides
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workdays import Overrides
from projects.choices import IssueKind, IssueState
from projects.models import KeyProject, ProjectIssue
from projects.queries.overview import Card, Event
from projects.queries.projects import LEADING, leads, membership, projects_visible_to
from projects.rules import issues as rules

SOON = 3
"""Days before a deadline from which it counts as near on the workbench."""


def issues_visible_to(user: User) -> QuerySet[ProjectIssue]:
    """Issues of visible projects, and those that oneself or the own units answer for."""
    found = ProjectIssue.objects.select_related(
        "project__lead_unit", "owner_unit", "owner", "escalated_to", "recorded_by", "solved_by", "site_log"
    )
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return found
    rows = Q(project__in=projects_visible_to(user).values("pk"))
    if units := units_reached(user, Permission.VIEW_PROJECTS):
        rows |= Q(owner_unit__in=units) | Q(escalated_to__in=units)
    if user.cadre_id is not None:
        rows |= Q(owner=user.cadre_id)
    return found.filter(rows)


def projects_to_report(user: User) -> QuerySet[KeyProject]:
    """Projects on which somebody raises issues: those one works on, and those of the units one heads."""
    if not may(user, Permission.REPORT_ISSUES):
        return KeyProject.objects.none()
    rows = Q(membership(user, project="pk"))
    if units := units_reached(user, Permission.REPORT_ISSUES):
        through = KeyProject.co_units.through.objects.filter(unit__in=units)
        rows |= Q(lead_unit__in=units) | Q(pk__in=through.values("keyproject"))
    return KeyProject.objects.select_related("lead_unit").filter(rows)


def may_raise(user: User, project: KeyProject) -> bool:
    """Whether the user may raise an issue of this project."""
    return project.closed_on is None and projects_to_report(user).filter(pk=project.pk).exists()


def owner_units() -> QuerySet[Unit]:
    """Who may be asked to solve: any open unit of the district, not only those one sees into."""
    found: QuerySet[Unit] = Unit.objects.filter(closed_on=None)
    return found


def units_above(issue: ProjectIssue) -> QuerySet[Unit]:
    """The open units above the one that answers now."""
    now = issue.escalated_to or issue.owner_unit
    found: QuerySet[Unit] = Unit.objects.ancestors(now).filter(closed_on=None)
    return found


def parts_in(issue: ProjectIssue, user: User) -> frozenset[str]:
    """The parts a person plays in an issue, by the names of `rules.issues.ISSUE`."""
    units = units_reached(user, Permission.REPORT_ISSUES)
    is_person = user.cadre_id is not None and issue.owner_id == user.cadre_id
    parts = {
        "raiser": issue.recorded_by_id == user.pk,
        "leader": leads(user, issue.project),
        "head": issue.project.lead_unit_id in units,
        "owner": is_person or issue.owner_unit_id in units or issue.escalated_to_id in units,
        "person": is_person,
        "solver": issue.solved_by_id == user.pk,
    }
    return frozenset(part for part, plays in parts.items() if plays)


@dataclass(frozen=True)
class IssueLine:
    """An issue as lists show it; `days` are the working days to solve, None while unsolved."""

    issue: ProjectIssue
    is_overdue: bool
    days: int | None


def issue_lines(issues: Iterable[ProjectIssue], *, today: date) -> list[IssueLine]:
    """One statement beside that of the issues."""
    overrides = workday_overrides()
    return [_line(issue, today=today, overrides=overrides) for issue in issues]


def _line(issue: ProjectIssue, *, today: date, overrides: Overrides) -> IssueLine:
    return IssueLine(
        issue=issue,
        is_overdue=rules.is_overdue(state=issue.state, due_on=issue.due_on, today=today),
        days=rules.workdays_to_solve(
            raised_on=issue.raised_on, solved_on=issue.solved_on, overrides=overrides
        ),
    )


@dataclass(frozen=True)
class Counted:
    """The counts of one kind or unit; `value` is what the list's filter calls it."""

    label: str
    value: str
    tally: rules.Tally


@dataclass(frozen=True)
class IssueCounts:
    """The counts of some issues: of all, by kind in their fixed order, by unit in the order of the units."""

    total: rules.Tally
    kinds: list[Counted]
    units: list[Counted]


def count_issues(issues: QuerySet[ProjectIssue]) -> IssueCounts:
    """Counts of the issues a list shows; two statements, whatever their number."""
    overrides = workday_overrides()
    rows = list(
        issues.order_by("owner_unit__order", "owner_unit_id", "pk").values_list(
            "kind", "owner_unit_id", "owner_unit__name", "state", "solved_how", "escalated_to_id",
            "raised_on", "solved_on",
        )
    )  # fmt: skip
    kinds: dict[str, list[rules.Outcome]] = {kind: [] for kind in IssueKind.values}
    units: dict[tuple[int, str], list[rules.Outcome]] = {}
    for kind, unit_id, unit, state, how, escalated_to, raised_on, solved_on in rows:
        days = rules.workdays_to_solve(raised_on=raised_on, solved_on=solved_on, overrides=overrides)
        outcome = rules.Outcome(state, how, escalated_to is not None, days)
        kinds[kind].append(outcome)
        units.setdefault((unit_id, unit), []).append(outcome)
    return IssueCounts(
        total=rules.tally(one for each in kinds.values() for one in each),
        kinds=[Counted(str(IssueKind(kind).label), kind, rules.tally(of)) for kind, of in kinds.items()],
        units=[Counted(name, str(pk), rules.tally(of)) for (pk, name), of in units.items()],
    )


def todos(user: User, *, today: date) -> list[Waiting]:
    """Issues to solve, to close, and those of led projects that are late at somebody else's: one query."""
    if not may(user, Permission.REPORT_ISSUES):
        return []
    units = units_reached(user, Permission.REPORT_ISSUES)
    mine = Q(owner_unit__in=units) | Q(escalated_to__in=units)
    if user.cadre_id is not None:
        mine |= Q(owner=user.cadre_id)
    # The head closes what its raiser solved alone: otherwise nobody would be asked to.
    closing = Q(recorded_by=user) | Q(project__lead_unit__in=units, recorded_by=F("solved_by"))
    late = Q(pk__in=())
    if may(user, Permission.UPDATE_MILESTONES):
        led = Q(membership(user, project="project", roles=LEADING))
        closing, late = closing | led, led & Q(due_on__lt=today)
    live, solved = Q(state__in=rules.LIVE), Q(state=IssueState.SOLVED) & ~Q(solved_by=user)
    found = issues_visible_to(user).annotate(
        does=Case(When(solved, then=Value("销号")), When(mine, then=Value("解决")), default=Value("过问")),
        wanted_on=Case(When(live, then="due_on"), default=None, output_field=DateField()),
    )
    return [
        waiting(
            found.filter((live & (mine | late)) | (solved & closing)).order_by("due_on", "id"),
            _todo,
            label="项目问题",
            url=reverse("projects:issue-list"),
            today=today,
            due="wanted_on",
            soon=today + timedelta(days=SOON),
        )
    ]


def _todo(issue: ProjectIssue) -> Todo:
    return Todo(
        title=f"{issue.project.name} · {issue.title}",
        who=str(issue.owner or issue.owner_unit),
        detail=f"{issue.get_kind_display()}，{issue.recorded_by.display_name}于 {issue.raised_on} 提出",
        url=issue.get_absolute_url(),
        action=issue.does,  # type: ignore[attr-defined]
        due_on=issue.wanted_on,  # type: ignore[attr-defined]
    )


def card(project: KeyProject, user: User, today: date) -> Card:
    """How the project's issues stand."""
    live = Q(state__in=rules.LIVE)
    counts = ProjectIssue.objects.filter(project=project).aggregate(
        live=Count("pk", filter=live),
        late=Count("pk", filter=live & Q(due_on__lt=today)),
        solved=Count("pk", filter=Q(state__in=(IssueState.SOLVED, IssueState.CLOSED))),
    )
    return Card(
        title="问题",
        figures=[("待解决", str(counts["live"])), ("已解决", str(counts["solved"]))],
        url=reverse("projects:project-issues", args=[project.pk]),
        alarm=f"{counts['late']} 个问题已过时限，还没有解决。" if counts["late"] else "",
        order=50,
    )


def history(project: KeyProject, user: User) -> list[Event]:
    """Each issue when it was raised, and every step taken on it since."""
    issues = {
        str(issue.pk): issue
        for issue in issues_visible_to(user).filter(project=project).order_by("-raised_on", "-id")
    }
    events = [
        Event(
            on=issue.raised_on,
            kind="问题",
            title=f"提出{issue.get_kind_display()}问题：{issue.title}",
            detail=f"责任单位{issue.owner_unit}，时限 {issue.due_on}",
            who=issue.recorded_by.display_name,
            url=issue.get_absolute_url(),
        )
        for issue in issues.values()
    ]
    for step in steps_of(issues.values()):
        issue = issues[step.owner_id]
        events.append(
            Event(
                on=timezone.localdate(step.at),
                at=step.at,
                kind="问题",
                title=f"{step.label}：{issue.title}",
                detail=step.note,
                who=step.by.display_name if step.by else "系统",
                url=issue.get_absolute_url(),
            )
        )
    return events
