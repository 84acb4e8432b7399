"""The plan of a project set by hand, and milestones that stand still, go on or are taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import User
from core.rules.errors import DomainError, StaleVersion
from core.services import audit, steps
from projects import permissions
from projects.choices import ChangeState, MilestoneKind
from projects.models import Milestone
from projects.queries import milestones as milestone_queries
from projects.queries import plan as queries
from projects.queries.projects import projects_visible_to
from projects.rules.milestones import shown, weights_problem
from projects.rules.plan import MILESTONE
from projects.rules.schedule import Node, plan_problems
from projects.services import plan_facts


@dataclass(frozen=True)
class PlannedNode:
    """One node of a plan as it shall be, in the order of the sequence it stands in.

    `milestone_id` and the `version` that was read are None for a new one; `after` is the place of its
    predecessor in the sequence. `planned_on` is only taken where no date is fixed yet.
    """

    milestone_id: int | None
    version: int | None
    name: str
    kind: str
    weight: Decimal
    planned_on: date | None
    after: int | None


@transaction.atomic
def save_plan(*, project_id: int, nodes: Sequence[PlannedNode], by: User, at: datetime) -> list[Milestone]:
    """Set the nodes of a project: names, kinds, order, weights, predecessors, dates not yet fixed.

    Every node the project has must be among `nodes`. Raises KeyProject.DoesNotExist outside the scope,
    NotAllowed for who may not plan, StaleVersion when a node was changed since it was read, DomainError by
    `rules.schedule.plan_problems` and `rules.milestones.weights_problem`, or when nothing changed.
    """
    # The project's row is the lock: two plans saved at once meet here.
    project = projects_visible_to(by).select_for_update(of=("self",)).get(pk=project_id)
    permissions.check_plan_milestones(user=by, project=project, is_planner=queries.is_planner(by, project))
    standing = Milestone.objects.filter(project=project).select_related("after")
    existing = {milestone.pk: milestone for milestone in standing.select_for_update(of=("self",))}
    _check_versions(existing, nodes)
    rows = [existing.get(node.milestone_id or 0) or Milestone(project=project) for node in nodes]
    planned = [row.planned_on or node.planned_on for row, node in zip(rows, nodes, strict=True)]
    judged = [
        Node(name=node.name.strip(), kind=node.kind, planned_on=day, after=node.after)
        for node, day in zip(nodes, planned, strict=True)
    ]
    problems = [text for _, _, text in plan_problems(judged)]
    problems += [text for text in [weights_problem([node.weight for node in nodes])] if text]
    if problems:
        raise DomainError(problems[0])
    shown_before = {row.pk: _told(row) for row in existing.values()}
    _make_room_for_names(rows, nodes)
    for order, (row, node, day) in enumerate(zip(rows, nodes, planned, strict=True), start=1):
        wanted = {
            "name": node.name.strip(),
            "kind": node.kind,
            "weight": node.weight,
            "order": order,
            "planned_on": day,
            "baseline_on": row.baseline_on or day,
        }
        _write(row, wanted)
    for row, node in zip(rows, nodes, strict=True):  # a predecessor may be new itself
        _write(row, {"after": None if node.after is None else rows[node.after]})
    shown_after = {row.pk: _told(row) for row in rows}
    changed = [row for row in rows if shown_before.get(row.pk) != shown_after[row.pk]]
    for row in changed:
        if row.pk in existing:
            row.version += 1
            row.save(update_fields=["version"])
    before = {f"节点“{row}”": shown_before.get(row.pk, {}) for row in changed}
    after = {f"节点“{row}”": shown_after[row.pk] for row in changed}
    if not after:
        raise DomainError("计划没有改动，不用保存。")
    audit.record(action="修改项目节点计划", target=project, by=by, at=at, before=before, after=after)
    return rows


def _check_versions(existing: dict[int, Milestone], nodes: Sequence[PlannedNode]) -> None:
    """Raises StaleVersion when a node came, went or was changed since the page was read."""
    sent = {node.milestone_id: node.version for node in nodes if node.milestone_id is not None}
    if set(sent) != set(existing):
        raise StaleVersion("您打开页面之后，有人增加或撤销了节点。您填的尚未保存，请核对后再次提交。")
    for pk, milestone in existing.items():
        if milestone.version != sent[pk]:
            raise StaleVersion(
                f"您打开页面之后，“{milestone}”已被修改（现在进度 {shown(milestone.progress)}%）。"
                "您填的尚未保存，请核对后再次提交。"
            )


def _write(row: Milestone, wanted: dict[str, Any]) -> None:
    """Save what differs; a new row is made."""
    changed = [name for name, value in wanted.items() if row.pk is None or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(update_fields=None if row.pk is None else changed)


def _make_room_for_names(rows: Sequence[Milestone], nodes: Sequence[PlannedNode]) -> None:
    """Two nodes may swap their names: those that change give theirs up first."""
    for row, node in zip(rows, nodes, strict=True):
        if row.pk is not None and row.name != node.name.strip():
            row.name = f"#{row.pk}"
            row.save(update_fields=["name"])


def _told(row: Milestone) -> dict[str, Any]:
    """A node of the plan in the words of the audit row."""
    return {
        "节点名称": row.name,
        "节点": MilestoneKind(row.kind).label if row.kind else "",
        "排序": row.order,
        "权重": row.weight,
        "计划日期": row.planned_on,
        "前置节点": str(row.after or ""),
    }


def _locked(*, milestone_id: int, by: User) -> Milestone:
    """The milestone within the user's scope, locked. Raises Milestone.DoesNotExist outside it."""
    found = milestone_queries.milestones_visible_to(by).select_related("project__lead_unit")
    milestone = found.select_for_update(of=("self",)).get(pk=milestone_id)
    permissions.check_open(milestone.project)
    return milestone


