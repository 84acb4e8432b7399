"""What travels upward: proposals for a person above, facts that changed, official numbers."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models, transaction

from core.choices import ProposalKind, ProposalState
from core.models import Cadre, FactChange, NumberSeries, Proposal, Unit, User
from core.permissions import Permission, may
from core.queries import proposals_visible_to
from core.rules.errors import DomainError, NotAllowed
from core.services import audit


@transaction.atomic
def propose(
    *,
    kind: ProposalKind,
    source: models.Model,
    reason: str,
    cadre: Cadre | None = None,
    unit: Unit | None = None,
    ground: str = "",
    named: str = "",
    by: User | None,
    at: datetime,
) -> Proposal:
    """Suggest something because of a record; the same suggestion of the same record is made once.

    `named` is what the record is called where its own name says too little. `by=None` is the system itself.
    Returns the proposal, or the earlier one.
    """
    key = f"{kind}:{source._meta.label}:{source.pk}:{cadre.pk if cadre else ''}:{ground}"
    proposal, created = Proposal.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "source_label": source._meta.label,
            "source_id": str(source.pk),
            "source_name": (named or str(source))[:200],
            "cadre": cadre,
            "unit": unit,
            "ground": ground,
            "reason": reason.strip()[:2000],
            "proposed_by": by,
            "proposed_at": at,
        },
    )
    if created:
        audit.record(
            action=kind.label,
            target=proposal,
            by=by,
            at=at,
            after={"source_label": proposal.source_label, "source_id": proposal.source_id, "ground": ground},
        )
    return proposal


@transaction.atomic
def answer(*, proposal_id: int, state: str, answer: str, by: User, at: datetime) -> Proposal:
    """Accept or decline a proposal, with a reason, by another person than the proposer.

    Raises Proposal.DoesNotExist outside the scope, NotAllowed without the permission, for one's own
    proposal or one about oneself, DomainError when it was answered before or no reason is given.
    """
    if not may(by, Permission.ANSWER_PROPOSALS):
        raise NotAllowed("您的角色没有研判建议的权限。")
    proposal = proposals_visible_to(by).select_for_update(of=("self",)).get(pk=proposal_id)
    if proposal.state != ProposalState.OPEN:
        raise DomainError(f"这条建议已研判为“{proposal.get_state_display()}”，不能再改。")
    if proposal.proposed_by_id == by.pk:
        raise NotAllowed("提出人不能研判自己的建议，请由另一名负责人研判。")
    if state not in (ProposalState.ACCEPTED, ProposalState.DECLINED):
        raise DomainError("请选择采纳或不采纳。", field="state")
    if not answer.strip():
        raise DomainError("请写明研判意见。", field="answer")
    proposal.state, proposal.answer = state, answer.strip()
    proposal.answered_by, proposal.answered_at = by, at
    proposal.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    audit.record(
        action="研判建议",
        target=proposal,
        by=by,
        at=at,
        before={"state": ProposalState.OPEN},
        after={"state": state, "answer": proposal.answer},
    )
    return proposal


@transaction.atomic
def note_change(
    *,
    source: models.Model,
    what: str,
    since: date,
    cadre: Cadre | None = None,
    unit: Unit | None = None,
    by: User | None,
    at: datetime,
) -> FactChange:
    """Tell later readers that a fact they may have counted changed. The step that changed it is audited."""
    return FactChange.objects.create(
        source_label=source._meta.label,
        source_id=str(source.pk),
        cadre=cadre,
        unit=unit,
        what=what[:200],
        since=since,
        noted_by=by,
        noted_at=at,
    )


def next_number(*, series: str, year: int) -> int:
    """The next number of a series in a year, without gaps: call it in the transaction that uses it.

    Raises DomainError outside a transaction, where a failure would leave a hole.
    """
    if not transaction.get_connection().in_atomic_block:
        raise DomainError("编号必须与文书写在同一事务中。")
    NumberSeries.objects.get_or_create(series=series, year=year)
    row = NumberSeries.objects.select_for_update().get(series=series, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last
