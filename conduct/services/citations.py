"""Citing a clause for a record, and taking that back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models, transaction

from conduct.models import Citation, Clause
from conduct.queries import citations as queries
from conduct.queries import regulations as library
from conduct.rules import regulations as rules
from core.models import User
from core.rules.errors import DomainError, NotAllowed
from core.services import audit


def _owner_for(*, owner: models.Model, by: User) -> models.Model:
    """The record within the user's scope. Raises NotAllowed for one who may not cite for it."""
    label = owner._meta.label
    if label not in queries.CITABLE:
        raise DomainError("这类记录还不能引用法规条款。")
    seen = queries.citable_owner(label, str(owner.pk), by)
    if seen is None or not queries.may_cite(seen, by):
        raise NotAllowed("您不能为这条记录引用或撤销依据：没有权限，或者您是当事人，应当回避。")
    return seen


@transaction.atomic
def cite(*, owner: models.Model, clause: Clause, on: date, by: User, at: datetime) -> Citation:
    """Let a record rest on a clause in force on the record's day; the same clause once.

    Raises NotAllowed for a record one may not cite for, DomainError for a clause or a regulation not in force
    on `on`, with its period and the version that was.
    """
    seen = _owner_for(owner=owner, by=by)
    if not rules.applies(effective_from=clause.effective_from, retired_on=clause.retired_on, day=on):
        period = rules.period_text(effective_from=clause.effective_from, retired_on=clause.retired_on)
        right = library.version_in_force(clause.key, on)
        advice = (
            f"当日有效的是 {right.effective_from} 起施行的版本，请改引该版本。"
            if right is not None
            else "当日没有有效的版本，请另选条款。"
        )
        raise DomainError(f"“{clause}”{period}，{on} 不在施行期内。{advice}", field="clause")
    if library.edition_on(clause.regulation_key, on) is None:
        raise DomainError(f"“{clause}”所在的法规 {on} 没有施行中的版本，请另选条款。", field="clause")
    citation, created = Citation.objects.get_or_create(
        owner_label=seen._meta.label,
        owner_id=str(seen.pk),
        clause=clause,
        removed_at=None,
        defaults={"cited_for": on, "by": by, "at": at},
    )
    if created:
        audit.record(
            action="引用条款", target=seen, by=by, at=at, after={"clause": str(clause), "cited_for": on}
        )
    return citation


@transaction.atomic
def uncite(*, citation_id: int, note: str, by: User, at: datetime) -> Citation:
    """Take a citation back, with a reason; the row stays.

    Raises Citation.DoesNotExist for one already taken back, NotAllowed like `cite`, DomainError without a
    reason.
    """
    citation = Citation.objects.select_for_update(of=("self",)).select_related("clause")
    found = citation.get(pk=citation_id, removed_at=None)
    owner = queries.citable_owner(found.owner_label, found.owner_id, by)
    if owner is None:
        raise NotAllowed("您不能为这条记录引用或撤销依据：没有权限，或者您是当事人，应当回避。")
    seen = _owner_for(owner=owner, by=by)
    if not note.strip():
        raise DomainError("请写明撤销引用的原因。", field="note")
    found.removed_by, found.removed_at, found.removed_reason = by, at, note.strip()
    found.save(update_fields=["removed_by", "removed_at", "removed_reason"])
    before = {"clause": str(found.clause), "cited_for": found.cited_for}
    audit.record(
        action="撤销引用条款", target=seen, by=by, at=at, before=before, after={"note": note.strip()}
    )
    return found
