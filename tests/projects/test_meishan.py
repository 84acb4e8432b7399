"""Published completion ratios of a prefecture's districts, recomputed; its roundings reproduced."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from core.rules import contradictions
from core.rules.amounts import decimal_of, parse_percent
from projects.rules.milestones import shown

TABLE = Path(__file__).parents[1] / "data" / "meishan.csv"
WHOLE, UNSAID = "全市", "城镇登记失业率低于(%)"


def rows():
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


ROWS = rows()
PUBLISHED = [row for row in ROWS if row["完成比例_公布"]]


def ratio(row):
    return decimal_of(row["进度"]) / decimal_of(row["目标任务"]) * 100


def told(row, published=None):
    """What the import would point out of a row."""
    value = published or row["完成比例_公布"]
    return contradictions.ratio_against_counts(
        name=row["指标"],
        target=decimal_of(row["目标任务"]),
        done=decimal_of(row["进度"]),
        published=parse_percent(value, "") if value else None,
    )


def test_every_row_is_accounted_for():
    silent = [row for row in ROWS if not row["完成比例_公布"]]
    assert (len(ROWS), len(PUBLISHED), len(silent)) == (40, 29, 11)
    # No ratio is published of a rate to stay below, nor where there are no figures at all.
    assert all(row["指标"] == UNSAID or not row["目标任务"] for row in silent)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['地区']}{row['指标']}")
def test_the_published_ratio_is_the_recomputed_one_rounded_half_up_to_a_tenth(row):
    assert ratio(row).quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal(row["完成比例_公布"])
    assert told(row) == []


def test_cutting_off_would_not_give_what_was_published():
    """The control: the rounding is the publisher's, not any rounding."""
    cut = [
        row
        for row in PUBLISHED
        if ratio(row).quantize(Decimal("0.1"), ROUND_DOWN) != Decimal(row["完成比例_公布"])
    ]
    assert len(cut) >= 5


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['地区']}{row['指标']}")
def test_a_tenth_too_much_is_pointed_out(row):
    wrong = Decimal(row["完成比例_公布"]).quantize(Decimal("0.1")) + Decimal("0.2")
    (what,) = told(row, str(wrong))
    assert f"公布完成率 {shown(wrong)}%" in what and "应为" in what


def test_the_district_is_the_sum_of_its_parts():
    sums, whole = defaultdict(lambda: [Decimal(0), Decimal(0)]), {}
    for row in ROWS:
        if row["指标"] == UNSAID or not row["进度"]:
            continue
        figures = [decimal_of(row["目标任务"]) or Decimal(0), decimal_of(row["进度"])]
        if row["地区"] == WHOLE:
            whole[row["指标"]] = figures
        else:
            sums[row["指标"]] = [a + b for a, b in zip(sums[row["指标"]], figures, strict=True)]
    assert len(whole) == 4
    assert {name: values[1] for name, values in sums.items()} == {n: v[1] for n, v in whole.items()}
    differing = {n: (sums[n][0], whole[n][0]) for n in whole if sums[n][0] != whole[n][0]}
    assert differing == {}
