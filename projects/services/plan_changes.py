"""Asking for another planned date or a suspension, and deciding on it; the baseline stays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import User
from core.rules.errors import DomainError, NotAllowed
from core.services import steps
from projects import permissions
from projects.choices import ChangeState, MilestoneState, PlanChangeKind
from projects.models import Milestone, PlanChange
from projects.queries import milestones, plan
from projects.queries import plan_changes as queries
from projects.rules.plan import PLAN_CHANGE
from projects.rules.schedule import date_problem
from projects.services import plan_facts


@transaction.atomic
def ask_change(
    *, milestone_id: int, kind: str, to_on: date | None = None, reason: str, by: User, at: datetime
) -> PlanChange:
    """Ask for another planned date (`to_on`) or, without one, for a suspension; another person decides.

    Raises Milestone.DoesNotExist outside the scope, NotAllowed for who neither leads the project nor
    maintains it, DomainError for a date before the predecessor's, an unchanged date, a finished or
    suspended milestone, or a request that still waits.
    """
    milestone = milestones.milestones_visible_to(by).select_for_update(of=("self",)).get(pk=milestone_id)
    if not {"leader", "office"} & plan.parts_in(milestone, by):
        raise NotAllowed("只有项目组长、副组长和维护重点项目的人员可以申请变更。")
    permissions.check_open(milestone.project)
    reason = reason.strip()
    if not reason:
        raise DomainError("请写明变更理由。", field="reason")
    waiting = milestone.changes.filter(state=ChangeState.PROPOSED).select_related("recorded_by").first()
    if waiting is not None:
        raise DomainError(
            f"这个节点已有一项变更等待审批（{waiting}，{waiting.recorded_by}申请）。请等审批后再申请，"
            "或由申请人先撤回。"
        )
    if kind == PlanChangeKind.SUSPEND:
        to_on = None
    _check_possible(milestone, kind=kind, to_on=to_on)
    facts = {"milestone": milestone, "kind": kind, "to_on": to_on, "reason": reason}
    change = PlanChange.objects.create(**facts, from_on=milestone.planned_on, recorded_by=by, recorded_at=at)
    steps.begin(record=change, workflow=PLAN_CHANGE, facts={**facts, "from_on": change.from_on}, by=by, at=at)
    return change


def _check_possible(milestone: Milestone, *, kind: str, to_on: date | None) -> None:
    """What must hold when it is asked and still when it is approved. Raises DomainError."""
    if milestone.done_on is not None:
        raise DomainError(f"“{milestone}”已于 {milestone.done_on} 完成，不用再改计划。")
    if milestone.state != MilestoneState.ACTIVE:
        word = milestone.get_state_display()
        raise DomainError(f"“{milestone}”{word}，请先恢复，再申请变更。")
    if kind == PlanChangeKind.SUSPEND:
        return
    if to_on is None:
        raise DomainError("请填新的计划日期。", field="to_on")
    if to_on == milestone.planned_on:
        raise DomainError(f"新日期与现在的计划（{to_on}）相同，请填要改成的日期。", field="to_on")
    first = milestone.after
    if first is not None and (
        problem := date_problem(planned_on=to_on, predecessor=first.name, predecessor_on=first.planned_on)
    ):
        raise DomainError(problem, field="to_on")


def _locked(*, change_id: int, by: User) -> PlanChange:
    """The request within the user's scope, locked. Raises PlanChange.DoesNotExist outside it."""
    return queries.plan_changes_visible_to(by).select_for_update(of=("self",)).get(pk=change_id)


@transaction.atomic
def approve_change(*, change_id: int, by: User, at: datetime) -> PlanChange:
    """Approve what somebody else asked for: the planned date moves, or the milestone is suspended.

    Raises like `steps.take`, and DomainError when meanwhile the plan was changed or it no longer fits.
    """
    change = _locked(change_id=change_id, by=by)
    parts = queries.parts_in(change, by)
    steps.check(record=change, workflow=PLAN_CHANGE, step="approve", parts=parts, by=by)
    found = Milestone.everything.select_related("project__lead_unit", "after")
    milestone = found.select_for_update(of=("self",)).get(pk=change.milestone_id)
    permissions.check_open(milestone.project)
    _check_possible(milestone, kind=change.kind, to_on=change.to_on)
    if milestone.planned_on != change.from_on:
        raise DomainError(
            f"申请时的计划是 {change.from_on or '未定'}，现在已是 {milestone.planned_on or '未定'}。"
            "请不予批准并说明，由申请人按现在的计划重新申请。"
        )
    changed: dict[str, Any]
    days: tuple[date | None, ...]
    if change.kind == PlanChangeKind.SUSPEND:
        today = timezone.localdate(at)
        changed = {
            "state": MilestoneState.SUSPENDED,
            "suspended_reason": change.reason[:200],
            "suspended_on": today,
        }
        what, days = "暂停", (milestone.planned_on,)
    else:
        changed = {"planned_on": change.to_on}
        if milestone.baseline_on is None:
            changed["baseline_on"] = change.to_on
        what, days = f"计划日期改为 {change.to_on}", (change.from_on, change.to_on)
    for name, value in changed.items():
        setattr(milestone, name, value)
    milestone.version += 1
    milestone.save(update_fields=[*changed, "version"])
    steps.take(
        record=change,
        workflow=PLAN_CHANGE,
        step="approve",
        parts=parts,
        changes={"decided_by": by, "decided_at": at},
        facts={"milestone": milestone, "from_on": change.from_on, "to_on": change.to_on},
        by=by,
        at=at,
    )
    plan_facts.note(milestone=milestone, what=what, days=days, by=by, at=at)
    return change


@transaction.atomic
def decline_change(*, change_id: int, note: str, by: User, at: datetime) -> PlanChange:
    """Refuse what somebody else asked for, with a reason; the plan stays."""
    change = _locked(change_id=change_id, by=by)
    steps.take(
        record=change,
        workflow=PLAN_CHANGE,
        step="decline",
        parts=queries.parts_in(change, by),
        note=note,
        changes={"decided_by": by, "decided_at": at},
        by=by,
        at=at,
    )
    return change


@transaction.atomic
def withdraw_change(*, change_id: int, note: str, by: User, at: datetime) -> PlanChange:
    """Take back what one asked for oneself, before it is decided."""
    change = _locked(change_id=change_id, by=by)
    steps.take(
        record=change,
        workflow=PLAN_CHANGE,
        step="withdraw",
        parts=queries.parts_in(change, by),
        note=note,
        by=by,
        at=at,
    )
    return change
