"""The digest: equal for equal results in any order, different for any changed figure."""

from dataclasses import replace
from decimal import Decimal

from assessment.choices import LineNote
from assessment.rules import digest
from assessment.rules.ranking import Standing
from assessment.rules.scoring import Line, Reading

LINES = [
    digest.pack(
        Line(Decimal("12.0000"), Decimal("10.80"), LineNote.NONE),
        Reading(Decimal(270), Decimal(3), 3, (4, 7)),
    ),
    digest.pack(Line(Decimal(0), None, LineNote.MISSING), None),
]
ONE = digest.Row("G001", "U1", "", Decimal("10.80"), Standing(1, 2, 2), LINES)
TWO = digest.Row("G002", "U2", "", None, Standing(None, None, 3), LINES)
HEADER = {"scheme": "abc"}


def test_a_packed_line_is_small_and_reads_back() -> None:
    assert LINES[0] == ["270", "3", 3, "12", "10.8", "", [4, 7]]
    assert LINES[1] == [None, None, 0, "0", None, "MISSING", []]
    assert digest.unpack(LINES[0]) == (
        Line(Decimal(12), Decimal("10.8"), LineNote.NONE),
        Reading(Decimal(270), Decimal(3), 3, (4, 7)),
    )
    assert digest.unpack(LINES[1]) == (Line(Decimal(0), None, LineNote.MISSING), None)


def test_order_and_spelling_do_not_change_the_digest() -> None:
    expected = digest.digest(HEADER, [ONE, TWO])
    assert digest.digest(HEADER, [TWO, ONE]) == expected
    assert digest.digest(HEADER, [replace(ONE, total=Decimal("10.8")), TWO]) == expected
    assert len(expected) == 64


def test_row_ids_of_the_evidence_are_no_part_of_it() -> None:
    moved = replace(ONE, lines=[["270", "3", 3, "12", "10.8", "", [400, 700]], LINES[1]])
    assert digest.digest(HEADER, [moved]) == digest.digest(HEADER, [ONE])


def test_every_figure_is_part_of_it() -> None:
    expected = digest.digest(HEADER, [ONE])
    changed = [
        replace(ONE, code="G003"),
        replace(ONE, unit="U9"),
        replace(ONE, group="在编"),
        replace(ONE, total=Decimal("10.81")),
        replace(ONE, total=None),
        replace(ONE, standing=Standing(2, 2, 2)),
        replace(ONE, standing=Standing(1, 3, 2)),
        replace(ONE, standing=Standing(1, 2, 3)),
        replace(ONE, lines=[["271", *LINES[0][1:]], LINES[1]]),
        replace(ONE, lines=LINES[:1]),
    ]
    assert len({expected, *(digest.digest(HEADER, [row]) for row in changed)}) == len(changed) + 1
    assert digest.digest({"scheme": "abd"}, [ONE]) != expected
