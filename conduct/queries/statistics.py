"""Counts of violations for the statistics page: a fixed number of statements, whatever there is to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Exists, Expression, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, ExtractMonth, ExtractYear
from django.utils import timezone

from conduct.choices import Finding, FoundBy, Treatment
from conduct.models import Handling, Prohibition, Violation
from conduct.models.violations import UNDECIDED
from conduct.queries.violations import violations_visible_to
from conduct.rules.statistics import Month, months_between, per_hundred, rolled_up, treatment
from conduct.rules.violations import COUNTED
from core.choices import ProposalKind, ProposalState
from core.models import Proposal, Unit, User
from core.permissions import Permission, may, reach
from core.queries import person_scope, serving_cadres, unit_ids_under

OUTCOMES: list[Callable[[], Expression]] = []
"""What apps above decide about violations, added when they are ready: each makes an expression over
`Violation` that gives the row's heaviest `HandlingForm`, NULL while undecided. Which measure belongs to
which form is theirs to know."""


@dataclass(frozen=True)
class MonthsRow:
    """One line of a table by month: a rule's or a form's counted violations, and together."""

    label: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.months)


@dataclass(frozen=True)
class UnitRow:
    """One unit: counted violations and people, its own and with all units below; both by form."""

    unit: Unit
    own: int
    total: int
    people_own: int
    people: int
    forms_own: tuple[int, ...]
    forms: tuple[int, ...]

    @property
    def rate(self) -> Decimal | None:
        return per_hundred(self.total, self.people)

    @property
    def agrees(self) -> bool:
        return (sum(self.forms_own), sum(self.forms)) == (self.own, self.total)


@dataclass(frozen=True)
class Statistics:
    since: date
    until: date
    people_on: date
    months: tuple[Month, ...]
    rules: tuple[MonthsRow, ...]
    forms: tuple[MonthsRow, ...]
    """By form of handling, each violation once; `UnitRow.forms` stand in the same order."""
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
    def sum_of_forms(self) -> int:
        return sum(row.total for row in self.forms)

    @property
    def recorded(self) -> int:
        return sum(count for _, count in self.findings)

    @property
    def agrees(self) -> bool:
        sums = {
            self.sum_of_months,
            self.cumulative[-1],
            self.sum_of_units,
            self.sum_of_forms,
            sum(n for _, n in self.channels),
        }
        by_form = tuple(sum(row.months[place] for row in self.forms) for place in range(len(self.months)))
        return sums == {self.counted} and by_form == self.monthly and all(row.agrees for row in self.units)


def violations_counted_for(user: User, since: date, until: date) -> QuerySet[Violation]:
    """Violations of a range of days that the user may see and whose statistics are the user's to read."""
    scope = person_scope(user, Permission.VIEW_STATISTICS, unit="unit", cadre="cadre")
    found = violations_visible_to(user).filter(occurred_on__range=(since, until))
    return found if scope is None else found.filter(scope)


def treatments_shown_to(user: User) -> dict[Treatment, str]:
    """Lines of the table of forms. The second to fourth come with who decides on them.

    Who answers for some units is not told what was sent up: one in a small unit is one person.
    """
    shown = {Treatment.FIRST: str(Treatment.FIRST.label)}
    if OUTCOMES:
        shown |= {t: str(t.label) for t in (Treatment.SECOND, Treatment.THIRD, Treatment.FOURTH)}
    if reach(user, Permission.VIEW_STATISTICS).everywhere:
        return shown | {t: str(t.label) for t in (Treatment.SENT, Treatment.UNHANDLED)}
    return shown | {Treatment.UNHANDLED: "未处理（含已转问责）"}


def _was_sent(user: User) -> Exists | Value:
    """Whether a case was accepted because of the row, as far as the reader may know: never about oneself."""
    if Treatment.SENT not in treatments_shown_to(user):
        return Value(False)
    accepted = Proposal.objects.filter(
        kind=ProposalKind.CASE,
        state=ProposalState.ACCEPTED,
        source_label=Violation._meta.label,
        source_id=Cast(OuterRef("pk"), CharField()),
    )
    return Exists(accepted if user.cadre_id is None else accepted.exclude(cadre=user.cadre_id))


