"""Writes of projects and their taskforces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core.models import Cadre, Unit, User
from core.rules.errors import DomainError
from core.services import audit
from projects.choices import MemberRole
from projects.models import KeyProject, TaskforceMember


@transaction.atomic
def save_project(
    *,
    code: str,
    values: dict[str, Any],
    co_units: Sequence[Unit] = (),
    by: User | None,
    at: datetime,
) -> KeyProject:
    """Create the project of this code or change it; nothing is written when nothing changed.

    `values` are fields of KeyProject by name. Raises DomainError for an unknown field.
    """
    fields = {f.name for f in KeyProject._meta.concrete_fields} - {"id", "code", "recorded_by", "recorded_at"}
    if unknown := set(values) - fields:
        raise DomainError(f"项目没有这些字段：{'、'.join(sorted(unknown))}")
    project = KeyProject.objects.filter(code=code).first()
    if project is None:
        project = KeyProject.objects.create(code=code, recorded_by=by, recorded_at=at, **values)
        project.co_units.set(co_units)
        audit.record(
            action="新增项目",
            target=project,
            by=by,
            at=at,
            after={"code": code, **values, "co_units": [u.pk for u in co_units]},
        )
        return project
    before = {key: getattr(project, key) for key in values}
    before["co_units"] = sorted(project.co_units.values_list("pk", flat=True))
    old, new = audit.changes(before, {**values, "co_units": sorted(u.pk for u in co_units)})
    if new:
        for key in new.keys() - {"co_units"}:
            setattr(project, key, values[key])
        project.save()
        if "co_units" in new:
            project.co_units.set(co_units)
        audit.record(action="修改项目", target=project, by=by, at=at, before=old, after=new)
    return project


@transaction.atomic
def appoint(
    *, project: KeyProject, cadre: Cadre, role: str, duty: str = "", on: date, by: User | None, at: datetime
) -> TaskforceMember:
    """Put a cadre on the taskforce; a new leader succeeds the old one from `on`.

    Raises DomainError when the cadre already has this role.
    """
    current = TaskforceMember.objects.select_for_update().filter(project=project, end_on=None)
    same = current.filter(cadre=cadre).first()
    if same is not None and same.role == role:
        raise DomainError(f"“{cadre}”已是本项目{same.get_role_display()}。", field="cadre")
    ended = [m for m in current if m.cadre_id == cadre.pk or (m.role == role == MemberRole.LEADER)]
    for member in ended:
        member.end_on = max(on, member.start_on)
        member.save(update_fields=["end_on"])
    member = TaskforceMember.objects.create(project=project, cadre=cadre, role=role, duty=duty, start_on=on)
    audit.record(
        action="任命项目组成员",
        target=project,
        by=by,
        at=at,
        before={"ended": [str(m) for m in ended]},
        after={"cadre": cadre, "role": role, "start_on": on},
    )
    return member
