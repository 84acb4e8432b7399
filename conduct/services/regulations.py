"""New versions of clauses; citing a clause for a record and taking that back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models, transaction

from conduct.models import Citation, Clause
from conduct.queries import regulations as queries
from conduct.rules import regulations as rules
from core.models import User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import audit


@transaction.atomic
def amend_clause(
    *,
    key: str,
    name: str,
    description: str,
    basis: str,
    verified: bool,
    effective_from: date,
    by: User,
    at: datetime,
) -> Clause:
    """A new version of a clause from a day on; the open one is retired that day and stays readable.

    The same form sent twice is one version. Raises NotAllowed without the permission, DomainError for a
    clause without an open version, or a day that is not after the last version's first.
    """
    if not may(by, Permission.EDIT_REGULATIONS):
        raise NotAllowed("您的角色没有维护法规制度的权限。")
    versions: list[Clause] = list(
        Clause.objects.select_for_update().filter(key=key).order_by("effective_from", "id")
    )
    if not versions:
        raise DomainError("没有这一条款，请从法规制度库中重新选择。")
    latest = versions[-1]
    values = {"name": name.strip(), "description": description.strip(), "basis": basis.strip()}
    said = {**values, "verified": verified, "effective_from": effective_from}
    if all(getattr(latest, field) == value for field, value in said.items()):
        return latest
    current = next((version for version in versions if version.retired_on is None), None)
    problem = rules.amendment_problem(
        effective_from=effective_from,
        latest_from=latest.effective_from,
        open_from=current.effective_from if current else None,
    )
    if problem or current is None:
        raise DomainError(problem or "", field="effective_from")
    if values["description"] == current.description and values["name"] == current.name:
        raise DomainError("标题和内容与现行版本相同，没有需要修订的内容。", field="description")
    current.retired_on = effective_from
    current.save(update_fields=["retired_on"])
    clause = Clause.objects.create(
        key=key,
        regulation_key=current.regulation_key,
        number=current.number,
        order=current.order,
        **said,
    )
    old = {field: getattr(current, field) for field in said}
    audit.record(action="修订条款", target=clause, by=by, at=at, before=old, after=said)
    return clause


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

    Raises NotAllowed for a record one may not cite for, DomainError for a clause not in force on `on`, with
    its period and the version that was.
    """
    seen = _owner_for(owner=owner, by=by)
    if not rules.applies(effective_from=clause.effective_from, retired_on=clause.retired_on, day=on):
        period = rules.period_text(effective_from=clause.effective_from, retired_on=clause.retired_on)
        right = queries.version_in_force(clause.key, on)
        advice = (
            f"当日有效的是 {right.effective_from} 起施行的版本，请改引该版本。"
            if right is not None
            else "当日没有有效的版本，请另选条款。"
        )
        raise DomainError(f"“{clause}”{period}，{on} 不在施行期内。{advice}", field="clause")
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
