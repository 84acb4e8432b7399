"""What follows a confirmed violation: first-level handling, a case proposed, the closing."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from conduct.choices import HandlingWay, ViolationState
from conduct.models import Handling, Violation
from conduct.models.violations import AWAITS_PERSON
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from core.choices import ProposalKind, ProposalState
from core.models import User
from core.queries import proposals_from
from core.rules.errors import DomainError
from core.services import proposals, steps


@transaction.atomic
def handle_violation(
    *, violation_id: int, way: str, on: date, note: str = "", by: User, at: datetime
) -> Violation:
    """Record a first-level handling of a confirmed violation; several are allowed.

    Raises Violation.DoesNotExist outside the scope, NotAllowed by the workflow, DomainError for an unknown
    form, a day in the future or before the decision, or the same form on the same day.
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="handle", parts=parts, by=by)
    if way not in HandlingWay.values:
        raise DomainError(
            f"处理方式只能是：{'、'.join(HandlingWay.labels)}；更重的请用“建议问责”。", field="way"
        )
    since, today = violation.decided_on or violation.occurred_on, timezone.localdate(at)
    if problem := rules.day_problem(what="处理日期", day=on, since=since, today=today):
        raise DomainError(problem, field="on")
    label = HandlingWay(way).label
    if violation.handlings.filter(way=way, on=on, revoked_at=None).exists():
        raise DomainError(f"{on} 已登记过{label}，不用再登记。", field="way")
    Handling.objects.create(
        violation=violation, way=way, on=on, note=note.strip(), recorded_by=by, recorded_at=at
    )
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="handle",
        parts=parts,
        note="：".join(text for text in (label, note.strip()) if text),
        facts={"way": way, "on": on},
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def escalate_violation(*, violation_id: int, note: str, by: User, at: datetime) -> Violation:
    """Propose a case instead of a handling of one's own: heavier measures are not the officer's to take.

    A proposal of this record that is open or was accepted stands; after a declined one only a handling is
    left. Raises like `handle_violation`.
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="escalate", parts=parts, by=by)
    earlier = proposals_from(violation).filter(kind=ProposalKind.CASE).first()
    if earlier is not None and (
        earlier.state == ProposalState.DECLINED or violation.state == ViolationState.HANDLED
    ):
        raise DomainError(
            f"这条记录已经建议过问责（{earlier.get_state_display()}），不重复建议；可以登记处理。",
            field="note",
        )
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="escalate",
        parts=parts,
        note=note,
        by=by,
        at=at,
    )
    proposals.propose(
        kind=ProposalKind.CASE,
        source=violation,
        cadre=violation.cadre,
        unit=violation.unit,
        reason=note,
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def complete_handling(
    *, violation_id: int, handling: int, completed_on: date, by: User, at: datetime
) -> Violation:
    """The person has done what a handling asked: handed in the review, made the pledge.

    Raises like `handle_violation`, DomainError for a handling that expects nothing (any more).
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="complete", parts=parts, by=by)
    open_ones = violation.handlings.filter(way__in=AWAITS_PERSON, completed_on=None, revoked_at=None)
    row = open_ones.filter(pk=handling).first()
    if row is None:
        raise DomainError("请选择一项尚未完成的责令检查或公开承诺。", field="handling")
    today = timezone.localdate(at)
    if problem := rules.day_problem(what="完成日期", day=completed_on, since=row.on, today=today):
        raise DomainError(problem, field="completed_on")
    row.completed_on = completed_on
    row.save(update_fields=["completed_on"])
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="complete",
        parts=parts,
        note=f"{row.get_way_display()}：{completed_on} 完成",
        facts={"handling": row, "completed_on": completed_on},
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def close_violation(*, violation_id: int, by: User, at: datetime) -> Violation:
    """Close a record with nothing open. Raises like `handle_violation`, DomainError naming what is open."""
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="close", parts=parts, by=by)
    problem = queries.closing_problem(violation)
    if problem:
        raise DomainError(problem)
    steps.take(record=violation, workflow=rules.VIOLATION, step="close", parts=parts, by=by, at=at)
    return violation
