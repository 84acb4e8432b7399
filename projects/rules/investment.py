"""Pure rules of investment: readings of a month, sums that reconcile, amounts typed in the wrong unit.

Money is kept and summed in yuan and cents. Pages show 万元 with as many decimals as the amount has and never
round it, so that what is printed adds up to what is printed below it: nothing has to be made to fit. Only
percentages are rounded, once, half up, to one decimal.

Missing is not zero: a month nobody reported, a plan nobody set and a ratio to nothing are None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from core.rules.amounts import parse_amount
from core.rules.errors import DomainError
from core.rules.phrases import PhraseError, compact, tidy_line

DEFAULT_UNIT = "万元"
TENTH = Decimal("0.1")
WAN, YI = Decimal(10_000), Decimal(100_000_000)
OFF = 1000
"""An amount this many times the usual, or this part of it, is asked back: a wrong unit is off by 10,000 or
100,000,000, and what is right seldom differs from the usual by more than tenfold either way."""
NEAR = 30
"""A reading in another unit is suggested when it is within this many times the usual."""
FIRST_YEAR = 2000
"""No figures are kept of years before."""
DUE_WORKDAY = 5
"""A month is to be reported by this working day of the next."""


def month_of(day: date) -> date:
    """The month a day is in, as its first day."""
    return day.replace(day=1)


def month_before(day: date) -> date:
    """The month before the one a day is in."""
    first = day.replace(day=1)
    return (
        first.replace(year=first.year - 1, month=12)
        if first.month == 1
        else first.replace(month=first.month - 1)
    )


def percent_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """`part` in percent of `whole`, one decimal; None when either is missing or the whole is not above 0."""
    if part is None or whole is None or whole <= 0:
        return None
    return (part * 100 / whole).quantize(TENTH, ROUND_HALF_UP)


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Year on year in percent, one decimal; None when either is missing or before is not above 0."""
    if now is None or before is None or before <= 0:
        return None
    return ((now - before) * 100 / before).quantize(TENTH, ROUND_HALF_UP)


def known_sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


# ---- What a project has done by a month ----


@dataclass(frozen=True)
class Opening:
    """An amount brought forward: yuan up to and including `month`, since the start or since January."""

    month: date
    yuan: Decimal
    since_start: bool

    def covers(self, month: date) -> bool:
        """Whether the amount already holds what was done in this month."""
        return month <= self.month and (self.since_start or month.year == self.month.year)


@dataclass(frozen=True)
class Reading:
    """A project's investment as read in one month, all in yuan.

    `year` is the sum of the year's months up to this one, `since_start` of all months; both with what was
    brought forward. `month_growth` and `year_growth` are percent against the year before.
    """

    total: Decimal | None = None
    plan: Decimal | None = None
    month: Decimal | None = None
    month_last_year: Decimal | None = None
    year: Decimal | None = None
    year_last_year: Decimal | None = None
    since_start: Decimal | None = None
    share: Decimal | None = None
    month_growth: Decimal | None = None
    year_growth: Decimal | None = None


def last_year(month: date) -> date:
    """The same month of the year before; months are first days, so that no month-end is in the way."""
    return month.replace(year=month.year - 1)


def year_to(months: Mapping[date, Decimal], month: date, opening: Opening | None) -> Decimal | None:
    """Yuan done from January up to `month`; None when nothing is known.

    An amount brought forward for this very year counts in place of the months it covers, from its last month
    on; one that counts from the start cannot be divided by years and does not enter.
    """
    carried = (
        opening is not None
        and not opening.since_start
        and opening.month.year == month.year
        and opening.month <= month
    )
    own = [
        yuan
        for on, yuan in months.items()
        if on.year == month.year and on <= month and not (carried and opening and opening.covers(on))
    ]
    return known_sum([*own, opening.yuan if carried and opening else None])


def since_start(months: Mapping[date, Decimal], month: date, opening: Opening | None) -> Decimal | None:
    """Yuan done up to `month`; None when nothing is known.

    Before the last month of an amount brought forward since the start nothing can be said: it is not known
    how much of it was done by then.
    """
    if opening is not None and opening.since_start and month < opening.month:
        return None
    carried = opening is not None and opening.month <= month
    own = [
        yuan
        for on, yuan in months.items()
        if on <= month and not (carried and opening and opening.covers(on))
    ]
    return known_sum([*own, opening.yuan if carried and opening else None])


def _comparable(months: Mapping[date, Decimal], month: date, opening: Opening | None) -> bool:
    """Whether the same months of both years were reported: ten months are not held against three."""
    if opening is not None and not opening.since_start and opening.month.year in (month.year, month.year - 1):
        return False
    now = {on.month for on in months if on.year == month.year and on <= month}
    before = {on.month for on in months if on.year == month.year - 1 and on <= last_year(month)}
    return now == before


