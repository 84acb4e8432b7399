"""Pure rules of statistics: months of a range, sums over the unit tree, rates, which form a violation counts
under, and whether published figures chain: 当月 onto 累计, months onto 全年, parts onto totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from conduct.choices import Treatment

LONGEST_RANGE = 36
"""Months one page of statistics covers."""

Month = tuple[int, int]
Span = tuple[Month, Month]


def range_problem(since: date, until: date) -> str | None:
    """Why a range of days cannot be counted, or None."""
    if since > until:
        return f"起始日期 {since} 晚于截止日期 {until}，请对调或改正。"
    if len(months_between(since, until)) > LONGEST_RANGE:
        return f"一次最多统计 {LONGEST_RANGE} 个月，请缩短日期范围。"
    return None


def months_between(since: date, until: date) -> list[Month]:
    """Every month the range touches, in order."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [(number // 12, number % 12 + 1) for number in range(first, last + 1)]


def rolled_up(own: Mapping[int, int], parents: Mapping[int, int | None]) -> dict[int, int]:
    """Per unit its own number and those of all units below it: own + children = rolled up, at every level."""
    total = {unit: own.get(unit, 0) for unit in parents}
    for unit, number in own.items():
        seen = {unit}
        above = parents.get(unit)
        while above is not None and above in total and above not in seen:
            total[above] += number
            seen.add(above)
            above = parents[above]
    return total


def per_hundred(count: int, people: int) -> Decimal | None:
    """Cases per 100 persons; None where nobody serves."""
    if people <= 0:
        return None
    return (Decimal(count) * 100 / people).quantize(Decimal("0.01"), ROUND_HALF_UP)


def share(part: int, whole: int) -> Decimal | None:
    """A part in percent, one decimal; None of nothing."""
    if whole <= 0:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def treatment(*, handled: bool, sent: bool, decided: Iterable[int | None]) -> Treatment:
    """Where a counted violation stands: once, under the heaviest form.

    `handled`: a first-level handling stands. `sent`: a case was accepted. `decided`: forms that an app above
    gave it. What was sent up and is undecided has no form yet, whatever was done meanwhile.
    """
    forms = [form for form in decided if form is not None]
    if sent and not forms:
        return Treatment.SENT
    if handled:
        forms.append(Treatment.FIRST)
    return Treatment(max(forms, default=Treatment.UNHANDLED))


# --- published figures: do they chain? ----------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """One number of a published table: `span` are its first and last month."""

    row: int
    period: str
    basis: str
    scope: str
    column: str
    value: Decimal
    span: Span


@dataclass(frozen=True)
class Statement:
    """“Left side = right side” of published figures; `difference` is stated less worked out."""

    kind: str
    scope: str
    column: str
    terms: str
    expected: Decimal
    stated: Decimal
    rows: tuple[int, ...]

    @property
    def difference(self) -> Decimal:
        return self.stated - self.expected

    @property
    def holds(self) -> bool:
        return self.difference == 0


@dataclass(frozen=True)
class Uncompared:
    """What could not be held against anything, and why."""

    row: int
    scope: str
    column: str
    period: str
    reason: str


@dataclass(frozen=True)
class Line:
    """A row of the table as read: figures by column."""

    row: int
    period: str
    basis: str
    scope: str
    values: Mapping[str, Decimal]


@dataclass
class Checked:
    statements: list[Statement] = field(default_factory=list)
    uncompared: list[Uncompared] = field(default_factory=list)

    @property
    def differing(self) -> list[Statement]:
        return [statement for statement in self.statements if not statement.holds]


MONTHLY, CUMULATIVE, YEARLY = "当月", "累计", "全年"

PARTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("享奢_问题数", "查处问题数_起"),
        ("礼品礼金_起", "津补贴_起", "吃喝_起", "公车_起", "婚丧_起", "其他_起"),
    ),
    (("查处问题数_起",), ("省部级_起", "地厅级_起", "县处级_起", "乡科级及以下_起")),
    (("处理人数_人",), ("省部级_处理人", "地厅级_处理人", "县处级_处理人", "乡科级_处理人")),
    (("党纪政务处分人数_人",), ("省部级_处分人", "地厅级_处分人", "县处级_处分人", "乡科级_处分人")),
)
"""Columns that are parts of a total: (the total, the first that is given counts; its parts)."""

_MONTH_TEXT = re.compile(r"(\d{4})[-年.](\d{1,2})月?")
_RANGE_TEXT = re.compile(r"(\d{4})[-年.](\d{1,2})月?[至~—-](?:(\d{4})[-年.])?(\d{1,2})月?")
_YEAR_TEXT = re.compile(r"(\d{4})年?")


def read_span(period: str, basis: str) -> Span | str:
    """The months a period covers, or why it cannot be told."""
    text = period.replace(" ", "")
    span: Span | None = None
    if basis == MONTHLY and (found := _MONTH_TEXT.fullmatch(text)):
        month = (int(found.group(1)), int(found.group(2)))
        span = (month, month)
    elif basis == CUMULATIVE and (found := _RANGE_TEXT.fullmatch(text)):
        first, start, last, end = found.groups()
        span = ((int(first), int(start)), (int(last or first), int(end)))
    elif basis == YEARLY and (found := _YEAR_TEXT.fullmatch(text)):
        span = ((int(found.group(1)), 1), (int(found.group(1)), 12))
    elif basis not in {MONTHLY, CUMULATIVE, YEARLY}:
        return f"口径“{basis}”不认识，应为当月、累计或全年"
    if span is None:
        forms = {MONTHLY: "2018-07", CUMULATIVE: "2018-01至07", YEARLY: "2018年"}
        return f"期间“{period}”读不出确定的年月，应写成 {forms[basis]}"
    if not all(1949 <= year <= 2100 and 1 <= month <= 12 for year, month in span) or span[0] > span[1]:
        return f"期间“{period}”的年月不对或起止颠倒"
    return span


