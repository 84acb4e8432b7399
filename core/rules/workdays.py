"""The official working-day calendar with 调休.

Source: the State Council's yearly holiday notice. An override entered by the office wins; after it
comes the `holidays` package; a year for which no notice is out is provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

Overrides = Mapping[date, bool]
"""Day → is it a working day, as entered by the office."""

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=16)
def _national(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays and make-up working days of one year."""
    calendar = holidays.country_holidays("CN", years=year)
    # The package lists some make-up days of long ago under every year.
    return frozenset(calendar.keys()), frozenset(d for d in calendar.weekend_workdays if d.year == year)


def is_workday(day: date, overrides: Overrides) -> bool:
    """Whether `day` is an official working day: override, then holiday, then 调休, then weekday."""
    if day in overrides:
        return overrides[day]
    public, make_up = _national(day.year)
    if day in make_up:
        return True
    return day.weekday() < 5 and day not in public


def is_provisional(year: int, overrides: Overrides) -> bool:
    """Whether the year's 调休 is still unknown, so that its deadlines may move."""
    _, make_up = _national(year)
    return not make_up and not any(day.year == year for day in overrides)


def add_workdays(start: date, count: int, overrides: Overrides) -> date:
    """The `count`-th working day after `start`; `start` itself never counts.

    Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("working days are counted forward")
    day = start
    while count:
        day += ONE_DAY
        count -= is_workday(day, overrides)
    return day


def next_workday(day: date, overrides: Overrides) -> date:
    """`day` itself when it is a working day, otherwise the first one after it."""
    while not is_workday(day, overrides):
        day += ONE_DAY
    return day


def workdays_between(first: date, last: date, overrides: Overrides) -> int:
    """Working days after `first` up to and including `last`; negative when `last` is earlier."""
    if last < first:
        return -workdays_between(last, first, overrides)
    days = (first + timedelta(days=offset) for offset in range(1, (last - first).days + 1))
    return sum(is_workday(day, overrides) for day in days)
