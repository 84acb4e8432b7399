"""Writes of milestones: their plan and what is reported on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.models import User
from core.rules.errors import DomainError, StaleVersion
from core.services import attachments, audit
from projects import permissions
from projects.models import KeyProject, Milestone, MilestoneUpdate
from projects.queries import milestones as queries
from projects.rules import milestones as rules


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
    overwrite its progress or completion date. The first planned date is the baseline for good.
    """
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
    return milestone


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
