"""Rules of investment: tables a person can read, both ways, and sums that reconcile whatever the figures."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.rules.errors import DomainError
from projects.rules import investment as rules
from projects.templatetags.money import signed, wan

DATA = Path(__file__).parent / "data"
WAN = Decimal(10_000)


def table(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return Decimal(text) if text else None


def month(text):
    return date.fromisoformat(f"{text}-01")


RATIOS, READINGS, DOUBTS, TYPED = (
    table(f"investment_{name}.csv") for name in ("ratios", "readings", "doubts", "typed")
)


def test_the_tables_are_there():
    assert [len(rows) for rows in (RATIOS, READINGS, DOUBTS, TYPED)] == [20, 20, 22, 22]
    assert {row["doubt"] for row in DOUBTS} == {"yes", "no"}


@pytest.mark.parametrize("row", RATIOS, ids=[row["case"] for row in RATIOS])
def test_ratios(row):
    ratio = rules.percent_of if row["kind"] == "share" else rules.growth
    assert ratio(number(row["part"]), number(row["whole"])) == number(row["expected"])


@pytest.mark.parametrize("row", READINGS, ids=[row["case"] for row in READINGS])
def test_readings(row):
    months = {month(part.split("=")[0]): Decimal(part.split("=")[1]) for part in row["months"].split()}
    opening = None
    if row["opening"]:
        scope, until, yuan = row["opening"].split()
        opening = rules.Opening(month(until), Decimal(yuan), scope == "START")
    found = rules.read(months=months, month=month(row["month"]), total=None, plan=None, opening=opening)
    assert (found.month, found.year, found.since_start, found.year_growth) == tuple(
        number(row[name]) for name in ("this", "year", "since_start", "year_growth")
    )


@pytest.mark.parametrize("row", DOUBTS, ids=[row["case"] for row in DOUBTS])
def test_amounts_in_the_wrong_unit_are_asked_back(row):
    money = rules.money_typed(row["typed"])
    question = rules.doubt(
        money.yuan,
        others=[Decimal(part) * WAN for part in row["others"].split()],
        room=Decimal(row["room"]) * WAN if row["room"] else None,
        plan=Decimal(row["plan"]) * WAN if row["plan"] else None,
    )
    assert bool(question) == (row["doubt"] == "yes"), question
    if question:
        assert rules.spoken(money.yuan) in question
    if row["suggested"]:
        assert f"是否应为 {row['suggested']}？" in question
    elif question:
        assert "请核对单位" in question


@pytest.mark.parametrize("row", TYPED, ids=[row["typed"] for row in TYPED])
def test_what_may_be_typed(row):
    if not row["yuan"]:
        with pytest.raises(DomainError, match="请"):
            rules.money_typed(row["typed"])
        return
    assert rules.money_typed(row["typed"]) == rules.Money(Decimal(row["yuan"]), row["kept"])


@pytest.mark.parametrize(
    ("day", "before"), [(date(2026, 1, 31), date(2025, 12, 1)), (date(2026, 3, 31), date(2026, 2, 1))]
)
def test_the_month_before(day, before):
    assert rules.month_before(day) == before


def test_a_kept_amount_is_shown_without_the_unit_that_stands_beside_its_field():
    shown = [rules.shown_text(text) for text in ("3000万元", "0.3亿元", "1亿2000万元", "500元", "2000万")]
    assert shown == ["3000", "0.3亿元", "1亿2000万元", "500元", "2000万"]


def test_amounts_are_shown_without_rounding_and_growth_with_its_sign():
    assert [wan(Decimal(v)) for v in ("30000000.00", "5000", "0.01", "0")] == [
        "3,000",
        "0.5",
        "0.000001",
        "0",
    ]
    assert wan(None) == signed(None) == "—"
    assert [signed(Decimal(v)) for v in ("12.5", "-3.0", "0.0")] == ["+12.5%", "-3%", "0%"]


# ---- The sheet ----

TODAY = date(2026, 11, 25)
STORED = {date(2026, n, 1): Decimal(3000) * WAN for n in range(1, 10)}


def problems(*rows, **standing):
    typed = [
        rules.Typed(date(year, n, 1), rules.money_typed(amount), note, sure)
        for year, n, amount, note, sure in rows
    ]
    found = rules.sheet_problems(typed, standing=rules.Standing(STORED, **standing), today=TODAY)
    return [(problem.field, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ((2026, 12, "100", "", False), "amount_12", "还没有到"),
        ((2027, 1, "100", "预填", True), "amount_1", "还没有到"),
        ((2026, 9, "2900", "", False), "note_9", "已填报 3,000 万元，现在改为 2,900 万元"),
        ((2026, 10, "-100", "", False), "note_10", "负数"),
        ((2026, 10, "-99999", "核减", False), "amount_10", "超过了"),
        ((2026, 10, "3000亿元", "", False), "sure_10", "是否应为 3,000 万元"),
        ((2026, 10, "3000亿元", "写了说明", False), "sure_10", "金额无误"),
        ((2026, 10, "3000亿元", "", True), "note_10", "写明原因"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(row, field, said):
    ((at, message),) = problems(row)
    assert at == field
    assert said in message


@pytest.mark.parametrize(
    "row",
    [
        (2026, 11, "3000", "", False),
        (2026, 10, "2500", "", False),
        (2026, 9, "3000", "", False),
        (2026, 9, "2900", "监理核减", False),
        (2026, 10, "-100", "冲减9月多报", False),
        (2026, 10, "3000亿元", "总部统一结算", True),
        (2026, 10, "0", "", False),
    ],
)
def test_what_may_be_saved(row):
    assert problems(row) == []


def test_every_wrong_month_is_named_at_once():
    found = problems((2026, 12, "1", "", False), (2026, 9, "1000", "", False), (2026, 10, "3100", "", False))
    assert [field for field, _ in found] == ["note_9", "amount_12"]


def test_months_typed_together_share_what_is_left_of_the_total_investment():
    left = 9 * 3000 + 5000
    found = problems((2026, 10, "3000", "", False), (2026, 11, "3000", "", False), total=left * WAN)
    assert [field for field, _ in found] == ["sure_11"]
    assert "总投资只剩 2,000 万元没有完成" in found[0][1]


# ---- Sums ----

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How fast figures are drawn says how busy the machine is, nothing about the rules."""
yuan = st.none() | st.integers(-(10**9), 10**13).map(lambda n: Decimal(n) / 100)
reading = st.builds(
    rules.Reading, total=yuan, plan=yuan, month=yuan, year=yuan, since_start=yuan,
    month_last_year=yuan, year_last_year=yuan,
)  # fmt: skip


