"""The stored form of a breakdown, and the one SHA-256 of a finished run.

The digest covers nothing that depends on the database it was computed in: people, units and groups by
their codes, in code order, no row ids, no clock, no version of the run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessment.choices import LineNote
from assessment.rules.ranking import Standing
from assessment.rules.scheme import decimal_text
from assessment.rules.scoring import Line, Reading

Packed = list[Any]
"""[amount, base, sample, weight, points, note, [evidence…]]; numbers as text, null where there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person's result as the digest sees it."""

    code: str
    unit: str
    group: str
    total: Decimal | None
    standing: Standing
    lines: Sequence[Packed]


def pack(line: Line, reading: Reading | None) -> Packed:
    """A line and the reading it came from as a small array."""
    return [
        None if reading is None else decimal_text(reading.amount),
        None if reading is None else decimal_text(reading.base),
        0 if reading is None else reading.sample,
        decimal_text(line.weight),
        None if line.points is None else decimal_text(line.points),
        line.note.value,
        [] if reading is None else list(reading.evidence),
    ]


def unpack(packed: Packed) -> tuple[Line, Reading | None]:
    """What `pack` was given."""
    amount, base, sample, weight, points, note, evidence = packed
    reading = None if amount is None else Reading(Decimal(amount), Decimal(base), sample, tuple(evidence))
    return Line(Decimal(weight), None if points is None else Decimal(points), LineNote(note)), reading


def digest(header: Mapping[str, str], rows: Iterable[Row]) -> str:
    """SHA-256 in hex over the header and every row in order of code."""
    sha = hashlib.sha256(_line(dict(header)))
    for row in sorted(rows, key=lambda one: one.code):
        sha.update(
            _line(
                [
                    row.code,
                    row.unit,
                    row.group,
                    None if row.total is None else decimal_text(row.total),
                    row.standing.in_unit,
                    row.standing.in_group,
                    row.standing.order,
                    [packed[:-1] for packed in row.lines],
                ]
            )
        )
    return sha.hexdigest()


def _line(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
