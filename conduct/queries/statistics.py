"""Counts of violations for the statistics page: a fixed number of statements, whatever there is to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractMonth, ExtractYear
from django.utils import timezone

from conduct.choices import Finding, FoundBy, ViolationState
from conduct.models import Prohibition, Violation
from conduct.queries.violations import violations_visible_to
from conduct.rules.statistics import Month, months_between, per_hundred, rolled_up
from conduct.rules.violations import COUNTED
from core.models import Unit, User
from core.permissions import Permission, reach
from core.queries import person_scope, serving_cadres, unit_ids_under


@dataclass(frozen=True)
class RuleRow:
    """One rule: its counted violations month by month, and together."""

    label: str
    months: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class UnitRow:
    """One unit: counted violations and people, its own and with all units below."""

    unit: Unit
    own: int
    total: int
    people_own: int
    people: int

    @property
    def rate(self) -> Decimal | None:
        return per_hundred(self.total, self.people)


@dataclass(frozen=True)
class Statistics:
    since: date
    until: date
    people_on: date
    months: tuple[Month, ...]
    rules: tuple[RuleRow, ...]
    monthly: tuple[int, ...]
    cumulative: tuple[int, ...]
    counted: int
    """Counted once more by the database, to hold the sums against."""
    units: tuple[UnitRow, ...]
    channels: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, int], ...]

    @property
    def sum_of_months(self) -> int:
        return sum(self.monthly)

    @property
    def sum_of_units(self) -> int:
        return sum(row.own for row in self.units)

    @property
    def recorded(self) -> int:
        return sum(count for _, count in self.findings)

    @property
    def agrees(self) -> bool:
        sums = {self.sum_of_months, self.cumulative[-1], self.sum_of_units, sum(n for _, n in self.channels)}
        return sums == {self.counted}


def violations_counted_for(user: User, since: date, until: date) -> QuerySet[Violation]:
    """Violations of a range of days that the user may see and whose statistics are the user's to read."""
    scope = person_scope(user, Permission.VIEW_STATISTICS, unit="unit", cadre="cadre")
    found = violations_visible_to(user).filter(occurred_on__range=(since, until))
    return found if scope is None else found.filter(scope)


def statistics(user: User, since: date, until: date) -> Statistics:
    """Everything the page shows, from one grouped count; only 属实 and 部分属实 count against somebody."""
    rows = violations_counted_for(user, since, until)
    groups = list(
        rows.select_related(None)
        .order_by()
        .annotate(year=ExtractYear("occurred_on"), month=ExtractMonth("occurred_on"))
        .values_list("year", "month", "prohibition__key", "unit", "found_by", "finding", "state")
        .annotate(n=Count("pk"))
    )
    by_rule: Counter[tuple[str, Month]] = Counter()
    by_unit: Counter[int] = Counter()
    by_channel: Counter[str] = Counter()
    by_finding: Counter[str] = Counter()
    for year, month, rule, unit, channel, finding, state, n in groups:
        by_finding[finding or state] += n
        if finding in COUNTED:
            by_rule[rule, (year, month)] += n
            by_unit[unit] += n
            by_channel[channel] += n
    months = tuple(months_between(since, until))
    monthly = tuple(sum(n for (_, m), n in by_rule.items() if m == month) for month in months)
    day = min(until, timezone.localdate())
    return Statistics(
        since=since,
        until=until,
        people_on=day,
        months=months,
        rules=_rule_rows(by_rule, months),
        monthly=monthly,
        cumulative=tuple(sum(monthly[: index + 1]) for index in range(len(monthly))),
        counted=rows.filter(finding__in=COUNTED).count(),
        units=_unit_rows(user, by_unit, day),
        channels=tuple((str(choice.label), by_channel[choice.value]) for choice in FoundBy),
        findings=_finding_rows(by_finding),
    )


def _rule_rows(by_rule: Counter[tuple[str, Month]], months: Sequence[Month]) -> tuple[RuleRow, ...]:
    """One line per rule, whatever its version, in the order of the catalogue; the newest name stands."""
    newest: dict[str, Prohibition] = {}
    for rule in Prohibition.objects.order_by("order", "key", "-effective_from", "id"):
        newest.setdefault(rule.key, rule)
    rows = []
    for key, rule in newest.items():
        counts = tuple(by_rule[key, month] for month in months)
        rows.append(RuleRow(f"{rule.order} {rule.name}", counts, sum(counts)))
    return tuple(rows)


def _finding_rows(by_finding: Counter[str]) -> tuple[tuple[str, int], ...]:
    labels = {
        **{choice.value: str(choice.label) for choice in Finding},
        ViolationState.LOGGED.value: str(ViolationState.LOGGED.label),
        ViolationState.WITHDRAWN.value: str(ViolationState.WITHDRAWN.label),
    }
    return tuple((label, by_finding[value]) for value, label in labels.items())


def units_counted_for(user: User) -> list[Unit]:
    """Units of the reader's reach in tree order, with `tree_depth`."""
    scope = reach(user, Permission.VIEW_STATISTICS)
    units = list(Unit.objects.with_tree_fields())
    if scope.everywhere:
        return units
    ids = unit_ids_under(scope.unit_ids)
    return [unit for unit in units if unit.pk in ids]


def _unit_rows(user: User, by_unit: Counter[int], day: date) -> tuple[UnitRow, ...]:
    units = units_counted_for(user)
    parents = {unit.pk: unit.parent_id for unit in units}
    on_day: QuerySet[Any] = serving_cadres(day).order_by()
    serving = {row["unit_id_on"]: row["n"] for row in on_day.values("unit_id_on").annotate(n=Count("pk"))}
    people_own = {pk: serving.get(pk, 0) for pk in parents}
    own = {pk: by_unit[pk] for pk in parents}
    total, people = rolled_up(own, parents), rolled_up(people_own, parents)
    return tuple(
        UnitRow(unit, own[unit.pk], total[unit.pk], people_own[unit.pk], people[unit.pk])
        for unit in units
        if unit.closed_on is None or total[unit.pk] or people[unit.pk]
    )
