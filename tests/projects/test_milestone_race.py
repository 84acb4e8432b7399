"""Two leaders update one milestone at the same moment, again and again: nothing that was saved is lost."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from tests.support import racing
from tests.support.racing import finish

ROUNDS, CONTROL = 200, 20
start = partial(racing.start, Path(__file__).parent / "milestone_race_driver.py")


def race(environment: dict[str, str], step: str, rounds: int) -> tuple[list[int], dict[str, object]]:
    """How often each of two was refused, and what the database holds afterwards."""
    finish(start(environment, "prepare"))
    leaders = [start(environment, step, number, rounds) for number in (1, 2)]
    refused = [json.loads(finish(leader))["refused"] for leader in leaders]
    return refused, json.loads(finish(start(environment, "report")))


def test_two_hundred_rounds_lose_no_update(environment: dict[str, str]) -> None:
    refused, after = race(environment, "update", ROUNDS)
    assert after == {
        "progress": "40.00",  # 400 times a tenth of a percent
        "version": 2 * ROUNDS + 1,
        "updates": 2 * ROUNDS,
        "notes": 2 * ROUNDS,
        "unbroken": True,
        "rising": True,
        "audited": 2 * ROUNDS,
    }
    assert sum(refused) == ROUNDS, "in every round one came second, was told so, and read again"


def test_with_the_version_check_off_updates_are_lost(environment: dict[str, str]) -> None:
    """The control: the same race, only nobody compares versions."""
    refused, after = race(environment, "overwrite", CONTROL)
    assert sum(refused) == 0
    assert after["updates"] == 2 * CONTROL
    assert after["progress"] == "2.00", "of two tenths in every round one is lost"
    assert not after["rising"]
