"""Influence periods against a table that a person of the office can review, worked out by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from accountability.choices import EffectName
from accountability.queries import default_book
from accountability.rules.impact import assess
from core.rules.errors import DomainError
from tests.support.measures import PERSONS, written

TABLE = Path(__file__).parent / "data" / "effects.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
BOOK = default_book()


def days(first, last):
    return f"{first}~{last or '不定'}"


def periods_of(outcome):
    return sorted(f"{p.code} {days(p.first_day, p.last_day)}" for p in outcome.periods)


def effect_of(outcome, label):
    lines = [days(e.first_day, e.last_day) for e in outcome.effects if e.effect.label == label]
    return "+".join(lines) or "无"


def listed(cell):
    return [] if cell == "无" else [part.strip() for part in cell.split("；")]


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{number}-{row['规则']}-{row['措施']}" for number, row in enumerate(ROWS, start=2)]
)
def test_row(row):
    person, measures = PERSONS[row["人员"]], written(row["措施"])
    if row["拒绝"]:
        with pytest.raises(DomainError) as caught:
            assess(BOOK, person, measures)
        assert row["拒绝"] in caught.value.message
        assert caught.value.message.startswith("第 ")
        return
    outcome = assess(BOOK, person, measures)
    assert periods_of(outcome) == sorted(listed(row["影响期"]))
    if row["后果"] == "无":
        assert outcome.effects == ()
    for cell in listed(row["后果"]) if row["后果"] else []:
        label, expected = cell.split()
        assert label in {name.label for name in EffectName}
        assert (label, effect_of(outcome, label)) == (label, expected)
    grades = [f"{grade.year} {grade.limit.label}" for grade in outcome.annual_grades]
    assert grades == listed(row["年度考核"])
    until = (
        ("不定" if outcome.barred_until is None else str(outcome.barred_until)) if outcome.barred else "无"
    )
    assert until == row["提拔类截止"]
    if row["须确认的日子"]:
        asked = sorted({str(day) for q in outcome.questions for day in (q.first_day, q.last_day)})
        assert asked == listed(row["须确认的日子"])
    told = "\n".join(outcome.warnings)
    if row["提醒"].startswith("无:"):
        assert row["提醒"].removeprefix("无:") not in told
    else:
        assert row["提醒"] in told
    assert all(line.rule for line in (*outcome.periods, *outcome.effects, *outcome.annual_grades))
    assert all(question.rule and question.text for question in outcome.questions)


def test_the_table_is_whole():
    """Every rule of combination, every kind of measure and every dated example of the reference is in it."""
    assert len(ROWS) >= 120
    assert {row["规则"] for row in ROWS} >= set("ABCDEFGH") | {"日期", "留党察看", "人员", "终止", "撤销"}
    told = " ".join(row["措施"] for row in ROWS if not row["拒绝"])
    assert [code for code in BOOK.kinds if f"{code} " not in told] == []
    for example in ("2020-12-15", "2024-02-29", "2023-08-31", "2024-08-31", "2024-05-31", "2025-08-10"):
        assert any(example in row["措施"] for row in ROWS if row["规则"] == "日期"), example
    assert all(row["依据"] for row in ROWS)
