"""Calendar months as influence periods count them.

A span of N months from a day ends on the day before the day of the same number N months later; where that
month has no such day, on its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.rules.deadlines import after_months

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """`last` is the last day of the span; `clamped`, that the month it ends in has no such day."""

    first: date
    last: date
    clamped: bool = False

    @property
    def disputed(self) -> date:
        """The one day on which opinions differ: the day of the same number, or the end of a shorter month."""
        return self.last if self.clamped else self.last + ONE


def span(first: date, months: int) -> Span:
    """The span of that many months from a day. Raises ValueError for less than one month."""
    if months < 1:
        raise ValueError("a span has at least one month")
    target = after_months(first, months)
    clamped = target.day != first.day
    return Span(first, target if clamped else target - ONE, clamped)


@dataclass(frozen=True)
class Length:
    """Whole months and the days beyond them."""

    months: int
    days: int

    def __str__(self) -> str:
        parts = [f"{self.months} 个月" if self.months else "", f"{self.days} 天" if self.days else ""]
        return "".join(parts) or "0 天"


def length(first: date, last: date) -> Length:
    """How long `first` to `last` is, both days included; nothing when `last` lies before `first`."""
    months, end = 0, first - ONE
    while (longer := span(first, months + 1).last) <= last:
        months, end = months + 1, longer
    return Length(months, max((last - end).days, 0))


def prolonged(first: date, months: int, rest: Length) -> date:
    """The last day of a span of `months` from `first` with `rest` added to its length."""
    total = months + rest.months
    end = span(first, total).last if total else first - ONE
    return end + timedelta(days=rest.days)
