"""Influence periods: each by itself, then what remains of an earlier one goes into a new one (B and F)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accountability.choices import EndedMeaning, Nature
from accountability.rules.book import Book, Combination, KindRule
from accountability.rules.decisions import Item
from accountability.rules.measures import Findings
from accountability.rules.spans import ONE, Span, length, prolonged, span
from core.rules.deadlines import after_months


@dataclass(frozen=True)
class Standing:
    """A measure with its time. `starts` is the day its months are counted from, None while unknown; `full`
    the last day by the rules, `last` the same cut by an early end; None is open."""

    item: Item
    starts: date | None
    full: date | None
    last: date | None
    why: str

    @property
    def kind(self) -> KindRule:
        return self.item.kind

    @property
    def first(self) -> date:
        return self.item.imposed.effective

    @property
    def released(self) -> date | None:
        """The day of an early end; None where `ended` means something else."""
        return self.item.imposed.ended if self.kind.ended is EndedMeaning.RELEASED else None

    def full_as_of(self, day: date) -> date | None:
        """The last day as it stood then: an early end counts from the day it came."""
        if self.released is None or self.released > day:
            return self.full
        return self.released - ONE if self.full is None else min(self.full, self.released - ONE)


def standings(book: Book, items: Sequence[Item], findings: Findings) -> list[Standing]:
    """Every measure with its period, in the order in which they take effect."""
    done: list[Standing] = []
    for item in sorted(items, key=lambda item: (item.imposed.effective, item.imposed.day, item.number)):
        earlier = [s for s in done if s.kind.nature is item.kind.nature]
        done.append(_standing(book, item, earlier, findings))
    return done


def _standing(book: Book, item: Item, earlier: Sequence[Standing], findings: Findings) -> Standing:
    for standing in earlier:
        if standing.kind.expels:
            findings.warn(f"{item.label}：此前已有{standing.kind.title}，请核对是否还会受这项处理。")
    if item.kind.ended is EndedMeaning.OWN_END:
        return _suspended(book, item, findings)
    if item.months is None:
        return _without_period(book, item, findings)
    starts, why = _start(book, item, findings)
    own = span(starts, item.months) if starts is not None else None
    full, edge = (own.last, own.disputed) if own is not None else (None, None)
    joined = _joined(book, item, own, earlier, findings)
    if joined is not None:
        full, why = joined[0], why + joined[1]
        edge = full + ONE if full is not None else None
    why = (item.why + why) or _plain(book, item)
    return _cut(book, Standing(item, starts, full, full, why), edge, findings)


def _plain(book: Book, item: Item) -> str:
    rule = book.combination("DAY", item.imposed.day)
    return f"{item.kind.title}影响期 {item.months} 个月。依据：{item.kind.basis}。{rule.sentence}"


def _suspended(book: Book, item: Item, findings: Findings) -> Standing:
    """停职: it lasts until its own end; without one it is open."""
    rule, imposed = book.combination("SUSPEND", item.imposed.day), item.imposed
    last = imposed.ended - ONE if imposed.ended is not None else None
    if imposed.ended is not None:
        findings.ask(
            imposed.ended, imposed.ended, f"{item.label}：停职结束当日按复职计，请核对决定书。", rule.sentence
        )
    if item.kind.usual_months:
        usual = span(imposed.effective, item.kind.usual_months).last
        if last is None:
            findings.ask(
                usual,
                usual,
                f"{item.label}：没有填停职结束之日，最迟到这一天应当决定复职或者调整。",
                rule.sentence,
            )
        elif last > usual:
            findings.warn(f"{item.label}：停职超过 {item.kind.usual_months} 个月，请核对。{rule.sentence}")
    return Standing(item, imposed.effective, last, last, rule.sentence)


def _without_period(book: Book, item: Item, findings: Findings) -> Standing:
    if item.imposed.ended is not None:
        _ask_release(book, item, findings)
    return Standing(item, item.imposed.effective, None, None, item.why or f"{item.kind.title}没有影响期。")


def _start(book: Book, item: Item, findings: Findings) -> tuple[date | None, str]:
    """The day the months are counted from, and why it is not the day of effect where it is not."""
    imposed = item.imposed
    if item.kind.ended is not EndedMeaning.RESTORED:
        return imposed.effective, ""
    rule = book.combination("RESTORE", imposed.day).sentence
    shortest, term = min(item.kind.terms), imposed.term
    if imposed.ended is not None:
        if imposed.ended < after_months(imposed.effective, term or shortest):
            findings.warn(f"{item.label}：恢复党员权利之日 {imposed.ended} 时察看期还没有满，请核对。{rule}")
        elif term is not None and imposed.ended > after_months(imposed.effective, term):
            findings.warn(f"{item.label}：察看期比 {term} 个月长，请核对是否延长过。{rule}")
        findings.ask(imposed.ended, imposed.ended, f"{item.label}：恢复党员权利之日，请核对决定。", rule)
        return imposed.ended, rule
    expected = after_months(imposed.effective, term or shortest)
    said = "按察看期满试算，以恢复党员权利的决定为准" if term else "没有填察看期，影响期的末日算不出"
    findings.ask(expected, expected, f"{item.label}：没有填恢复党员权利之日，{said}。", rule)
    return (expected if term else None), rule


ADDING = {Nature.PARTY: "B", Nature.GOVERNMENT: "F"}


def _joined(
    book: Book, item: Item, own: Span | None, earlier: Sequence[Standing], findings: Findings
) -> tuple[date | None, str] | None:
    """The last day and the rule where the measure takes effect within an earlier period of its nature."""
    first = item.imposed.effective
    if not item.kind.adds_up or item.kind.nature not in {*ADDING, Nature.INSTITUTION}:
        return None
    ends = [standing.full_as_of(first) for standing in earlier if standing.kind.adds_up]
    known = [end for end in ends if end is not None]
    key = ADDING.get(item.kind.nature)
    rule = book.combination(key or "F", first)
    if known and max(known) == first - ONE:
        text = f"{item.label}：恰在前一处分期满的次日生效，按已不在期内试算，是否算期内又受处分由人确认。"
        findings.ask(first, first, text, rule.sentence)
    if not any(end is None or end >= first for end in ends):
        return None
    if len({first, *(standing.first for standing in earlier)}) <= len(earlier):
        findings.warn(
            f"{item.label}：与另一个{item.kind.nature.label}同日生效，按先后次序试算，请核对。{rule.sentence}"
        )
    if own is None or len(known) < len(ends):
        findings.warn(f"{item.label}：原处分的末日还不知道，新影响期的末日算不出。{rule.sentence}")
        return None if key is None else (None, rule.sentence)
    reach = max(known)
    shorter, longer = _both_ways(item, own, reach, rule)
    if key is None:  # 事业单位: the rules at hand do not say whether they add up
        if longer > own.last:
            text = f"{item.label}：在前一处分期内生效，规则没有写明剩余期限是否相加，这几天须由人核对。"
            findings.ask(own.last + ONE, longer, text, rule.sentence)
        return None
    rest = length(first, reach)
    if shorter != longer:
        text = (
            f"{item.label}：原剩余 {rest} 不是整月，或者起算日不同，两种算法的末日不一样，按较晚的一天试算。"
        )
        findings.ask(shorter + ONE, longer, text, rule.sentence)
    said = f"原剩余 {rest} + 新 {item.months} 个月，自 {own.first} 起到 {longer}。"
    return longer, rule.sentence + said


def _both_ways(item: Item, own: Span, reach: date, rule: Combination) -> tuple[date, date]:
    """The last day with the remainder added to the new months, and with the new months after the remainder;
    the earlier one first, both within the rule's cap."""
    assert item.months is not None  # who joins has months
    first = item.imposed.effective
    lasts = [prolonged(own.first, item.months, length(first, reach))]
    lasts.append(span(reach + ONE, item.months).last if own.first == first else own.last)
    if rule.months is not None:
        cap = span(first, rule.months).last
        lasts = [min(last, cap) for last in lasts]
    return min(lasts), max(lasts)


