"""From records to readings."""

from datetime import date
from decimal import Decimal

import pytest

from assessment.rules import records
from assessment.rules.scoring import Reading

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
PARAMS = {"on_time": Decimal(100), "late": Decimal(80), "open_cap": Decimal(60)}


def milestone(due: date, done: date | None = None, progress: int = 0, id: int = 1) -> records.MilestoneFact:
    return records.MilestoneFact(id, due, done, Decimal(progress))


@pytest.mark.parametrize(
    ("due", "done", "progress", "mark"),
    [
        (date(2026, 10, 15), date(2026, 10, 15), 100, "100"),  # on the day
        (date(2026, 10, 15), date(2026, 9, 30), 100, "100"),  # early, before the month
        (date(2026, 10, 15), date(2026, 10, 16), 100, "80"),  # a day late
        (date(2026, 10, 15), date(2026, 11, 1), 100, "60"),  # after the month: still open in it
        (date(2026, 10, 15), None, 45, "45"),
        (date(2026, 10, 15), None, 95, "60"),  # never as good as done
        (date(2026, 10, 15), None, 0, "0"),
        (date(2026, 10, 1), date(2026, 10, 1), 100, "100"),  # edges of the month
        (date(2026, 10, 31), date(2026, 10, 31), 100, "100"),
        (date(2026, 11, 1), date(2026, 10, 31), 100, None),  # due later: counts when due
        (date(2026, 9, 30), None, 30, "30"),  # overdue and open keeps counting
        (date(2026, 9, 30), date(2026, 10, 5), 100, "80"),  # overdue, done in the month
        (date(2026, 9, 30), date(2026, 9, 30), 100, None),  # was counted last month
        (date(2026, 9, 1), date(2026, 9, 30), 100, None),
    ],
)
def test_the_mark_of_one_milestone(due: date, done: date | None, progress: int, mark: str | None) -> None:
    reading = records.milestone_reading([milestone(due, done, progress)], FIRST, LAST, PARAMS)
    assert reading == (None if mark is None else Reading(Decimal(mark), Decimal(1), 1, (1,)))


def test_milestones_are_averaged_and_listed_in_order() -> None:
    facts = [
        milestone(date(2026, 10, 9), date(2026, 10, 9), 100, id=9),
        milestone(date(2026, 10, 9), None, 20, id=3),
        milestone(date(2026, 12, 1), None, 20, id=4),
    ]
    assert records.milestone_reading(facts, FIRST, LAST, PARAMS) == Reading(
        Decimal(120), Decimal(2), 2, (3, 9)
    )


def test_nobody_without_milestones_gets_a_zero() -> None:
    assert records.milestone_reading([], FIRST, LAST, PARAMS) is None


def test_partly_confirmed_violations_count_half() -> None:
    facts = [
        records.ViolationFact(8, Decimal(3), partial=True),
        records.ViolationFact(2, Decimal(5), partial=False),
    ]
    half = {"partial_share": Decimal("0.5")}
    assert records.violation_reading(facts, half) == Reading(Decimal("6.5"), Decimal(1), 2, (2, 8))
    assert records.violation_reading([], half) is None


def test_a_rating_is_the_mean_of_the_raters() -> None:
    assert records.rating_reading(250, 3) == Reading(Decimal(250), Decimal(3), 3)
    assert records.rating_reading(0, 1) == Reading(Decimal(0), Decimal(1), 1)
    assert records.rating_reading(0, 0) is None
