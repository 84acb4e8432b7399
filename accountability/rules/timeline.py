"""An outcome drawn on years of equal width: where each bar begins and how long it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accountability.rules.impact import Outcome

YEAR = 1000
"""Units of the drawing for one year."""
MAX_YEARS = 12
"""What is longer, or open, runs to the edge of the drawing."""
FULL_LABELS = 8
"""Up to so many years a year is written with four figures."""


@dataclass(frozen=True)
class Bar:
    """`x` and `width` in units of the drawing; `open` runs beyond its edge."""

    label: str
    first_day: date
    last_day: date | None
    x: int
    width: int
    open: bool
    is_period: bool


@dataclass(frozen=True)
class Timeline:
    years: tuple[str, ...]
    width: int
    lines: tuple[int, ...]
    bars: tuple[Bar, ...]
    marker: int | None


def timeline(outcome: Outcome, on: date | None) -> Timeline | None:
    """The drawing of the periods, then of the effects; None when there is neither."""
    spans = [(f"{p.code} {p.name}", p.first_day, p.last_day, True) for p in outcome.periods]
    spans += [(e.effect.label, e.first_day, e.last_day, False) for e in outcome.effects]
    if not spans:
        return None
    first = min(start for _, start, _, _ in spans).year
    ends = [(end or start).year for _, start, end, _ in spans]
    last = min(max(ends), first + MAX_YEARS - 1)
    edge = (last - first + 1) * YEAR
    bars = []
    for label, start, end, is_period in spans:
        x = _at(start, first)
        stop = edge if end is None else min(_at(end, first, after=True), edge)
        if x < edge:
            beyond = end is None or end.year > last
            bars.append(Bar(label, start, end, x, max(stop - x, YEAR // 60), beyond, is_period))
    years = range(first, last + 1)
    return Timeline(
        years=tuple(str(year) if len(years) <= FULL_LABELS else f"{year % 100:02}" for year in years),
        width=edge,
        lines=tuple(number * YEAR for number in range(1, len(years))),
        bars=tuple(bars),
        marker=_at(on, first) if on is not None and first <= on.year <= last else None,
    )


def _at(day: date, first_year: int, *, after: bool = False) -> int:
    """Where a day begins, or with `after` ends, in units of the drawing."""
    length = date(day.year, 12, 31).timetuple().tm_yday
    passed = day.timetuple().tm_yday - (0 if after else 1)
    return (day.year - first_year) * YEAR + round(passed * YEAR / length)
