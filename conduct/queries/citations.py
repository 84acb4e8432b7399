"""Which record rests on which clause. Rules are public; a citation is seen with the record it is for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from conduct.models import Citation, Prohibition, Regulation
from conduct.queries import education, letters, notices, unit_measures, violations
from core.models import User
from core.permissions import Permission, may
from core.rules.workflow import SUBJECT


@dataclass(frozen=True)
class Citable:
    """A kind of record that may rest on clauses: whose records one sees, who may cite, as of which day."""

    visible_to: Callable[[User], QuerySet[Any]]
    needs: Permission
    day: Callable[[Any], date]
    parts: Callable[[Any, User], Collection[str]] = lambda *_: ()


def _everybodys_rules(user: User) -> QuerySet[Prohibition]:
    found: QuerySet[Prohibition] = Prohibition.objects.order_by("order", "key", "-effective_from", "id")
    return found


CITABLE: Mapping[str, Citable] = {
    "conduct.Prohibition": Citable(
        visible_to=_everybodys_rules,
        needs=Permission.EDIT_REGULATIONS,
        day=lambda rule: rule.effective_from,
    ),
    "conduct.Violation": Citable(
        visible_to=violations.violations_visible_to,
        needs=Permission.CONFIRM_VIOLATIONS,
        day=lambda violation: violation.occurred_on,
        parts=violations.parts_in,
    ),
    "conduct.SupervisionLetter": Citable(
        visible_to=letters.letters_visible_to,
        needs=Permission.DRAFT_LETTERS,
        day=lambda letter: letter.issued_on or timezone.localdate(letter.recorded_at),
        parts=letters.parts_in,
    ),
    "conduct.UnitMeasure": Citable(
        visible_to=unit_measures.unit_measures_visible_to,
        needs=Permission.RECORD_UNIT_MEASURES,
        day=lambda measure: measure.first_day,
        parts=unit_measures.parts_in,
    ),
    "conduct.Commendation": Citable(
        visible_to=education.commendations_visible_to,
        needs=Permission.RECORD_EDUCATION,
        day=lambda commendation: commendation.on,
        parts=education.parts_in,
    ),
    "conduct.CaseNotice": Citable(
        visible_to=notices.notices_visible_to,
        needs=Permission.DRAFT_NOTICES,
        day=lambda notice: notice.published_on or timezone.localdate(notice.recorded_at),
        parts=notices.parts_in,
    ),
}
"""Kinds of records with a block 引用依据, by label. Another kind is one more line here."""


def citable_owner(label: str, pk: str, user: User) -> Model | None:
    """The record of a registered kind within the user's scope, or None."""
    citable = CITABLE.get(label)
    if citable is None or not pk.isdecimal():
        return None
    found: Model | None = citable.visible_to(user).filter(pk=int(pk)).first()
    return found


def day_of(owner: Model) -> date:
    """The day whose clauses a record may rest on."""
    return CITABLE[owner._meta.label].day(owner)


def may_cite(owner: Model, user: User) -> bool:
    """Whether the user may cite for this record or take a citation back: not about oneself."""
    citable = CITABLE[owner._meta.label]
    return may(user, citable.needs) and SUBJECT not in citable.parts(owner, user)


def _standing() -> QuerySet[Citation]:
    """Citations that stand, each with `edition`, the name its regulation had on the day it is cited for."""
    on_that_day = Regulation.objects.in_force(OuterRef("cited_for"))
    names = on_that_day.filter(key=OuterRef("clause__regulation_key")).values("name")[:1]
    found = Citation.objects.filter(removed_at=None).select_related("clause", "by")
    return found.annotate(edition=Subquery(names)).order_by("clause__regulation_key", "clause__number", "id")


def citations_of(owner: Model) -> QuerySet[Citation]:
    """The clauses a record rests on; who may see the record may see them."""
    return _standing().filter(owner_label=owner._meta.label, owner_id=str(owner.pk))


def citations_by_owner(owners: Iterable[Model]) -> dict[int, list[Citation]]:
    """Id → the clauses it rests on, for records of one kind."""
    rows = list(owners)
    found: dict[int, list[Citation]] = {row.pk: [] for row in rows}
    if rows:
        label, keys = rows[0]._meta.label, [str(row.pk) for row in rows]
        for citation in _standing().filter(owner_label=label, owner_id__in=keys):
            found[int(citation.owner_id)].append(citation)
    return found


def citations_visible_to(user: User, pk: int) -> Citation | None:
    """One citation that stands, when the user may see the record that rests on it."""
    found = _standing().filter(pk=pk).first()
    if found is None or citable_owner(found.owner_label, found.owner_id, user) is None:
        return None
    return found


def resting_on(clause_ids: Iterable[int], *, since: date) -> QuerySet[Citation]:
    """The citations of these versions for days from `since` on, left behind by a version that begins then."""
    return _standing().filter(clause__in=list(clause_ids), cited_for__gte=since)


def prohibitions_resting_on(clause_ids: Iterable[int]) -> QuerySet[Prohibition]:
    """The 八不准 in use that rest on these versions of clauses: a new edition does not change them."""
    cited = _standing().filter(owner_label=Prohibition._meta.label, clause__in=list(clause_ids))
    owners = [int(pk) for pk in cited.values_list("owner_id", flat=True)]
    found: QuerySet[Prohibition] = Prohibition.objects.filter(pk__in=owners, retired_on=None)
    return found.order_by("order", "key", "id")


def records_behind(citations: Iterable[Citation], user: User) -> list[Model]:
    """The records of citations, within what the reader may see; one statement a kind."""
    wanted: dict[str, set[str]] = {}
    for citation in citations:
        wanted.setdefault(citation.owner_label, set()).add(citation.owner_id)
    return [
        record
        for label, keys in wanted.items()
        for record in CITABLE[label].visible_to(user).filter(pk__in=keys).order_by("pk")
    ]
