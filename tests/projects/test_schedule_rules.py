"""Slip, forecast, contradictions, weights against tables that a person of the office can review.

Each table is read whole: every row gives what it says, and everything a rule can answer stands in its table.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.rules.deadlines import span_in_words
from projects.choices import Contradiction, ForecastBasis, MilestoneKind
from projects.rules import milestones as rules
from projects.rules import schedule
from projects.rules.schedule import Node

DATA = Path(__file__).parent / "data"
KINDS = {kind.label: kind.value for kind in MilestoneKind}
NOTICES: dict[date, bool] = {}
"""The office's own corrections of the calendar: none in these tables."""


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text):
    return date.fromisoformat(text) if text else None


def number(text):
    return Decimal(text) if text else Decimal(0)


SLIPS, FORECASTS = table("slips.csv"), table("forecasts.csv")
CONTRADICTIONS, WEIGHTS, RESTING = table("contradictions.csv"), table("weights.csv"), table("resting.csv")
PLANS, SPANS = table("plans.csv"), table("spans.csv")
ALL = {
    "slips": SLIPS,
    "forecasts": FORECASTS,
    "contradictions": CONTRADICTIONS,
    "weights": WEIGHTS,
    "resting": RESTING,
    "plans": PLANS,
    "spans": SPANS,
    "lights": table("lights.csv"),
}


def test_the_tables_have_at_least_ninety_rows_and_none_twice():
    assert sum(len(rows) for rows in ALL.values()) >= 90
    for name, rows in ALL.items():
        assert len({tuple(row.values()) for row in rows}) == len(rows), name
        assert all(None not in row and None not in row.values() for row in rows), f"{name}: uneven row"


@pytest.mark.parametrize("row", SLIPS, ids=lambda row: row["情形"])
def test_slip(row):
    days = schedule.slip(
        against=day(row["对照日期"]),
        done_on=day(row["完成"]),
        suspended_on=day(row["暂停日"]),
        today=date.fromisoformat(row["今天"]),
        overrides=NOTICES,
    )
    assert ("" if days is None else str(days), schedule.slip_in_words(days)) == (
        row["工作日"],
        row["说法"],
    )


def test_every_way_a_slip_is_said_is_in_the_table():
    assert {row["说法"][:1] for row in SLIPS} == {"晚", "早", "按", ""}


@pytest.mark.parametrize("row", FORECASTS, ids=lambda row: row["情形"])
def test_forecast(row):
    found = schedule.forecast(
        stated_on=day(row["组长预计"]),
        started_on=day(row["开始"]),
        done_on=day(row["完成"]),
        progress=number(row["进度"]),
        is_suspended=bool(row["暂停"]),
        today=date.fromisoformat(row["今天"]),
        overrides=NOTICES,
    )
    assert (found.on, found.basis.label) == (day(row["预计完成"]), row["依据"])


def test_every_basis_of_a_forecast_is_in_the_table():
    assert {row["依据"] for row in FORECASTS} == set(ForecastBasis.labels)


def nodes_of(row):
    """The node judged, and the other one: its predecessor, or just of the same project."""
    other = Node(
        name=row["另一节点"] or "—",
        kind=KINDS.get(row["另一节点"], MilestoneKind.OTHER),
        planned_on=day(row["另一计划"]),
        done_on=day(row["另一完成"]),
        progress=Decimal(100) if row["另一完成"] else Decimal(0),
    )
    judged = Node(
        name=row["节点"],
        kind=KINDS.get(row["节点"], MilestoneKind.OTHER),
        planned_on=day(row["计划"]),
        started_on=day(row["开始"]),
        done_on=day(row["完成"]),
        forecast_on=day(row["预计"]),
        progress=number(row["进度"]),
        suspended_reason=row["暂停原因"],
        after=1 if row["是前置"] else None,
    )
    return [judged, other] if row["另一节点"] else [judged]


@pytest.mark.parametrize("row", CONTRADICTIONS, ids=lambda row: row["情形"])
def test_contradictions(row):
    found, *_ = schedule.contradictions(nodes_of(row), today=date.fromisoformat(row["今天"]))
    assert "；".join(finding.code.label for finding in found) == row["矛盾"]
    assert "；".join(finding.text for finding in found) == row["说法"]


def test_every_contradiction_is_in_the_table_and_so_is_what_is_none():
    named = {label for row in CONTRADICTIONS for label in row["矛盾"].split("；")}
    assert named == {*Contradiction.labels, ""}


def test_every_pair_of_kinds_that_has_an_order_is_in_the_table():
    wrong = {
        (row["另一节点"], row["节点"])
        for row in CONTRADICTIONS
        if {"完成顺序颠倒", "计划顺序颠倒"} & set(row["矛盾"].split("；"))
    }
    assert wrong == {(first.label, then.label) for first, then in schedule.FIRST_THEN}


