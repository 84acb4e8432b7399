"""Reads of milestones and what was reported on them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Case, DateField, Exists, Max, OuterRef, QuerySet, When
from django.urls import reverse
from django.utils import timezone

from core.models import Attachment, User
from core.permissions import Permission, may
from core.queries.todos import Todo, Waiting, waiting
from core.rules.deadlines import span_in_words
from projects.choices import MemberRole, ProjectState
from projects.models import KeyProject, Milestone, MilestoneUpdate, TaskforceMember
from projects.queries.projects import LEADING, membership, projects_visible_to, reading_of
from projects.rules import milestones as rules


def milestones_visible_to(user: User) -> QuerySet[Milestone]:
    """Milestones of visible projects, each with `is_leader`: may this user update it."""
    return (
        Milestone.objects.filter(project__in=projects_visible_to(user))
        .select_related("project__lead_unit", "after")
        .annotate(is_leader=membership(user, project="project", roles=LEADING))
    )


def milestones_to_watch(user: User, *, today: date) -> QuerySet[Milestone]:
    """Unfinished milestones the user leads that are overdue or due within the warning days, of projects
    that run; each with the moment of its last report in `reported_at`."""
    horizon = today + timedelta(days=rules.WARN_DAYS)
    led = Milestone.objects.filter(membership(user, project="project", roles=LEADING))
    near = led.filter(
        project__state=ProjectState.ACTIVE, done_on=None, suspended_reason="", planned_on__lte=horizon
    ).annotate(reported_at=Max("updates__reported_at"))
    return near.select_related("project__lead_unit").order_by("planned_on", "id")


def updates_of(project: KeyProject) -> QuerySet[MilestoneUpdate]:
    """Reported updates of a project's milestones, newest first."""
    return MilestoneUpdate.objects.filter(milestone__project=project).select_related(
        "milestone", "reported_by"
    )


def updates_with_files(
    project: KeyProject, *, milestone: Milestone | None = None, limit: int = 20
) -> list[MilestoneUpdate]:
    """The latest updates, of one milestone or all, each with its attachments in `files`; two statements."""
    found = updates_of(project)
    updates = list((found if milestone is None else found.filter(milestone=milestone))[:limit])
    files: dict[str, list[Attachment]] = {}
    owned = Attachment.objects.filter(
        owner_label=MilestoneUpdate._meta.label, owner_id__in=[str(u.pk) for u in updates]
    )
    for attachment in owned.order_by("id"):
        files.setdefault(attachment.owner_id, []).append(attachment)
    for update in updates:
        update.files = files.get(str(update.pk), [])  # type: ignore[attr-defined]
    return updates


def _standing(milestone: Milestone, today: date) -> str:
    reported_at = milestone.reported_at  # type: ignore[attr-defined]
    standing = f"目前 {milestone.progress.normalize():f}%"
    days = 0 if reported_at is None else (today - timezone.localdate(reported_at)).days
    return f"{standing}，最近更新 {span_in_words(days)}前" if days else standing


def leaderless_projects(user: User, *, today: date) -> QuerySet[KeyProject]:
    """Running projects with something unfinished whose leader has left the service, for who appoints."""
    gone = TaskforceMember.objects.filter(
        project=OuterRef("pk"), role=MemberRole.LEADER, end_on=None, cadre__left_on__lt=today
    )
    open_ones = Milestone.objects.filter(project=OuterRef("pk"), done_on=None)
    found = projects_visible_to(user).filter(Exists(gone), Exists(open_ones), state=ProjectState.ACTIVE)
    return found.order_by("code")


def todos_of_the_office(user: User, *, today: date) -> list[Waiting]:
    """Projects whose leader left: nobody gets their reminders until somebody is appointed."""
    if not may(user, Permission.MANAGE_PROJECTS):
        return []
    return [
        waiting(
            leaderless_projects(user, today=today),
            lambda project: Todo(
                title=project.name,
                who=str(project.lead_unit or ""),
                detail="组长已离任，节点没有人更新，请任命新组长",
                url=reverse("projects:project-detail", args=[project.pk]),
                action="任命",
            ),
            label="组长已离任的项目",
            url=reverse("projects:project-list"),
            today=today,
        )
    ]


def todos(user: User, *, today: date) -> list[Waiting]:
    """Milestones this person leads that are overdue or soon due; one at 100 % only lacks its date."""
    if not may(user, Permission.UPDATE_MILESTONES):
        return []
    due = Case(When(progress=100, then=None), default="planned_on", output_field=DateField())

    def line(milestone: Milestone) -> Todo:
        return Todo(
            title=f"{milestone.project.name} · {milestone.name}",
            who=str(milestone.project.lead_unit or ""),
            detail=_standing(milestone, today)
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
