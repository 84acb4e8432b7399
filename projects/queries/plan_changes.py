"""Reads of requests to change a plan; who sees the project sees them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from core.models import User
from core.permissions import Permission, may
from core.queries.todos import Todo, Waiting, waiting
from projects.choices import ChangeState
from projects.models import PlanChange
from projects.queries.projects import projects_visible_to


def plan_changes_visible_to(user: User) -> QuerySet[PlanChange]:
    """Requests of visible projects, the latest first."""
    found = PlanChange.objects.filter(milestone__project__in=projects_visible_to(user))
    return found.select_related(
        "milestone__project__lead_unit", "milestone__after", "recorded_by", "decided_by"
    ).order_by("-id")


def parts_in(change: PlanChange, user: User) -> frozenset[str]:
    """The parts a person plays in a request, by the names of `rules.plan.PLAN_CHANGE`."""
    parts = {"asker": change.recorded_by_id == user.pk, "decider": change.decided_by_id == user.pk}
    return frozenset(part for part, plays in parts.items() if plays)


def todos(user: User, *, today: date) -> list[Waiting]:
    """Requests this person may decide, the oldest first."""
    if not may(user, Permission.APPROVE_CHANGES):
        return []
    proposed = plan_changes_visible_to(user).filter(state=ChangeState.PROPOSED).exclude(recorded_by=user)
    return [
        waiting(
            proposed.order_by("recorded_at", "id"),
            lambda change: Todo(
                title=f"{change.milestone.project.name} · {change}",
                who=str(change.milestone.project.lead_unit or ""),
                detail=f"{change.recorded_by.display_name}：{change.reason}",
                url=change.get_absolute_url(),
                action="审批",
            ),
            label="待审批的计划变更",
            url=reverse("projects:plan-change-list") + f"?state={ChangeState.PROPOSED}",
            today=today,
        )
    ]
