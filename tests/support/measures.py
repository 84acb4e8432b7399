"""Measures as the decision table writes them: “P01 2024-01-01 决2023-12-20 止2024-06-01 批甲”."""

from __future__ import annotations

import re
from datetime import date

from accountability.choices import PersonKind
from accountability.rules.measures import Imposed

PERSONS = {
    "公务员": PersonKind.CIVIL_SERVANT,
    "事业": PersonKind.INSTITUTION,
    "编外": PersonKind.CONTRACT,
}
MARKS = {"决": "decided", "止": "ended", "撤": "cancelled", "批": "batch", "期": "months", "察": "term"}


def written(text: str) -> list[Imposed]:
    """The measures of one cell."""
    return [_measure(part.strip()) for part in text.split("；")]


def _measure(text: str) -> Imposed:
    code, effective, *rest = text.split()
    said: dict[str, object] = {}
    for word in rest:
        name, value = MARKS[word[0]], word[1:]
        if name in ("months", "term"):
            said[name] = int(value)
        else:
            said[name] = value if name == "batch" else date.fromisoformat(value)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", effective), text
    return Imposed(code=code, effective=date.fromisoformat(effective), **said)  # type: ignore[arg-type]
