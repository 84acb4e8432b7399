"""The library of regulations: new ones, new editions, corrections, the end of one.

Versions follow one another without overlap: the open one is retired on exactly the day the next begins. What
a record rests on is never rewritten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from conduct.choices import ClauseChange
from conduct.models import Clause, Regulation
from conduct.queries import regulations as queries
from conduct.rules import regulations as rules
from conduct.rules.regulations import EditionText, Wording
from conduct.services.clauses import check_editor, insert, locked_edition, new_clause, put_right, retire, says
from core.models import User
from core.rules.errors import DomainError
from core.services import audit


def _is_sent_again(latest: Regulation, said: Mapping[str, Any], clauses: Collection[Wording]) -> bool:
    """Whether a version is what was just sent, clause by clause."""
    there = {queries.wording_of(row) for row in queries.continuing_clauses(latest)}
    return says(latest, said) and there == set(clauses)


def _tidied(text: EditionText) -> EditionText:
    """The text as it is kept. Raises DomainError when it does not say where it comes from."""
    if why := rules.basis_problem(doc_no=text.doc_no, basis=text.basis):
        raise DomainError(why, field="doc_no")
    return rules.tidied(text)


@transaction.atomic
def create_regulation(
    *,
    text: EditionText,
    effective_from: date,
    key: str = "",
    clauses: Sequence[Wording],
    by: User,
    at: datetime,
) -> Regulation:
    """A regulation the library does not have, with its clauses; without `key` it gets the next free one.

    The same form sent twice is one regulation. Raises NotAllowed without the permission, DomainError for a
    name or key the library has, or clauses that cannot stand side by side.
    """
    check_editor(by)
    text = _tidied(text)
    said = {**asdict(text), "effective_from": effective_from}
    key = key.strip()
    same: Regulation | None = (
        Regulation.objects.filter(name=text.name, retired_on=None).order_by("id").first()
    )
    if same is not None and key in ("", same.key) and _is_sent_again(same, said, clauses):
        return same
    if same is not None:
        raise DomainError(
            f"法规制度库中已有《{same}》（{same.effective_from} 起施行）。要换新版本，请打开它点“修订”。",
            field="name",
        )
    taken = set(Regulation.objects.values_list("key", flat=True))
    if key in taken:
        raise DomainError(f"代码“{key}”已被使用，请换一个，或者留空由系统编号。", field="key")
    if why := rules.numbers_problem(clauses):
        raise DomainError(why)
    regulation = Regulation(
        key=key or rules.next_key(taken),
        order=Regulation.objects.values("key").distinct().count() + 1,
        **said,
    )
    insert(regulation)
    for wording in clauses:
        new_clause(
            regulation_key=regulation.key,
            wording=wording,
            basis=text.source,
            verified=text.verified,
            effective_from=effective_from,
        )
    audit.record(
        action="新增法规制度",
        target=regulation,
        by=by,
        at=at,
        after={"key": regulation.key, **said, "clauses": [str(wording) for wording in clauses]},
    )
    return regulation


@transaction.atomic
def publish_edition(
    *,
    key: str,
    text: EditionText,
    effective_from: date,
    clauses: Mapping[int, Wording | None],
    added: Sequence[Wording],
    gap_accepted: bool = False,
    by: User,
    at: datetime,
) -> Regulation:
    """The next version of a regulation, with all that it does to the clauses (`queries.edition_plan`).

    The version before it ends on exactly the day it begins; a clause that says the same goes on as it is, one
    that says something else gets a version from that day, one that is dropped ends that day. The same form
    sent twice is one version. Raises NotAllowed without the permission, DomainError for what the plan finds
    wrong, or for a pause between the versions that nobody accepted.
    """
    check_editor(by)
    latest = locked_edition(key)
    text = _tidied(text)
    said = {**asdict(text), "effective_from": effective_from}
    if _is_sent_again(latest, said, [wording for wording in (*clauses.values(), *added) if wording]):
        return latest
    plan = queries.edition_plan(
        latest=latest, text=text, effective_from=effective_from, clauses=clauses, added=added
    )
    if plan.problem is not None:
        field, why = plan.problem
        raise DomainError(why, field=field or None)
    if plan.gap and not gap_accepted:
        raise DomainError(plan.gap, field="effective_from")
    before = {field: getattr(latest, field) for field in said} | {"retired_on": latest.retired_on}
    rows = {row.pk: row for row in queries.continuing_clauses(latest)}
    if not plan.gap:
        retire(latest, effective_from)
    edition = Regulation(key=key, order=latest.order, **said)
    insert(edition)
    for change in plan.changes:
        row = rows[change.old.id] if change.old else None
        if row is not None and _goes_on(row, change.kind, effective_from):
            continue
        if change.new is not None:
            new_clause(
                regulation_key=key,
                wording=change.new,
                key=row.key if row else "",
                basis=text.source,
                verified=text.verified,
                effective_from=effective_from,
            )
    audit.record(
        action="修订法规制度",
        target=edition,
        by=by,
        at=at,
        before=before,
        after={**said, "clauses": plan.told},
    )
    return edition


def _goes_on(row: Clause, kind: ClauseChange, day: date) -> bool:
    """End a clause on a day where its words do not go on, and say whether they do."""
    in_time = row.retired_on is None or row.retired_on >= day
    if kind is ClauseChange.KEPT and in_time:
        if row.retired_on is not None:
            retire(row, None)
        return True
    if in_time:
        retire(row, day)
    return False


@transaction.atomic
def retire_regulation(*, key: str, on: date, note: str, by: User, at: datetime) -> Regulation:
    """End a regulation and its clauses on a day, the first without them; what rested on them stays.

    Raises NotAllowed without the permission, DomainError for one already ended, a day not after its first, or
    a clause that begins later.
    """
    check_editor(by)
    latest = locked_edition(key)
    if latest.retired_on is not None:
        raise DomainError(f"《{latest}》已定于 {latest.retired_on} 起停用，不用再办。")
    if on <= latest.effective_from:
        raise DomainError(
            f"《{latest}》自 {latest.effective_from} 起施行，停用日期须在此之后。请改日期。", field="on"
        )
    clauses = list(Clause.objects.filter(regulation_key=key, retired_on=None).order_by("number", "id"))
    for clause in clauses:
        if clause.effective_from >= on:
            raise DomainError(
                f"“{clause}”自 {clause.effective_from} 起施行，停用日期须在此之后。请改日期。", field="on"
            )
    retire(latest, on)
    for clause in clauses:
        retire(clause, on)
    after = {"retired_on": on, "note": note.strip(), "clauses": [str(clause) for clause in clauses]}
    audit.record(action="停用法规制度", target=latest, by=by, at=at, before={"retired_on": None}, after=after)
    return latest


@transaction.atomic
def correct_regulation(
    *, regulation_id: int, text: EditionText, note: str, by: User, at: datetime
) -> Regulation:
    """Put right what one version says of itself; its days and clauses are changed by a new version only.

    Raises NotAllowed without the permission, DomainError without a source.
    """
    check_editor(by)
    regulation: Regulation = Regulation.objects.select_for_update().get(pk=regulation_id)
    before, after = put_right(regulation, asdict(_tidied(text)), note=note)
    audit.record(action="更正法规制度", target=regulation, by=by, at=at, before=before, after=after)
    return regulation
