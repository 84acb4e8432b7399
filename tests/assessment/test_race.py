"""Several worker processes on one run: killed, doubled, racing for the last chunk."""

from __future__ import annotations

import json
import random
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support import racing
from tests.support.racing import POSTGRES, finish

start = partial(racing.start, Path(__file__).parent / "race_driver.py")


def report(env: dict[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(finish(start(env, "report")))
    return result


def test_workers_killed_at_random_leave_the_same_result(environment: dict[str, str]) -> None:
    finish(start(environment, "prepare", 200, 5))
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    for seed in range(3):
        workers = [start(environment, "work", 10 * seed + number) for number in range(2)]
        time.sleep(chance.uniform(1.0, 2.2))
        for worker in workers:
            worker.kill()
            worker.communicate()
    under_way = report(environment)
    assert under_way["doubles"] == 0
    assert under_way["results"] == 5 * under_way["done"]
    last = [start(environment, "work", number) for number in (101, 102)]
    for worker in last:
        finish(worker)
    assert report(environment) == {
        "state": "DONE",
        "same": True,
        "results": 200,
        "subjects": 200,
        "doubles": 0,
        "finalise_jobs": 1,
        "verified": True,
        "period": "REVIEW",
        "done": 40,
    }


@pytest.mark.parametrize("lock", ["locked", "unlocked"])
def test_the_last_of_two_chunks_is_noticed_because_of_the_lock(
    environment: dict[str, str], lock: str
) -> None:
    """With the lock the run is finished; on PostgreSQL, without it, nobody would: SQLite has one writer."""
    finish(start(environment, "prepare", 10, 5))
    workers = [start(environment, lock, ordinal) for ordinal in (1, 2)]
    for worker in workers:
        finish(worker)
    after = report(environment)
    assert after["done"] == 2
    assert after["finalise_jobs"] == (0 if POSTGRES and lock == "unlocked" else 1)


def test_two_clocks_after_days_off_start_each_month_once(environment: dict[str, str]) -> None:
    finish(start(environment, "people", 5))
    clocks = [start(environment, "tick", number) for number in (1, 2)]
    for clock in clocks:
        finish(clock)
    months = json.loads(finish(start(environment, "months")))
    assert len(months["runs"]) >= 3
    assert set(months["runs"].values()) == {1}
    assert months["in_order"]
    assert months["chunk_jobs"] == len(months["runs"])