def check_figures(lines: Sequence[Line]) -> Checked:
    """Every statement the figures allow, and every figure that none of them reaches, with the reason.

    Within one scope and column: cumulative = earlier cumulative from the same start + the months between;
    cumulative and full year = sum of their months; the same period stated twice is the same number.
    Within a row: total = sum of its parts. Figures from different starts (2012-12 起与当年) never meet.
    """
    checked = Checked()
    groups: dict[tuple[str, str], list[Figure]] = {}
    for line in lines:
        span = read_span(line.period, line.basis)
        if isinstance(span, str):
            checked.uncompared.append(Uncompared(line.row, line.scope, "（整行）", line.period, span))
        else:
            for column, value in line.values.items():
                figure = Figure(line.row, line.period, line.basis, line.scope, column, value, span)
                groups.setdefault((line.scope, column), []).append(figure)
        _check_parts(line, checked)
    for figures in groups.values():
        _check_chain(figures, checked)
    checked.uncompared.sort(key=lambda item: (item.row, item.column))
    return checked


def grouped(items: Iterable[Uncompared]) -> list[Uncompared]:
    """The same reason for several columns of one row as one line."""
    columns: dict[tuple[int, str, str, str], list[str]] = {}
    for item in items:
        columns.setdefault((item.row, item.scope, item.period, item.reason), []).append(item.column)
    return [
        Uncompared(row, scope, "、".join(names), period, reason)
        for (row, scope, period, reason), names in columns.items()
    ]


def _check_parts(line: Line, checked: Checked) -> None:
    for totals, parts in PARTS:
        given = [part for part in parts if part in line.values]
        total = next((name for name in totals if name in line.values), None)
        if total is None or not given:
            continue
        amount = sum((line.values[part] for part in given), Decimal(0))
        stated = line.values[total]
        missing = [part for part in parts if part not in line.values]
        if not missing or amount > stated:
            terms = f"{' + '.join(given)} = {total}" if not missing else f"{' + '.join(given)} ≤ {total}"
            checked.statements.append(
                Statement(
                    "分项与总数", line.scope, total, f"{line.period}：{terms}", amount, stated, (line.row,)
                )
            )
        else:
            reason = f"缺 {'、'.join(missing)}；已给的 {len(given)} 项之和 {amount:f}"
            reason += "，与总数相同" if amount == stated else f"，总数 {stated:f}"
            checked.uncompared.append(Uncompared(line.row, line.scope, total, line.period, reason))


def _check_chain(figures: Sequence[Figure], checked: Checked) -> None:
    by_span: dict[Span, Figure] = {}
    met: set[int] = set()

    def state(kind: str, terms: Sequence[Figure], whole: Figure) -> None:
        words = " + ".join(f"{term.period}{term.basis} {term.value:f}" for term in terms)
        amount = sum((term.value for term in terms), Decimal(0))
        told = f"{words} = {whole.period}{whole.basis}"
        rows = tuple(dict.fromkeys([*(term.row for term in terms), whole.row]))
        checked.statements.append(Statement(kind, whole.scope, whole.column, told, amount, whole.value, rows))
        met.update(id(figure) for figure in (*terms, whole))

    for figure in figures:
        twin = by_span.setdefault(figure.span, figure)
        if twin is not figure:
            state("同期两处", [twin], figure)
    reasons: dict[int, str] = {}
    for span, whole in by_span.items():
        if span[0] == span[1]:
            continue
        months = _months_of(span)
        earlier = max((s for s in by_span if s[0] == span[0] and s[0] < s[1] < span[1]), default=None)
        if earlier is not None:
            between = [month for month in months if month > earlier[1]]
            if not (absent := _absent(between, by_span)):
                state("逐月累计", [by_span[earlier], *(by_span[m, m] for m in between)], whole)
            else:
                reasons[id(whole)] = f"与 {by_span[earlier].period} 之间缺 {_told(absent)}的当月数"
        if not (absent := _absent(months, by_span)):
            state("各月之和", [by_span[m, m] for m in months], whole)
        elif earlier is None:
            reasons[id(whole)] = f"缺 {_told(absent)}的当月数，也没有同一起点的更早累计数"
    starts = sorted({span[0] for span in by_span if span[0] != span[1]})
    for figure in figures:
        if id(figure) in met:
            continue
        reason = reasons.get(id(figure)) or _month_reason(figure, by_span)
        others = [start for start in starts if start != figure.span[0]]
        if figure.basis != MONTHLY and others:
            reason += f"；另有 {_told(others)} 起的累计数，起点不同，不相加"
        checked.uncompared.append(Uncompared(figure.row, figure.scope, figure.column, figure.period, reason))


def _month_reason(figure: Figure, by_span: Mapping[Span, Figure]) -> str:
    month = figure.span[0]
    if any(span[0] != span[1] and span[0] <= month <= span[1] for span in by_span):
        return "所在累计期间的其余月份不全，不能对照"
    return "没有包含这一期间的累计数或全年数"


def _months_of(span: Span) -> list[Month]:
    (first, start), (last, end) = span
    return months_between(date(first, start, 1), date(last, end, 1))


def _absent(months: Iterable[Month], by_span: Mapping[Span, Figure]) -> list[Month]:
    return [month for month in months if (month, month) not in by_span]


def _told(months: Sequence[Month]) -> str:
    words = [f"{year}-{month:02}" for year, month in months]
    return "、".join(words) if len(words) <= 4 else f"{words[0]} 等 {len(words)} 个月（至 {words[-1]}）"
