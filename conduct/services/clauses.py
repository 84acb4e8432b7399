"""Single clauses of a regulation: one more, a new version, a correction; and what every edit needs.

Whoever edits holds the regulation: one editor at a time, so that versions follow one another without overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from conduct.models import Citation, Clause, Regulation
from conduct.queries import regulations as queries
from conduct.rules import regulations as rules
from conduct.rules.regulations import Wording
from core.models import CatalogueEntry, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import audit

MOVED_ON = "刚才有人改动了这部法规，没有保存。请重新打开页面核对后再提交。"


def check_editor(by: User) -> None:
    """Raises NotAllowed for who does not keep the library."""
    if not may(by, Permission.EDIT_REGULATIONS):
        raise NotAllowed("您的角色没有维护法规制度的权限。")


def locked_edition(key: str) -> Regulation:
    """The last version of a regulation; all its versions are locked, so that one editor works at a time."""
    found = Regulation.objects.select_for_update().filter(key=key).order_by("effective_from", "id")
    versions: list[Regulation] = list(found)
    if not versions:
        raise DomainError("没有这部法规，请从法规制度库中重新选择。")
    return versions[-1]


def says(entry: CatalogueEntry, values: Mapping[str, Any]) -> bool:
    """Whether a version is what was just sent: the same form may come twice."""
    return all(getattr(entry, field) == value for field, value in values.items())


def retire(entry: CatalogueEntry, day: date | None) -> None:
    """Set the first day without a version; None takes the end back."""
    entry.retired_on = day
    entry.save(update_fields=["retired_on"])


def insert(entry: CatalogueEntry) -> None:
    """Save a new version. Raises DomainError when somebody else saved one for the same key or day first."""
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(MOVED_ON) from error


def new_clause(
    *, regulation_key: str, wording: Wording, key: str = "", basis: str, verified: bool, effective_from: date
) -> Clause:
    """A version of the clause with this key; without one, of a clause that gets the next free key."""
    if not key:
        taken = Clause.objects.filter(regulation_key=regulation_key).values_list("key", flat=True)
        key = rules.next_clause_key(regulation_key, wording.number, set(taken))
    clause = Clause(
        key=key,
        regulation_key=regulation_key,
        order=wording.number,
        basis=basis,
        verified=verified,
        effective_from=effective_from,
        **asdict(wording),
    )
    insert(clause)
    return clause


def put_right(
    entry: CatalogueEntry, said: Mapping[str, Any], *, note: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Correct a version, with a reason; what it said before and says now is for the caller's audit row."""
    before, after = audit.changes({field: getattr(entry, field) for field in said}, said)
    if not after:
        raise DomainError("与原内容相同，没有需要更正的内容。")
    if not note.strip():
        raise DomainError("请写明更正的原因。", field="note")
    for field, value in after.items():
        setattr(entry, field, value)
    entry.save(update_fields=list(after))
    return before, {**after, "note": note.strip()}


def _check_in_force(latest: Regulation, day: date) -> None:
    """Raises DomainError for a day on which a clause could not begin: the regulation is not in force."""
    if queries.edition_on(latest.key, day) is None:
        period = rules.period_text(effective_from=latest.effective_from, retired_on=latest.retired_on)
        raise DomainError(
            f"《{latest}》{period}，{day} 没有施行中的版本，条款不能从这一天施行。请改日期。",
            field="effective_from",
        )
    if latest.retired_on is not None:
        raise DomainError(
            f"《{latest}》自 {latest.retired_on} 起停用，不再增改条款。要继续施行，请用“修订”发布新版本。"
        )


