"""Writes of milestones: what tables say of them and what is reported on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.models import User
from core.rules.errors import DomainError, StaleVersion
from core.services import attachments, audit
from projects import permissions
from projects.choices import MilestoneState
from projects.models import KeyProject, Milestone, MilestoneUpdate
from projects.queries import milestones as queries
from projects.rules import milestones as rules
from projects.services import plan_facts


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
    overwrite its progress or completion date. The first planned date is the baseline for good. With a
    `suspended_reason` it is suspended, with "" it runs.
    """
    if "suspended_reason" in values:
        held = MilestoneState.SUSPENDED if values["suspended_reason"] else MilestoneState.ACTIVE
        values = {**values, "state": held}
    milestone = Milestone.objects.filter(project=project, name=name).first()
    if milestone is None:
        values = {"baseline_on": values.get("planned_on"), **values}
        milestone = Milestone.objects.create(project=project, name=name, **values)
        audit.record(action="新增节点", target=milestone, by=by, at=at, after={"project": project, **values})
        return milestone
    if milestone.updates.exists():
        values = {key: value for key, value in values.items() if key not in {"progress", "done_on"}}
    if milestone.baseline_on is None and "planned_on" in values:
        values = {"baseline_on": values["planned_on"], **values}
    old, new = audit.changes({key: getattr(milestone, key) for key in values}, values)
    if new:
        for key, value in new.items():
            setattr(milestone, key, value)
        milestone.version += 1
        milestone.save()
        audit.record(action="修改节点计划", target=milestone, by=by, at=at, before=old, after=new)
        if old.get("planned_on"):
            days = (old["planned_on"], new["planned_on"])
            plan_facts.note(milestone=milestone, what="计划日期由导入的表格改动", days=days, by=by, at=at)
    return milestone


class Keep(Enum):
    """What is not said stays as it is; None would clear it."""

    KEEP = "KEEP"


@transaction.atomic
def update_milestone(
    *,
    milestone_id: int,
    progress: Decimal,
    done_on: date | None = None,
    started_on: date | Keep | None = Keep.KEEP,
    forecast_on: date | Keep | None = Keep.KEEP,
    note: str = "",
    evidence: Sequence[File[bytes]] = (),
    version: int,
    by: User,
    at: datetime,
) -> Milestone:
    """Report a milestone's progress (percent). 100 % without a date means finished today.

    `started_on` is when it really began, `forecast_on` when the leader expects it to be done.
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
        before=milestone.progress,
        after=progress,
        started_on=milestone.started_on if started_on is Keep.KEEP else started_on,
        done_on=done_on,
        note=note,
        today=today,
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    if progress == 100 and done_on is None:
        done_on = milestone.done_on or today
    said: dict[str, Any] = {"progress": progress, "done_on": done_on}
    said |= {} if started_on is Keep.KEEP else {"started_on": started_on}
    said |= {} if forecast_on is Keep.KEEP else {"forecast_on": forecast_on}
    before, after = {name: getattr(milestone, name) for name in said}, said
    if before == after and not note.strip() and not evidence:
        raise DomainError("与现在的进度和日期相同，没有变化就不用填报。", field="progress")
    # An expected day that has passed is not expected: only a new one is checked, an old one is pointed out.
    new_forecast = said.get("forecast_on")
    if new_forecast and progress < 100 and new_forecast < today and new_forecast != milestone.forecast_on:
        raise DomainError(f"预计日期 {new_forecast} 已过，请填今天或以后的日期。", field="forecast_on")
    for name, value in said.items():
        setattr(milestone, name, value)
    milestone.version += 1
    milestone.save(update_fields=[*said, "version"])
    update = MilestoneUpdate.objects.create(
        milestone=milestone,
        progress_before=before["progress"],
        progress_after=progress,
        done_on=done_on,
        forecast_on=milestone.forecast_on,
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
        after={**after, "note": note.strip(), **attachments.told(stored)},
    )
    return milestone
