"""Legal time limits: working days after a day, calendar months with month-end clamp, moved off holidays.

The starting day never counts. A limit in months ends on the day with the same number, or the last day of a
shorter month; a limit that ends on a day off ends on the next working day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from core.rules.workdays import Overrides, add_workdays, is_provisional, next_workday


def after_months(start: date, months: int) -> date:
    """The same day `months` later, or the last day of that month. Raises ValueError for a negative count."""
    if months < 0:
        raise ValueError("months are counted forward")
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def workdays_deadline(start: date, count: int, overrides: Overrides) -> date:
    """The `count`-th working day after `start`."""
    return add_workdays(start, count, overrides)


def months_deadline(start: date, months: int, overrides: Overrides) -> date:
    """`months` after `start`, moved to the next working day."""
    return next_workday(after_months(start, months), overrides)


def is_firm(deadline: date, overrides: Overrides) -> bool:
    """Whether the 调休 of the deadline's year is known, so that it will not move."""
    return not is_provisional(deadline.year, overrides)


def span_in_words(days: int) -> str:
    """A number of days as one says it: 21 天; beyond a year the days no longer matter: 10 年多."""
    years = days // 365
    if days <= 365:
        return f"{days} 天"
    return f"{years} 年" if days == 365 * years else f"{years} 年多"
