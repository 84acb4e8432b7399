"""Taking a step of a record's workflow: asked, written, remembered and audited in one place.

Call both inside the transaction of the change: the audit chain refuses them anywhere else.

Every workflow of every app goes through `begin` and `take`, so that no step is skipped, none is taken by
somebody who may not, and each leaves exactly one audit row and one line of the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import StepTaken, User
from core.permissions import permission_names
from core.rules.errors import DomainError, NotAllowed
from core.rules.workflow import Workflow, can
from core.services import audit

UNSAID = "（有改动，内容不记入审计）"


def begin(
    *,
    record: models.Model,
    workflow: Workflow,
    facts: Mapping[str, Any] | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """The audit row of a new record; `facts` are what it says. The record itself keeps `recorded_by` and
    `recorded_at`, which `core.queries.course_of` shows as the first line of its history."""
    audit.record(action=workflow.begin, target=record, by=by, at=at, after=facts)


def check(*, record: Any, workflow: Workflow, step: str, parts: Collection[str], by: User) -> None:
    """Raises NotAllowed, with the reason of `can`, when `by` may not take the step now."""
    state = workflow.state_of(record)
    allowed, reason = can(workflow, step, state=state, permissions=permission_names(by), parts=parts)
    if not allowed:
        raise NotAllowed(reason)


def changed(record: models.Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the wanted values that differ from the record. Raises DomainError when none does."""
    changes = {name: value for name, value in wanted.items() if getattr(record, name) != value}
    if not changes:
        raise DomainError("没有改动任何一栏，不用更正；需要更正的，请先改内容再提交。")
    return changes


def in_words(record: models.Model, names: Iterable[str]) -> dict[str, str]:
    """What these fields say now, label → text as a page shows them; taken before a correction, it is kept."""
    words = {}
    for name in names:
        field = record._meta.get_field(name)
        shown = getattr(record, f"get_{name}_display", None)
        value = shown() if shown else getattr(record, name)
        if isinstance(value, datetime):
            value = timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, bool):
            value = "是" if value else "否"
        words[str(getattr(field, "verbose_name", name))] = "" if value is None else str(value)
    return words


def take(
    *,
    record: Any,
    workflow: Workflow,
    step: str,
    to: str | None = None,
    parts: Collection[str],
    note: str = "",
    note_field: str = "note",
    changes: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    unsaid: Collection[str] = (),
    old: Mapping[str, str] | None = None,
    action: str = "",
    by: User,
    at: datetime,
) -> StepTaken:
    """Take one step on a record that the caller has locked; `parts` are those `by` plays in it.

    `changes` are set on the record and saved with its new state; `facts` are told to the audit row beside
    them; of the changes named in `unsaid` that row says only that there was one. `old` is the text a
    correction replaces (see `in_words`), kept in the history. `to` picks among several targets. Raises
    NotAllowed with the reason of `can`, DomainError for an unknown target or (at `note_field`) a reason that
    is asked for and missing.
    """
    check(record=record, workflow=workflow, step=step, parts=parts, by=by)
    declared = workflow.step(step)
    note = note.strip()
    if declared.note and not note:
        raise DomainError(f"请写明{declared.note}。", field=note_field)
    ends = declared.leads_to(workflow.state_of(record))
    target = to or ends[0]
    if target not in ends:
        offered = "、".join(workflow.states[state] for state in ends)
        raise DomainError(f"{declared.label}的结果只能是：{offered}。", field="state")
    old_state, values = workflow.state_of(record), dict(changes or {})
    replaced = {name: getattr(record, name) for name in values}
    for name, value in {**values, workflow.state_field: target}.items():
        setattr(record, name, value)
    record.save(update_fields=[workflow.state_field, *values])
    before, after = audit.changes(replaced, values)
    for name in set(unsaid) & set(after):
        before[name], after[name] = "", UNSAID
    said = {"note": note} if note else {}
    audit.record(
        action=action or declared.label + workflow.name,
        target=record,
        by=by,
        at=at,
        before={"state": old_state, **before},
        after={"state": target, **after, **(facts or {}), **said},
    )
    return StepTaken.objects.create(
        owner_label=record._meta.label,
        owner_id=str(record.pk),
        step=step,
        label=declared.label,
        from_state=old_state,
        to_state=target,
        note=note,
        old=dict(old or {}),
        by=by,
        at=at,
    )
