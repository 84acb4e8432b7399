"""What the catalogues of accountability say: for a page, and as values for the calculation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accountability.models import CombinationRule, Ground, MeasureKind
from accountability.rules.book import Book, in_versions
from conduct.models import Prohibition
from core.models import CatalogueEntry
from core.services.catalogues import read_entries


def grounds_on(day: date) -> QuerySet[Ground]:
    """The grounds in force on a day, in their order."""
    found: QuerySet[Ground] = Ground.objects.in_force(day).order_by("order", "key", "id")
    return found


def measure_kinds_on(day: date) -> QuerySet[MeasureKind]:
    """The kinds of measures in force on a day, light to heavy."""
    found: QuerySet[MeasureKind] = MeasureKind.objects.in_force(day).order_by("order", "key", "id")
    return found


def combinations_on(day: date) -> QuerySet[CombinationRule]:
    """The rules of combination in force on a day."""
    found: QuerySet[CombinationRule] = CombinationRule.objects.in_force(day).order_by("order", "key", "id")
    return found


def prohibition_names(day: date) -> dict[str, str]:
    """The 八不准 in force on a day: key to name."""
    return dict(Prohibition.objects.in_force(day).values_list("key", "name"))


def book() -> Book:
    """Every version in the office's catalogues (two statements); what the files say while it has none."""
    kinds = list(MeasureKind.objects.order_by("order", "key", "effective_from"))
    combinations = list(CombinationRule.objects.order_by("order", "key", "effective_from"))
    if not kinds or not combinations:
        return default_book()
    return Book(in_versions(k.spec() for k in kinds), in_versions(c.spec() for c in combinations))


def default_book() -> Book:
    """The catalogues as the files beside the app have them; no database is asked."""
    kinds = (row.spec() for row in _rows(MeasureKind))
    combinations = (row.spec() for row in _rows(CombinationRule))
    return Book(in_versions(kinds), in_versions(combinations))


def _rows(model: type[CatalogueEntry]) -> list[Any]:
    return [model(**values) for values in read_entries(model)]
