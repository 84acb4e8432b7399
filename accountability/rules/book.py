"""What the catalogues say, as values the calculation takes: kinds of measures and rules of combination.

The catalogues hold versions; a measure is judged by the version in force on the day it was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from accountability.choices import (
    AnnualLimit,
    EffectName,
    EndedMeaning,
    EndRule,
    Nature,
    PersonKind,
    StartRule,
)
from core.rules.errors import DomainError


class Versioned(Protocol):
    """One version of a catalogue entry."""

    @property
    def effective_from(self) -> date: ...

    @property
    def retired_on(self) -> date | None: ...


YEARS_AFTER = ("当年", "第二年", "第三年")
"""How the years of a measure's effect on grades are counted."""

V = TypeVar("V", bound=Versioned)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class EffectRule:
    """One effect of a kind of measure: from when, until when, by what."""

    effect: EffectName
    start: StartRule
    end: EndRule
    months: int | None
    basis: str


@dataclass(frozen=True)
class KindRule:
    """One version of a kind of measure. `months` is None where it has no influence period of its own;
    `persons` are those it is for, `ask` those of whom the rules are silent."""

    key: str
    name: str
    nature: Nature
    order: int
    months: int | None
    basis: str
    effective_from: date
    retired_on: date | None
    persons: frozenset[PersonKind]
    ask: frozenset[PersonKind]
    refusal: str
    ended: EndedMeaning
    usual_months: int | None
    terms: tuple[int, ...]
    effects: tuple[EffectRule, ...]
    annual: tuple[AnnualLimit, ...]
    annual_by_term: Mapping[int, tuple[AnnualLimit, ...]]
    variant_of: str
    expels: bool
    caution: str

    @property
    def title(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def persons_shown(self) -> list[str]:
        """For whom it is, those of whom the rules are silent marked as such."""
        known = [str(person.label) for person in PersonKind if person in self.persons]
        return known + [f"{person.label}（须核对）" for person in PersonKind if person in self.ask]

    @property
    def adds_up(self) -> bool:
        """Whether its period joins the chain of its nature: rules B and F."""
        return self.months is not None and not self.expels

    @property
    def annual_shown(self) -> list[str]:
        """The limits with their years, for a reader."""
        return [f"{year}{limit.label}" for year, limit in zip(YEARS_AFTER, self.annual, strict=False)]

    def annual_of(self, term: int | None) -> tuple[AnnualLimit, ...]:
        """The limits of the year of the measure and of those that follow."""
        return self.annual_by_term.get(term or 0, self.annual)


@dataclass(frozen=True)
class Combination:
    """One version of a rule of combination or of counting days."""

    key: str
    name: str
    description: str
    months: int | None
    basis: str
    effective_from: date
    retired_on: date | None

    @property
    def sentence(self) -> str:
        """The rule as a page explains it: its letter, what it says, what it rests on."""
        letter = f"规则 {self.key}：" if len(self.key) == 1 else ""
        return f"{letter}{self.description}依据：{self.basis}。"


@dataclass(frozen=True)
class Book:
    """Every version of every entry, the oldest first."""

    kinds: Mapping[str, tuple[KindRule, ...]]
    combinations: Mapping[str, tuple[Combination, ...]]

    def combination(self, key: str, day: date) -> Combination:
        """The rule in force that day. Raises DomainError when the catalogue lacks it."""
        if key not in self.combinations:
            raise DomainError(f"合并规则目录中没有“{key}”，请运行 manage.py sync_catalogues 补齐目录。")
        return version_on(self.combinations[key], day)[0]


def version_on(versions: tuple[V, ...], day: date) -> tuple[V, bool]:
    """The version in force that day and True; otherwise the nearest one and False."""
    for version in versions:
        if version.effective_from <= day and (version.retired_on is None or day < version.retired_on):
            return version, True
    earlier = [version for version in versions if version.effective_from <= day]
    return (earlier[-1] if earlier else versions[0]), False


ENTRY_KEYS = ("key", "name", "nature", "order", "months", "basis", "effective_from", "retired_on", "rule")
RULE_KEYS = frozenset(
    {
        "persons",
        "ask",
        "refusal",
        "ended",
        "usual_months",
        "terms",
        "effects",
        "annual",
        "annual_by_term",
        "variant_of",
        "expels",
        "caution",
    }
)
EFFECT_KEYS = frozenset({"effect", "start", "end", "months", "basis"})


def parse_kind(entry: Mapping[str, Any]) -> KindRule:
    """A catalogue entry as a rule. Raises DomainError naming the place in `rule` that is wrong."""
    rule = entry["rule"]
    if not isinstance(rule, dict):
        raise DomainError("rule：应当是一组“名称: 值”。", field="rule")
    _known(rule, RULE_KEYS, "rule")
    months = entry.get("months")
    kind = KindRule(
        key=entry["key"],
        name=entry["name"],
        nature=_one(Nature, entry["nature"], "nature"),
        order=entry["order"],
        months=months,
        basis=entry["basis"],
        effective_from=entry["effective_from"],
        retired_on=entry.get("retired_on"),
        persons=frozenset(_several(PersonKind, rule.get("persons"), "rule.persons")),
        ask=frozenset(_several(PersonKind, rule.get("ask", []), "rule.ask")),
        refusal=_text(rule, "refusal"),
        ended=_one(EndedMeaning, rule.get("ended"), "rule.ended"),
        usual_months=_months(rule.get("usual_months"), "rule.usual_months"),
        terms=_terms(rule.get("terms", [])),
        effects=tuple(
            _effect(value, place=f"rule.effects 第 {number} 项", basis=entry["basis"])
            for number, value in enumerate(_list(rule.get("effects"), "rule.effects"), start=1)
        ),
        annual=_several(AnnualLimit, rule.get("annual"), "rule.annual"),
        annual_by_term=_by_term(rule.get("annual_by_term", {})),
        variant_of=_text(rule, "variant_of"),
        expels=rule.get("expels", False) is True,
        caution=_text(rule, "caution"),
    )
    _fits_together(kind)
    return kind


def _fits_together(kind: KindRule) -> None:
    if kind.months is None and any(rule.end is EndRule.PERIOD for rule in kind.effects):
        raise DomainError("rule.effects：没有影响期的措施，后果不能“与影响期同止”（PERIOD）。", field="rule")
    if kind.ended is not EndedMeaning.OWN_END and any(rule.end is EndRule.OWN_END for rule in kind.effects):
        raise DomainError("rule.effects：后果“到措施结束”（OWN_END）只用于有自己结束日的措施。", field="rule")
    if kind.ended is EndedMeaning.RESTORED and not (kind.months and kind.terms):
        raise DomainError(
            "rule.terms：自恢复党员权利之日起算的措施，要写影响期和察看期的月数。", field="rule"
        )
    if kind.ended is not EndedMeaning.RESTORED:
        if kind.terms or kind.annual_by_term:
            raise DomainError("rule.terms：察看期只用于自恢复党员权利之日起算的措施。", field="rule")
        if any(rule.start is StartRule.RESTORED for rule in kind.effects):
            raise DomainError("rule.effects：RESTORED 只用于自恢复党员权利之日起算的措施。", field="rule")


def _known(value: Mapping[str, Any], keys: frozenset[str], place: str) -> None:
    if unknown := sorted(set(value) - keys):
        listed = "、".join(sorted(keys))
        raise DomainError(f"{place}：没有“{'、'.join(unknown)}”这一项，可以写的是 {listed}。", field="rule")


def _one(kind: type[E], value: object, place: str) -> E:
    try:
        return kind(str(value))
    except ValueError:
        listed = "、".join(member.value for member in kind)
        raise DomainError(f"{place}：“{value}”不在 {listed} 之中。", field="rule") from None


def _list(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise DomainError(f"{place}：应当是一个列表，没有内容的写 []。", field="rule")
    return value


def _several(kind: type[E], value: object, place: str) -> tuple[E, ...]:
    return tuple(_one(kind, item, place) for item in _list(value, place))


def _text(rule: Mapping[str, Any], name: str) -> str:
    value = rule.get(name, "")
    if not isinstance(value, str):
        raise DomainError(f"rule.{name}：应当是文字。", field="rule")
    return value


def _months(value: object, place: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 240):
        raise DomainError(f"{place}：应当是 1 至 240 的整数（月）。", field="rule")
    return value


def _terms(value: object) -> tuple[int, ...]:
    return tuple(_months(item, "rule.terms") or 0 for item in _list(value, "rule.terms"))


def _by_term(value: object) -> dict[int, tuple[AnnualLimit, ...]]:
    if not isinstance(value, dict) or not all(str(term).isdigit() for term in value):
        raise DomainError("rule.annual_by_term：应当是“察看期月数: 各年后果”。", field="rule")
    return {int(term): _several(AnnualLimit, limits, "rule.annual_by_term") for term, limits in value.items()}


def _effect(value: object, *, place: str, basis: str) -> EffectRule:
    if not isinstance(value, dict):
        raise DomainError(f"{place}：应当写 effect、start、end。", field="rule")
    _known(value, EFFECT_KEYS, place)
    end = _one(EndRule, value.get("end"), f"{place}的 end")
    months = _months(value.get("months"), f"{place}的 months")
    if (months is not None) != (end is EndRule.MONTHS):
        raise DomainError(f"{place}：end 为 MONTHS 时要写 months，其他时候不写。", field="rule")
    return EffectRule(
        effect=_one(EffectName, value.get("effect"), f"{place}的 effect"),
        start=_one(StartRule, value.get("start"), f"{place}的 start"),
        end=end,
        months=months,
        basis=str(value.get("basis") or basis),
    )


def in_versions(rules: Iterable[V]) -> dict[str, tuple[V, ...]]:
    """Versions by key, the oldest first; `rules` have a `key`."""
    found: dict[str, list[V]] = {}
    for rule in sorted(rules, key=lambda rule: rule.effective_from):
        found.setdefault(rule.key, []).append(rule)  # type: ignore[attr-defined]  # see the docstring
    return {key: tuple(versions) for key, versions in found.items()}
