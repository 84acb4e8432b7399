"""Proposing, approving, lifting and withdrawing measures against a unit."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.models import UnitMeasure
from conduct.queries import unit_measures as queries
from conduct.rules import unit_measures as rules
from core.models import Unit, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import steps


@transaction.atomic
def propose_measure(
    *,
    unit: Unit,
    kind: str,
    first_day: date,
    last_day: date | None,
    basis: str,
    reason: str,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> UnitMeasure:
    """Propose a measure; another person approves it. The same form sent twice is one record.

    Raises NotAllowed without the permission or for the own unit; DomainError for a closed unit, a period
    that ends before it starts or has no end, an overlapping measure of the same kind.
    """
    if not may(by, Permission.RECORD_UNIT_MEASURES):
        raise NotAllowed("您的角色没有登记单位处理的权限。")
    # The unit's row is the lock: two overlapping measures proposed at once meet here.
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    if earlier := UnitMeasure.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if unit.pk == queries.own_unit_id(by):
        raise DomainError("不能对本人所在单位提出处理，应当回避，请由其他人员办理。", field="unit")
    if unit.closed_on is not None and unit.closed_on <= first_day:
        raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请选承接其职能的单位。", field="unit")
    if problem := rules.period_problem(kind=kind, first_day=first_day, last_day=last_day):
        raise DomainError(problem[1], field=problem[0])
    overlapping = queries.earlier_overlapping(unit=unit, kind=kind, first_day=first_day, last_day=last_day)
    if overlapping is not None:
        until = f"至 {overlapping.last_day}" if overlapping.last_day else "当日"
        raise DomainError(
            f"“{unit}”已有同类处理：{overlapping.get_kind_display()}，{overlapping.first_day} {until}"
            f"（{overlapping.get_state_display()}）。期限不能重叠，请改期限，或先解除、撤回原处理。",
            field="first_day",
        )
    facts = {
        "unit": unit,
        "kind": kind,
        "first_day": first_day,
        "last_day": last_day,
        "basis": basis.strip(),
        "reason": reason.strip(),
    }
    measure = UnitMeasure.objects.create(
        **facts, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=measure, workflow=rules.UNIT_MEASURE, facts=facts, by=by, at=at)
    return measure


def _locked(*, measure_id: int, by: User) -> UnitMeasure:
    """The record within the user's scope, locked. Raises UnitMeasure.DoesNotExist outside it."""
    return queries.unit_measures_visible_to(by).select_for_update(of=("self",)).get(pk=measure_id)


@transaction.atomic
def approve_measure(*, measure_id: int, by: User, at: datetime) -> UnitMeasure:
    """Approve a measure somebody else proposed; it applies on the days of its period."""
    measure = _locked(measure_id=measure_id, by=by)
    steps.take(
        record=measure,
        workflow=rules.UNIT_MEASURE,
        step="approve",
        parts=queries.parts_in(measure, by),
        changes={"approved_by": by, "approved_at": at},
        by=by,
        at=at,
    )
    return measure


@transaction.atomic
def decline_measure(*, measure_id: int, note: str, by: User, at: datetime) -> UnitMeasure:
    """Refuse a measure somebody else proposed, with a reason."""
    measure = _locked(measure_id=measure_id, by=by)
    steps.take(
        record=measure,
        workflow=rules.UNIT_MEASURE,
        step="decline",
        parts=queries.parts_in(measure, by),
        note=note,
        by=by,
        at=at,
    )
    return measure


@transaction.atomic
def withdraw_measure(*, measure_id: int, note: str, by: User, at: datetime) -> UnitMeasure:
    """Take back what one proposed oneself, before it is approved."""
    measure = _locked(measure_id=measure_id, by=by)
    steps.take(
        record=measure,
        workflow=rules.UNIT_MEASURE,
        step="withdraw",
        parts=queries.parts_in(measure, by),
        note=note,
        by=by,
        at=at,
    )
    return measure


@transaction.atomic
def lift_measure(*, measure_id: int, note: str, by: User, at: datetime) -> UnitMeasure:
    """Lift a measure from today on, by another person than the proposer, with a reason.

    Raises like `steps.take`, and DomainError for one that has run its term.
    """
    measure = _locked(measure_id=measure_id, by=by)
    parts, today = queries.parts_in(measure, by), timezone.localdate(at)
    steps.check(record=measure, workflow=rules.UNIT_MEASURE, step="lift", parts=parts, by=by)
    standing = rules.standing(
        state=measure.state, first_day=measure.first_day, last_day=measure.last_day, today=today
    )
    if problem := rules.lifting_problem(standing=standing, last_day=measure.last_day):
        raise DomainError(problem)
    steps.take(
        record=measure,
        workflow=rules.UNIT_MEASURE,
        step="lift",
        parts=parts,
        note=note,
        changes={"lifted_by": by, "lifted_on": today},
        by=by,
        at=at,
    )
    return measure
