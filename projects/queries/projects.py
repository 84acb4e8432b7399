"""Reads of projects; the row scope comes from `projects_visible_to` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from core.models import User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from projects.choices import MemberRole
from projects.models import Assignment, AssignmentPerson, KeyProject, Milestone, TaskforceMember
from projects.models.assignments import IN_HAND
from projects.rules import milestones as rules

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
    """A project as lists show it: rolled-up progress in percent or None, its worst light."""

    project: KeyProject
    leader: str
    progress: Decimal | None
    light: str
    milestones: list[MilestoneLine]


def with_parts(projects: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
    """Adds milestones and current members in two statements, whatever the number of projects."""
    members = TaskforceMember.objects.filter(end_on=None).select_related("cadre")
    return projects.prefetch_related("milestones", Prefetch("members", members, to_attr="current_members"))


def reading_of(milestone: Milestone, *, today: date) -> rules.LightReading:
    """The milestone's light on a day, with the sentence that explains it."""
    return rules.milestone_light(
        planned_on=milestone.planned_on,
        done_on=milestone.done_on,
        suspended_reason=milestone.suspended_reason,
        progress=milestone.progress,
        today=today,
    )


def project_line(project: KeyProject, *, today: date) -> ProjectLine:
    """One line of the list, from a project loaded by `with_parts`."""
    lines = []
    for milestone in project.milestones.all():
        reading = reading_of(milestone, today=today)
        lines.append(MilestoneLine(milestone, reading.light, reading.reason))
    members: list[TaskforceMember] = getattr(project, "current_members", [])
    leader = next((m.cadre.name for m in members if m.role == MemberRole.LEADER), "")
    return ProjectLine(
        project=project,
        leader=leader,
        progress=rules.rolled_up_progress(
            [(line.milestone.weight, line.milestone.progress) for line in lines]
        ),
        light=rules.project_light([line.light for line in lines]),
        milestones=lines,
    )


def leads(user: User, project: KeyProject) -> bool:
    """Whether the user is the project's leader or deputy and may update it."""
    if user.cadre_id is None or not may(user, Permission.UPDATE_MILESTONES):
        return False
    return TaskforceMember.objects.filter(
        project=project, cadre=user.cadre_id, end_on=None, role__in=LEADING
    ).exists()