def read(
    *,
    months: Mapping[date, Decimal],
    month: date,
    total: Decimal | None,
    plan: Decimal | None,
    opening: Opening | None,
) -> Reading:
    """What a project's figures say in a month. `months` are yuan by the first day of each reported month.

    The year's growth compares only where the same months were reported in both years.
    """
    year, earlier = year_to(months, month, opening), year_to(months, last_year(month), opening)
    comparable = _comparable(months, month, opening)
    return Reading(
        total=total,
        plan=plan,
        month=months.get(month),
        month_last_year=months.get(last_year(month)),
        year=year,
        year_last_year=earlier if comparable else None,
        since_start=since_start(months, month, opening),
        share=percent_of(year, plan),
        month_growth=growth(months.get(month), months.get(last_year(month))),
        year_growth=growth(year, earlier) if comparable else None,
    )


def summed(readings: Sequence[Reading]) -> Reading:
    """Several projects as one: amounts add up, ratios are of the sums.

    A ratio is taken over the projects that have both of its sides, so that a project without a plan does not
    make the others look better; the amounts beside it are of all.
    """

    def ratio_sides(part: str, whole: str) -> tuple[Decimal | None, Decimal | None]:
        both = [
            (getattr(r, part), getattr(r, whole))
            for r in readings
            if getattr(r, part) is not None and getattr(r, whole) is not None
        ]
        return known_sum(p for p, _ in both), known_sum(w for _, w in both)

    amounts = ("total", "plan", "month", "month_last_year", "year", "year_last_year", "since_start")
    sums = Reading(**{name: known_sum(getattr(r, name) for r in readings) for name in amounts})
    return replace(
        sums,
        share=percent_of(*ratio_sides("year", "plan")),
        month_growth=growth(*ratio_sides("month", "month_last_year")),
        year_growth=growth(*ratio_sides("year", "year_last_year")),
    )


@dataclass(frozen=True)
class Agreement:
    """An amount brought forward beside what single months say of the same time, in yuan."""

    carried: Decimal
    by_month: Decimal | None
    difference: Decimal


def agreement(months: Mapping[date, Decimal], opening: Opening) -> Agreement:
    """What of an amount brought forward the reported months explain; the difference belongs to no month."""
    explained = known_sum(yuan for on, yuan in months.items() if opening.covers(on))
    return Agreement(opening.yuan, explained, opening.yuan - (explained or Decimal(0)))


# ---- What is typed ----


@dataclass(frozen=True)
class Money:
    """A typed amount: yuan to the cent, and its text with the unit it was read in."""

    yuan: Decimal
    text: str


def money_typed(text: str) -> Money:
    """A typed amount; without a unit it is 万元, and the kept text says so. A leading minus takes back.

    Raises DomainError for what is no definite amount.
    """
    said = tidy_line(text)
    plain = compact(said).replace("−", "-").replace("—", "-")
    negative = plain.startswith("-")
    try:
        amount = parse_amount(plain.removeprefix("-"), default_unit=DEFAULT_UNIT)
    except PhraseError as error:
        raise DomainError(f"{error}。请填数字，如 3000（万元）、0.3亿元。") from error
    if amount.approximate or amount.note:
        raise DomainError(f"“{said}”不是一个确定的金额。请只填数字和单位，如 3000（万元）、0.3亿元。")
    named = any(sign in plain for sign in "元块万亿千百")
    kept = said if named else f"{said}{DEFAULT_UNIT}"
    return Money(-amount.yuan if negative else amount.yuan, kept[:80])


def shown_text(text: str) -> str:
    """A kept amount as its field shows it: beside a field whose unit is 万元, that unit is left out."""
    bare = text.removesuffix(DEFAULT_UNIT)
    return text if bare == text or any(sign in bare for sign in "元万亿千百") else bare


def spoken(yuan: Decimal) -> str:
    """An exact amount in the unit people would say it in: 3000 万元, 1.25 亿元, 800 元."""
    size, unit = next(
        ((s, u) for s, u in ((YI, "亿元"), (WAN, "万元")) if abs(yuan) >= s), (Decimal(1), "元")
    )
    return f"{(yuan / size).normalize():,f} {unit}"


def _other_unit(yuan: Decimal, usual: Decimal | None, room: Decimal | None) -> str:
    """The same digits in another unit, when that is what one would expect; "" when no unit would do."""
    for power in (-4, 4, -8, 8):
        other = yuan.scaleb(power)
        fits = usual is None or usual / NEAR <= other <= usual * NEAR
        if fits and (room is None or other <= room) and (usual is not None or power < 0):
            return f"是否应为 {spoken(other)}？"
    return "请核对单位是元、万元还是亿元。"