def statistics(user: User, since: date, until: date) -> Statistics:
    """Everything the page shows, from one grouped count; only 属实 and 部分属实 count against somebody."""
    rows = violations_counted_for(user, since, until)
    decided = {f"decided_{place}": outcome() for place, outcome in enumerate(OUTCOMES)}
    groups = list(
        rows.select_related(None)
        .order_by()
        .annotate(
            year=ExtractYear("occurred_on"),
            month=ExtractMonth("occurred_on"),
            handled=Exists(Handling.objects.filter(violation=OuterRef("pk"), revoked_at=None)),
            sent=_was_sent(user),
            **decided,
        )
        .values_list(
            "year", "month", "prohibition__key", "unit", "found_by", "finding", "state", "handled", "sent",
            *decided,
        )
        .annotate(n=Count("pk"))
    )  # fmt: skip
    by_rule: Counter[tuple[str, Month]] = Counter()
    by_form: Counter[tuple[Treatment, Month]] = Counter()
    by_unit: Counter[tuple[Treatment, int]] = Counter()
    by_channel: Counter[str] = Counter()
    by_finding: Counter[str] = Counter()
    for year, month, rule, unit, channel, finding, state, handled, sent, *outcomes, n in groups:
        by_finding[finding or state] += n
        if finding in COUNTED:
            form = treatment(handled=handled, sent=sent, decided=outcomes)
            by_rule[rule, (year, month)] += n
            by_form[form, (year, month)] += n
            by_unit[form, unit] += n
            by_channel[channel] += n
    months = tuple(months_between(since, until))
    monthly = tuple(sum(n for (_, m), n in by_rule.items() if m == month) for month in months)
    day = min(until, timezone.localdate())
    shown = treatments_shown_to(user)
    return Statistics(
        since=since,
        until=until,
        people_on=day,
        months=months,
        rules=_rule_rows(by_rule, months),
        forms=tuple(MonthsRow(label, tuple(by_form[t, m] for m in months)) for t, label in shown.items()),
        monthly=monthly,
        cumulative=tuple(sum(monthly[: index + 1]) for index in range(len(monthly))),
        counted=rows.filter(finding__in=COUNTED).count(),
        units=_unit_rows(user, by_unit, tuple(shown), day),
        channels=tuple((str(choice.label), by_channel[choice.value]) for choice in FoundBy),
        findings=_finding_rows(user, by_finding),
    )


def _rule_rows(by_rule: Counter[tuple[str, Month]], months: Sequence[Month]) -> tuple[MonthsRow, ...]:
    """One line per rule, whatever its version, in the order of the catalogue; the newest name stands."""
    newest: dict[str, Prohibition] = {}
    for rule in Prohibition.objects.order_by("order", "key", "-effective_from", "id"):
        newest.setdefault(rule.key, rule)
    return tuple(
        MonthsRow(f"{rule.order} {rule.name}", tuple(by_rule[key, month] for month in months))
        for key, rule in newest.items()
    )


def _finding_rows(user: User, by_finding: Counter[str]) -> tuple[tuple[str, int], ...]:
    """By finding; what is undecided stands here only for who sees such records: a zero would be untrue."""
    undecided = UNDECIDED if may(user, Permission.CONFIRM_VIOLATIONS) else ()
    labels = {choice.value: str(choice.label) for choice in (*Finding, *undecided)}
    return tuple((label, by_finding[value]) for value, label in labels.items())


def units_counted_for(user: User) -> list[Unit]:
    """Units of the reader's reach in tree order, with `tree_depth`."""
    scope = reach(user, Permission.VIEW_STATISTICS)
    units = list(Unit.objects.with_tree_fields())
    if scope.everywhere:
        return units
    ids = unit_ids_under(scope.unit_ids)
    return [unit for unit in units if unit.pk in ids]


def _unit_rows(
    user: User, by_unit: Mapping[tuple[Treatment, int], int], shown: Sequence[Treatment], day: date
) -> tuple[UnitRow, ...]:
    units = units_counted_for(user)
    parents = {unit.pk: unit.parent_id for unit in units}
    on_day: QuerySet[Any] = serving_cadres(day).order_by()
    serving = {row["unit_id_on"]: row["n"] for row in on_day.values("unit_id_on").annotate(n=Count("pk"))}
    people_own = {pk: serving.get(pk, 0) for pk in parents}
    forms_own = [{pk: by_unit.get((form, pk), 0) for pk in parents} for form in shown]
    own = {pk: sum(counts[pk] for counts in forms_own) for pk in parents}
    total, people = rolled_up(own, parents), rolled_up(people_own, parents)
    forms = [rolled_up(counts, parents) for counts in forms_own]
    return tuple(
        UnitRow(
            unit=unit,
            own=own[unit.pk],
            total=total[unit.pk],
            people_own=people_own[unit.pk],
            people=people[unit.pk],
            forms_own=tuple(counts[unit.pk] for counts in forms_own),
            forms=tuple(counts[unit.pk] for counts in forms),
        )
        for unit in units
        if unit.closed_on is None or total[unit.pk] or people[unit.pk]
    )
