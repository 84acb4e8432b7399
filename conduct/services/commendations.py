"""Commendations: proposed by one, confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.choices import CommendationKind
from conduct.models import Commendation
from conduct.queries import education as queries
from conduct.rules import education as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError
from core.services import steps


@transaction.atomic
def propose_commendation(
    *,
    kind: str,
    cadre: Cadre | None,
    unit: Unit | None,
    on: date,
    reason: str,
    issuer: str,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> Commendation:
    """Propose to put a commendation on a file; another person confirms. Sent twice is one record.

    A person is kept with the unit of that day. Raises NotAllowed without the permission; DomainError for a
    day to come, oneself, both or neither of person and unit, somebody not in service, a closed unit.
    """
    demand(by, Permission.RECORD_EDUCATION)
    if earlier := Commendation.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if problem := rules.day_problem(on=on, today=timezone.localdate(at)):
        raise DomainError(problem, field="on")
    if (cadre is None) is (unit is None):
        raise DomainError("请填人员或单位，两者只填一个。", field="cadre")
    if kind == CommendationKind.PROMOTION and cadre is None:
        raise DomainError("重用提拔的对象是个人，请填人员。", field="cadre")
    if cadre is not None and cadre.pk == by.cadre_id:
        raise DomainError("不能为本人提出嘉奖，应当回避，请由其他人员提出。", field="cadre")
    if unit and (problem := rules.unit_problem(unit=unit.name, closed_on=unit.closed_on, day=on)):
        raise DomainError(problem, field="unit")
    unit_id = unit.pk if unit else _unit_on(cadre=cadre, day=on)
    values = {
        "kind": kind,
        "cadre": cadre,
        "unit_id": unit_id,
        "on": on,
        "reason": reason.strip(),
        "issuer": issuer.strip(),
    }
    commendation = Commendation.objects.create(
        **values, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=commendation, workflow=rules.COMMENDATION, facts=values, by=by, at=at)
    return commendation


def _unit_on(*, cadre: Cadre | None, day: date) -> int:
    assert cadre is not None  # the caller has seen to it: without a unit there is a person
    found = Cadre.objects.filter(pk=cadre.pk).units_on(day).get(cadre.pk)
    if found is None:
        raise DomainError(f"“{cadre}”{day} 不在岗，请核对日期或人员。", field="on")
    return found


def _take(
    *,
    commendation_id: int,
    step: str,
    note: str = "",
    changes: Mapping[str, object] | None = None,
    by: User,
    at: datetime,
) -> Commendation:
    """Raises Commendation.DoesNotExist outside the scope, otherwise like `steps.take`."""
    visible = queries.commendations_visible_to(by).select_for_update(of=("self",))
    commendation = visible.get(pk=commendation_id)
    steps.take(
        record=commendation,
        workflow=rules.COMMENDATION,
        step=step,
        parts=queries.parts_in(commendation, by),
        note=note,
        changes=changes,
        by=by,
        at=at,
    )
    return commendation


@transaction.atomic
def confirm_commendation(*, commendation_id: int, by: User, at: datetime) -> Commendation:
    """Confirm what somebody else proposed; from now on it is on the file."""
    changes = {"confirmed_by": by, "confirmed_at": at}
    return _take(commendation_id=commendation_id, step="confirm", changes=changes, by=by, at=at)


@transaction.atomic
def decline_commendation(*, commendation_id: int, note: str, by: User, at: datetime) -> Commendation:
    """Refuse what somebody else proposed, with a reason."""
    return _take(commendation_id=commendation_id, step="decline", note=note, by=by, at=at)


@transaction.atomic
def withdraw_commendation(*, commendation_id: int, note: str, by: User, at: datetime) -> Commendation:
    """Take back what one proposed oneself, before it is confirmed."""
    return _take(commendation_id=commendation_id, step="withdraw", note=note, by=by, at=at)
