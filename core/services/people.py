"""Units and cadres: every change of post is a new posting, the old one is closed, never rewritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Posting, Unit, User
from core.rules.errors import DomainError
from core.rules.names import search_keys
from core.services import audit

POST_FIELDS = ("unit", "establishment", "post", "rank", "supervisor")


@transaction.atomic
def save_unit(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Unit | None,
    order: int = 0,
    by: User | None,
    at: datetime,
) -> Unit:
    """Create the unit of this code, or rename or move it; nothing is written when nothing changed.

    Raises DomainError when the new parent lies below the unit itself or already has a unit of this name.
    """
    values: dict[str, Any] = {"name": name, "kind": kind, "parent": parent, "order": order}
    twin = Unit.objects.filter(name=name, parent=parent).exclude(code=code).first()
    if twin is not None:
        raise DomainError(f"同一上级下已有“{name}”（代码 {twin.code}），请核对名称。", field="name")
    unit: Unit | None = Unit.objects.filter(code=code).first()
    if unit is None:
        unit = Unit(code=code, **values)
        unit.save(force_insert=True)
        audit.record(action="新增单位", target=unit, by=by, at=at, after={"code": code, **values})
        return unit
    if parent and Unit.objects.descendants(unit, include_self=True).filter(pk=parent.pk).exists():
        raise DomainError(f"“{parent}”是“{unit}”的下级，不能作为它的上级。请另选上级单位。", field="parent")
    before = {key: getattr(unit, key) for key in values}
    old, new = audit.changes(before, values)
    if new:
        for key, value in new.items():
            setattr(unit, key, value)
        unit.save(update_fields=list(new))
        audit.record(action="修改单位", target=unit, by=by, at=at, before=old, after=new)
    return unit


@transaction.atomic
def close_unit(*, unit: Unit, on: date, by: User, at: datetime) -> Unit:
    """End a unit; its records stay. Raises DomainError while anybody serves in it or a unit below is open."""
    below = Unit.objects.filter(parent=unit, closed_on=None).first()
    if below is not None:
        raise DomainError(f"“{unit}”下还有“{below}”，请先撤销或移走下级单位。", field="closed_on")
    staff = Cadre.objects.filter(unit=unit, left_on=None).count()
    if staff:
        raise DomainError(f"“{unit}”还有 {staff} 名在岗人员，请先办理调动或离任。", field="closed_on")
    unit.closed_on = on
    unit.save(update_fields=["closed_on"])
    audit.record(action="撤销单位", target=unit, by=by, at=at, after={"closed_on": on})
    return unit


@transaction.atomic
def record_leaving(*, cadre: Cadre, on: date, by: User, at: datetime) -> Cadre:
    """The cadre's last day in service; the open posting ends on it, the records stay.

    Raises DomainError for somebody who has left, a day in the future or before the present posting.
    """
    current = Posting.objects.select_for_update().filter(cadre=cadre, end_on=None).first()
    if current is None or cadre.left_on is not None:
        raise DomainError(f"“{cadre}”已于 {cadre.left_on} 离任，不能重复登记。", field="left_on")
    if on > timezone.localdate(at):
        raise DomainError(f"离任日期 {on} 晚于今天，请到离任当天再登记。", field="left_on")
    if on < current.start_on:
        raise DomainError(f"离任日期 {on} 早于现任职起始日期 {current.start_on}，请核对。", field="left_on")
    current.end_on = cadre.left_on = on
    current.save(update_fields=["end_on"])
    cadre.save(update_fields=["left_on"])
    audit.record(action="登记离任", target=cadre, by=by, at=at, after={"left_on": on})
    return cadre


@transaction.atomic
def save_cadre(
    *,
    staff_no: str,
    name: str,
    unit: Unit,
    establishment: str,
    post: str = "",
    rank: str = "",
    supervisor: Cadre | None = None,
    joined_on: date,
    effective_on: date | None = None,
    by: User | None,
    at: datetime,
) -> Cadre:
    """Create the cadre of this staff number, or record what changed.

    A change of unit, establishment, post, rank or supervisor takes effect on `effective_on` (the day
    of `at` when not given): the open posting ends the day before, a new one starts. Nothing is
    written when nothing changed. Raises DomainError for a date in the future, a move before the open
    posting began, or a supervisor chain that closes on itself.
    """
    today = at.astimezone().date()
    if joined_on > today:
        raise DomainError(f"到岗日期 {joined_on} 晚于今天（{today}），请核对后重新填写。", field="joined_on")
    pinyin, initials = search_keys(name)
    posting = {
        "unit": unit,
        "establishment": establishment,
        "post": post,
        "rank": rank,
        "supervisor": supervisor,
    }
    values = {"name": name, "joined_on": joined_on, **posting}
    cadre = Cadre.objects.select_for_update().filter(staff_no=staff_no).first()
    if cadre is None:
        cadre = Cadre.objects.create(staff_no=staff_no, pinyin=pinyin, initials=initials, **values)
        Posting.objects.create(cadre=cadre, start_on=joined_on, **posting)
        audit.record(action="新增干部", target=cadre, by=by, at=at, after={"staff_no": staff_no, **values})
        return cadre
    old, new = audit.changes({key: getattr(cadre, key) for key in values}, values)
    if not new:
        return cadre
    if supervisor is not None:
        _refuse_supervisor_loop(cadre=cadre, supervisor=supervisor)
    for key, value in new.items():
        setattr(cadre, key, value)
    cadre.pinyin, cadre.initials = pinyin, initials
    cadre.save()
    if any(key in POST_FIELDS for key in new):
        _move(cadre=cadre, posting=posting, on=effective_on or today)
    audit.record(action="修改干部", target=cadre, by=by, at=at, before=old, after=new)
    return cadre


def _refuse_supervisor_loop(*, cadre: Cadre, supervisor: Cadre) -> None:
    above: int | None = supervisor.pk
    while above is not None:
        if above == cadre.pk:
            message = f"“{supervisor}”的上级链中已有“{cadre}”，不能互为上级。请核对直接上级。"
            raise DomainError(message, field="supervisor")
        above = Cadre.objects.values_list("supervisor_id", flat=True).get(pk=above)


def _move(*, cadre: Cadre, posting: dict[str, Any], on: date) -> None:
    current = Posting.objects.select_for_update().get(cadre=cadre, end_on=None)
    if on < current.start_on:
        raise DomainError(
            f"变动日期 {on} 早于现任职起始日期 {current.start_on}，请核对变动日期。", field="effective_on"
        )
    if on == current.start_on:
        for key, value in posting.items():
            setattr(current, key, value)
        current.save()
        return
    current.end_on = on - timedelta(days=1)
    current.save(update_fields=["end_on"])
    Posting.objects.create(cadre=cadre, start_on=on, **posting)
