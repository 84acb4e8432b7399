"""Period arithmetic, the due rule, and the states."""

from datetime import date

import pytest

from assessment.choices import PeriodKind, PeriodState
from assessment.rules import periods
from core.rules import workdays

MONTH = PeriodKind.MONTH


@pytest.mark.parametrize(
    ("kind", "day", "first", "last", "label"),
    [
        (PeriodKind.DAY, date(2026, 2, 28), date(2026, 2, 28), date(2026, 2, 28), "2026年2月28日"),
        (MONTH, date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        (MONTH, date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 28), "2026年2月"),
        (MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31), "2026年12月"),
        (PeriodKind.QUARTER, date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31), "2026年第1季度"),
        (PeriodKind.QUARTER, date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30), "2026年第2季度"),
        (PeriodKind.QUARTER, date(2026, 7, 1), date(2026, 7, 1), date(2026, 9, 30), "2026年第3季度"),
        (PeriodKind.QUARTER, date(2026, 11, 15), date(2026, 10, 1), date(2026, 12, 31), "2026年第4季度"),
        (PeriodKind.YEAR, date(2026, 6, 1), date(2026, 1, 1), date(2026, 12, 31), "2026年"),
    ],
)
def test_the_period_containing_a_day(
    kind: PeriodKind, day: date, first: date, last: date, label: str
) -> None:
    span = periods.span_containing(kind, day)
    assert (span.first_day, span.last_day, span.label) == (first, last, label)
    assert periods.span_before(periods.span_after(span)) == span
    assert periods.span_after(span).first_day == last + periods.ONE_DAY


def test_months_between_cross_the_year_and_an_empty_stretch_has_none() -> None:
    labels = [span.label for span in periods.spans(MONTH, date(2025, 11, 30), date(2026, 2, 1))]
    assert labels == ["2025年11月", "2025年12月", "2026年1月", "2026年2月"]
    assert list(periods.spans(MONTH, date(2026, 2, 1), date(2026, 1, 31))) == []


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (date(2026, 10, 1), date(2026, 11, 2)),  # 1 November 2026 is a Sunday
        (date(2026, 9, 1), date(2026, 10, 8)),  # National Day, 1 to 7 October
        (date(2026, 1, 1), date(2026, 2, 2)),
        (date(2025, 12, 1), date(2026, 1, 4)),  # 1 to 3 January off, Sunday the 4th made up
        (date(2026, 4, 1), date(2026, 5, 6)),  # Labour Day, 1 to 5 May
        (date(2026, 6, 1), date(2026, 7, 1)),
    ],
)
def test_a_month_is_due_on_the_first_working_day_after_it(month: date, due: date) -> None:
    span = periods.span_containing(MONTH, month)

    def next_workday(day: date) -> date:
        return workdays.next_workday(day, {})

    assert periods.due_on(span, next_workday) == due
    assert not periods.is_due(span, due - periods.ONE_DAY, next_workday)
    assert periods.is_due(span, due, next_workday)


def test_an_override_of_the_office_moves_the_due_day() -> None:
    span = periods.span_containing(MONTH, date(2026, 6, 1))
    off = {date(2026, 7, 1): False}
    assert periods.due_on(span, lambda day: workdays.next_workday(day, off)) == date(2026, 7, 2)


def test_states_move_only_as_declared_and_say_why_not() -> None:
    moves = {(a, b) for a in PeriodState for b in PeriodState if periods.can_move(a, b)[0]}
    assert moves == {
        (PeriodState.COLLECTING, PeriodState.COMPUTING),
        (PeriodState.COMPUTING, PeriodState.REVIEW),
        (PeriodState.COMPUTING, PeriodState.COLLECTING),
        (PeriodState.REVIEW, PeriodState.COMPUTING),
    }
    assert periods.can_move(PeriodState.COLLECTING, PeriodState.REVIEW) == (
        False,
        "本期处于“收集”，不能转为“复核”。",
    )


def test_ratings_are_taken_while_collecting_only() -> None:
    span = periods.span_containing(MONTH, date(2026, 10, 1))
    assert periods.can_rate(PeriodState.COLLECTING, span) == (True, "")
    for state in (PeriodState.COMPUTING, PeriodState.REVIEW):
        allowed, reason = periods.can_rate(state, span)
        assert not allowed
        assert "2026年10月" in reason