@pytest.mark.parametrize("row", WEIGHTS, ids=lambda row: row["情形"])
def test_weights(row):
    weights = [Decimal(text) for text in row["权重"].split()]
    assert (rules.weights_problem(weights) or "") == row["提示"]
    scaled = rules.scaled_weights(weights)
    assert " ".join(rules.shown(weight) for weight in scaled) == row["折算成100"]
    assert not scaled or (sum(scaled) == 100 and rules.weights_problem(scaled) is None)
    parts = [(weight, number(text)) for weight, text in zip(weights, row["进度"].split(), strict=True)]
    progress = rules.rolled_up_progress(parts)
    assert ("" if progress is None else rules.shown(progress)) == row["汇总进度"]


def test_weights_of_every_sort_are_in_the_table():
    assert {"还差" in row["提示"] or ("多了" in row["提示"] and "多") or "" for row in WEIGHTS} == {
        True, "多", "",
    }  # fmt: skip
    assert any(not row["汇总进度"] for row in WEIGHTS)


@pytest.mark.parametrize("row", RESTING, ids=lambda row: row["情形"])
def test_what_is_not_timed(row):
    told = rules.resting(
        closed_on=day(row["办结"]),
        suspended_reason=row["暂停原因"] if row["暂停"] else None,
        year=int(row["年度"]) if row["年度"] else None,
        is_led=bool(row["有组长"]),
        today=date.fromisoformat(row["今天"]),
    )
    assert told == row["说法"]
    late = rules.milestone_light(
        planned_on=date(2016, 5, 31), done_on=None, suspended_reason="", progress=Decimal(40),
        today=date.fromisoformat(row["今天"]), resting=told,
    )  # fmt: skip
    assert late.light == row["逾期节点的灯"]
    done = rules.milestone_light(
        planned_on=date(2016, 5, 31), done_on=date(2016, 5, 1), suspended_reason="", progress=Decimal(100),
        today=date.fromisoformat(row["今天"]), resting=told,
    )  # fmt: skip
    assert done.light == "GREEN", "what is done stays done"


def test_every_reason_to_rest_is_in_the_table():
    assert {row["说法"][-4:] for row in RESTING} >= {"不再计时", ""}
    assert {bool(row["办结"]) for row in RESTING} == {bool(row["暂停"]) for row in RESTING} == {True, False}


@pytest.mark.parametrize("row", PLANS, ids=lambda row: row["情形"])
def test_plans_set_by_hand(row):
    places = {name: place for place, name in reversed(list(enumerate(row["节点"].split())))}
    names, dates = row["节点"].split(), row["计划"].split()
    afters = row["前置"].split()
    nodes = [
        Node(
            name=name,
            kind=MilestoneKind.OTHER,
            planned_on=None if on == "-" else date.fromisoformat(on),
            after=None if after == "-" else places[after],
        )
        for name, on, after in zip(names, dates, afters, strict=True)
    ]
    found = schedule.plan_problems(nodes)
    assert "；".join(f"{place + 1}:{field}" for place, field, _ in found) == row["有误之处"]
    assert all(text.endswith("。") for *_, text in found)


def test_every_field_a_plan_may_fail_at_is_in_the_table():
    fields = {part.split(":")[1] for row in PLANS for part in row["有误之处"].split("；") if part}
    assert fields == {"name", "after", "planned_on"}
    assert any(not row["有误之处"] for row in PLANS)


@pytest.mark.parametrize("row", SPANS, ids=lambda row: row["天数"])
def test_a_number_of_days_as_one_says_it(row):
    assert span_in_words(int(row["天数"])) == row["说法"]


@pytest.mark.parametrize(
    ("has_work", "reported", "led", "told"),
    [
        (True, "2026-10-21", "2026-01-01", "最近更新在 35 天前"),
        (True, "2026-10-26", "2026-01-01", ""),
        (True, "2026-10-25", "2026-01-01", "最近更新在 31 天前"),
        (False, "2026-01-01", "2026-01-01", ""),
        (True, "", "2026-10-01", "组长上任 55 天，还没有更新过节点"),
        (True, "", "2026-11-20", ""),
        (True, "2026-01-01", "2026-11-20", ""),
        (True, "", "", ""),
        (True, "2024-01-01", "2023-01-01", "最近更新在 2 年多前"),
    ],
)
def test_a_silent_leader_is_named_after_thirty_days(has_work, reported, led, told):
    words = rules.quiet_words(
        has_work=has_work, reported_on=day(reported), led_since=day(led), today=date(2026, 11, 25)
    )
    assert words == told


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"started_on": date(2026, 11, 26)}, "started_on"),
        ({"started_on": date(2026, 11, 20), "done_on": date(2026, 11, 19), "after": Decimal(100)}, "done_on"),
        ({"started_on": date(2026, 11, 20), "done_on": date(2026, 11, 20), "after": Decimal(100)}, None),
        ({"after": Decimal("100.01")}, "progress"),
        ({"after": Decimal("-1")}, "progress"),
    ],
)
def test_what_is_wrong_with_an_update_is_said_at_its_field(values, field):
    said = {"before": Decimal(0), "after": Decimal(50), "done_on": None, "note": "", **values}
    problem = rules.update_problem(**said, today=date(2026, 11, 25))
    assert (problem and problem[0]) == field
