"""The official calendar with 调休, its overrides and its provisional years."""

from datetime import date

import pytest

from core.rules.workdays import add_workdays, is_provisional, is_workday, next_workday, workdays_between


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),  # 元旦
        ("2026-01-04", True),  # Sunday made up for 元旦
        ("2026-02-14", True),  # Saturday made up for 春节
        ("2026-02-16", False),  # 春节
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday made up
        ("2026-05-09", True),  # Saturday made up for 劳动节
        ("2026-09-20", True),  # Sunday made up for 国庆
        ("2026-10-10", True),
        ("2026-11-21", False),  # an ordinary Saturday
        ("2026-11-23", True),
    ],
)
def test_2026_as_the_state_council_published_it(day, works):
    assert is_workday(date.fromisoformat(day), {}) is works


def test_an_override_wins_over_the_calendar():
    overrides = {date(2026, 11, 23): False, date(2026, 11, 22): True}
    assert not is_workday(date(2026, 11, 23), overrides)
    assert is_workday(date(2026, 11, 22), overrides)


def test_fifteen_working_days_across_spring_festival():
    assert add_workdays(date(2026, 2, 13), 15, {}) == date(2026, 3, 12)


def test_a_deadline_on_a_holiday_moves_to_the_next_working_day():
    assert next_workday(date(2026, 10, 1), {}) == date(2026, 10, 8)


def test_counting_forward_and_back_agree():
    start, end = date(2026, 2, 10), date(2026, 3, 3)
    assert workdays_between(start, end, {}) == -workdays_between(end, start, {}) > 0
    assert add_workdays(start, workdays_between(start, end, {}), {}) == end


def test_a_year_without_a_notice_is_provisional_until_the_office_enters_it():
    assert not is_provisional(2026, {})
    assert is_provisional(2031, {})
    assert not is_provisional(2031, {date(2031, 1, 25): True})


def test_a_negative_count_is_an_error():
    with pytest.raises(ValueError, match="forward"):
        add_workdays(date(2026, 1, 1), -1, {})
