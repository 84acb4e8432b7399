"""What one decision comes to: rules C, D and E, before any period is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accountability.choices import EndedMeaning, Nature
from accountability.rules.book import Book, KindRule, version_on
from accountability.rules.measures import Findings, Imposed, kind_of
from accountability.rules.spans import ONE, span


@dataclass(frozen=True)
class Item:
    """A measure that is carried out. `numbers` are the rows it comes from, the one that leads first; `why`
    names the rule that made it different from what was typed in."""

    numbers: tuple[int, ...]
    imposed: Imposed
    kind: KindRule
    months: int | None
    why: str = ""

    @property
    def number(self) -> int:
        return self.numbers[0]

    @property
    def label(self) -> str:
        rows = "、".join(str(number) for number in self.numbers)
        return f"第 {rows} 项 {self.kind.title}"


def item_of(book: Book, number: int, imposed: Imposed) -> Item:
    kind = kind_of(book, imposed)
    return Item((number,), imposed, kind, kind.months)


def carried_out(book: Book, items: Sequence[Item], findings: Findings) -> list[Item]:
    """The measures that remain once those of one decision are put together."""
    kept: list[Item] = []
    batches = dict.fromkeys(item.imposed.batch or f"\0{item.number}" for item in items)
    for batch in batches:
        together = [item for item in items if (item.imposed.batch or f"\0{item.number}") == batch]
        by_nature = {
            nature: [item for item in together if item.kind.nature is nature] for nature in (*JOINED, None)
        }
        kept += [item for item in together if item.kind.nature not in JOINED]
        for nature, join in JOINED.items():
            group = by_nature[nature]
            if len(group) > 1:
                _same_day(group, findings)
                kept += join(book, group, findings)
            else:
                kept += group
    return sorted(kept, key=lambda item: item.number)


def _same_day(group: Sequence[Item], findings: Findings) -> None:
    if len({item.imposed.effective for item in group}) > 1:
        rows = "、".join(str(item.number) for item in group)
        findings.warn(f"第 {rows} 项：同一决定的{group[0].kind.nature.label}生效日不同，请核对是否同一决定。")


def _party(book: Book, group: Sequence[Item], findings: Findings) -> list[Item]:
    """Rule C: one grade above the heaviest; expulsion stays expulsion."""
    rule = book.combination("C", group[0].imposed.day)
    heaviest = max(group, key=lambda item: (item.kind.order, -item.number))
    numbers = (heaviest.number, *(item.number for item in group if item is not heaviest))
    ladder = _ladder(book, heaviest)
    level = ladder.index(heaviest.kind.variant_of or heaviest.kind.key)
    key = ladder[level] if heaviest.kind.expels else ladder[min(level + 1, len(ladder) - 1)]
    kind = version_on(book.kinds[key], heaviest.imposed.day)[0]
    rows = "、".join(str(number) for number in sorted(numbers))
    findings.warn(
        f"第 {rows} 项：同案数个党纪处分应当合并处理，按{kind.title}试算；实际处分以有权机关的决定书为准。"
        f"{rule.sentence}"
    )
    imposed = replace(heaviest.imposed, code=key)
    if EndedMeaning.RESTORED in {kind.ended, heaviest.kind.ended} and kind.ended is not heaviest.kind.ended:
        imposed = replace(imposed, ended=None, term=None)
    return [Item(numbers, imposed, kind, kind.months, rule.sentence)]


def _ladder(book: Book, item: Item) -> list[str]:
    """The grades of the item's nature as of its day, light to heavy, without variants."""
    kinds = [version_on(versions, item.imposed.day)[0] for versions in book.kinds.values()]
    own = [kind for kind in kinds if kind.nature is item.kind.nature and not kind.variant_of]
    return [kind.key for kind in sorted(own, key=lambda kind: kind.order)]


def _government(book: Book, group: Sequence[Item], findings: Findings) -> list[Item]:
    """Rules D and E: only the heaviest kind; several of it are one, of a length the organ sets."""
    order = max(item.kind.order for item in group)
    same = sorted(
        (item for item in group if item.kind.order == order),
        key=lambda item: (item.imposed.effective, item.number),
    )
    leading, why = same[0], ""
    lighter = [item for item in group if item.kind.order != order]
    if lighter:
        rule = book.combination("D", leading.imposed.day)
        why = rule.sentence
        for item in lighter:
            findings.warn(f"{item.label}：同一决定中有更重的{leading.kind.title}，不另执行。{rule.sentence}")
    months = leading.months
    if len(same) > 1 and months is not None:
        rule = book.combination("E", leading.imposed.day)
        why += rule.sentence
        chosen = next((item.imposed.months for item in same if item.imposed.months is not None), None)
        longest = min(months * len(same), rule.months or months * len(same))
        if chosen is None:
            start = leading.imposed.effective
            shortest = span(start, months).last
            findings.ask(
                shortest + ONE,
                span(start, longest).last,
                f"{leading.kind.title}共 {len(same)} 个：期限由机关在 {months} 至 {longest} 个月之间确定，"
                f"没有填另定期限，按 {months} 个月试算。",
                rule.sentence,
            )
        months = chosen or months
    numbers = tuple(item.number for item in (*same, *lighter))
    return [Item(numbers, leading.imposed, leading.kind, months, why)]


def _institution(book: Book, group: Sequence[Item], findings: Findings) -> list[Item]:
    """The rules say nothing of several at once: each runs by itself and a person looks."""
    rows = "、".join(str(item.number) for item in group)
    findings.warn(f"第 {rows} 项：同一决定有数个事业单位处分，规则没有写明怎样合并，各自试算，须由人核对。")
    return list(group)


JOINED = {Nature.PARTY: _party, Nature.GOVERNMENT: _government, Nature.INSTITUTION: _institution}
