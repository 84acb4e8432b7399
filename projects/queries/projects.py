"""Reads of projects; the row scope comes from `projects_visible_to` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from core.models import Cadre, User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from projects.choices import AssignmentState, Light, MemberRole, ProjectState
from projects.models import Assignment, AssignmentPerson, KeyProject, Milestone, TaskforceMember
from projects.models.assignments import IN_HAND
from projects.rules import milestones as rules
from projects.rules.projects import next_code

LEADING = (MemberRole.LEADER, MemberRole.DEPUTY)


def membership(user: User, *, project: str, roles: tuple[str, ...] = ()) -> Exists:
    """Whether the user is now on the taskforce of the project that `project` names, in one of the roles."""
    rows = TaskforceMember.objects.filter(project=OuterRef(project), cadre=user.cadre_id, end_on=None)
    return Exists(rows.filter(role__in=roles) if roles else rows)


def projects_visible_to(user: User) -> QuerySet[KeyProject]:
    """Projects the user may see: all, those of the own unit subtree, those one works on, and those in which
    one's unit or oneself has a task."""
    scope = reach(user, Permission.VIEW_PROJECTS)
    projects = KeyProject.objects.select_related("lead_unit")
    if scope.everywhere:
        return projects
    rows = Q(pk__in=())
    if scope.unit_ids:
        units = units_reached(user, Permission.VIEW_PROJECTS)
        through = KeyProject.co_units.through.objects.filter(keyproject=OuterRef("pk"), unit__in=units)
        rows |= Q(lead_unit__in=units) | Q(Exists(through))
        tasks = Assignment.objects.filter(project=OuterRef("pk"), state__in=IN_HAND)
        helped = Assignment.co_units.through.objects.filter(
            assignment__project=OuterRef("pk"), assignment__state__in=IN_HAND, unit__in=units
        )
        rows |= Q(Exists(tasks.filter(lead_unit__in=units))) | Q(Exists(helped))
    if (scope.own_projects or scope.own_self) and user.cadre_id is not None:
        named = AssignmentPerson.objects.filter(
            assignment__project=OuterRef("pk"), assignment__state__in=IN_HAND, cadre=user.cadre_id
        )
        rows |= Q(membership(user, project="pk")) | Q(Exists(named))
    return projects.filter(rows)


@dataclass(frozen=True)
class MilestoneLine:
    """A milestone as pages show it."""

    milestone: Milestone
    light: str
    reason: str


@dataclass(frozen=True)
class ProjectLine:
    """A project as lists show it: rolled-up progress in percent or None, its worst light and why."""

    project: KeyProject
    leader: str
    progress: Decimal | None
    light: str
    milestones: list[MilestoneLine]
    reason: str = ""

    @property
    def next_open(self) -> MilestoneLine | None:
        """The milestone that comes next: the earliest planned one that is not done."""
        open_ones = [line for line in self.milestones if line.milestone.done_on is None]
        dated = [line for line in open_ones if line.milestone.planned_on is not None]
        return min(dated, key=lambda line: line.milestone.planned_on or date.max, default=None)


def with_parts(projects: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
    """Adds milestones and current members in two statements, whatever the number of projects."""
    members = TaskforceMember.objects.filter(end_on=None).select_related("cadre")
    return projects.prefetch_related("milestones", Prefetch("members", members, to_attr="current_members"))


def resting_of(project: KeyProject, *, is_led: bool, today: date) -> str:
    """Why no clock runs for a project today, "" when it runs."""
    return rules.resting(
        closed_on=project.closed_on,
        suspended_reason=project.suspended_reason if project.state == ProjectState.SUSPENDED else None,
        year=project.year,
        is_led=is_led,
        today=today,
    )


def resting_projects(today: date, *, prefix: str = "") -> Q:
    """What `resting_of` says of projects, for the database; `prefix` leads to the project, as `project__`."""
    leaders = TaskforceMember.objects.filter(
        project=OuterRef(f"{prefix}pk"), end_on=None, role=MemberRole.LEADER
    )
    former = Q(**{f"{prefix}year__lt": today.year}) & Q(~Exists(leaders))
    held = Q(**{f"{prefix}closed_on__isnull": False}) | Q(**{f"{prefix}state": ProjectState.SUSPENDED})
    return held | former


def reading_of(milestone: Milestone, *, today: date, resting: str = "") -> rules.LightReading:
    """The milestone's light on a day, with the sentence that explains it; `resting` as by `resting_of`."""
    return rules.milestone_light(
        planned_on=milestone.planned_on,
        done_on=milestone.done_on,
        suspended_reason=milestone.suspended_reason,
        progress=milestone.progress,
        today=today,
        resting=resting,
    )


def project_line(project: KeyProject, *, today: date) -> ProjectLine:
    """One line of the list, from a project loaded by `with_parts`."""
    members: list[TaskforceMember] = getattr(project, "current_members", [])
    leader = next((m.cadre.name for m in members if m.role == MemberRole.LEADER), "")
    resting = resting_of(project, is_led=bool(leader), today=today)
    lines = []
    for milestone in project.milestones.all():
        reading = reading_of(milestone, today=today, resting=resting)
        lines.append(MilestoneLine(milestone, reading.light, reading.reason))
    light = rules.project_light([line.light for line in lines])
    worst = next((line for line in lines if line.light == light and light != Light.GREEN), None)
    reason = f"{worst.milestone.name}：{worst.reason}" if worst else ""
    if project.state == ProjectState.SUSPENDED:
        light, reason = Light.GREY, f"项目已暂停：{project.suspended_reason}"
    return ProjectLine(
        project=project,
        leader=leader,
        progress=rules.rolled_up_progress(
            [(line.milestone.weight, line.milestone.progress) for line in lines]
        ),
        light=light,
        milestones=lines,
        reason=reason,
    )


def suggested_code(year: int) -> str:
    """The next free number of a year."""
    return next_code(
        year, list(KeyProject.objects.filter(code__startswith=f"ZD{year}-").values_list("code", flat=True))
    )


def open_work(project: KeyProject) -> tuple[list[str], list[str]]:
    """Names of the milestones that are not done and of the tasks that are neither accepted nor withdrawn."""
    milestones = project.milestones.filter(done_on=None).order_by("order", "id")
    ended = (AssignmentState.ACCEPTED, AssignmentState.WITHDRAWN)
    tasks = Assignment.objects.filter(project=project).exclude(state__in=ended).order_by("due_on", "id")
    return list(milestones.values_list("name", flat=True)), list(tasks.values_list("title", flat=True))


def leaders_seen_by(user: User) -> QuerySet[Cadre]:
    """Who leads a project the user may see now, for a filter."""
    led = TaskforceMember.objects.filter(
        cadre=OuterRef("pk"),
        role=MemberRole.LEADER,
        end_on=None,
        project__in=projects_visible_to(user).order_by().values("pk"),
    )
    return Cadre.objects.filter(Exists(led)).select_related("unit").order_by("pinyin", "id")


def leads(user: User, project: KeyProject) -> bool:
    """Whether the user is the project's leader or deputy and may update it."""
    if user.cadre_id is None or not may(user, Permission.UPDATE_MILESTONES):
        return False
    return TaskforceMember.objects.filter(
        project=project, cadre=user.cadre_id, end_on=None, role__in=LEADING
    ).exists()
