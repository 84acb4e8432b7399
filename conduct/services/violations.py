"""Logging, deciding and withdrawing violations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from conduct.choices import Finding
from conduct.models import Prohibition, Violation
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from core.models import Cadre, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, steps
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
    matter: UUID | None = None,
    origin: models.Model | None = None,
    evidence: Sequence[File[bytes]] = (),
    by: User,
    at: datetime,
) -> tuple[Violation, bool]:
    """Record a violation; returns (record, is it new). The same form sent twice is one record.

    `prohibition` is the version in force on `occurred_on`, `unit_id` the person's unit of that day,
    `matter` the key shared by records of several persons, `origin` the clue or finding it came from.
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
                matter=matter or submission_key,
                origin_label=origin._meta.label if origin else "",
                origin_id=str(origin.pk) if origin else "",
                submission_key=submission_key,
                recorded_by=by,
                recorded_at=at,
            )
            stored = attachments.store(owner=violation, files=evidence, by=by, at=at)
            steps.begin(
                record=violation,
                workflow=rules.VIOLATION,
                facts={
                    "cadre": cadre,
                    "prohibition": prohibition,
                    "occurred_on": occurred_on,
                    "place": place,
                    "project": project,
                    "found_by": found_by,
                    "facts": facts,
                    **attachments.told(stored),
                },
                by=by,
                at=at,
            )
    except IntegrityError:
        earlier = Violation.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is None:
            raise
        return earlier, False
    return violation, True


def _locked(*, violation_id: int, by: User) -> Violation:
    """The record within the user's scope, locked. Raises Violation.DoesNotExist outside it."""
    return queries.violations_visible_to(by).select_for_update(of=("self",)).get(pk=violation_id)


@transaction.atomic
def decide_violation(*, violation_id: int, state: str, note: str, by: User, at: datetime) -> Violation:
    """属实, 部分属实 or 不属实, by another person than the recorder; it counts from this day on.

    Raises Violation.DoesNotExist outside the scope, NotAllowed by the workflow, DomainError when a
    partial or negative finding gives no reason.
    """
    if state not in rules.VIOLATION.step("decide").targets:
        raise DomainError("请选择属实、部分属实或不属实。", field="state")
    if state != Finding.CONFIRMED and not note.strip():
        raise DomainError("认定为部分属实或不属实时，请写明理由。", field="note")
    violation = _locked(violation_id=violation_id, by=by)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="decide",
        to=state,
        parts=queries.parts_in(violation, by),
        note=note,
        changes={
            "finding": state,
            "decided_by": by,
            "decided_at": at,
            "decided_on": timezone.localdate(at),
            "decision_note": note.strip(),
        },
        action="认定违规",
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def withdraw_violation(*, violation_id: int, note: str, by: User, at: datetime) -> Violation:
    """Take back what one recorded oneself, before a decision; the text stays in the record and the audit."""
    violation = _locked(violation_id=violation_id, by=by)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="withdraw",
        parts=queries.parts_in(violation, by),
        note=note,
        changes={"decision_note": note.strip()},
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def add_evidence(*, violation_id: int, evidence: Sequence[File[bytes]], by: User, at: datetime) -> Violation:
    """Add files to a record one logged oneself, until it is decided. Raises like `withdraw_violation`."""
    violation = _locked(violation_id=violation_id, by=by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="attach", parts=parts, by=by)
    stored = attachments.store(owner=violation, files=evidence, by=by, at=at)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="attach",
        parts=parts,
        facts=attachments.told(stored),
        by=by,
        at=at,
    )
    return violation
