"""Chasing what is overdue: letters and cases are proposed for a person to decide, no more than that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.choices import ProposalKind
from core.models import Proposal
from core.queries import workday_overrides
from core.rules.workdays import Overrides
from core.services import proposals
from projects.models import KeyProject, Milestone
from projects.queries import chasing as queries
from projects.queries.chasing import Ladder
from projects.rules import chasing as rules


def propose_for_red(*, at: datetime) -> list[Proposal]:
    """Propose what the overdue milestones call for by `rules.chasing`; returns the new proposals.

    However often it runs, and however many days it did not, each milestone proposes a letter once and a case
    once. A project's proposals are one transaction, under its lock.
    """
    today, overrides = timezone.localdate(at), workday_overrides()
    made = []
    for ladder in queries.ladders(today=today):
        if any(
            rules.chase(queries.node_of(node, ladder), ladder.made, today=today, overrides=overrides).kind
            for node in ladder.nodes
        ):
            made += _climb(project=ladder.project, overrides=overrides, at=at)
    return made


@transaction.atomic
def _climb(*, project: KeyProject, overrides: Overrides, at: datetime) -> list[Proposal]:
    """Read the project again under its lock and propose for its milestones, the longest overdue first."""
    KeyProject.objects.select_for_update(of=("self",)).get(pk=project.pk)
    today = timezone.localdate(at)
    made = []
    for ladder in queries.ladders(today=today, project_ids=[project.pk]):
        for milestone in ladder.nodes:
            node = queries.node_of(milestone, ladder)
            chase = rules.chase(node, ladder.made, today=today, overrides=overrides)
            if chase.kind:
                proposal = _propose(
                    kind=chase.kind, reason=chase.reason, node=milestone, ladder=ladder, at=at
                )
                ladder.made.append(queries.made_of(proposal))
                made.append(proposal)
    return made


def _propose(*, kind: str, reason: str, node: Milestone, ladder: Ladder, at: datetime) -> Proposal:
    """A letter goes to the unit; a case is about the leader, so that the leader is not told."""
    is_case = kind == ProposalKind.CASE
    return proposals.propose(
        kind=ProposalKind(kind),
        source=node,
        reason=f"{ladder.project}（{ladder.project.code}）“{node}”：{reason}。",
        cadre=ladder.leader.cadre if is_case and ladder.leader else None,
        unit=ladder.project.lead_unit,
        ground=rules.GROUND if is_case else "",
        named=f"{ladder.project} · {node}",
        by=None,
        at=at,
    )
