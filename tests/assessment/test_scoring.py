"""The scoring rules against a hand-worked table, and what must hold for every input."""

import copy
import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment import rules
from assessment.choices import Effect, LineNote
from assessment.rules import scheme as schemes
from assessment.rules import scoring

HERE = Path(__file__).parent
CATALOGUE = Path(rules.__file__).parent.parent / "catalogues" / "schemes.yaml"
KEYS = ("swift", "bold", "tireless", "skilful", "upright", "milestone", "violation")

with (HERE / "data" / "scoring_cases.csv").open(encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))


def default_data() -> dict[str, Any]:
    return schemes.flat(yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["entries"][0])


def variant(name: str) -> schemes.SchemeSpec:
    data = copy.deepcopy(default_data())
    scored = [item for item in data["indicators"] if item.get("effect") != "DEDUCTION"]
    match name:
        case "ANY":
            data["min_measured"] = 0
        case "TRUNCATE":
            data["rounding"] = "TRUNCATE"
        case "LEAVE_OUT" | "REFUSE":
            data["min_measured"] = 0
            for item in scored:
                item["missing"] = name
        case "MIN3":
            data["min_measured"] = 0
            for item in scored[:5]:
                item["min_sample"] = 3
        case "FLOOR30":
            data["floor"] = 30
        case "PLACES0" | "PLACES1" | "PLACES4":
            data["places"] = int(name[-1])
    return schemes.parse_scheme(data)


def reading(text: str) -> scoring.Reading | None:
    if not text:
        return None
    amount, _, base = text.partition("/")
    return scoring.Reading(Decimal(amount), Decimal(base or 1), int(base or 1))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_hand_worked_table_is_reproduced(case: dict[str, str]) -> None:
    spec, readings = variant(case["scheme"]), [reading(case[key]) for key in KEYS]
    if case["total"] in {"MissingReadingError", "ScoreRangeError"}:
        with pytest.raises(getattr(scoring, case["total"])) as refused:
            scoring.score_one(spec, readings)
        assert "“" in refused.value.message
        return
    score = scoring.score_one(spec, readings)
    assert score.total == (Decimal(case["total"]) if case["total"] else None)
    assert score.attainable == Decimal(case["attainable"])
    assert [line.points for line in score.lines] == [
        None if text == "-" else Decimal(text) for text in case["points"].split(";")
    ]
    assert [line.note for line in score.lines] == [LineNote(text) for text in case["notes"].split(";")]


def test_the_table_is_large_enough() -> None:
    assert len(CASES) >= 30


def test_effective_weights_show_what_was_shared_out() -> None:
    ninety = reading("90")
    lines = scoring.score_one(variant("DEFAULT"), [ninety] * 5 + [None, None]).lines
    assert [line.weight for line in lines] == [Decimal(20)] * 5 + [Decimal(0)] * 2


fractions = st.one_of(
    st.none(),
    st.integers(1, 30).flatmap(
        lambda base: st.integers(0, 100 * base).map(
            lambda amount: scoring.Reading(Decimal(amount), Decimal(base), base)
        )
    ),
)
deductions = st.one_of(
    st.none(), st.decimals(0, 40, places=2).map(lambda value: scoring.Reading(value, Decimal(1), 1))
)
names = st.sampled_from(
    ["DEFAULT", "ANY", "TRUNCATE", "LEAVE_OUT", "MIN3", "FLOOR30", "PLACES0", "PLACES1", "PLACES4"]
)


@settings(deadline=None)
@given(name=names, scored=st.lists(fractions, min_size=6, max_size=6), deducted=deductions)
def test_the_shown_breakdown_always_sums_to_the_shown_total(
    name: str, scored: list[scoring.Reading | None], deducted: scoring.Reading | None
) -> None:
    spec = variant(name)
    score = scoring.score_one(spec, [*scored, deducted])
    if score.total is None:
        measured = sum(
            indicator.weight
            for indicator, line in zip(spec.indicators, score.lines, strict=True)
            if indicator.effect is Effect.SCORE and line.points is not None
        )
        assert measured == 0 or measured < spec.min_measured
        assert score.attainable == 0
        return
    assert sum(line.points for line in score.lines if line.points is not None) == score.total
    assert score.total <= spec.total
    unit = Decimal(1).scaleb(-spec.places)
    for indicator, line in zip(spec.indicators, score.lines, strict=True):
        if line.points is None:
            continue
        if indicator.effect is Effect.SCORE:
            assert 0 <= line.points < line.weight + unit
        else:
            assert indicator.cap is not None
            assert -indicator.cap <= line.points <= 0


@settings(deadline=None)
@given(
    name=names,
    table=st.lists(st.lists(fractions, min_size=6, max_size=6), min_size=1, max_size=6),
    seed=st.randoms(use_true_random=False),
)
def test_a_score_depends_on_nobody_else_and_on_no_order(name: str, table: list[Any], seed: Any) -> None:
    spec = variant(name)
    rows: dict[int, list[Any]] = {subject: [*row, None] for subject, row in enumerate(table)}
    order = list(rows)
    seed.shuffle(order)
    columns = [
        {subject: rows[subject][place] for subject in order if rows[subject][place] is not None}
        for place in range(7)
    ]
    together = scoring.score_columns(spec, order, columns)
    assert {subject: scoring.score_one(spec, row) for subject, row in rows.items()} == together
