"""Violations rewritten, the old text kept: corrected before a decision, amended after it, decided anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from conduct.models import Prohibition, Violation
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from conduct.services.violations import SameFinding
from core.models import Cadre, User
from core.services import proposals, steps
from projects.models import KeyProject


@transaction.atomic
def correct_violation(
    *,
    violation_id: int,
    cadre: Cadre,
    prohibition: Prohibition,
    unit_id: int | None,
    occurred_on: date,
    place: str,
    project: KeyProject | None,
    found_by: str,
    facts: str,
    distinct: bool = False,
    note: str,
    by: User,
    at: datetime,
) -> Violation:
    """Correct what one recorded oneself, before a decision; the old text is kept.

    `unit_id` is the person's unit on the (new) day. Raises like `log_violation`, DomainError when nothing was
    changed or no reason is given.
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="correct", parts=parts, by=by)
    queries.check_occurrence(
        prohibition=prohibition, cadre=cadre, unit_id=unit_id, on=occurred_on, by=by, at=at
    )
    wanted: dict[str, Any] = {
        "cadre": cadre,
        "prohibition": prohibition,
        "occurred_on": occurred_on,
        "place": place,
        "project": project,
        "found_by": found_by,
        "facts": facts,
    }
    changes = steps.changed(violation, wanted)
    if unit_id != violation.unit_id:
        changes["unit_id"] = unit_id
    if not {"cadre", "prohibition", "occurred_on"} & set(changes):
        distinct = violation.distinct  # said of what has not changed
    elif not distinct:
        same = queries.same_finding(cadre=cadre, prohibition=prohibition, on=occurred_on)
        if same is not None and same != violation:
            raise SameFinding(same, str(cadre))
    violation.distinct = distinct
    violation.save(update_fields=["distinct"])
    return _rewrite(violation, step="correct", parts=parts, changes=changes, note=note, by=by, at=at)


@transaction.atomic
def amend_violation(
    *,
    violation_id: int,
    place: str,
    project: KeyProject | None,
    facts: str,
    note: str,
    by: User,
    at: datetime,
) -> Violation:
    """Put a slip of the pen right in a decided record (勘误): the words, never whom, which rule or what day.

    The old text is kept and shown. Raises like `handle_violation`, DomainError when nothing was changed or no
    reason is given.
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="amend", parts=parts, by=by)
    changes = steps.changed(violation, {"place": place, "project": project, "facts": facts})
    return _rewrite(violation, step="amend", parts=parts, changes=changes, note=note, by=by, at=at)


def _rewrite(
    violation: Violation,
    *,
    step: str,
    parts: Collection[str],
    changes: Mapping[str, Any],
    note: str,
    by: User,
    at: datetime,
) -> Violation:
    """Change what a record says and keep what it said; its state stays."""
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step=step,
        parts=parts,
        note=note,
        changes=changes,
        old=steps.in_words(violation, [name.removesuffix("_id") for name in changes]),
        by=by,
        at=at,
    )
    return violation


DECISION = ("state", "finding", "decided_by", "decided_at", "decision_note", "verification", "circumstances")
"""What a reopening keeps of the old decision."""


@transaction.atomic
def reopen_violation(*, violation_id: int, note: str, by: User, at: datetime) -> Violation:
    """Take a decision back, by another person than the decider; it is kept, and no longer counts.

    Handlings that stand are revoked. Periods that counted the old decision are told. Raises like
    `handle_violation`, DomainError without a reason.
    """
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="reopen", parts=parts, by=by)
    counted_since = violation.decided_on if violation.finding in rules.COUNTED else None
    label = violation.get_finding_display()
    violation.handlings.filter(revoked_at=None).update(revoked_at=at)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="reopen",
        parts=parts,
        note=note,
        changes={
            "finding": "",
            "decided_by": None,
            "decided_at": None,
            "decided_on": None,
            "decision_note": "",
            "verification": "",
        },
        old=steps.in_words(violation, DECISION),
        by=by,
        at=at,
    )
    if counted_since is not None:
        proposals.note_change(
            source=violation,
            what=f"第 {violation.pk} 号违规记录原认定“{label}”撤销，重新认定",
            since=counted_since,
            cadre=violation.cadre,
            unit=violation.unit,
            by=by,
            at=at,
        )
    return violation
