"""Influence periods the slow way: no formula, every day is walked to and asked.

It has its own months, effects and rules B to F from the reference and shares no code and no data with the
product. It knows the measures in `MONTHS` and 停职.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {
    "M06": 6, "M09": 12, "M11": 24, "M13": 24,
    "P01": 12, "P02": 18, "P03": 24,
    "ZW1": 6, "ZW2": 12, "ZW3": 18, "ZW5": 24,
}  # fmt: skip
WHOLE_PERIOD = {
    "M06": {"不得提拔", "不得进一步使用", "不得晋升职级", "不得列为考察对象"},
    "M09": {"不得提拔", "不得晋升职级", "不得进一步使用"},
    "M11": {"两年不得安排更高职务", "不得晋升职级"},
    "M13": {"不得提拔", "不得晋升职级", "不得进一步使用"},
    "P01": {"不得提拔", "不得进一步使用", "不得推荐担任更高党外职务"},
    "P02": {"不得提拔", "不得进一步使用", "不得推荐担任更高党外职务"},
    "P03": {"不得担任相当或者更高职务"},
    "ZW1": {"不得提拔", "不得晋升职级", "不得晋升级别"},
    "ZW2": {"不得提拔", "不得晋升职级", "不得晋升级别", "不得晋升工资档次"},
    "ZW3": {"不得提拔", "不得晋升职级", "不得晋升级别", "不得晋升工资档次"},
    "ZW5": {"不得提拔", "不得晋升职级", "不得晋升级别", "不得晋升工资档次"},
    "M08": {"停职"},
}
GRADES = {
    "M06": ["不得优秀"], "M09": ["不得优秀"], "M11": ["不定等次"], "M13": ["不定等次"],
    "P01": ["不得优秀"], "P02": ["不定等次"], "P03": ["不称职"],
    "ZW1": ["不得优秀"], "ZW2": ["不定等次"],
    "ZW3": ["不定等次", "不定等次"], "ZW5": ["不定等次", "不定等次"],
}  # fmt: skip
HEAVIER = ["不得优秀", "不定等次", "不称职"]
PARTY, GOVERNMENT = ["P01", "P02", "P03"], ["ZW1", "ZW2", "ZW3", "ZW5"]
DAY = timedelta(days=1)


@dataclass(eq=False)
class Given:
    """What is asked about: one measure with its days."""

    code: str
    effective: date
    ended: date | None = None
    cancelled: bool = False
    batch: str = ""


@dataclass
class Walked:
    code: str
    first: date
    full: date
    ended: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.full and (self.ended is None or day < self.ended)


def is_mark(start: date, day: date) -> bool:
    """Whether a month, counted from `start`, is over when `day` begins."""
    month_ends_today = (day + DAY).day == 1
    return day.day == start.day or (month_ends_today and day.day < start.day)


def last_day(start: date, months: int) -> date:
    """Walk on until that many months are over."""
    day, passed = start, 0
    while True:
        tomorrow = day + DAY
        if is_mark(start, tomorrow):
            passed += 1
            if passed == months:
                return day if tomorrow.day == start.day else tomorrow
        day = tomorrow


def months_and_days(start: date, end: date) -> tuple[int, int]:
    """Whole months from `start` to `end`, and the days that are left, counted one by one."""
    months, reached = 0, start - DAY
    while last_day(start, months + 1) <= end:
        months += 1
        reached = last_day(start, months)
    days = 0
    while reached < end:
        reached += DAY
        days += 1
    return months, days


def together(given: list[Given]) -> list[Given]:
    """One decision at a time: two party measures are one grade heavier, of the 政务 only the heaviest stays.

    What comes of a group stands where its leading measure stood.
    """
    left: list[tuple[int, Given]] = [(given.index(one), one) for one in given if not one.batch]
    for batch in sorted({one.batch for one in given if one.batch}):
        group = [one for one in given if one.batch == batch]
        party = [one for one in group if one.code in PARTY]
        government = [one for one in group if one.code in GOVERNMENT]
        left += [(given.index(one), one) for one in group if one not in party and one not in government]
        if len(party) > 1:
            top = max(party, key=lambda one: (PARTY.index(one.code), -given.index(one)))
            raised = Given(PARTY[PARTY.index(top.code) + 1], top.effective, top.ended)
            left.append((given.index(top), raised))
            party = []
        if len(government) > 1:
            heaviest = max(GOVERNMENT.index(one.code) for one in government)
            same = [one for one in government if GOVERNMENT.index(one.code) == heaviest]
            government = [min(same, key=lambda one: (one.effective, given.index(one)))]
        left += [(given.index(one), one) for one in (*party, *government)]
    return [one for _, one in sorted(left, key=lambda pair: pair[0])]


def walk(given: list[Given]) -> list[Walked]:
    """Every measure that counts with the day it lasts to by the rules, the earliest first."""
    done: list[Walked] = []
    counting = together([one for one in given if not one.cancelled])
    for one in sorted(counting, key=lambda one: one.effective):
        if one.code == "M08":
            done.append(Walked("M08", one.effective, date(2100, 1, 1), one.ended))
        elif one.code in MONTHS:
            done.append(Walked(one.code, one.effective, _full(one, done), one.ended))
    return done


def _full(one: Given, done: list[Walked]) -> date:
    months, start = MONTHS[one.code], one.effective
    chain = next((chain for chain in (PARTY, GOVERNMENT) if one.code in chain), [])
    standing = [other.full for other in done if other.code in chain and other.covers(start)]
    if not standing:
        return last_day(start, months)
    until = max(standing)
    more, days = months_and_days(start, until)
    after_the_old = last_day(until + DAY, months)
    in_one_go = last_day(start, more + months)
    for _ in range(days):
        in_one_go += DAY
    end = max(after_the_old, in_one_go)
    return min(end, last_day(start, 48)) if chain is GOVERNMENT else end


def codes_on(done: list[Walked], day: date) -> Counter[str]:
    return Counter(one.code for one in done if one.covers(day))


def effects_on(done: list[Walked], day: date) -> set[str]:
    """What stands in the way that day."""
    found: set[str] = set()
    for one in done:
        if one.covers(day):
            found |= WHOLE_PERIOD[one.code]
        if one.code == "M06" and one.first <= day and day.year == one.first.year:
            found.add("取消评优评先")
        if one.code == "M11" and one.covers(day) and day <= last_day(one.first, 12):
            found.add("不得安排领导职务")
    return found


def grade_of(done: list[Walked], year: int) -> str | None:
    """What the year's grade comes to, the heaviest first."""
    found = {
        limit
        for one in done
        for later, limit in enumerate(GRADES.get(one.code, []))
        if one.first.year + later == year
    }
    return next((limit for limit in reversed(HEAVIER) if limit in found), None)
