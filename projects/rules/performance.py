"""Pure rules of what a person achieved on projects: in time or not, and the order of 重用候选.

The order suggests whom to look at; whom to appoint a person decides, after a check of eligibility.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.rules.deadlines import after_months

ENOUGH = 3
"""Fewer counted nodes and tasks say nothing of a person: such people are listed, but not ranked."""


def timing(*, due_on: date | None, baseline_on: date | None, done_on: date | None, today: date) -> str:
    """EARLY, ON_TIME, LATE, OVERDUE or "" when there is nothing to count yet.

    Early is a month or more before the first planned date, as the catalogue of rewards has it; a date that
    was moved with approval is the one to keep.
    """
    if due_on is None:
        return ""
    if done_on is None:
        return "OVERDUE" if due_on < today else ""
    if done_on > due_on:
        return "LATE"
    first = min(due_on, baseline_on or due_on)
    return "EARLY" if after_months(done_on, 1) <= first else "ON_TIME"


@dataclass(frozen=True)
class Record:
    """What one person has to show of a period; `key` is unique and settles no rank."""

    key: str
    early: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    issues: int = 0

    @property
    def counted(self) -> int:
        """Nodes and tasks that count: done, or overdue and not done."""
        return self.early + self.on_time + self.late + self.overdue

    @property
    def kept(self) -> int:
        """Done in time, early ones included."""
        return self.early + self.on_time

    @property
    def share(self) -> Decimal | None:
        """Percent done in time, one decimal; None when nothing counts."""
        if not self.counted:
            return None
        return (Decimal(self.kept * 100) / self.counted).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Placed:
    """A record with its rank; None for one that is not ranked. `tied` when others share the rank."""

    record: Record
    rank: int | None
    tied: bool = False


def _worth(record: Record) -> tuple[int | Decimal, ...]:
    """The greater the better. The exact share decides, not the rounded one that is shown."""
    share = Decimal(record.kept) / record.counted
    return (share, record.kept, record.early, record.issues)


def order(records: Sequence[Record]) -> list[Placed]:
    """By the share done in time, then how many, then how many early, then issues solved; who is alike in all
    four shares the rank, and the next rank is left out. Who has too little to count comes last, unranked."""
    enough = sorted((r for r in records if r.counted >= ENOUGH), key=lambda r: r.key)
    enough.sort(key=_worth, reverse=True)  # stable: alike stay in the order of their keys
    alike = Counter(map(_worth, enough))
    ranks: dict[tuple[int | Decimal, ...], int] = {}
    for place, record in enumerate(enough, start=1):
        ranks.setdefault(_worth(record), place)
    placed = [Placed(r, ranks[_worth(r)], alike[_worth(r)] > 1) for r in enough]
    few = sorted((r for r in records if r.counted < ENOUGH), key=lambda r: (-r.kept, r.key))
    return placed + [Placed(record, None) for record in few]
