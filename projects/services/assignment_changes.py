"""Changing an issued task by approval: one asks with a reason, another decides, the old text stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.rules.errors import DomainError, NotAllowed
from core.services import steps
from projects.choices import AssignmentState, ChangeState, PersonRole
from projects.models import Assignment, AssignmentChange, AssignmentPerson
from projects.queries import assignments as queries
from projects.rules import assignments as rules
from projects.services.assignments import (
    check_dates,
    check_person,
    check_unit,
    content_of,
)

WORDS = {"due_on": "时限", "lead_unit": "主办单位", "owner": "责任人"}
"""What a request may change, in words."""


def _owner_of(task: Assignment) -> Cadre | None:
    return next((p.cadre for p in task.people.all() if p.role == PersonRole.OWNER), None)


def _check(
    task: Assignment,
    *,
    due_on: date | None,
    lead_unit: Unit | None,
    owner: Cadre | None,
    today: date,
) -> None:
    """Raises DomainError for a change that cannot stand on that day."""
    if task.state not in rules.CHANGEABLE:
        raise DomainError(
            f"任务现在是“{task.get_state_display()}”，不能变更；只有待签收、办理中、已暂停的可以。"
        )
    if due_on is not None:
        check_dates(replace(content_of(task), due_on=due_on), parent=task.parent)
        if due_on < today:
            raise DomainError(f"新时限 {due_on} 已过（今天 {today}），请填今后的日期。", field="due_on")
        late = task.parts.exclude(state=AssignmentState.WITHDRAWN).filter(due_on__gt=due_on)
        if part := late.order_by("-due_on", "id").first():
            raise DomainError(
                f"下级任务“{part}”的时限是 {part.due_on}，晚于新时限 {due_on}。请先变更下级任务。",
                field="due_on",
            )
    if lead_unit is not None:
        check_unit(lead_unit, today=today)
    if owner is not None:
        check_person(owner, today=today)
        if any(p.cadre_id == owner.pk and p.role == PersonRole.ANSWERS for p in task.people.all()):
            raise DomainError(f"“{owner}”已是本任务的责任领导，请另选责任人。", field="owner")


@transaction.atomic
def ask_change(
    *,
    assignment_id: int,
    due_on: date | None = None,
    lead_unit: Unit | None = None,
    owner: Cadre | None = None,
    reason: str,
    by: User,
    at: datetime,
) -> AssignmentChange:
    """Ask to change the time limit, the lead unit or the owner of an issued task.

    Raises NotAllowed for who has no part in the task; DomainError without a reason or a change, while another
    request waits, and for what cannot stand.
    """
    task = queries.locked(assignment_id, by)
    if not queries.parts_in(task, by):
        raise NotAllowed("只有本任务的下达人、单位负责人和责任人员可以申请变更。")
    if not reason.strip():
        raise DomainError("请写明变更理由。", field="reason")
    if task.changes.filter(state=ChangeState.PROPOSED).exists():
        raise DomainError("这项任务已有一件变更申请待审批，请等审批后再申请，或由申请人先撤回。")
    due_on = due_on if due_on != task.due_on else None
    lead_unit = lead_unit if lead_unit != task.lead_unit else None
    owner = owner if owner != _owner_of(task) else None
    wanted = {"due_on": due_on, "lead_unit": lead_unit, "owner": owner}
    if not any(wanted.values()):
        raise DomainError("没有要变更的内容：请填与现在不同的时限、主办单位或责任人。", field="due_on")
    queries.check_reach(
        project=task.project,
        units=[lead_unit] if lead_unit else [],
        people=[owner] if owner else [],
        user=by,
    )
    _check(task, **wanted, today=timezone.localdate(at))  # type: ignore[arg-type]  # as named above
    change = AssignmentChange.objects.create(
        assignment=task, **wanted, reason=reason.strip(), recorded_by=by, recorded_at=at
    )
    facts = {"assignment": task, **wanted, "reason": reason.strip()}
    steps.begin(record=change, workflow=rules.CHANGE, facts=facts, by=by, at=at)
    return change


def _locked(*, change_id: int, by: User) -> AssignmentChange:
    """The request within the user's scope, locked. Raises AssignmentChange.DoesNotExist outside it."""
    return queries.changes_visible_to(by).select_for_update(of=("self",)).get(pk=change_id)


@transaction.atomic
def approve_change(*, change_id: int, by: User, at: datetime) -> AssignmentChange:
    """Make the change; what the task said before stays in its history. The baseline is not touched.

    Raises like `steps.take`, and DomainError for what no longer stands.
    """
    change = _locked(change_id=change_id, by=by)
    parts = queries.parts_in_change(change, by)
    steps.check(record=change, workflow=rules.CHANGE, step="approve", parts=parts, by=by)
    task = queries.locked(change.assignment_id, by)
    _check(
        task,
        due_on=change.due_on,
        lead_unit=change.lead_unit,
        owner=change.owner,
        today=timezone.localdate(at),
    )
    old: dict[str, str] = {}
    if change.due_on is not None:
        old["时限"], task.due_on = str(task.due_on), change.due_on
    if change.lead_unit is not None:
        old["主办单位"], task.lead_unit = str(task.lead_unit), change.lead_unit
        if task.co_units.filter(pk=change.lead_unit.pk).exists():
            old["协办单位"] = "、".join(str(unit) for unit in task.co_units.all())
            task.co_units.remove(change.lead_unit)
    if change.owner is not None:
        old["责任人"] = str(_owner_of(task) or "")
        task.people.filter(role=PersonRole.OWNER).delete()
        AssignmentPerson.objects.update_or_create(
            assignment=task, cadre=change.owner, defaults={"role": PersonRole.OWNER}
        )
    task.version += 1
    task.save(update_fields=["due_on", "lead_unit", "version"])
    steps.take(
        record=change,
        workflow=rules.CHANGE,
        step="approve",
        parts=parts,
        changes={"decided_by": by, "decided_at": at},
        facts={"assignment": task, **{name: getattr(change, name) for name in WORDS}},
        old=old,
        by=by,
        at=at,
    )
    return change


@transaction.atomic
def decline_change(*, change_id: int, note: str, by: User, at: datetime) -> AssignmentChange:
    """Refuse a request of somebody else, with a reason; the task stays as it is."""
    change = _locked(change_id=change_id, by=by)
    steps.take(
        record=change,
        workflow=rules.CHANGE,
        step="decline",
        parts=queries.parts_in_change(change, by),
        note=note,
        changes={"decided_by": by, "decided_at": at},
        by=by,
        at=at,
    )
    return change


@transaction.atomic
def withdraw_change(*, change_id: int, note: str, by: User, at: datetime) -> AssignmentChange:
    """Take one's own request back before it is decided."""
    change = _locked(change_id=change_id, by=by)
    steps.take(
        record=change,
        workflow=rules.CHANGE,
        step="withdraw",
        parts=queries.parts_in_change(change, by),
        note=note,
        by=by,
        at=at,
    )
    return change
