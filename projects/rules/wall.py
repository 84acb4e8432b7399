"""挂图作战: where things stand on the wall. A day becomes a place, lamps and words keep out of each other's
way, and what hurts most comes first. Pure: dates and numbers in, places out.

Places are percent of the width of the timeline, 0 its left and 100 its right end, so that one drawing serves
a phone, a desk, paper and a screen on the wall.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

LOOK_AHEAD_DAYS = 120
LOOK_BACK_DAYS = 90
"""The current year is widened so that at least this much of what comes, and of what was, stays in sight."""
MONTHS_UP_TO = 15
"""Months are marked while the window holds at most this many of them, above that quarters, then years."""
QUARTERS_UP_TO = 60
LAMP_GAP = 2.6
"""How far apart two lamps of a lane stand at least, in percent: one lamp's width on a desk."""
LETTER_WIDTH = 2.6
"""How wide one Chinese character of a label is, in percent, on the narrowest timeline that shows labels."""

_WORST_FIRST = ("RED", "YELLOW", "GREY", "GREEN")


@dataclass(frozen=True)
class Window:
    """The days the wall shows, both ends included."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """The place of a day in percent, two decimals; a day outside is held at the nearer end."""
        days = (self.last - self.first).days + 1
        share = ((day - self.first).days + 0.5) / days
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    def side(self, day: date) -> str:
        """`before`, `inside` or `after`."""
        return "before" if day < self.first else "after" if day > self.last else "inside"

    @property
    def months(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1


def _month_start(day: date, months: int = 0) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _quarter_start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def window_of_year(today: date, year: int) -> Window:
    """A calendar year; the current one reaches into its neighbours by whole quarters."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if year == today.year:
        first = min(first, _quarter_start(today - timedelta(days=LOOK_BACK_DAYS)))
        ahead = _quarter_start(today + timedelta(days=LOOK_AHEAD_DAYS))
        last = max(last, _month_start(ahead, 3) - timedelta(days=1))
    return Window(first, last)


def window_of_days(today: date, days: Sequence[date]) -> Window:
    """Every one of the days and today, in whole quarters."""
    early, late = min([today, *days]), max([today, *days])
    return Window(_quarter_start(early), _month_start(_quarter_start(late), 3) - timedelta(days=1))


@dataclass(frozen=True)
class Tick:
    """A month, quarter or year of the axis: from `at`, `width` wide, both in percent."""

    at: float
    width: float
    label: str
    is_year: bool
    """Whether a year begins here: its label names the year."""


