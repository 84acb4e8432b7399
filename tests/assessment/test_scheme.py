"""Schemes: read whole, frozen and read back, and refused with the path at fault."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from assessment import rules
from assessment.choices import Effect, Source
from assessment.rules import scheme as schemes

CATALOGUE = Path(rules.__file__).parent.parent / "catalogues" / "schemes.yaml"


@pytest.fixture
def data() -> dict[str, Any]:
    return schemes.flat(yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["entries"][0])


def test_the_default_scheme_is_read(data: dict[str, Any]) -> None:
    spec = schemes.parse_scheme(data)
    assert (spec.code, spec.version, spec.total) == ("MONTH-DEFAULT", 1, Decimal(100))
    assert [item.weight for item in spec.indicators] == [Decimal(12)] * 5 + [Decimal(40), Decimal(0)]
    assert spec.indicators[-1].effect is Effect.DEDUCTION
    assert spec.sources() == (Source.WORK_STYLE_RATING, Source.MILESTONE_PROGRESS, Source.VIOLATION_DEDUCTION)
    assert spec.position("MILESTONE") == 5
    with pytest.raises(KeyError):
        spec.position("NONE")


def test_the_frozen_form_reads_back_unchanged(data: dict[str, Any]) -> None:
    spec = schemes.parse_scheme(data)
    again = schemes.parse_scheme(json.loads(json.dumps(schemes.freeze(spec))))
    assert again == spec
    assert schemes.fingerprint(again) == schemes.fingerprint(spec)
    data["indicators"][0]["weight"], data["indicators"][1]["weight"] = 13, 11
    assert schemes.fingerprint(schemes.parse_scheme(data)) != schemes.fingerprint(spec)


def broken(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one place changed; the value ... removes the key."""
    data = copy.deepcopy(data)
    *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = data
    for step in parents:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "field", "says"),
    [
        ("indicators/0/weight", 10, "indicators[0..6].weight", "权重合计 98，应等于总分 100"),
        ("indicators/5/weight", "4O", "indicators[5].weight", "不是数"),
        ("indicators/5/weight", True, "indicators[5].weight", "不是数"),
        ("indicators/5/weight", float("nan"), "indicators[5].weight", "不是数"),
        ("indicators/5/weight", -40, "indicators[5].weight", "不得小于 0"),
        ("indicators/5/weight", 0, "indicators[5].weight", "应大于 0"),
        ("indicators/5/weight", ..., "indicators[5].weight", "缺少此项"),
        ("indicators/6/weight", 5, "indicators[6].cap", "扣分指标不占权重"),
        ("indicators/6/cap", ..., "indicators[6].cap", "须写明扣分上限"),
        ("indicators/5/cap", 20, "indicators[5].cap", "只有扣分指标"),
        ("indicators/1/key", "SWIFT", "indicators[1].key", "“SWIFT”重复"),
        ("indicators/1/source", "HOROSCOPE", "indicators[1].source", "“HOROSCOPE”不在"),
        ("indicators/1/params/style", "lazy", "indicators[1].params.style", "应为 swift、bold"),
        ("indicators/1/params/colour", 1, "indicators[1].params.colour", "不认识的键"),
        ("indicators/5/params/late", "晚", "indicators[5].params.late", "不是数"),
        ("indicators/6/effect", "SCORE", "indicators[6].weight", "缺少此项"),
        ("indicators/2/min_sample", 0, "indicators[2].min_sample", "不在 1 至"),
        ("indicators/2/min_sample", "三", "indicators[2].min_sample", "不是整数"),
        ("indicators/2/wieght", 12, "indicators[2].wieght", "不认识的键"),
        ("indicators/2", "快干", "indicators[2]", "应为一组"),
        ("indicators", [], "indicators", "至少应有一项指标"),
        ("indicators", "无", "indicators", "应为一列"),
        ("tie_breakers", ["DILIGENCE"], "tie_breakers[0]", "没有名为“DILIGENCE”的指标"),
        ("effective_from", "下个月", "effective_from", "不是日期"),
        ("rounding", "UP", "rounding", "“UP”不在"),
        ("places", 9, "places", "不在 0 至 4"),
        ("floor", 100, "floor", "下限应低于总分"),
        ("min_measured", 101, "min_measured", "应在 0 到总分之间"),
        ("total", 0, "total", "应大于 0"),
        ("code", ..., "code", "缺少此项"),
        ("nmae", "错", "nmae", "不认识的键"),
    ],
)
def test_a_wrong_scheme_is_refused_with_its_path(
    data: dict[str, Any], path: str, value: Any, field: str, says: str
) -> None:
    with pytest.raises(schemes.SchemeError) as refused:
        schemes.parse_scheme(broken(data, path, value))
    assert refused.value.field == field
    assert field in refused.value.message
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.00", "12"),
        ("0.50", "0.5"),
        ("-0.00", "0"),
        ("1E+2", "100"),
        ("0", "0"),
        ("100", "100"),
        ("-7.5", "-7.5"),
    ],
)
def test_a_number_has_one_spelling(value: str, text: str) -> None:
    assert schemes.decimal_text(Decimal(value)) == text
