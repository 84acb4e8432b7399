"""Reads of regulations and citations. Rules are public; a citation is seen with the record it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from conduct.models import Citation, Clause, Regulation
from conduct.queries import unit_measures, violations
from core.models import User
from core.permissions import Permission, may
from core.rules.workflow import SUBJECT


@dataclass(frozen=True)
class Citable:
    """A kind of record that may rest on clauses: whose records one sees, who may cite, as of which day."""

    visible_to: Callable[[User], QuerySet[Any]]
    needs: Permission
    day: Callable[[Any], date]
    parts: Callable[[Any, User], frozenset[str]]
    route: str


CITABLE: Mapping[str, Citable] = {
    "conduct.Violation": Citable(
        visible_to=violations.violations_visible_to,
        needs=Permission.CONFIRM_VIOLATIONS,
        day=lambda violation: violation.occurred_on,
        parts=violations.parts_in,
        route="conduct:violation-detail",
    ),
    "conduct.UnitMeasure": Citable(
        visible_to=unit_measures.unit_measures_visible_to,
        needs=Permission.RECORD_UNIT_MEASURES,
        day=lambda measure: measure.first_day,
        parts=unit_measures.parts_in,
        route="conduct:unit-measure-detail",
    ),
}
"""Kinds of records with a block 引用依据, by label. Another kind is one more line here."""


def citable_owner(label: str, pk: str, user: User) -> Model | None:
    """The record of a registered kind within the user's scope, or None."""
    citable = CITABLE.get(label)
    if citable is None or not pk.isdigit():
        return None
    found: Model | None = citable.visible_to(user).filter(pk=int(pk)).first()
    return found


def page_of(owner: Model) -> str:
    """The address of a citable record's page, at its block 引用依据."""
    return reverse(CITABLE[owner._meta.label].route, args=[owner.pk]) + "#citations"


def citations_of(owner: Model) -> QuerySet[Citation]:
    """The clauses a record rests on; who may see the record may see them."""
    return (
        Citation.objects.filter(owner_label=owner._meta.label, owner_id=str(owner.pk), removed_at=None)
        .select_related("clause", "by")
        .order_by("clause__regulation_key", "clause__number", "id")
    )


def citations_visible_to(user: User, pk: int) -> Citation | None:
    """One citation that stands, when the user may see the record that rests on it."""
    found = Citation.objects.filter(pk=pk, removed_at=None).select_related("clause").first()
    if found is None or citable_owner(found.owner_label, found.owner_id, user) is None:
        return None
    return found


def regulations() -> QuerySet[Regulation]:
    """Every version of every regulation, the ones in retirement too: rules are public."""
    found: QuerySet[Regulation] = Regulation.objects.order_by("order", "key", "-effective_from", "id")
    return found


def regulation_names() -> dict[str, str]:
    """Key → name of the latest version."""
    return dict(Regulation.objects.order_by("key", "effective_from", "id").values_list("key", "name"))


def versions_of(entry: Regulation | Clause) -> QuerySet[Any]:
    """All versions of an entry, the newest first."""
    found: QuerySet[Any] = type(entry).objects.filter(key=entry.key).order_by("-effective_from", "-id")
    return found


def clauses_on(regulation_key: str, day: date) -> QuerySet[Clause]:
    """A regulation's clauses in force on a day."""
    found: QuerySet[Clause] = Clause.objects.in_force(day).filter(regulation_key=regulation_key)
    return found.order_by("number", "id")


def clauses_gone(regulation_key: str, day: date) -> QuerySet[Clause]:
    """Clauses of a regulation of which no version is in force on a day, each by its latest version."""
    alive = clauses_on(regulation_key, day).values("key")
    found: QuerySet[Clause] = Clause.objects.filter(regulation_key=regulation_key, retired_on__lte=day)
    return found.exclude(key__in=alive).order_by("number", "-effective_from", "id")


def clause_choices(day: date) -> list[tuple[str, str]]:
    """(id, words) of the clauses in force on a day whose regulation is in force too, for a picker."""
    names = dict(Regulation.objects.in_force(day).values_list("key", "name"))
    found = Clause.objects.in_force(day).filter(regulation_key__in=names)
    return [
        (str(clause.pk), f"{names[clause.regulation_key]} {clause}")
        for clause in found.order_by("regulation_key", "number", "id")
    ]


def version_in_force(key: str, day: date) -> Clause | None:
    found: Clause | None = Clause.objects.in_force(day).filter(key=key).first()
    return found


def may_cite(owner: Model, user: User) -> bool:
    """Whether the user may cite for this record or take a citation back: not about oneself."""
    citable = CITABLE[owner._meta.label]
    return may(user, citable.needs) and SUBJECT not in citable.parts(owner, user)
