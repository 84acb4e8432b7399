"""Every write of the projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.rules.errors import DomainError, StaleVersion
from core.services import attachments, audit
from projects import permissions, queries, rules
from projects.choices import MemberRole
from projects.models import KeyProject, Milestone, MilestoneUpdate, TaskforceMember


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
    fields = {f.name for f in KeyProject._meta.concrete_fields} - {"id", "code", "created_at"}
    if unknown := set(values) - fields:
        raise DomainError(f"项目没有这些字段：{'、'.join(sorted(unknown))}")
    project = KeyProject.objects.filter(code=code).first()
    if project is None:
        project = KeyProject.objects.create(code=code, created_at=at, **values)
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
def save_milestone(
    *,
    project: KeyProject,
    name: str,
    values: dict[str, Any],
    by: User | None,
    at: datetime,
) -> Milestone:
    """Create the project's milestone of this name or change its plan; progress a leader has reported stays.

    `values` are fields of Milestone by name. Once a leader has updated the milestone, a table cannot
    overwrite its progress or completion date.
    """
    milestone = Milestone.objects.filter(project=project, name=name).first()
    if milestone is None:
        milestone = Milestone.objects.create(project=project, name=name, **values)
        audit.record(action="新增节点", target=milestone, by=by, at=at, after={"project": project, **values})
        return milestone
    if milestone.updates.exists():
        values = {key: value for key, value in values.items() if key not in {"progress", "done_on"}}
    old, new = audit.changes({key: getattr(milestone, key) for key in values}, values)
    if new:
        for key, value in new.items():
            setattr(milestone, key, value)
        milestone.version += 1
        milestone.save()
        audit.record(action="修改节点计划", target=milestone, by=by, at=at, before=old, after=new)
    return milestone


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


@transaction.atomic
def update_milestone(
    *,
    milestone_id: int,
    progress: Decimal,
    done_on: date | None = None,
    note: str = "",
    evidence: Sequence[File[bytes]] = (),
    version: int,
    by: User,
    at: datetime,
) -> Milestone:
    """Report a milestone's progress (percent). 100 % without a date means finished today.

    Raises Milestone.DoesNotExist outside the user's scope, NotAllowed for who does not lead the
    project, StaleVersion when somebody saved since `version` was read, DomainError by
    `rules.update_problem`.
    """
    milestone = queries.milestones_visible_to(by).select_for_update(of=("self",)).get(pk=milestone_id)
    permissions.check_update_milestones(
        user=by, project=milestone.project, is_leader=bool(getattr(milestone, "is_leader", False))
    )
    today = timezone.localdate(at)
    if milestone.version != version:
        raise StaleVersion(
            f"您打开页面之后，“{milestone}”已被更新为 {milestone.progress.normalize():f}%。"
            f"您填的是 {progress.normalize():f}%，尚未保存。请核对后再次提交。"
        )
    problem = rules.update_problem(
        before=milestone.progress, after=progress, done_on=done_on, note=note, today=today
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    if progress == 100 and done_on is None:
        done_on = milestone.done_on or today
    earlier = milestone.progress
    if progress == earlier and done_on == milestone.done_on and not note.strip() and not evidence:
        raise DomainError("与现在的进度相同，没有变化就不用填报。", field="progress")
    before = {"progress": earlier, "done_on": milestone.done_on}
    milestone.progress, milestone.done_on = progress, done_on
    milestone.version += 1
    milestone.save(update_fields=["progress", "done_on", "version"])
    update = MilestoneUpdate.objects.create(
        milestone=milestone,
        progress_before=earlier,
        progress_after=progress,
        done_on=done_on,
        note=note.strip(),
        reported_by=by,
        reported_at=at,
    )
    stored = attachments.store(owner=update, files=evidence, by=by, at=at)
    audit.record(
        action="更新节点",
        target=milestone,
        by=by,
        at=at,
        before=before,
        after={"progress": progress, "done_on": done_on, "note": note.strip(), **attachments.told(stored)},
    )
    return milestone
