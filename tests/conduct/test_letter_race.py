"""Two heads issue letters at the same moment: every number once, none left out."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from tests.support import racing
from tests.support.racing import finish

start = partial(racing.start, Path(__file__).parent / "letter_race_driver.py")


def test_numbers_have_neither_gap_nor_double(environment: dict[str, str]) -> None:
    finish(start(environment, "prepare", 21))
    heads = [start(environment, "issue", number) for number in (1, 2)]
    refused = [json.loads(finish(head))["refused"] for head in heads]
    after = json.loads(finish(start(environment, "report")))
    assert after == {
        "serials": list(range(1, 22)),
        "numbers": 21,
        "heads": ["head1", "head2"],
        "last": 21,
        "audited": 21,
    }
    assert sum(refused) == 20 + 1  # each of twenty tried again, and the last one by the second who came
