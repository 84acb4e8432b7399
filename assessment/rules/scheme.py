"""A scheme as data: parsed from its YAML or frozen form, checked whole, refused with the path at fault."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from assessment.choices import (
    WORK_STYLE_FIELDS,
    Effect,
    GroupBy,
    MissingPolicy,
    PeriodKind,
    Rounding,
    Source,
    TieRule,
)
from core.rules.errors import DomainError

E = TypeVar("E", bound=Enum)

_NUMBER_PARAMS: dict[Source, dict[str, Decimal]] = {
    Source.WORK_STYLE_RATING: {},
    Source.MILESTONE_PROGRESS: {"on_time": Decimal(100), "late": Decimal(80), "open_cap": Decimal(60)},
    Source.VIOLATION_DEDUCTION: {"partial_share": Decimal("0.5")},
}
"""Numbers a source understands, with what holds when the scheme is silent."""


class SchemeError(DomainError):
    """The scheme cannot be used; the message names the path, such as “indicators[2].weight”."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One column of the score.

    `weight` is the points a full mark earns (0 for a deduction); `full_mark` the highest raw value;
    `cap` the most a deduction takes off; `min_sample` the fewest records that count as a reading.
    """

    key: str
    name: str
    heading: str
    source: Source
    effect: Effect
    weight: Decimal
    full_mark: Decimal
    cap: Decimal | None
    min_sample: int
    missing: MissingPolicy
    missing_text: str
    style: str
    params: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemeSpec:
    """A whole scheme: what is counted, how it is rounded, how ties are broken.

    `min_measured` is the weight, in points of the total, that must have been measured before anybody
    gets a total and a rank: who was hardly measured is neither first nor last.
    """

    code: str
    version: int
    name: str
    kind: PeriodKind
    effective_from: date
    total: Decimal
    floor: Decimal
    min_measured: Decimal
    places: int
    rounding: Rounding
    tie_rule: TieRule
    tie_breakers: tuple[str, ...]
    group_by: GroupBy
    basis: str
    indicators: tuple[Indicator, ...]

    def position(self, key: str) -> int:
        """The column of an indicator; KeyError for a key the scheme does not have."""
        for place, indicator in enumerate(self.indicators):
            if indicator.key == key:
                return place
        raise KeyError(key)

    @property
    def tie_text(self) -> str:
        """The tie rule in words, as pages and workbook print it."""
        names = "、".join(self.indicators[self.position(key)].name for key in self.tie_breakers)
        compared = f"总分相同的依次比较{names}（扣分少者在前），仍相同的" if names else "总分相同的"
        return f"{compared}名次并列：{self.tie_rule.label}"

    def sources(self) -> tuple[Source, ...]:
        """The sources in use, each once, in order of first use."""
        return tuple(dict.fromkeys(indicator.source for indicator in self.indicators))


def parse_scheme(data: Mapping[str, Any]) -> SchemeSpec:
    """Read one scheme from its plain form (YAML or frozen JSON) and check it as a whole.

    Raises SchemeError naming the scheme, the path and what should stand there: an unknown or missing key,
    a wrong word, a number that is none, weights that miss the declared total, a key used twice.
    """
    reader = _Reader(data, where=f"方案 {data.get('code', '(无代码)')}")
    spec = SchemeSpec(
        code=reader.text("code"),
        version=reader.whole("version", least=1),
        name=reader.text("name"),
        kind=reader.word("kind", PeriodKind),
        effective_from=reader.day("effective_from"),
        total=reader.number("total", above=Decimal(0)),
        floor=reader.number("floor", default=Decimal(0)),
        min_measured=reader.number("min_measured", default=Decimal(0)),
        places=reader.whole("places", default=2, least=0, most=4),
        rounding=reader.word("rounding", Rounding, default=Rounding.HALF_UP),
        tie_rule=reader.word("tie_rule", TieRule, default=TieRule.STANDARD),
        tie_breakers=tuple(str(key) for key in reader.items("tie_breakers", default=())),
        group_by=reader.word("group_by", GroupBy, default=GroupBy.ALL),
        basis=reader.text("basis", default=""),
        indicators=tuple(
            _indicator(_Reader(item, where=reader.where, path=f"indicators[{place}]."))
            for place, item in enumerate(reader.items("indicators"))
        ),
    )
    reader.finish()
    _check(spec, reader)
    return spec


HEADER = ("version", "name", "kind", "effective_from", "basis")


def flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The plain form `parse_scheme` reads, from a catalogue entry: its header and its `definition`."""
    definition = entry.get("definition")
    if not isinstance(definition, Mapping):
        definition = {}
    return {**definition, "code": entry["key"], **{name: entry[name] for name in HEADER if name in entry}}