def doubt(
    yuan: Decimal,
    *,
    others: Sequence[Decimal],
    room: Decimal | None,
    plan: Decimal | None = None,
    is_month: bool = True,
) -> str:
    """Why an amount looks as if typed in the wrong unit, in words, or "".

    `others` are yuan of the project's other months (their median is the usual), `plan` the year's plan (its
    twelfth stands in when there are none), `room` what is left of the total investment (None: unknown).
    What is not of a month is a plan or an amount brought forward: `others` are its like, `room` is the whole
    investment.
    Nothing is corrected: the person answers.
    """
    if yuan <= 0:
        return ""
    counted = [abs(value) for value in others if value]
    usual = Decimal(median(counted)) if counted else plan / 12 if plan else None
    reading = f"您填的金额读作 {spoken(yuan)}（{yuan.normalize():,f} 元）"
    if room is not None and yuan > room:
        left = f"总投资只剩 {spoken(room)}没有完成" if room > 0 else "总投资已经全部完成"
        left = left if is_month else f"比总投资 {spoken(room)}还多"
        return f"{reading}，{left}。{_other_unit(yuan, usual, room)}"
    if usual is not None and (yuan >= usual * OFF or yuan * OFF <= usual):
        whose = ("平常每月" if is_month else "其他年度") if counted else "年度计划平均每月"
        about = spoken(usual.quantize(Decimal(1)))
        return f"{reading}，{whose}约 {about}，相差上千倍。{_other_unit(yuan, usual, room)}"
    return ""


@dataclass(frozen=True)
class Typed:
    """One month as typed; `sure` answers the question whether the unit is right."""

    month: date
    money: Money
    note: str = ""
    sure: bool = False
    version: int = 0


@dataclass(frozen=True)
class Problem:
    """What is wrong with one month, at which of its fields (`amount`, `note`, `sure`)."""

    month: date
    part: str
    message: str

    @property
    def field(self) -> str:
        return f"{self.part}_{self.month.month}"


class SheetWrong(DomainError):
    """A sheet breaks rules: nothing of it is saved, and every wrong month is named."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, field=problems[0].field)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Standing:
    """What is known of a project when a sheet is checked, in yuan."""

    months: Mapping[date, Decimal] = field(default_factory=dict)
    opening: Opening | None = None
    total: Decimal | None = None
    plan: Decimal | None = None


def sheet_problems(rows: Sequence[Typed], *, standing: Standing, today: date) -> list[Problem]:
    """Everything wrong with the typed months of a year, in their order; [] when they may be saved.

    A month to come is refused. A former month is changed, and anything taken back, only with a note. An
    amount that looks like a wrong unit is asked back, and stands when the person says so and why.
    """
    this, touched = month_of(today), {row.month for row in rows}
    rest = {on: yuan for on, yuan in standing.months.items() if on not in touched}
    running, found = dict(rest), []
    for row in sorted(rows, key=lambda each: each.month):
        done = since_start(running, max([*running, row.month]), standing.opening) or Decimal(0)
        counts = standing.opening is None or not standing.opening.covers(row.month)
        room = standing.total - done if standing.total is not None and counts else None
        others = [*rest.values(), *(each.money.yuan for each in rows if each.month != row.month)]
        problem = _month_problem(row, standing=standing, this=this, done=done, room=room, others=others)
        if problem is not None:
            found.append(Problem(row.month, *problem))
        running[row.month] = row.money.yuan
    return found


def _month_problem(
    row: Typed,
    *,
    standing: Standing,
    this: date,
    done: Decimal,
    room: Decimal | None,
    others: Sequence[Decimal],
) -> tuple[str, str] | None:
    """(part, message) of the first thing wrong with one month, or None."""
    name, yuan, has_note = f"{row.month.year}年{row.month.month}月", row.money.yuan, bool(row.note.strip())
    if row.month > this:
        return "amount", f"{name}还没有到，不能预填。到当月再填。"
    if yuan < 0 and not has_note:
        return "note", f"{name}是负数，只用于冲减以前多报的投资，请在说明中写明冲减哪个月、为什么。"
    if yuan < 0 and done + yuan < 0:
        return "amount", f"{name}冲减 {spoken(-yuan)}，超过了此外累计完成的 {spoken(done)}，请核对。"
    stored = standing.months.get(row.month)
    if stored is not None and row.month < this and stored != yuan and not has_note:
        return "note", (
            f"{name}已填报 {spoken(stored)}，现在改为 {spoken(yuan)}。更正以前的月份，请在说明中写明原因。"
        )
    question = doubt(yuan, others=others, room=room, plan=standing.plan)
    if question and not row.sure:
        return "sure", f"{name}：{question}金额确实无误的，请勾选“金额无误”并写说明。"
    if question and not has_note:
        return "note", f"{name}的金额不同寻常，请在说明中写明原因。"
    return None
