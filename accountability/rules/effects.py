"""What stands in the way, from when until when, and what becomes of the grades of the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accountability.choices import BARS_PROMOTION, AnnualLimit, EffectName, EndRule, StartRule
from accountability.rules.book import YEARS_AFTER, Book, EffectRule
from accountability.rules.measures import Findings
from accountability.rules.periods import Standing
from accountability.rules.spans import ONE, span
from core.rules.deadlines import after_months


@dataclass(frozen=True)
class Source:
    """One measure's part in an effect; `last_day` None is open."""

    standing: Standing
    effect: EffectName
    first_day: date
    last_day: date | None
    rule: str


@dataclass(frozen=True)
class Effect:
    """Days without a gap on which one effect stands, and every measure it comes from."""

    effect: EffectName
    first_day: date
    last_day: date | None
    rule: str
    sources: tuple[Source, ...]

    def stands_on(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class AnnualGrade:
    """The heaviest limit on the grade of one year and the measures it comes from."""

    year: int
    limit: AnnualLimit
    rule: str
    codes: tuple[str, ...]


def effects(book: Book, done: Sequence[Standing], findings: Findings) -> list[Effect]:
    """Every effect, joined where its days touch, so that each line ends when the effect really ends."""
    found = [
        s
        for standing in done
        for rule in standing.kind.effects
        for s in _source(book, standing, rule, findings)
    ]
    lines: list[Effect] = []
    for name in EffectName:
        parts = sorted(
            (s for s in found if s.effect is name), key=lambda s: (s.first_day, s.standing.item.number)
        )
        group: list[Source] = []
        for part in parts:
            if group and not _touches(group, part):
                lines.append(_line(book, group))
                group = []
            group.append(part)
        if group:
            lines.append(_line(book, group))
    return sorted(lines, key=lambda line: (line.first_day, list(EffectName).index(line.effect)))


def _source(book: Book, standing: Standing, rule: EffectRule, findings: Findings) -> list[Source]:
    first = standing.first if rule.start is StartRule.EFFECTIVE else standing.starts
    if first is None:
        return []
    released = standing.released
    last: date | None
    if rule.end is EndRule.MONTHS:
        assert rule.months is not None  # parsed so
        whole = span(first, rule.months)
        last = whole.last if released is None else min(whole.last, released - ONE)
        if last == whole.last:
            edge = book.combination("CLAMP" if whole.clamped else "EDGE", standing.item.imposed.day)
            who = f"{standing.item.label}（{rule.effect.label}）"
            text = f"{who}：{edge.name}？按默认口径最后一日是 {whole.last}。"
            findings.ask(whole.disputed, whole.disputed, text, edge.sentence)
    elif rule.end is EndRule.YEAR_END:
        last = date(first.year, 12, 31)
    elif rule.end is EndRule.NEVER:
        last = released - ONE if released is not None else None
    else:
        last = standing.last
    if last is not None and last < first:
        return []
    until = f"满 {rule.months} 个月" if rule.end is EndRule.MONTHS else rule.end.label
    told = f"{standing.kind.title}：{rule.start.label}，{until}。依据：{rule.basis}。"
    return [Source(standing, rule.effect, first, last, told)]


def _touches(group: Sequence[Source], part: Source) -> bool:
    ends = [source.last_day for source in group]
    return any(end is None or part.first_day <= end + timedelta(days=1) for end in ends)


def _line(book: Book, group: Sequence[Source]) -> Effect:
    ends = [source.last_day for source in group if source.last_day is not None]
    last = None if len(ends) < len(group) else max(ends)
    rules = list(dict.fromkeys(source.rule for source in group))
    if len(group) > 1:
        latest = next(s for s in group if s.last_day == last)
        rules.append(f"截止日取最晚的一项：{latest.standing.item.label}。")
        batches = [
            source.standing.item.imposed.batch for source in group if source.standing.item.imposed.batch
        ]
        if len(set(batches)) < len(batches):
            rules.append(book.combination("A", group[0].standing.item.imposed.day).sentence)
    first = min(source.first_day for source in group)
    return Effect(group[0].effect, first, last, "".join(rules), tuple(group))


def barred_until(lines: Sequence[Effect]) -> tuple[bool, date | None]:
    """Whether anything of the class 不得提拔 stands at all, and its latest end; None is open."""
    ends = [line.last_day for line in lines if line.effect in BARS_PROMOTION]
    known = [end for end in ends if end is not None]
    return bool(ends), (max(known) if ends and len(known) == len(ends) else None)


def annual_grades(book: Book, done: Sequence[Standing], findings: Findings) -> list[AnnualGrade]:
    """The heaviest limit of each year; nothing is said of a year without one."""
    by_year: dict[int, list[tuple[AnnualLimit, Standing, int]]] = {}
    for standing in done:
        limits = standing.kind.annual_of(standing.item.imposed.term)
        _ask_term(book, standing, findings)
        for later, limit in enumerate(limits):
            by_year.setdefault(standing.first.year + later, []).append((limit, standing, later))
        released = standing.released
        if released is not None and any(
            standing.first.year + later >= released.year for later in range(len(limits))
        ):
            rule = book.combination("RELEASE", released)
            findings.warn(
                f"{standing.item.label}：提前终止后，当年和以后年度的年度考核后果须由人核对。{rule.sentence}"
            )
    grades = []
    order = list(AnnualLimit)
    for year, reasons in sorted(by_year.items()):
        heaviest = max((limit for limit, _, _ in reasons), key=order.index)
        parts = [
            f"{standing.kind.title}，{YEARS_AFTER[later]}{limit.label}。依据：{standing.kind.basis}。"
            for limit, standing, later in reasons
        ]
        if len(reasons) > 1 or heaviest is AnnualLimit.NO_GRADE:
            parts.append(book.combination("ANNUAL", date(year, 12, 31)).sentence)
        codes = tuple(dict.fromkeys(standing.kind.key for limit, standing, _ in reasons if limit is heaviest))
        grades.append(AnnualGrade(year, heaviest, "".join(dict.fromkeys(parts)), codes))
    return grades


def _ask_term(book: Book, standing: Standing, findings: Findings) -> None:
    """留党察看 of a length that was not told: whether a third year is without a grade."""
    imposed, kind = standing.item.imposed, standing.kind
    if not kind.annual_by_term or imposed.term is not None:
        return
    longest = max(kind.annual_by_term)
    if imposed.ended is not None and imposed.ended < after_months(imposed.effective, longest):
        return
    third = standing.first.year + len(kind.annual_by_term[longest]) - 1
    rule = book.combination("ANNUAL", imposed.effective)
    text = f"{standing.item.label}：察看期是否两年没有填，{third} 年度是否不定等次须由人核对。"
    findings.ask(date(third, 1, 1), date(third, 12, 31), text, rule.sentence)
