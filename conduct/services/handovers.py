"""Every write of hand-overs: reports about people under a higher authority, counted and never taken in."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.models import ClueHandover
from conduct.queries import clues as queries
from conduct.rules import clues as rules
from core.models import User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import audit


@transaction.atomic
def count_handover(
    *,
    received_on: date,
    channel: str,
    level: str,
    handed_to: str,
    handed_on: date | None = None,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> ClueHandover:
    """Count a report about somebody under a higher authority; nothing of what it says is taken in."""
    if not may(by, Permission.HANDLE_CLUES):
        raise NotAllowed("您的角色没有登记线索移交的权限。")
    today = timezone.localdate(at)
    if problem := rules.receipt_problem(received_on=received_on, today=today):
        raise DomainError(problem, field="received_on")
    if handed_on is not None and not received_on <= handed_on <= today:
        raise DomainError("移交日期应在收到日期之后、今天之前。", field="handed_on")
    facts = {
        "received_on": received_on, "channel": channel, "level": level, "handed_to": handed_to,
        "handed_on": handed_on,
    }  # fmt: skip
    handover, created = ClueHandover.objects.get_or_create(
        submission_key=submission_key,
        recorded_by=by,
        defaults={**facts, "due_on": rules.handover_due(received_on, workday_overrides()), "recorded_at": at},
    )
    if created:
        audit.record(action="登记线索移交", target=handover, by=by, at=at, after=facts)
    return handover


@transaction.atomic
def hand_over(*, handover_id: int, handed_on: date, by: User, at: datetime) -> ClueHandover:
    """Record the day a counted report left the house; once."""
    handover = queries.handovers_visible_to(by).select_for_update(of=("self",)).get(pk=handover_id)
    if handover.handed_on is not None:
        raise DomainError(f"已于 {handover.handed_on} 移交，不能重复登记。")
    if not handover.received_on <= handed_on <= timezone.localdate(at):
        raise DomainError("移交日期应在收到日期之后、今天之前。", field="handed_on")
    handover.handed_on = handed_on
    handover.save(update_fields=["handed_on"])
    audit.record(
        action="完成线索移交", target=handover, by=by, at=at,
        before={"handed_on": None}, after={"handed_on": handed_on},
    )  # fmt: skip
    return handover