def _cut(book: Book, standing: Standing, edge: date | None, findings: Findings) -> Standing:
    """End the period early where it was released; otherwise ask about the day opinions differ on."""
    item, released = standing.item, standing.released
    if released is not None and (standing.full is None or released <= standing.full):
        last = released - ONE
        _ask_release(book, item, findings)
        why = f"{standing.why}{book.combination('RELEASE', released).sentence}"
        return Standing(item, standing.starts, standing.full, last, why)
    if released is not None:
        findings.warn(
            f"{item.label}：终止日 {released} 晚于期满日 {standing.full}，期满自动解除，不需要另行终止。"
        )
    if edge is not None and standing.full is not None:
        key = "CLAMP" if edge == standing.full else "EDGE"
        rule = book.combination(key, item.imposed.day)
        findings.ask(
            edge, edge, f"{item.label}：{rule.name}？按默认口径最后一日是 {standing.full}。", rule.sentence
        )
    return standing


def _ask_release(book: Book, item: Item, findings: Findings) -> None:
    ended = item.imposed.ended
    assert ended is not None  # asked only of an early end
    rule = book.combination("RELEASE", ended)
    findings.ask(ended, ended, f"{item.label}：终止当日按已不在期内计，请核对决定书。", rule.sentence)


def ended_after_joining(book: Book, done: Sequence[Standing], findings: Findings) -> None:
    """Ask where an earlier period was cut short after what remained of it had gone into a newer one."""
    for index, standing in enumerate(done):
        key, released = ADDING.get(standing.kind.nature), standing.released
        if key is None or released is None or standing.full is None or not standing.kind.adds_up:
            continue
        newer = [
            other
            for other in done[index + 1 :]
            if other.kind.nature is standing.kind.nature
            and other.kind.adds_up
            and standing.first <= other.first <= standing.full
            and other.first < released
        ]
        if newer and released <= standing.full:
            rule = book.combination(key, released)
            text = (
                f"{standing.item.label}：在新处分生效之后提前终止，"
                "已并入新影响期的剩余部分是否扣减，规则没有写明。"
            )
            findings.ask(released, released, text, rule.sentence)


def days_of(standing: Standing) -> list[tuple[date, date | None, str]]:
    """The periods of a measure as they are listed: first day, last day, rule. 留党察看 has two."""
    if standing.kind.ended is EndedMeaning.RESTORED:
        starts = standing.starts
        if starts is None:
            return [(standing.first, None, f"察看期。{standing.why}")]
        found: list[tuple[date, date | None, str]] = []
        if starts > standing.first:
            found.append((standing.first, starts - timedelta(days=1), f"察看期。{standing.why}"))
        return [*found, (starts, standing.last, standing.why)]
    has_period = standing.item.months is not None or standing.kind.ended is EndedMeaning.OWN_END
    if not has_period or (standing.last is not None and standing.last < standing.first):
        return []
    return [(standing.first, standing.last, standing.why)]
