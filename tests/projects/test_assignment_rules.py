"""Rules of 六定 tasks, each by a table that people read, and every combination held against them."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from projects.choices import AssignmentState
from projects.rules import assignments as rules

DATA = Path(__file__).parent / "data"


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    return [pytest.param(row, id=f"{number}-{name}") for number, row in enumerate(rows, start=2)]


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize("row", table("incentive_due.csv"))
def test_what_a_task_earns(row):
    earned = rules.incentive_due(
        state=row["state"],
        baseline_due_on=day(row["baseline"]),
        due_on=day(row["due"]),
        done_on=day(row["done"]),
        today=day(row["today"]),
        reward_points=Decimal("2.00"),
        reward_days=int(row["reward_days"]),
        penalty_points=Decimal("1.00"),
        penalty_days=int(row["penalty_days"]),
    )
    found = (earned.kind, str(earned.points)) if earned else ("", "")
    assert found == (row["kind"], row["points"]), row["why"]


def test_over_every_combination_of_state_and_days():
    """A reward only for what was accepted by its baseline; a penalty exactly past the days of grace."""
    base, count = date(2026, 11, 30), 0
    days = (-31, -30, -1, 0, 1, 7, 8, 40)
    for state, due, done, today, ahead, grace in product(
        AssignmentState.values, (-31, 0, 30), (None, *days), days, (0, 30), (0, 7)
    ):
        due_on = base + timedelta(days=due)
        done_on = None if done is None else base + timedelta(days=done)
        now = base + timedelta(days=today)
        earned = rules.incentive_due(
            state=state, baseline_due_on=base, due_on=due_on, done_on=done_on, today=now,
            reward_points=Decimal(2), reward_days=ahead, penalty_points=Decimal(1), penalty_days=grace,
        )  # fmt: skip
        counts = state not in {"DRAFT", "SUSPENDED", "WITHDRAWN"}
        late = ((done_on or now) - due_on).days > grace
        early = state == "ACCEPTED" and done_on is not None and done_on <= base - timedelta(days=ahead)
        expected = "PENALTY" if counts and late else "REWARD" if early else ""
        assert (earned.kind if earned else "") == expected
        assert earned is None or (earned.points > 0) == (expected == "REWARD")
        count += 1
    assert count == 7 * 3 * 9 * 8 * 2 * 2


@pytest.mark.parametrize("row", table("task_lights.csv"))
def test_the_light_of_a_task(row):
    reading = rules.task_light(
        state=row["state"],
        due_on=day(row["due"]),
        done_on=day(row["done"]),
        suspended_reason=row["suspended"],
        today=day(row["today"]),
    )
    assert (reading.light, reading.reason) == (row["light"], row["reason"])


def test_the_table_of_lights_has_every_state():
    rows = [param.values[0] for param in table("task_lights.csv")]
    assert {row["state"] for row in rows} == set(AssignmentState.values)
    assert {row["light"] for row in rows} == {"GREEN", "YELLOW", "RED", "GREY"}


@pytest.mark.parametrize("row", table("task_dates.csv"))
def test_which_dates_stand(row):
    problem = rules.dates_problem(
        start_on=day(row["start"]),
        due_on=day(row["due"]),
        parent_start=day(row["parent_start"]),
        parent_due=day(row["parent_due"]),
        predecessor="交地" if row["predecessor_on"] else "",
        predecessor_on=day(row["predecessor_on"]),
        issued_on=day(row["issued_on"]),
    )
    assert (problem[0] if problem else "") == row["field"]
    assert row["told"] in (problem[1] if problem else "")


SIX = {
    "has_unit": True, "has_owner": True, "duty": "责", "due_on": date(2026, 11, 30), "standard": "进",
    "has_reward": True, "has_penalty": True,
}  # fmt: skip
BLANK = {"duty": " ", "due_on": None, "standard": ""}


def test_every_combination_of_what_is_missing_is_named():
    for absent in product((False, True), repeat=len(SIX)):
        said = {
            name: BLANK.get(name, False) if gone else value
            for gone, (name, value) in zip(absent, SIX.items(), strict=True)
        }
        assert len(rules.missing_of_six(**said)) == sum(absent)
    assert rules.missing_of_six(**SIX) == []
    assert rules.missing_of_six(**{**SIX, "has_unit": False, "standard": ""}) == ["定单位", "定进度"]


@pytest.mark.parametrize(
    ("people", "field", "told"),
    [
        ([("ANSWERS", "甲"), ("OWNER", "乙"), ("HANDLER", "丙"), ("HANDLER", "丁")], "", ""),
        ([], "", ""),
        ([("ANSWERS", "甲"), ("ANSWERS", "乙")], "answers", "责任领导只能有一人，填了 2 人：甲、乙"),
        ([("OWNER", "甲"), ("OWNER", "乙")], "owner", "责任人只能有一人"),
        ([("OWNER", "甲"), ("HANDLER", "甲")], "owner", "“甲”填了不止一次"),
    ],
)
def test_one_answers_one_owns_each_is_named_once(people, field, told):
    problem = rules.people_problem(people)
    assert (problem[0] if problem else "") == field
    assert told in (problem[1] if problem else "")


@pytest.mark.parametrize(
    ("before", "after", "forecast", "note", "field"),
    [
        (20, 40, None, "", ""),
        (40, 20, None, " ", "note"),
        (40, 20, None, "返工", ""),
        (40, 101, None, "", "progress"),
        (40, 50, -1, "", "forecast_on"),
        (40, 50, 0, "", ""),
        (40, 100, -1, "", ""),
    ],
)
def test_what_may_be_reported(before, after, forecast, note, field):
    today = date(2026, 11, 25)
    problem = rules.progress_problem(
        before=Decimal(before),
        after=Decimal(after),
        forecast_on=None if forecast is None else today + timedelta(days=forecast),
        note=note,
        today=today,
    )
    assert (problem[0] if problem else "") == field


@pytest.mark.parametrize(
    ("due", "forecast", "done", "expected", "slip"),
    [
        ("2026-11-30", "", "", "2026-11-30", 0),
        ("2026-11-30", "2026-12-04", "", "2026-12-04", 4),
        ("2026-11-20", "", "", "2026-11-25", -3),  # not done: not before today
        ("2026-11-20", "2026-11-22", "", "2026-11-25", -3),  # a forecast that has passed
        ("2026-11-30", "2026-12-04", "2026-11-27", "2026-11-27", -1),
        ("2026-12-31", "", "", "2026-12-31", 23),  # a limit moved later counts against the baseline
        ("", "", "", "", None),
    ],
)
def test_the_day_it_will_be_done_and_the_slip_in_working_days(due, forecast, done, expected, slip):
    """The baseline is Monday, 2026-11-30; no holiday until the end of the year."""
    found = rules.expected_on(
        due_on=day(due), forecast_on=day(forecast), done_on=day(done), today=date(2026, 11, 25)
    )
    assert found == day(expected)
    assert rules.slip(date(2026, 11, 30), found, {}) == slip
    assert rules.slip(None, found, {}) is None


def test_parts_stand_right_below_their_whole():
    rows = [(5, None), (1, 5), (2, None), (3, 1), (4, 5), (7, 99)]
    assert rules.outline(rows) == [(5, 0), (1, 1), (3, 2), (4, 1), (2, 0), (7, 0)]
    assert rules.outline([]) == []
