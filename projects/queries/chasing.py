"""Reads for chasing: overdue milestones, what was proposed about them, what unit heads are told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from core.choices import ProposalKind
from core.models import Proposal, User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from core.queries.todos import Todo, Waiting, waiting
from projects.choices import MemberRole, ProjectState
from projects.models import DispatchDecision, KeyProject, Milestone, TaskforceMember
from projects.queries.overview import Event
from projects.queries.projects import LEADING, membership, reading_of
from projects.rules.chasing import Made, Node


def overdue(*, today: date) -> QuerySet[Milestone]:
    """Unfinished milestones past their planned date in running projects, the longest overdue first."""
    late = Milestone.objects.filter(done_on=None, suspended_reason="", progress__lt=100, planned_on__lt=today)
    running = late.filter(project__state=ProjectState.ACTIVE, project__closed_on=None)
    return running.select_related("project__lead_unit").order_by("planned_on", "id")


@dataclass
class Ladder:
    """A project's overdue milestones, its leader, and every proposal made about its milestones, in order."""

    project: KeyProject
    leader: TaskforceMember | None
    nodes: list[Milestone] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)


def ladders(*, today: date, project_ids: Collection[int] | None = None) -> list[Ladder]:
    """The projects with overdue milestones, in the order of their numbers; four statements in all."""
    late = overdue(today=today)
    if project_ids is not None:
        late = late.filter(project__in=project_ids)
    found: dict[int, Ladder] = {}
    for milestone in late:
        ladder = found.setdefault(milestone.project_id, Ladder(milestone.project, None))
        ladder.nodes.append(milestone)
    leaders = TaskforceMember.objects.filter(project__in=list(found), role=MemberRole.LEADER, end_on=None)
    for member in leaders.select_related("cadre"):
        found[member.project_id].leader = member
    nodes = Milestone.objects.filter(project__in=list(found)).order_by()
    of = dict(nodes.values_list("pk", "project_id"))
    for proposal in _proposals(nodes).order_by("proposed_at", "id"):
        found[of[int(proposal.source_id)]].made.append(made_of(proposal))
    return [found[key] for key in sorted(found, key=lambda key: found[key].project.code)]


def _proposals(records: QuerySet[Any]) -> QuerySet[Proposal]:
    """Letters and cases proposed because of some records."""
    return Proposal.objects.filter(
        source_label=records.model._meta.label,
        source_id__in=records.annotate(key=Cast("pk", CharField())).values("key"),
        kind__in=(ProposalKind.LETTER, ProposalKind.CASE),
    )


def made_of(proposal: Proposal) -> Made:
    """A proposal as the rule reads it."""
    answered = proposal.answered_at
    return Made(
        milestone=int(proposal.source_id),
        kind=proposal.kind,
        state=proposal.state,
        proposed_at=proposal.proposed_at,
        proposed_on=timezone.localdate(proposal.proposed_at),
        answered_on=timezone.localdate(answered) if answered else None,
    )


def node_of(milestone: Milestone, ladder: Ladder) -> Node:
    """A milestone as the rule reads it."""
    project = ladder.project
    return Node(
        pk=milestone.pk,
        planned_on=milestone.planned_on,
        done_on=milestone.done_on,
        suspended_reason=milestone.suspended_reason,
        progress=milestone.progress,
        kind=project.kind,
        state=project.state,
        recorded_on=timezone.localdate(project.recorded_at),
        has_unit=project.lead_unit_id is not None,
        has_leader=ladder.leader is not None,
    )


def proposals_about(project: KeyProject, user: User) -> list[Proposal]:
    """What was proposed because of a project's milestones and decisions, the latest first.

    Letters everybody sees who sees the project. That a case is proposed is told to who answers proposals or
    looks after the district's projects, and never to the person it is about.
    """
    rows = _proposals(Milestone.objects.filter(project=project).order_by())
    rows |= _proposals(DispatchDecision.objects.filter(project=project).order_by())
    if not any(may(user, p) for p in (Permission.ANSWER_PROPOSALS, Permission.VIEW_OVERVIEW)):
        rows = rows.filter(kind=ProposalKind.LETTER)
    if user.cadre_id is not None:
        rows = rows.exclude(cadre=user.cadre_id)
    return list(rows.select_related("unit", "cadre", "answered_by").order_by("-proposed_at", "-id"))


def history(project: KeyProject, user: User) -> list[Event]:
    """What was proposed because of a project, as far as the reader may know."""
    return [
        Event(
            on=timezone.localdate(proposal.proposed_at),
            at=proposal.proposed_at,
            kind=proposal.get_kind_display(),
            title=proposal.source_name,
            detail=f"{proposal.reason}（{proposal.get_state_display()}）",
            who=str(proposal.proposed_by or "系统"),
            url=reverse("projects:project-dispatch", args=[project.pk]),
        )
        for proposal in proposals_about(project, user)
    ]


def todos(user: User, *, today: date) -> list[Waiting]:
    """The overdue milestones of the units a person heads; those one leads oneself stand there already."""
    if not reach(user, Permission.VIEW_PROJECTS).unit_ids:
        return []
    own = Q(project__lead_unit__in=units_reached(user, Permission.VIEW_PROJECTS))
    late = overdue(today=today).filter(own).exclude(membership(user, project="project", roles=LEADING))
    return [
        waiting(
            late,
            lambda milestone: Todo(
                title=f"{milestone.project.name} · {milestone.name}",
                who=str(milestone.project.lead_unit),
                detail=reading_of(milestone, today=today).reason,
                url=reverse("projects:project-detail", args=[milestone.project_id]),
                action="查看",
                due_on=milestone.planned_on,
            ),
            label="本单位的逾期节点",
            url=reverse("projects:project-list") + "?light=RED",
            today=today,
            due="planned_on",
        )
    ]