def freeze(spec: SchemeSpec) -> dict[str, Any]:
    """The plain, complete form that is stored with a run; `parse_scheme` reads it back unchanged."""
    return {
        "code": spec.code,
        "version": spec.version,
        "name": spec.name,
        "kind": spec.kind.value,
        "effective_from": spec.effective_from.isoformat(),
        "total": decimal_text(spec.total),
        "floor": decimal_text(spec.floor),
        "min_measured": decimal_text(spec.min_measured),
        "places": spec.places,
        "rounding": spec.rounding.value,
        "tie_rule": spec.tie_rule.value,
        "tie_breakers": list(spec.tie_breakers),
        "group_by": spec.group_by.value,
        "basis": spec.basis,
        "indicators": [
            {
                "key": item.key,
                "name": item.name,
                "heading": item.heading,
                "source": item.source.value,
                "effect": item.effect.value,
                "weight": decimal_text(item.weight),
                "full_mark": decimal_text(item.full_mark),
                "cap": None if item.cap is None else decimal_text(item.cap),
                "min_sample": item.min_sample,
                "missing": item.missing.value,
                "missing_text": item.missing_text,
                "params": ({"style": item.style} if item.style else {})
                | {key: decimal_text(value) for key, value in sorted(item.params.items())},
            }
            for item in spec.indicators
        ],
    }


