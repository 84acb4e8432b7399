"""Lights and roll-up against tables that a person of the office can review."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.rules import milestones as rules

LIGHTS = list(
    csv.DictReader((Path(__file__).parent / "data" / "lights.csv").read_text(encoding="utf-8").splitlines())
)


def day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    "row", LIGHTS, ids=lambda r: f"{r['planned_on']}/{r['done_on']}/{r['suspended_reason']}"
)
def test_lights(row):
    reading = rules.milestone_light(
        planned_on=day(row["planned_on"]),
        done_on=day(row["done_on"]),
        suspended_reason=row["suspended_reason"],
        progress=Decimal(row["progress"]),
        today=date.fromisoformat(row["today"]),
    )
    assert (reading.light, reading.reason) == (row["light"], row["reason"])


def test_the_table_reaches_every_light():
    assert {row["light"] for row in LIGHTS} == {"GREEN", "YELLOW", "RED", "GREY"}


@pytest.mark.parametrize(
    ("lights", "shown"),
    [
        ([], "GREY"),
        (["GREY"], "GREY"),
        (["GREY", "GREEN"], "GREEN"),
        (["GREEN", "YELLOW"], "YELLOW"),
        (["GREEN", "RED", "YELLOW"], "RED"),
    ],
)
def test_a_project_shows_its_worst_milestone(lights, shown):
    assert rules.project_light(lights) == shown


@pytest.mark.parametrize(
    ("parts", "progress"),
    [
        ([], None),
        ([("0", "50")], None),
        ([("20", "100"), ("15", "100"), ("25", "70"), ("40", "0")], "52.5"),
        ([("1", "33.33"), ("1", "33.33"), ("1", "33.34")], "33.3"),
        ([("1", "0.05")], "0.1"),
    ],
)
def test_progress_rolls_up_by_weight(parts, progress):
    result = rules.rolled_up_progress([(Decimal(w), Decimal(p)) for w, p in parts])
    assert result == (None if progress is None else Decimal(progress))
