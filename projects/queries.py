"""Reads of projects; the row scope comes from `projects_visible_to` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Case, DateField, Exists, OuterRef, Prefetch, Q, QuerySet, When
from django.urls import reverse

from core.models import Attachment, User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from core.queries.todos import Todo, Waiting, waiting
from projects import rules
from projects.choices import MemberRole
from projects.models import KeyProject, Milestone, MilestoneUpdate, TaskforceMember

LEADING = (MemberRole.LEADER, MemberRole.DEPUTY)


def _membership(user: User, *, project: str, roles: tuple[str, ...] = ()) -> Exists:
    rows = TaskforceMember.objects.filter(project=OuterRef(project), cadre=user.cadre_id, end_on=None)
    return Exists(rows.filter(role__in=roles) if roles else rows)


def projects_visible_to(user: User) -> QuerySet[KeyProject]:
    """Projects the user may see: all, those of the own unit subtree, or those one works on."""
    scope = reach(user, Permission.VIEW_PROJECTS)
    projects = KeyProject.objects.select_related("lead_unit")
    if scope.everywhere:
        return projects
    rows = Q(pk__in=())
    if scope.unit_ids:
        units = units_reached(user, Permission.VIEW_PROJECTS)
        through = KeyProject.co_units.through.objects.filter(keyproject=OuterRef("pk"), unit__in=units)
        rows |= Q(lead_unit__in=units) | Q(Exists(through))
    if (scope.own_projects or scope.own_self) and user.cadre_id is not None:
        rows |= Q(_membership(user, project="pk"))
    return projects.filter(rows)


def milestones_visible_to(user: User) -> QuerySet[Milestone]:
    """Milestones of visible projects, each with `is_leader`: may this user update it."""
    return (
        Milestone.objects.filter(project__in=projects_visible_to(user))
        .select_related("project")
        .annotate(is_leader=_membership(user, project="project", roles=LEADING))
    )


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


def milestones_to_watch(user: User, *, today: date) -> QuerySet[Milestone]:
    """Unfinished milestones the user leads that are overdue or due within the warning days."""
    horizon = today + timedelta(days=rules.WARN_DAYS)
    led = Milestone.objects.filter(_membership(user, project="project", roles=LEADING))
    near = led.filter(done_on=None, suspended_reason="", planned_on__lte=horizon)
    return near.select_related("project__lead_unit").order_by("planned_on", "id")


def leads(user: User, project: KeyProject) -> bool:
    """Whether the user is the project's leader or deputy and may update it."""
    if user.cadre_id is None or not may(user, Permission.UPDATE_MILESTONES):
        return False
    return TaskforceMember.objects.filter(
        project=project, cadre=user.cadre_id, end_on=None, role__in=LEADING
    ).exists()


def updates_of(project: KeyProject) -> QuerySet[MilestoneUpdate]:
    """Reported updates of a project's milestones, newest first."""
    return MilestoneUpdate.objects.filter(milestone__project=project).select_related(
        "milestone", "reported_by"
    )


def updates_with_files(project: KeyProject, *, limit: int = 20) -> list[MilestoneUpdate]:
    """The latest updates, each with its attachments in `files`; two statements."""
    updates = list(updates_of(project)[:limit])
    files: dict[str, list[Attachment]] = {}
    owned = Attachment.objects.filter(
        owner_label=MilestoneUpdate._meta.label, owner_id__in=[str(u.pk) for u in updates]
    )
    for attachment in owned.order_by("id"):
        files.setdefault(attachment.owner_id, []).append(attachment)
    for update in updates:
        update.files = files.get(str(update.pk), [])  # type: ignore[attr-defined]
    return updates


def todos(user: User, *, today: date) -> list[Waiting]:
    """Milestones this person leads that are overdue or soon due; one at 100 % only lacks its date."""
    if not may(user, Permission.UPDATE_MILESTONES):
        return []
    due = Case(When(progress=100, then=None), default="planned_on", output_field=DateField())

    def line(milestone: Milestone) -> Todo:
        return Todo(
            title=f"{milestone.project.name} · {milestone.name}",
            who=str(milestone.project.lead_unit or ""),
            detail=f"目前 {milestone.progress.normalize():f}%"
            if milestone.progress < 100
            else reading_of(milestone, today=today).reason,
            url=reverse("projects:milestone-update", args=[milestone.pk]),
            action="更新",
            due_on=milestone.due,  # type: ignore[attr-defined]
        )

    return [
        waiting(
            milestones_to_watch(user, today=today).annotate(due=due),
            line,
            label="待更新的节点",
            url=reverse("projects:project-list"),
            today=today,
            due="due",
            soon=today + timedelta(days=rules.WARN_DAYS),
        )
    ]