def fingerprint(spec: SchemeSpec) -> str:
    """SHA-256 over the frozen form, in hex: equal for equal schemes whatever their YAML looked like."""
    text = json.dumps(freeze(spec), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def decimal_text(value: Decimal) -> str:
    """One spelling per number: no exponent, no trailing zeros, no minus zero."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _indicator(reader: _Reader) -> Indicator:
    """Read one entry of `indicators`."""
    source = reader.word("source", Source)
    effect = reader.word("effect", Effect, default=Effect.SCORE)
    deducts = effect is Effect.DEDUCTION
    params = _Reader(reader.mapping("params"), where=reader.where, path=f"{reader.path}params.")
    indicator = Indicator(
        key=reader.text("key"),
        name=reader.text("name"),
        heading=reader.text("heading", default=""),
        source=source,
        effect=effect,
        weight=reader.number("weight", default=Decimal(0) if deducts else None, least=Decimal(0)),
        full_mark=reader.number("full_mark", default=Decimal(100), above=Decimal(0)),
        cap=reader.number_or_none("cap", above=Decimal(0)),
        min_sample=reader.whole("min_sample", default=1, least=1),
        missing=reader.word("missing", MissingPolicy, default=MissingPolicy.REDISTRIBUTE),
        missing_text=reader.text("missing_text", default="样本不足"),
        style=params.text("style", default="") if source is Source.WORK_STYLE_RATING else "",
        params={
            name: params.number(name, default=default, least=Decimal(0))
            for name, default in _NUMBER_PARAMS[source].items()
        },
    )
    params.finish()
    reader.finish()
    if deducts and (indicator.weight or indicator.cap is None):
        raise reader.error("cap", "扣分指标不占权重，须写明扣分上限 cap")
    if not deducts and not indicator.weight:
        raise reader.error("weight", "计分指标的权重应大于 0")
    if not deducts and indicator.cap is not None:
        raise reader.error("cap", "只有扣分指标有扣分上限，计分指标的上限由 full_mark 规定")
    if (source is Source.VIOLATION_DEDUCTION) != deducts:
        raise reader.error("effect", f"来源“{source.label}”与作用“{effect.label}”不相配")
    if source is Source.WORK_STYLE_RATING and indicator.style not in WORK_STYLE_FIELDS:
        raise reader.error("params.style", f"应为 {'、'.join(WORK_STYLE_FIELDS)} 之一")
    return indicator


def _check(spec: SchemeSpec, reader: _Reader) -> None:
    """What only the whole can tell: weights, double keys, tie-breakers that exist."""
    if not spec.indicators:
        raise reader.error("indicators", "至少应有一项指标")
    weights = sum((item.weight for item in spec.indicators), Decimal(0))
    if weights != spec.total:
        raise reader.error(
            f"indicators[0..{len(spec.indicators) - 1}].weight",
            f"权重合计 {decimal_text(weights)}，应等于总分 {decimal_text(spec.total)}",
        )
    keys = [item.key for item in spec.indicators]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise reader.error(f"indicators[{place}].key", f"“{key}”重复")
    for place, key in enumerate(spec.tie_breakers):
        if key not in keys:
            raise reader.error(f"tie_breakers[{place}]", f"没有名为“{key}”的指标")
    if spec.floor >= spec.total:
        raise reader.error("floor", "下限应低于总分")
    if not 0 <= spec.min_measured <= spec.total:
        raise reader.error("min_measured", "应在 0 到总分之间")


class _Reader:
    """Takes keys out of one mapping and can name the path of what is wrong."""

    def __init__(self, data: Any, *, where: str, path: str = "") -> None:
        self.where, self.path = where, path
        if not isinstance(data, Mapping):
            raise self.error("", "应为一组“键: 值”")
        self._rest = dict(data)

    def error(self, key: str, problem: str) -> SchemeError:
        place = f"{self.path}{key}".rstrip(".") or "（整体）"
        return SchemeError(f"{self.where} 的 {place} 有误：{problem}。请改正后重试。", field=place)

    def _take(self, key: str, default: Any) -> Any:
        value = self._rest.pop(key, None)
        if value is None:
            if default is None:
                raise self.error(key, "缺少此项")
            return default
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._take(key, default)).strip()

    def items(self, key: str, default: Sequence[Any] | None = None) -> Sequence[Any]:
        value = self._take(key, default)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.error(key, "应为一列")
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._take(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, "应为一组“键: 值”")
        return value

    def word(self, key: str, words: type[E], default: E | None = None) -> E:
        value = self._take(key, default)
        try:
            return words(value)
        except ValueError:
            known = "、".join(str(word.value) for word in words)
            raise self.error(key, f"“{value}”不在 {known} 之中") from None

    def number(
        self,
        key: str,
        default: Decimal | None = None,
        *,
        least: Decimal | None = None,
        above: Decimal | None = None,
    ) -> Decimal:
        """A finite number; a YAML float is read by its spelling, never by its binary value."""
        value = self._take(key, default)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            raise self.error(key, f"“{value}”不是数")
        if least is not None and number < least:
            raise self.error(key, f"{value} 不得小于 {least}")
        if above is not None and number <= above:
            raise self.error(key, f"{value} 应大于 {above}")
        return number

    def number_or_none(self, key: str, *, above: Decimal) -> Decimal | None:
        return self.number(key, above=above) if self._rest.get(key) is not None else self._rest.pop(key, None)

    def whole(self, key: str, default: int | None = None, *, least: int, most: int | None = None) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"“{value}”不是整数")
        if value < least or (most is not None and value > most):
            raise self.error(key, f"{value} 不在 {least} 至 {'…' if most is None else most} 之间")
        return value

    def day(self, key: str) -> date:
        value = self._take(key, None)
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.error(key, f"“{value}”不是日期，应如 2026-01-01") from None

    def finish(self) -> None:
        """Refuse keys nobody asked for: a misspelt key must not be silently ignored."""
        if self._rest:
            key = min(map(str, self._rest))
            raise self.error(key, "不认识的键，请检查拼写")
