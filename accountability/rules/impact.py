"""Influence periods of one person: from all measures to periods, effects, grades of years, open questions.

`assess` is the one door. It decides nothing the rules leave open: such days come back as questions, and what
deserves a second look as warnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accountability.choices import EffectName, Nature, PersonKind
from accountability.rules import decisions, periods
from accountability.rules.book import Book
from accountability.rules.effects import AnnualGrade, Effect, annual_grades, barred_until, effects
from accountability.rules.measures import Findings, Imposed, Question, problems, remark
from core.rules.deadlines import after_months
from core.rules.errors import DomainError

COUNTED_AGAIN = frozenset(
    {
        Nature.INQUIRY,
        Nature.ORGANISATION,
        Nature.RESIGNATION,
        Nature.PARTY,
        Nature.GOVERNMENT,
        Nature.INSTITUTION,
    }
)
"""Natures of measures that make a decision 问责 in the sense of rule H; 批评教育 alone does not."""
NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True)
class Period:
    """One influence period; `last_day` None is open. `numbers` are the rows it comes from."""

    code: str
    name: str
    first_day: date
    last_day: date | None
    rule: str
    numbers: tuple[int, ...]

    def stands_on(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class OnDay:
    """What stands on one day."""

    day: date
    periods: tuple[Period, ...]
    effects: tuple[Effect, ...]
    grade: AnnualGrade | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Outcome:
    """What a list of measures comes to. `barred` says whether anything of the class 不得提拔 stands at all,
    `barred_until` its latest end, None while open."""

    periods: tuple[Period, ...]
    effects: tuple[Effect, ...]
    annual_grades: tuple[AnnualGrade, ...]
    questions: tuple[Question, ...]
    warnings: tuple[str, ...]
    barred: bool
    barred_until: date | None

    def on(self, day: date) -> OnDay:
        return OnDay(
            day=day,
            periods=tuple(period for period in self.periods if period.stands_on(day)),
            effects=tuple(effect for effect in self.effects if effect.stands_on(day)),
            grade=next((grade for grade in self.annual_grades if grade.year == day.year), None),
            questions=tuple(q for q in self.questions if q.first_day <= day <= q.last_day),
        )


def assess(
    book: Book, person: PersonKind, measures: Sequence[Imposed], numbers: Sequence[int] | None = None
) -> Outcome:
    """Everything that follows from a person's measures, by the versions of the catalogues of their days.

    `numbers` are how the reader counts the measures; from 1 when left out.

    Raises DomainError, naming the first measure at fault and the rule, when the list is impossible.
    """
    if found := problems(book, person, measures):
        number = numbers[found[0].index] if numbers else found[0].index + 1
        raise DomainError(f"第 {number} 项：{found[0].message}", field=found[0].field)
    findings = Findings()
    numbered = list(zip(numbers or range(1, len(measures) + 1), measures, strict=True))
    for number, measure in numbered:
        if measure.cancelled is not None:
            rule = book.combination("CANCEL", measure.cancelled)
            item = decisions.item_of(book, number, measure)
            findings.warn(f"{item.label}：已于 {measure.cancelled} 撤销，不计入。{rule.sentence}")
    counting = [(number, measure) for number, measure in numbered if measure.cancelled is None]
    remark(book, person, counting, findings)
    items = [decisions.item_of(book, number, measure) for number, measure in counting]
    _again(book, items, findings)
    done = periods.standings(book, decisions.carried_out(book, items, findings), findings)
    periods.ended_after_joining(book, done, findings)
    lines = effects(book, done, findings)
    grades = annual_grades(book, done, findings)
    if person is not PersonKind.CIVIL_SERVANT and any(
        standing.kind.annual and standing.kind.nature is not Nature.INSTITUTION for standing in done
    ):
        findings.warn(f"年度考核的规定针对公务员；{person.label}按本单位的等次参照，须由人核对。")
    barred, until = barred_until(lines)
    return Outcome(
        periods=tuple(_periods(book, done)),
        effects=tuple(lines),
        annual_grades=tuple(grades),
        questions=tuple(sorted(findings.questions, key=lambda q: (q.first_day, q.last_day, q.text))),
        warnings=tuple(findings.warnings),
        barred=barred,
        barred_until=until,
    )


def _periods(book: Book, done: Sequence[periods.Standing]) -> list[Period]:
    found = [
        Period(standing.kind.key, standing.kind.name, first, last, rule, standing.item.numbers)
        for standing in done
        for first, last, rule in periods.days_of(standing)
    ]
    return sorted((_beside_others(book, period, found) for period in found), key=_order)


def _order(period: Period) -> tuple[date, tuple[int, ...], date]:
    return period.first_day, period.numbers, period.last_day or date.max


def _beside_others(book: Book, period: Period, found: Sequence[Period]) -> Period:
    """诫勉 beside something else: the rule that they are not added (G) belongs to its explanation."""
    kinds = book.kinds[period.code]
    beside = any(
        other is not period
        and (other.last_day is None or other.last_day >= period.first_day)
        and (period.last_day is None or other.first_day <= period.last_day)
        for other in found
    )
    if kinds[0].nature is not Nature.INQUIRY or not beside:
        return period
    rule = period.rule + book.combination("G", period.first_day).sentence
    return Period(period.code, period.name, period.first_day, period.last_day, rule, period.numbers)


def _again(book: Book, items: Sequence[decisions.Item], findings: Findings) -> None:
    """Rule H: a decision within a year of earlier ones suggests a heavier step; a person decides."""
    days: dict[str, date] = {}
    for item in items:
        if item.kind.nature in COUNTED_AGAIN:
            batch = item.imposed.batch or f"\0{item.number}"
            days[batch] = min(item.imposed.day, days.get(batch, item.imposed.day))
    known = sorted(days.values())
    for index, day in enumerate(known):
        rule = book.combination("H", day)
        before = [other for other in known[:index] if day < after_months(other, rule.months or 12)]
        edge = [other for other in known[:index] if day == after_months(other, rule.months or 12)]
        if before:
            said = "建议从重一档" if len(before) == 1 else "建议停职检查或者组织处理"
            times = len(before) + 1
            nth = NUMERALS[times] if times < len(NUMERALS) else f" {times} "
            findings.warn(f"{day} 的决定是一年内第{nth}次问责，{said}，由有权机关决定。{rule.sentence}")
        if edge:
            apart = f"{day} 的决定与 {edge[0]} 的决定恰好相隔 {rule.months} 个月"
            text = f"{apart}，是否算一年内再次问责须由人核对。"
            findings.ask(day, day, text, rule.sentence)


def as_data(outcome: Outcome, on: date | None = None) -> dict[str, Any]:
    """The outcome in the shape of `manage.py impact_periods --out`: days ISO, an open end null."""
    data: dict[str, Any] = {
        "periods": [
            {
                "code": period.code,
                "name": period.name,
                "first_day": period.first_day.isoformat(),
                "last_day": _iso(period.last_day),
                "rule": period.rule,
                "measures": list(period.numbers),
            }
            for period in outcome.periods
        ],
        "effects": [_effect(effect) for effect in outcome.effects],
        "annual_grades": [_grade(grade) for grade in outcome.annual_grades],
        "border_days": sorted(
            {day.isoformat() for q in outcome.questions for day in (q.first_day, q.last_day)}
        ),
        "border_questions": [_question(question) for question in outcome.questions],
        "warnings": list(outcome.warnings),
        "promotion": {"barred": outcome.barred, "until": _iso(outcome.barred_until)},
    }
    if on is not None:
        then = outcome.on(on)
        data["on"] = {
            "day": on.isoformat(),
            "periods": [period.code for period in then.periods],
            "effects": [{"effect": e.effect.label, "until": _iso(e.last_day)} for e in then.effects],
            "annual_grade": then.grade.limit.label if then.grade else None,
            "border": [question.text for question in then.questions],
        }
    return data


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "effect": effect.effect.label,
        "kind": EffectName(effect.effect).value,
        "first_day": effect.first_day.isoformat(),
        "last_day": _iso(effect.last_day),
        "rule": effect.rule,
        "sources": [source.standing.kind.key for source in effect.sources],
    }


def _grade(grade: AnnualGrade) -> dict[str, Any]:
    return {"year": grade.year, "limit": grade.limit.label, "rule": grade.rule, "codes": list(grade.codes)}


def _question(question: Question) -> dict[str, Any]:
    return {
        "first_day": question.first_day.isoformat(),
        "last_day": question.last_day.isoformat(),
        "question": question.text,
        "rule": question.rule,
    }