@transaction.atomic
def suspend_milestone(*, milestone_id: int, note: str, by: User, at: datetime) -> Milestone:
    """Let a milestone stand still from today, with a reason: it is neither timed nor counted meanwhile.

    Raises like `steps.take`; DomainError for a finished one or while a change of its plan waits.
    """
    milestone = _locked(milestone_id=milestone_id, by=by)
    parts = queries.parts_in(milestone, by)
    steps.check(record=milestone, workflow=MILESTONE, step="suspend", parts=parts, by=by)
    if milestone.done_on is not None or milestone.progress == 100:
        raise DomainError(f"“{milestone}”进度已 {shown(milestone.progress)}%，不能暂停。")
    _check_nothing_waits(milestone)
    steps.take(
        record=milestone,
        workflow=MILESTONE,
        step="suspend",
        parts=parts,
        note=note,
        changes={
            "suspended_reason": note.strip()[:200],
            "suspended_on": timezone.localdate(at),
            "version": milestone.version + 1,
        },
        by=by,
        at=at,
    )
    plan_facts.note(milestone=milestone, what="暂停", days=(milestone.planned_on,), by=by, at=at)
    return milestone


@transaction.atomic
def resume_milestone(*, milestone_id: int, note: str, by: User, at: datetime) -> Milestone:
    """Let a suspended milestone go on from today; its dates are as they were. Raises like `steps.take`."""
    milestone = _locked(milestone_id=milestone_id, by=by)
    steps.take(
        record=milestone,
        workflow=MILESTONE,
        step="resume",
        parts=queries.parts_in(milestone, by),
        note=note,
        changes={"suspended_reason": "", "suspended_on": None, "version": milestone.version + 1},
        by=by,
        at=at,
    )
    plan_facts.note(milestone=milestone, what="恢复", days=(milestone.planned_on,), by=by, at=at)
    return milestone


@transaction.atomic
def withdraw_milestone(*, milestone_id: int, note: str, by: User, at: datetime) -> Milestone:
    """Take a milestone out of the plan on which nothing was reported and nothing hangs; it stays on record.

    Raises like `steps.take`; DomainError where something was reported, planned after it or given out.
    """
    milestone = _locked(milestone_id=milestone_id, by=by)
    parts = queries.parts_in(milestone, by)
    steps.check(record=milestone, workflow=MILESTONE, step="withdraw", parts=parts, by=by)
    if milestone.progress or milestone.done_on or milestone.updates.exists():
        raise DomainError(f"“{milestone}”已有填报的进度，不能撤销；不再做的，请暂停并写明原因。")
    if (follower := milestone.followers.first()) is not None:
        raise DomainError(f"“{follower}”以这个节点为前置节点，请先在编制计划里改掉，再撤销。")
    if (task := milestone.assignments.first()) is not None:
        raise DomainError(f"六定任务“{task}”对应这个节点，请先改掉，再撤销。")
    _check_nothing_waits(milestone)
    steps.take(
        record=milestone,
        workflow=MILESTONE,
        step="withdraw",
        parts=parts,
        note=note,
        changes={"version": milestone.version + 1},
        by=by,
        at=at,
    )
    plan_facts.note(milestone=milestone, what="撤销", days=(milestone.planned_on,), by=by, at=at)
    return milestone


def _check_nothing_waits(milestone: Milestone) -> None:
    """Raises DomainError while somebody's request for this milestone is undecided."""
    if (waiting := milestone.changes.filter(state=ChangeState.PROPOSED).first()) is not None:
        raise DomainError(f"有一项变更等待审批（{waiting}），请先审批或由申请人撤回。")
