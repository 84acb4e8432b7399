"""双九十: what share of a unit's people, and of their time, is at the front line in a month.

Nothing is reported for it: it is read off what exists. Each working day of each person counts once, by that
of these which says most, the earlier where two say the same, so that nobody loses by one more record:

1. postings to the front line cover it: the sum of their shares, at most the whole day;
2. the person is on the taskforce of a project whose office has moved to the site: the whole day;
3. a site log names the person on that day: half a day, however many logs there are.

Only official working days count, on both sides of the fraction, and of the running month those gone by. Who
was in service in the unit on at least one of them is of its people; who has any front-line time is at the
front line. The share of time is that of the people at the front line. Missing is not zero: a unit without
people has no share of people, one with nobody at the front line no share of time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from core.rules.workdays import Overrides, is_workday
from projects.rules.site import Share

TARGET = Decimal(90)
"""Percent, of people and of time."""
LOG_PERCENT = 50
WHOLE = 100


class Source(StrEnum):
    """Why a day counts."""

    POSTING = "下沉安排"
    TASKFORCE = "攻坚小组驻现场"
    LOG = "现场工作记录"


def working_days(year: int, month: int, *, until: date, overrides: Overrides) -> list[date]:
    """The official working days of a month up to `until`, in order; none of a month to come."""
    first = date(year, month, 1)
    last = min(date(year, month, monthrange(year, month)[1]), until)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if is_workday(day, overrides)]


@dataclass(frozen=True)
class Facts:
    """What is known of one person; `service` are the stretches in the unit, whatever their percent."""

    service: Sequence[Share]
    postings: Sequence[Share] = ()
    taskforces: Sequence[Share] = ()
    logged: frozenset[date] = frozenset()


@dataclass(frozen=True)
class PersonShare:
    """One person in one unit: working days in service, and front-line days by why they count."""

    days: int
    by_source: Mapping[Source, Decimal] = field(default_factory=dict)

    @property
    def frontline(self) -> Decimal:
        """Days at the front line, with halves."""
        return sum(self.by_source.values(), Decimal(0))

    @property
    def is_there(self) -> bool:
        return self.frontline > 0


def person_share(facts: Facts, *, days: Sequence[date]) -> PersonShare:
    """A person's share of the working days `days`, which are in order."""
    if not (facts.postings or facts.taskforces or facts.logged):
        return PersonShare(sum(_count(stretch, days) for stretch in facts.service))
    served = [day for day in days if any(stretch.covers(day) for stretch in facts.service)]
    found: dict[Source, Decimal] = {}
    for day in served:
        source, percent = _of_day(facts, day)
        if source is not None:
            found[source] = found.get(source, Decimal(0)) + Decimal(percent) / WHOLE
    return PersonShare(len(served), found)


def _count(stretch: Share, days: Sequence[date]) -> int:
    end = len(days) if stretch.last is None else bisect_right(days, stretch.last)
    return max(0, end - bisect_left(days, stretch.first))


def _of_day(facts: Facts, day: date) -> tuple[Source | None, int]:
    found: list[tuple[Source, int]] = []
    posted = [posting.percent for posting in facts.postings if posting.covers(day)]
    if posted:
        found.append((Source.POSTING, min(WHOLE, sum(posted))))
    if any(stretch.covers(day) for stretch in facts.taskforces):
        found.append((Source.TASKFORCE, WHOLE))
    if day in facts.logged:
        found.append((Source.LOG, LOG_PERCENT))
    return max(found, key=lambda each: each[1], default=(None, 0))


@dataclass(frozen=True)
class UnitShare:
    """A unit in a month. Percentages have one decimal; None where there is nothing to take a share of."""

    people: int
    there: int
    days: int
    """Working days in service of the people at the front line."""
    frontline: Decimal
    """Front-line days of these."""
    people_percent: Decimal | None
    time_percent: Decimal | None


def unit_share(persons: Iterable[PersonShare]) -> UnitShare:
    """The unit's shares from its people's."""
    serving = [person for person in persons if person.days]
    there = [person for person in serving if person.is_there]
    days, frontline = sum(person.days for person in there), sum((p.frontline for p in there), Decimal(0))
    return UnitShare(
        people=len(serving),
        there=len(there),
        days=days,
        frontline=frontline,
        people_percent=_percent(Decimal(len(there)), len(serving)),
        time_percent=_percent(frontline, days),
    )


def _percent(part: Decimal, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (part * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