@transaction.atomic
def add_clause(
    *,
    regulation_key: str,
    wording: Wording,
    basis: str,
    verified: bool,
    effective_from: date,
    by: User,
    at: datetime,
) -> Clause:
    """One more clause from a day on; the same form sent twice is one clause.

    Raises NotAllowed without the permission, DomainError for a number that is taken from that day on, or a
    day on which the regulation is not in force.
    """
    check_editor(by)
    latest = locked_edition(regulation_key)
    said = {**asdict(wording), "basis": basis.strip(), "verified": verified, "effective_from": effective_from}
    there = Clause.objects.filter(regulation_key=regulation_key, number=wording.number)
    there = there.filter(Q(retired_on=None) | Q(retired_on__gt=effective_from)).order_by(
        "effective_from", "id"
    )
    holder: Clause | None = there.last()
    if holder is not None and says(holder, said):
        return holder
    _check_in_force(latest, effective_from)
    if holder is not None:
        raise DomainError(
            f"第{wording.number}条已有“{holder.name}”。要改它的内容，请打开那一条点“修订”；要新增，请换一个条次。",
            field="number",
        )
    clause = new_clause(
        regulation_key=regulation_key,
        wording=wording,
        basis=said["basis"],
        verified=verified,
        effective_from=effective_from,
    )
    audit.record(action="新增条款", target=clause, by=by, at=at, after={"regulation": str(latest), **said})
    return clause


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
    """A new version of one clause from a day on; the open one is retired that day and stays readable.

    The same form sent twice is one version. Raises NotAllowed without the permission, DomainError for a
    clause without an open version, or a day that is not after the last version's first.
    """
    check_editor(by)
    of = Clause.objects.filter(key=key).values_list("regulation_key", flat=True).first()
    if of is None:
        raise DomainError("没有这一条款，请从法规制度库中重新选择。")
    edition = locked_edition(of)
    versions: list[Clause] = list(Clause.objects.filter(key=key).order_by("effective_from", "id"))
    latest = versions[-1]
    values = {"name": name.strip(), "description": description.strip(), "basis": basis.strip()}
    said = {**values, "verified": verified, "effective_from": effective_from}
    if says(latest, said):
        return latest
    current = next((version for version in versions if version.retired_on is None), None)
    problem = rules.amendment_problem(
        effective_from=effective_from,
        latest_from=latest.effective_from,
        open_from=current.effective_from if current else None,
    )
    if problem or current is None:
        raise DomainError(problem or "", field="effective_from")
    _check_in_force(edition, effective_from)
    wording = replace(queries.wording_of(current), name=values["name"], description=values["description"])
    if not rules.is_reworded(queries.wording_of(current), wording):
        raise DomainError("标题和内容与现行版本相同，没有需要修订的内容。", field="description")
    retire(current, effective_from)
    clause = new_clause(
        regulation_key=current.regulation_key,
        wording=wording,
        key=key,
        basis=values["basis"],
        verified=verified,
        effective_from=effective_from,
    )
    old = {field: getattr(current, field) for field in said}
    audit.record(action="修订条款", target=clause, by=by, at=at, before=old, after=said)
    return clause


@transaction.atomic
def correct_clause(
    *,
    clause_id: int,
    name: str,
    description: str,
    basis: str,
    verified: bool,
    note: str,
    by: User,
    at: datetime,
) -> Clause:
    """Put right a slip in one version of a clause. Its words can no longer change once a record rested on it.

    Raises NotAllowed without the permission, DomainError for words that a record rests or rested on.
    """
    check_editor(by)
    clause: Clause = Clause.objects.select_for_update().get(pk=clause_id)
    said = {"name": name.strip(), "description": description.strip(), "basis": basis.strip()}
    wanted = replace(queries.wording_of(clause), name=said["name"], description=said["description"])
    if rules.is_reworded(queries.wording_of(clause), wanted):
        cited = Citation.objects.filter(clause=clause).count()
        if cited:
            raise DomainError(
                f"这一版本已被引用 {cited} 次，标题和条文不能改写。请用“修订”，从新的施行日期起改。",
                field="description",
            )
    before, after = put_right(clause, {**said, "verified": verified}, note=note)
    audit.record(action="更正条款", target=clause, by=by, at=at, before=before, after=after)
    return clause
