"""Ranks by the declared tie rule, and one unique order for display.

Default rule (no published original; see docs): standard competition ranks 1, 2, 2, 4; equal totals are
compared by the scheme's tie-breakers in order; who is then still equal shares the rank.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from assessment.choices import Effect, TieRule
from assessment.rules.scheme import SchemeSpec
from assessment.rules.scoring import Line, Reading

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Entry(Generic[K]):
    """One subject before ranking.

    `code` is unique and means the same in every database (a staff number, not a row id). `total` is None
    for somebody who could not be scored. `ties` are compared in order, higher first, None lowest.
    """

    key: K
    code: str
    unit: Hashable
    group: str
    total: Decimal | None
    ties: tuple[Decimal | None, ...] = ()

    @property
    def strength(self) -> tuple[tuple[bool, Decimal], ...]:
        """What two people are compared by; equal strength shares a rank."""
        return tuple((value is not None, value or Decimal(0)) for value in (self.total, *self.ties))


@dataclass(frozen=True, slots=True)
class Standing:
    """Ranks within unit and group (None when not scored) and the unique order in the whole run, from 1."""

    in_unit: int | None
    in_group: int | None
    order: int


def tie_values(
    spec: SchemeSpec, outcomes: Sequence[tuple[Line, Reading | None]]
) -> tuple[Decimal | None, ...]:
    """What the scheme's tie-breakers compare, higher first: the raw value, a deduction as a negative one.

    `outcomes` are a person's lines and readings in the scheme's order. A missing value is None.
    """
    values: list[Decimal | None] = []
    for key in spec.tie_breakers:
        place = spec.position(key)
        line, reading = outcomes[place]
        if spec.indicators[place].effect is Effect.DEDUCTION:
            values.append(Decimal(0) if reading is None else -reading.raw)
        else:
            values.append(None if reading is None or line.points is None else reading.raw)
    return tuple(values)


def ranks(values: Sequence[Any], *, rule: TieRule, descending: bool = True) -> list[int]:
    """The rank of each value, in the order given; equal values share one.

    STANDARD counts everybody ahead (1, 2, 2, 4), DENSE counts the different values ahead (1, 2, 2, 3).
    """
    ordered = sorted(values, reverse=descending)
    rank_of: dict[Any, int] = {}
    for place, value in enumerate(ordered, start=1):
        rank_of.setdefault(value, place if rule is TieRule.STANDARD else len(rank_of) + 1)
    return [rank_of[value] for value in values]


def standings(entries: Iterable[Entry[K]], *, rule: TieRule) -> dict[K, Standing]:
    """Rank everybody within their group and within their unit of that group.

    The display order is group, then strength, then `code`: unique whatever order the entries come in.
    Those without a total have no rank and stand at the end of their group.
    """
    everybody = list(entries)
    in_unit = _partition(everybody, rule, by_unit=True)
    in_group = _partition(everybody, rule, by_unit=False)
    by_code = sorted(everybody, key=lambda entry: entry.code)
    by_strength = sorted(by_code, key=lambda entry: entry.strength, reverse=True)
    shown = sorted(by_strength, key=lambda entry: entry.group)
    return {
        entry.key: Standing(in_unit.get(entry.key), in_group.get(entry.key), order)
        for order, entry in enumerate(shown, start=1)
    }


def _partition(entries: Iterable[Entry[K]], rule: TieRule, *, by_unit: bool) -> dict[K, int]:
    """The rank of each scored entry within its group, or within its unit of the group."""
    rooms: dict[Hashable, list[Entry[K]]] = defaultdict(list)
    for entry in entries:
        if entry.total is not None:
            rooms[(entry.group, entry.unit) if by_unit else entry.group].append(entry)
    return {
        entry.key: rank
        for room in rooms.values()
        for entry, rank in zip(room, ranks([one.strength for one in room], rule=rule), strict=True)
    }
