"""Every write of conduct."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct import queries, rules
from conduct.choices import ViolationState
from conduct.models import Prohibition, Violation
from core.models import Cadre, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, audit
from projects.models import KeyProject


def log_violation(
    *,
    prohibition: Prohibition,
    cadre: Cadre,
    unit_id: int | None,
    occurred_on: date,
    place: str,
    project: KeyProject | None,
    found_by: str,
    facts: str,
    submission_key: UUID,
    evidence: Sequence[File[bytes]] = (),
    by: User,
    at: datetime,
) -> tuple[Violation, bool]:
    """Record a violation; returns (record, is it new). The same form sent twice is one record.

    `prohibition` is the version in force on `occurred_on`, `unit_id` the person's unit of that day.
    Raises DomainError for a day in the future, a person not in service that day, a rule not in
    force, or oneself; NotAllowed without the permission.
    """
    if not may(by, Permission.LOG_VIOLATIONS):
        raise NotAllowed("您的角色没有登记违规的权限。")
    problem = rules.occurrence_problem(occurred_on=occurred_on, today=timezone.localdate(at))
    if problem:
        raise DomainError(problem, field="occurred_on")
    if by.cadre_id == cadre.pk:
        raise DomainError("不能登记本人的违规记录，请由其他纪检人员登记。", field="cadre")
    if unit_id is None:
        raise DomainError(f"“{cadre}”{occurred_on} 不在岗，请核对日期或人员。", field="occurred_on")
    in_force = prohibition.effective_from <= occurred_on and (
        prohibition.retired_on is None or occurred_on < prohibition.retired_on
    )
    if not in_force:
        raise DomainError(
            f"“{prohibition}”在 {occurred_on} 尚未施行或已停用，请选当日有效的条款。", field="prohibition"
        )
    try:
        with transaction.atomic():
            violation = Violation.objects.create(
                prohibition=prohibition,
                cadre=cadre,
                unit_id=unit_id,
                occurred_on=occurred_on,
                place=place,
                project=project,
                found_by=found_by,
                facts=facts,
                submission_key=submission_key,
                recorded_by=by,
                recorded_at=at,
            )
            audit.record(
                action="登记违规",
                target=violation,
                by=by,
                at=at,
                after={
                    "cadre": cadre,
                    "prohibition": prohibition,
                    "occurred_on": occurred_on,
                    "place": place,
                    "project": project,
                    "found_by": found_by,
                    "facts": facts,
                },
            )
            if evidence:
                attachments.attach(owner=violation, files=evidence, by=by, at=at)
    except IntegrityError:
        earlier = Violation.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is None:
            raise
        return earlier, False
    return violation, True


def _open(*, violation_id: int, step: str, permission: Permission, by: User) -> Violation:
    violation = queries.violations_visible_to(by).select_for_update(of=("self",)).get(pk=violation_id)
    allowed, reason = rules.can(
        step,
        state=violation.state,
        is_recorder=violation.recorded_by_id == by.pk,
        has_permission=may(by, permission),
    )
    if not allowed:
        raise NotAllowed(reason)
    if violation.cadre_id == by.cadre_id:
        raise NotAllowed("本人是当事人，应当回避，请由其他纪检人员处理。")
    return violation


@transaction.atomic
def decide_violation(*, violation_id: int, state: str, note: str, by: User, at: datetime) -> Violation:
    """属实, 部分属实 or 不属实, by another person than the recorder; it counts from this day on.

    Raises Violation.DoesNotExist outside the scope, NotAllowed by `rules.can`, DomainError when a
    partial or negative finding gives no reason.
    """
    if state not in rules.TRANSITIONS["decide"].targets:
        raise DomainError("请选择属实、部分属实或不属实。", field="state")
    if state != ViolationState.CONFIRMED and not note.strip():
        raise DomainError("认定为部分属实或不属实时，请写明理由。", field="note")
    violation = _open(
        violation_id=violation_id, step="decide", permission=Permission.CONFIRM_VIOLATIONS, by=by
    )
    violation.state, violation.decision_note = state, note.strip()
    violation.decided_by, violation.decided_at, violation.decided_on = by, at, timezone.localdate(at)
    violation.save(update_fields=["state", "decision_note", "decided_by", "decided_at", "decided_on"])
    audit.record(
        action="认定违规",
        target=violation,
        by=by,
        at=at,
        before={"state": ViolationState.LOGGED},
        after={"state": state, "note": note.strip()},
    )
    return violation


@transaction.atomic
def withdraw_violation(*, violation_id: int, note: str, by: User, at: datetime) -> Violation:
    """Take back what one recorded oneself, before a decision; the text stays in the record and the audit."""
    if not note.strip():
        raise DomainError("请写明撤回原因。", field="note")
    violation = _open(violation_id=violation_id, step="withdraw", permission=Permission.LOG_VIOLATIONS, by=by)
    violation.state, violation.decision_note = ViolationState.WITHDRAWN, note.strip()
    violation.save(update_fields=["state", "decision_note"])
    audit.record(
        action="撤回违规记录",
        target=violation,
        by=by,
        at=at,
        before={"state": ViolationState.LOGGED},
        after={"state": ViolationState.WITHDRAWN, "note": note.strip()},
    )
    return violation


@transaction.atomic
def add_evidence(*, violation_id: int, evidence: Sequence[File[bytes]], by: User, at: datetime) -> Violation:
    """Add files to a record one logged oneself, until it is decided. Raises like `withdraw_violation`."""
    violation = _open(violation_id=violation_id, step="attach", permission=Permission.LOG_VIOLATIONS, by=by)
    attachments.attach(owner=violation, files=evidence, by=by, at=at)
    audit.record(action="补充附件", target=violation, by=by, at=at, after={"files": len(evidence)})
    return violation
