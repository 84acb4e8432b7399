"""Periods by the calendar: which one holds a day, when it is due, what is open in which state."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assessment.choices import PeriodKind, PeriodState

ONE_DAY = timedelta(days=1)

TRANSITIONS: dict[PeriodState, tuple[PeriodState, ...]] = {
    PeriodState.COLLECTING: (PeriodState.COMPUTING,),
    PeriodState.COMPUTING: (PeriodState.REVIEW, PeriodState.COLLECTING),
    PeriodState.REVIEW: (PeriodState.COMPUTING,),
}
"""收集 → 核算 → 复核. Back from 核算 when a run could not be finished; from 复核 for a new version."""


@dataclass(frozen=True, slots=True)
class Span:
    """One period of one kind, first and last day included."""

    kind: PeriodKind
    first_day: date
    last_day: date

    @property
    def label(self) -> str:
        """“2026年10月”, as it stands in titles."""
        day = self.first_day
        match self.kind:
            case PeriodKind.DAY:
                return f"{day.year}年{day.month}月{day.day}日"
            case PeriodKind.MONTH:
                return f"{day.year}年{day.month}月"
            case PeriodKind.QUARTER:
                return f"{day.year}年第{(day.month + 2) // 3}季度"
            case _:
                return f"{day.year}年"


def span_containing(kind: PeriodKind, day: date) -> Span:
    """The period of `kind` that `day` falls into; months, quarters and years by the calendar."""
    match kind:
        case PeriodKind.DAY:
            return Span(kind, day, day)
        case PeriodKind.MONTH:
            first_month = last_month = day.month
        case PeriodKind.QUARTER:
            first_month = (day.month - 1) // 3 * 3 + 1
            last_month = first_month + 2
        case _:
            first_month, last_month = 1, 12
    last_day = date(day.year, last_month, monthrange(day.year, last_month)[1])
    return Span(kind, date(day.year, first_month, 1), last_day)


def span_after(span: Span) -> Span:
    """The next period of the same kind."""
    return span_containing(span.kind, span.last_day + ONE_DAY)


def span_before(span: Span) -> Span:
    """The previous period of the same kind."""
    return span_containing(span.kind, span.first_day - ONE_DAY)


def spans(kind: PeriodKind, first: date, last: date) -> Iterator[Span]:
    """Every period that holds a day of first…last, oldest first; none when last is earlier."""
    if last < first:
        return
    span = span_containing(kind, first)
    while span.first_day <= last:
        yield span
        span = span_after(span)


def due_on(span: Span, next_workday: Callable[[date], date]) -> date:
    """The day a period closes on its own: **the first official working day after its last day**.

    The one place of this rule. `next_workday(day)` answers `day` itself when it is a working day.
    """
    return next_workday(span.last_day + ONE_DAY)


def is_due(span: Span, on: date, next_workday: Callable[[date], date]) -> bool:
    """Whether the period should have been closed by the day `on`."""
    return on >= due_on(span, next_workday)


def can_move(state: PeriodState, to: PeriodState) -> tuple[bool, str]:
    """Whether a period may change from `state` to `to`, and if not why."""
    if to in TRANSITIONS[state]:
        return True, ""
    return False, f"本期处于“{state.label}”，不能转为“{to.label}”。"


def can_rate(state: PeriodState, span: Span) -> tuple[bool, str]:
    """Whether ratings of the period may still be entered, and if not why."""
    match state:
        case PeriodState.COLLECTING:
            return True, ""
        case PeriodState.COMPUTING:
            return False, f"{span.label}正在核算，不能再评分。请等核算完成后与考核办联系。"
        case _:
            return False, f"{span.label}已核算，不再接收评分。确需更正的，请与考核办联系，由其另出新版本。"
