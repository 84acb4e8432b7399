"""Appending to the audit chain, anchoring its head outside the database, and checking it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from core.models import AuditEvent, AuditHead, User
from core.models.audit import EVERY
from core.rules.audit import Break, Link, first_break, link_hash
from core.rules.errors import DomainError

SYSTEM = "系统"


def plain(value: Any) -> Any:
    """A JSON value that reads back equal: dates ISO, decimals and keys as text."""
    if isinstance(value, models.Model):
        return plain(value.pk)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def record(
    *,
    action: str,
    target: models.Model | type[models.Model],
    by: User | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    name: str = "",
) -> AuditEvent:
    """Append one row to the chain inside the caller's transaction; `by=None` is the system itself.

    A class as `target` says that the act was on all records of the kind. `name` is what the row calls its
    target when the target's own name does not say whom it concerns.

    Two statements: lock the head, insert. The insert trigger moves the head and refuses a fork.
    Raises DomainError when called outside a transaction: a change and its row stand or fall together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise DomainError("审计记录必须与业务变更写在同一事务中。")
    head = AuditHead.objects.select_for_update().get(pk=1)
    one = isinstance(target, models.Model)
    event = AuditEvent(
        seq=head.seq + 1,
        at=at,
        actor_id=by.pk if by else None,
        actor_name=by.display_name if by else SYSTEM,
        action=action,
        target_label=target._meta.label,
        target_id=str(target.pk) if one else EVERY,
        target_name=(name or str(target if one else target._meta.verbose_name_plural))[:200],
        before=plain(before or {}),
        after=plain(after or {}),
        prev_hash=head.hash,
    )
    event.hash = link_hash(seq=event.seq, content=event.content(), prev_hash=event.prev_hash)
    event.save(force_insert=True)
    return event


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the fields that differ, old and new."""
    keys = [key for key in after if plain(before.get(key)) != plain(after[key])]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def anchor_head(*, at: datetime) -> tuple[int, str]:
    """Write the head to the anchor file, outside the database; returns (seq, hash).

    The file is append-only by convention and lives on another volume or machine in production.
    """
    head = AuditHead.objects.get(pk=1)
    path: Path = settings.AUDIT_ANCHOR_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    if head.seq and head.hash not in outside_anchors().get(head.seq, ()):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{head.seq} {head.hash} {at.isoformat(timespec='seconds')}\n")
    return head.seq, head.hash


def outside_anchors() -> dict[int, frozenset[str]]:
    """Row number → the hashes ever anchored for it; more than one is a contradiction."""
    path: Path = settings.AUDIT_ANCHOR_FILE
    found: dict[int, frozenset[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        number, digest, *_ = line.split()
        found[int(number)] = found.get(int(number), frozenset()) | {digest}
    return found


def verify_chain() -> tuple[int, Break | None]:
    """(rows read, first break or None) over the whole chain, its head and the outside anchors."""
    count = 0

    def links() -> Any:
        nonlocal count
        for event in AuditEvent.objects.order_by("seq").iterator(2000):
            count += 1
            yield Link(seq=event.seq, content=event.content(), prev_hash=event.prev_hash, hash=event.hash)

    head = AuditHead.objects.filter(pk=1).first()
    broken = first_break(links(), head=(head.seq, head.hash) if head else (0, ""), anchors=outside_anchors())
    return count, broken


@transaction.atomic
def note_read(
    *, what: str, detail: Mapping[str, Any], by: User, at: datetime, target: models.Model | None = None
) -> None:
    """A watched read (the audit log, an export, somebody's file) leaves a row of its own, on what was read;
    where that is no single record, on the reader."""
    record(action=what, target=target or by, by=by, at=at, after=detail)
