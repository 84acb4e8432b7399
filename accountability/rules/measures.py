"""The measures of one person as they are typed in, and what makes a list of them impossible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from accountability.choices import EndedMeaning, Nature, PersonKind
from accountability.rules.book import Book, KindRule, version_on

YEARS = range(1980, 2101)
"""Days outside these years are slips of the keyboard."""


@dataclass(frozen=True)
class Imposed:
    """One measure. `ended` is the first day without it (`EndedMeaning` says why), `cancelled` the day it was
    set aside as if it had never been; `batch` names the decision, measures of one decision share it.

    `months` is a term the organ set (rule E), `term` the months of 留党察看.
    """

    code: str
    effective: date
    decided: date | None = None
    ended: date | None = None
    cancelled: date | None = None
    batch: str = ""
    months: int | None = None
    term: int | None = None

    @property
    def day(self) -> date:
        """The day whose version of the catalogue applies."""
        return self.decided or self.effective


@dataclass(frozen=True)
class Problem:
    """Why a list cannot be computed: which measure (from 0), which of its fields, what to do."""

    index: int
    field: str
    message: str


@dataclass(frozen=True)
class Question:
    """Days on which a person has to decide, with the rule that leaves it open."""

    first_day: date
    last_day: date
    text: str
    rule: str


@dataclass
class Findings:
    """What the calculation leaves to a person, collected on the way; nothing is said twice."""

    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def ask(self, first: date, last: date, text: str, rule: str) -> None:
        question = Question(first, last, text, rule)
        if question not in self.questions:
            self.questions.append(question)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def problems(book: Book, person: PersonKind, measures: Sequence[Imposed]) -> list[Problem]:
    """Everything that is wrong with the list, by measure; an empty list can be computed."""
    return [
        Problem(index, *found)
        for index, measure in enumerate(measures)
        for found in _problems_of(book, person, measures, measure)
    ]


def _problems_of(
    book: Book, person: PersonKind, measures: Sequence[Imposed], measure: Imposed
) -> Iterator[tuple[str, str]]:
    if measure.code not in book.kinds:
        yield "code", f"目录中没有措施“{measure.code}”。可用的代码：{'、'.join(book.kinds)}。"
        return
    kind = kind_of(book, measure)
    yield from _day_problems(measure)
    if person not in kind.persons | kind.ask:
        why = kind.refusal or f"目录没有把它列入{person.label}可以适用的措施（{kind.basis}）"
        yield "code", f"“{kind.title}”不能用于{person.label}：{why}。请改选措施，或者核对人员类别。"
    if measure.term is not None and measure.term not in kind.terms:
        allowed = "、".join(f"{term} 个月" for term in kind.terms)
        hint = f"察看期只能是 {allowed}" if allowed else "只有留党察看有察看期，请留空"
        yield "term", f"“{kind.title}”：{hint}。"
    if measure.months is not None:
        yield from _month_problems(book, measures, measure, kind)


def kind_of(book: Book, measure: Imposed) -> KindRule:
    """The version of the measure's kind that applies, the nearest one where none was in force."""
    return version_on(book.kinds[measure.code], measure.day)[0]


def _day_problems(measure: Imposed) -> Iterator[tuple[str, str]]:
    named = {"effective": "生效日", "decided": "决定日", "ended": "终止日", "cancelled": "撤销日"}
    for name, label in named.items():
        day = getattr(measure, name)
        if day is not None and day.year not in YEARS:
            yield name, f"{label} {day} 不在 {YEARS.start} 至 {YEARS.stop - 1} 年之间，请核对年份。"
    if measure.ended is not None and measure.ended < measure.effective:
        yield "ended", f"终止日 {measure.ended} 早于生效日 {measure.effective}，请核对两个日期。"
    if measure.cancelled is not None and measure.cancelled < measure.day:
        label = "决定日" if measure.decided else "生效日"
        yield "cancelled", f"撤销日 {measure.cancelled} 早于{label} {measure.day}，请核对两个日期。"


def _month_problems(
    book: Book, measures: Sequence[Imposed], measure: Imposed, kind: KindRule
) -> Iterator[tuple[str, str]]:
    rule = book.combination("E", measure.day)
    same = [
        other
        for other in measures
        if measure.batch and (other.batch, other.code, other.cancelled) == (measure.batch, measure.code, None)
    ]
    if kind.nature is not Nature.GOVERNMENT or kind.months is None or len(same) < 2:
        yield (
            "months",
            f"另定期限只用于同一决定中两个以上相同的撤职以下政务处分，请留空。{rule.sentence}",
        )
        return
    longest = min(kind.months * len(same), rule.months or kind.months * len(same))
    if not kind.months <= measure.months <= longest:  # type: ignore[operator]  # asked only when it is given
        yield "months", f"另定期限应在 {kind.months} 至 {longest} 个月之间。{rule.sentence}"
    elif {other.months for other in same} - {None, measure.months}:
        yield "months", "同一决定中相同处分的另定期限要一致，请只填一项或者填成一样。"


def remark(
    book: Book, person: PersonKind, numbered: Sequence[tuple[int, Imposed]], findings: Findings
) -> None:
    """Warn of what is possible but asks for a second look; each measure comes with its number."""
    seen: dict[tuple[object, ...], int] = {}
    for number, measure in numbered:
        kind, in_force = version_on(book.kinds[measure.code], measure.day)
        here = f"第 {number} 项 {kind.title}"
        if not in_force:
            findings.warn(
                f"{here}：{measure.day} 没有施行中的目录版本，"
                f"按 {kind.effective_from} 的版本试算，须核对当时的规定。"
            )
        if person in kind.ask:
            findings.warn(f"{here}：规则没有写明是否适用于{person.label}，须由人核对。")
        if kind.caution:
            findings.warn(f"{here}：{kind.caution}")
        if measure.decided is not None and measure.effective < measure.decided:
            findings.warn(f"{here}：生效日 {measure.effective} 早于决定日 {measure.decided}，请核对。")
        if measure.decided is not None and measure.decided.year != measure.effective.year:
            findings.warn(f"{here}：决定和生效不在同一年，“当年”按生效日所在的 {measure.effective.year} 年。")
        if kind.ended is EndedMeaning.RESTORED and measure.term is None:
            findings.warn(f"{here}：没有填察看期（一年或者两年），请按决定书填写。")
        same = (measure.code, measure.effective, measure.decided, measure.batch)
        if not measure.batch and same in seen:
            findings.warn(f"{here}：与第 {seen[same]} 项完全相同，请核对是否重复填写。")
        seen.setdefault(same, number)
