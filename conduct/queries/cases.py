"""Reads of the public case ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from conduct.choices import HandlingForm
from conduct.models import CaseRecord, Prohibition
from conduct.rules.cases import NO_REGION, region_of
from core.models import User
from core.permissions import Permission, may

UNKNOWN_YEAR = "年份不明"
UNTOLD_FORM = "未写明"


def cases_visible_to(user: User) -> QuerySet[CaseRecord]:
    """Published cases without names: all of them, to who may read statistics."""
    found = CaseRecord.objects.select_related("imported_by").order_by("code")
    return found if may(user, Permission.VIEW_STATISTICS) else found.none()


@dataclass(frozen=True)
class CaseRow:
    label: str
    cases: int
    persons: int


@dataclass(frozen=True)
class CaseStatistics:
    cases: int
    persons: int
    groups: tuple[tuple[str, tuple[CaseRow, ...]], ...]
    """(what it is counted by, its rows); every group adds up to `cases` and `persons`."""

    def group(self, title: str) -> dict[str, CaseRow]:
        return {row.label: row for name, rows in self.groups if name == title for row in rows}


def case_statistics(cases: QuerySet[CaseRecord]) -> CaseStatistics:
    """The ledger by class, form, year, region and kind of unit, from one grouped count."""
    names = _rule_names()
    tallies: dict[str, dict[str, Counter[str]]] = {}
    rows = (
        cases.order_by()
        .values_list("prohibition_key", "class_text", "form", "handled_year", "region", "unit_type")
        .annotate(n=Count("pk"), people=Sum("persons"))
    )
    total: Counter[str] = Counter()
    for key, text, form, year, region, unit_type, n, people in rows:
        labels = {
            "八不准归类": names.get(key, key) if key else text,
            "处理形态": str(HandlingForm(form).label) if form else UNTOLD_FORM,
            "处理年份": str(year) if year else UNKNOWN_YEAR,
            "地区": region_of(region),
            "单位类型": unit_type or "未写单位类型",
        }
        total.update(cases=n, persons=people)
        for title, label in labels.items():
            tallies.setdefault(title, {}).setdefault(label, Counter()).update(cases=n, persons=people)
    return CaseStatistics(
        total["cases"],
        total["persons"],
        tuple((title, _ordered(title, found)) for title, found in tallies.items()),
    )


def _ordered(title: str, found: dict[str, Counter[str]]) -> tuple[CaseRow, ...]:
    """Classes, forms and years by name, places and units by how many cases they have."""
    rows = [CaseRow(label, tally["cases"], tally["persons"]) for label, tally in found.items()]
    if title in {"地区", "单位类型"}:
        return tuple(sorted(rows, key=lambda row: (-row.cases, row.label)))
    if title == "处理形态":
        order = [*(str(label) for label in HandlingForm.labels), UNTOLD_FORM]
        return tuple(sorted(rows, key=lambda row: order.index(row.label)))
    return tuple(sorted(rows, key=lambda row: row.label))


def _rule_names() -> dict[str, str]:
    """The newest name of each rule, by key."""
    found = Prohibition.objects.order_by("effective_from", "id")
    return {rule.key: f"{rule.order} {rule.name}" for rule in found}


def region_choices() -> list[tuple[str, str]]:
    """Provinces and cities that the ledger has cases of."""
    names = CaseRecord.objects.order_by("region").values_list("region", flat=True).distinct()
    regions = {region_of(name) for name in names} - {NO_REGION}
    return [(name, name) for name in sorted(regions)]


def year_choices() -> list[tuple[Any, str]]:
    """Years in which the ledger's cases were handled, the latest first."""
    found = CaseRecord.objects.exclude(handled_year=None).order_by("-handled_year")
    return [(year, str(year)) for year in found.values_list("handled_year", flat=True).distinct()]
