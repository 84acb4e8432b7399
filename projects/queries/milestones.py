"""Reads of milestones and what was reported on them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Case, DateField, QuerySet, When
from django.urls import reverse

from core.models import Attachment, User
from core.permissions import Permission, may
from core.queries.todos import Todo, Waiting, waiting
from projects.models import KeyProject, Milestone, MilestoneUpdate
from projects.queries.projects import LEADING, membership, projects_visible_to, reading_of
from projects.rules import milestones as rules


def milestones_visible_to(user: User) -> QuerySet[Milestone]:
    """Milestones of visible projects, each with `is_leader`: may this user update it."""
    return (
        Milestone.objects.filter(project__in=projects_visible_to(user))
        .select_related("project")
        .annotate(is_leader=membership(user, project="project", roles=LEADING))
    )


def milestones_to_watch(user: User, *, today: date) -> QuerySet[Milestone]:
    """Unfinished milestones the user leads that are overdue or due within the warning days."""
    horizon = today + timedelta(days=rules.WARN_DAYS)
    led = Milestone.objects.filter(membership(user, project="project", roles=LEADING))
    near = led.filter(done_on=None, suspended_reason="", planned_on__lte=horizon)
    return near.select_related("project__lead_unit").order_by("planned_on", "id")


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