@UNHURRIED
@given(st.lists(st.tuples(st.integers(0, 4), reading), max_size=30))
def test_projects_units_and_district_add_up_in_every_column(rows):
    units = [
        rules.summed([each for unit, each in rows if unit == own]) for own in sorted({u for u, _ in rows})
    ]
    whole = rules.summed([each for _, each in rows])
    for name in ("total", "plan", "month", "year", "since_start"):
        of_projects = [getattr(each, name) for _, each in rows]
        known = [value for value in of_projects if value is not None]
        assert getattr(whole, name) == rules.known_sum(getattr(each, name) for each in units)
        assert getattr(whole, name) == (sum(known) if known else None)


def test_a_ratio_of_sums_counts_only_who_has_both_sides():
    with_plan = rules.Reading(plan=Decimal(100), year=Decimal(50))
    without = rules.Reading(plan=None, year=Decimal(1000))
    unreported = rules.Reading(plan=Decimal(100), year=None)
    found = rules.summed([with_plan, without, unreported])
    assert (found.share, found.year, found.plan) == (Decimal("50.0"), 1050, 200)


@UNHURRIED
@given(
    st.dictionaries(st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(rules.month_of),
                    st.integers(0, 10**9).map(Decimal), max_size=30),
    st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(rules.month_of),
    st.integers(0, 10**10).map(Decimal), st.booleans(),
)  # fmt: skip
def test_months_and_the_difference_make_up_what_was_brought_forward(months, until, carried, since_start):
    opening = rules.Opening(until, carried, since_start)
    found = rules.agreement(months, opening)
    assert (found.by_month or 0) + found.difference == carried
    later = sum((yuan for on, yuan in months.items() if not opening.covers(on)), Decimal(0))
    assert rules.since_start(months, date(2026, 12, 1), opening) == carried + later
