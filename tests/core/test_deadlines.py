"""Legal limits over Spring Festival, 国庆 and 调休 days, worked out by hand from the notice for 2026.

The arrangement of 2027 is not out: its rows either know the statutory days only (firm: no) or carry an
assumed arrangement as overrides, the way the office would enter the notice.
"""

import csv
from datetime import date
from pathlib import Path

import pytest

from core.rules.deadlines import after_months, is_firm, months_deadline, workdays_deadline
from core.rules.workdays import next_workday

TABLE = (Path(__file__).parent / "data" / "deadlines.csv").read_text(encoding="utf-8")
CASES = list(csv.DictReader(TABLE.splitlines()))


def overrides(text):
    pairs = (part.split(":") for part in text.split())
    return {date.fromisoformat(day): works == "1" for day, works in pairs}


def test_the_table_has_its_cases():
    assert len(CASES) >= 40
    assert len({(c["kind"], c["start"], c["count"], c["overrides"]) for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']} {c['start']}+{c['count']} {c['why']}")
def test_a_limit_ends_on_its_day(case):
    start, count, days = date.fromisoformat(case["start"]), int(case["count"]), overrides(case["overrides"])
    ends = {
        "workdays": lambda: workdays_deadline(start, count, days),
        "months": lambda: months_deadline(start, count, days),
        "calendar": lambda: after_months(start, count),
        "moved": lambda: next_workday(start, days),
    }[case["kind"]]()
    assert ends == date.fromisoformat(case["expected"])
    assert is_firm(ends, days) is (case["firm"] == "yes")


def test_months_are_counted_forward():
    with pytest.raises(ValueError, match="forward"):
        after_months(date(2026, 1, 1), -1)