def ticks(window: Window) -> list[Tick]:
    """The axis; its parts touch each other and fill the width."""
    step = 1 if window.months <= MONTHS_UP_TO else 3 if window.months <= QUARTERS_UP_TO else 12
    days = (window.last - window.first).days + 1
    start = date(window.first.year, (window.first.month - 1) // step * step + 1, 1)
    found: list[Tick] = []
    while start <= window.last:
        end = _month_start(start, step)
        left = max((start - window.first).days, 0) / days * 100
        right = min((end - window.first).days, days) / days * 100
        label = (
            f"{start.month}月"
            if step == 1
            else f"{start.year}"
            if step == 12
            else f"{(start.month + 2) // 3}季度"
        )
        is_year = start.month == 1 or not found
        found.append(Tick(round(left, 2), round(right - left, 2), label, is_year))
        start = end
    return found


def years(window: Window) -> list[Tick]:
    """The years above the axis, each as wide as its days in the window."""
    days = (window.last - window.first).days + 1
    found = []
    for year in range(window.first.year, window.last.year + 1):
        left = max((date(year, 1, 1) - window.first).days, 0) / days * 100
        right = min((date(year + 1, 1, 1) - window.first).days, days) / days * 100
        found.append(Tick(round(left, 2), round(right - left, 2), f"{year}年", is_year=True))
    return found


def spread(places: Sequence[float], *, gap: float, low: float = 0.0, high: float = 100.0) -> list[float]:
    """The places moved apart to at least `gap`, within `low` and `high`, as little as possible.

    `places` rise; so do the results. Where not all fit with the gap, they stand evenly. Least squares: the
    neighbours that push each other move as one block to their common mean.
    """
    if not places:
        return []
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    room = high - gap * (len(places) - 1)
    blocks: list[tuple[float, int]] = []  # (sum of what is wanted, how many)
    for number, place in enumerate(places):
        total, count = place - number * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    free = [total / count for total, count in blocks for _ in range(count)]
    return [
        round(min(max(wanted, low), max(room, low)) + number * gap, 2) for number, wanted in enumerate(free)
    ]


@dataclass(frozen=True)
class Label:
    """Words that want to stand around `at`; the lower the rank, the sooner they get their place."""

    at: float
    width: float
    rank: int


def labels_shown(labels: Sequence[Label]) -> list[float | None]:
    """Where the middle of each label stands, None for one that has no room; none overlaps another.

    A label near an end is pushed inside. The first by rank, then from the left, is placed first.
    """
    taken: list[tuple[float, float]] = []
    found: list[float | None] = [None] * len(labels)
    for number in sorted(range(len(labels)), key=lambda n: (labels[n].rank, labels[n].at, n)):
        half = min(labels[number].width, 100.0) / 2
        middle = round(min(max(labels[number].at, half), 100 - half), 2)
        span = (middle - half, middle + half)
        place = bisect_left(taken, span)
        clear = (place == 0 or taken[place - 1][1] <= span[0]) and (
            place == len(taken) or taken[place][0] >= span[1]
        )
        if clear:
            taken.insert(place, span)
            found[number] = middle
    return found


@dataclass(frozen=True)
class Node:
    """What the wall needs of a milestone; `light` and `reason` are what `rules.milestones` says of it."""

    name: str
    short: str
    light: str
    reason: str
    baseline_on: date | None
    planned_on: date | None
    forecast_on: date | None
    done_on: date | None

    @property
    def stands_on(self) -> date | None:
        """Where its lamp hangs: the day it was done, else the day planned."""
        return self.done_on or self.planned_on


@dataclass(frozen=True)
class Mark:
    """A lamp on a lane. `shape` is DONE or the light; `label_at` None leaves the label out.

    `ghost_at` is the day first fixed where the lamp no longer hangs there; `forecast_at` the day expected
    where it is not the day planned, and `expect_to` where the line to it ends: at the edge when that day is
    out of sight; `late_to` how far a red lamp's delay reaches, today at the most.
    """

    node: Node
    shape: str
    at: float
    side: str
    label_at: float | None
    ghost_at: float | None = None
    forecast_at: float | None = None
    expect_to: float | None = None
    late_to: float | None = None


@dataclass(frozen=True)
class Lane:
    """A project's drawing: `start` and `end` of its line, None when it has nothing dated."""

    marks: list[Mark]
    start: float | None = None
    end: float | None = None
    undated: int = 0
    """Milestones without any day: they hang nowhere and are told in words."""
    before: int = 0
    """Milestones done before the window: not drawn."""


def draw(nodes: Sequence[Node], *, window: Window, today: date) -> Lane:
    """Where the lamps of one project hang, in the order of their days.

    What was done before the window is left out; what is open outside it hangs at the nearer end, for a lamp
    that is out of sight does not warn.
    """
    dated = [node for node in nodes if node.stands_on is not None]
    shown = sorted(
        (node for node in dated if not (node.done_on and window.side(node.done_on) == "before")),
        key=lambda node: node.stands_on or today,
    )
    places = spread([window.at(node.stands_on or today) for node in shown], gap=LAMP_GAP, low=1.0, high=99.0)
    words = labels_shown(
        [
            Label(place, len(node.short) * LETTER_WIDTH, _rank(node))
            for node, place in zip(shown, places, strict=True)
        ]
    )
    marks = [
        _mark(node, place, label, window, today)
        for node, place, label in zip(shown, places, words, strict=True)
    ]
    reach = [mark.at for mark in marks] + [
        place for mark in marks for place in (mark.ghost_at, mark.forecast_at) if place is not None
    ]
    before = len(dated) - len(shown)
    return Lane(
        marks=marks,
        start=0.0 if before and reach else min(reach, default=None),
        end=max(reach, default=None),
        undated=len(nodes) - len(dated),
        before=before,
    )


def _rank(node: Node) -> int:
    return len(_WORST_FIRST) if node.done_on else _WORST_FIRST.index(node.light)


def _mark(node: Node, place: float, label: float | None, window: Window, today: date) -> Mark:
    hangs = node.stands_on or today
    expected = node.forecast_on if node.done_on is None else None
    if expected == hangs or window.side(hangs) != "inside":
        expected = None
    fixed = node.baseline_on
    return Mark(
        node=node,
        shape="DONE" if node.done_on else node.light,
        at=place,
        side=window.side(hangs),
        label_at=label,
        ghost_at=window.at(fixed) if fixed and fixed != hangs and window.side(fixed) == "inside" else None,
        forecast_at=window.at(expected) if expected and window.side(expected) == "inside" else None,
        expect_to=window.at(expected) if expected else None,
        late_to=max(window.at(today), place) if node.light == "RED" and hangs < today else None,
    )


@dataclass(frozen=True)
class Money:
    """The year's investment of a project or of all: planned and done in yuan, None where nobody said."""

    plan: Decimal | None
    done: Decimal | None
    imported: bool = False
    """Whether both come from the imported table, whose figure is cumulative, and not from monthly reports."""

    @property
    def share(self) -> Decimal | None:
        """Done of planned in percent, one decimal; None without a plan or a report."""
        if not self.plan or self.done is None:
            return None
        return (self.done / self.plan * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def money_of(
    *, plan: Decimal | None, entries: Decimal | None, table_plan: Decimal | None, table_done: Decimal | None
) -> Money:
    """The plan and the months reported; the imported table speaks only where neither exists.

    A plan beside months of no plan of their own is taken from the table: it is the same kind of figure. What
    the table says was done is cumulative and never stands in for months.
    """
    if plan is None and entries is None:
        return Money(table_plan, table_done, imported=table_plan is not None or table_done is not None)
    return Money(plan if plan is not None else table_plan, entries)


def total_of(parts: Sequence[Money]) -> Money:
    """Of all projects that have a plan and a report: a share of what can be compared, nothing else."""
    known = [(part.plan, part.done) for part in parts if part.plan and part.done is not None]
    if not known:
        return Money(None, None)
    return Money(sum((plan for plan, _ in known), Decimal(0)), sum((done for _, done in known), Decimal(0)))


def elapsed(today: date, year: int) -> Decimal | None:
    """How much of the year is over at the end of the day, in percent to one decimal; None in another."""
    if today.year != year:
        return None
    over = (today - date(year, 1, 1)).days + 1
    return (Decimal(over) * 100 / (date(year + 1, 1, 1) - date(year, 1, 1)).days).quantize(
        Decimal("0.1"), ROUND_HALF_UP
    )


_RANK = {"RED": 0, "YELLOW": 1, "GREY": 3, "GREEN": 4}


def trouble_rank(*, light: str, closed: bool, suspended: bool, issues: int) -> int:
    """How much a project hurts, 0 most: red, yellow, open problems or suspended, undated, well, closed."""
    if closed:
        return 5
    rank = _RANK[light]
    return min(rank, 2) if issues or suspended else rank


def needs_eyes(rank: int) -> bool:
    """Whether a project of this rank belongs to those that need somebody's attention."""
    return rank <= 2
