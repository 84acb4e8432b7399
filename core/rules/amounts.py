"""Reads amounts of money, percentages and quantities from cells; Decimal only, nothing guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from core.rules.phrases import PhraseError, PhraseUnknown, compact, is_blank, tidy, tidy_line

CENT = Decimal("0.01")
LARGEST_YUAN = Decimal(10) ** 14  # 100 万亿元: above this the unit was surely mistaken
LARGEST_PERCENT = Decimal(9999)
EXCEL_DIGITS = 15  # what a spreadsheet keeps of a number; later digits are noise of binary arithmetic

_MAGNITUDES = {
    "": 0,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
}
_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?|[+-]?\.\d+"
_MONEY = re.compile(
    rf"(?P<number>{_NUMBER})(?:余|多)?(?P<mag>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百)?(?:余|多)?(?P<yuan>元|块)?"
)
_ABOUT = re.compile(r"大?约|左右|上下|余|多|近|超过?|逾|不低于|不少于|不超过|以[上内下]|预计|估算|概算|匡算")
_FOREIGN = re.compile(r"美元|欧元|港[元币]|日元|英镑|澳元|加元|美金|USD|EUR|HKD|[$€£]", re.IGNORECASE)
_PART = re.compile(r"[,;(]?(其中|内含|含|包括|包含).*")
_LABEL = re.compile(r"人民币|RMB|CNY|[¥\uffe5]|[:.,;()\u3001\u3002]|整$")


@dataclass(frozen=True)
class Amount:
    """Money: `yuan` exact to the cent, `unit` as stated (元, 万元, 亿元…), `original` the cell's text.

    `approximate` where the text says 约, 余 and the like; `note` explains a reading for the preview.
    """

    yuan: Decimal
    unit: str
    original: str
    approximate: bool = False
    note: str = ""


def decimal_of(value: object) -> Decimal:
    """A finite number from a number cell or its text; thousands separators must stand where they belong.

    A binary fraction is cut to the 15 digits a spreadsheet keeps. Raises `PhraseError`.
    """
    if isinstance(value, bool):
        raise PhraseError("单元格里是“是/否”，不是数字")
    if isinstance(value, float):
        if value.is_integer():
            return Decimal(int(value))
        number = Decimal(repr(value))
        if not number.is_finite():
            raise PhraseError(f"“{value}”不是有限的数字")
        with localcontext() as context:
            context.prec = EXCEL_DIGITS
            return +number
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        if not number.is_finite():
            raise PhraseError(f"“{value}”不是有限的数字")
        return number
    text = compact(value)
    if "," in text and not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        raise PhraseError(f"“{text}”中的逗号不在千分位上，请核对是否应为小数点")
    plain = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", plain):
        raise PhraseError(f"“{text}”不是数字")
    return Decimal(plain)


def parse_amount(value: object, *, default_unit: str | None = None) -> Amount:
    """Money in yuan; `default_unit` (元, 万元, 亿元) is the column's unit, for numbers that name none.

    “其中…”/“含…” parts are left out of the total and noted; 1亿2000万元 is one amount. Raises `PhraseError`
    for negative, missing, foreign, several or implausible amounts, and where no unit is known;
    `PhraseUnknown` for other words.
    """
    if is_blank(value):
        raise PhraseError("没有填写金额")
    if isinstance(value, int | float | Decimal):
        return _amount_in(decimal_of(value), default_unit, str(value))
    original = tidy_line(value)
    text = compact(original)
    if foreign := _FOREIGN.search(text):
        raise PhraseError(f"“{original}”是外币({foreign.group()})；请折合人民币后填写")
    if re.search(r"nan|inf|[eE]\d", text, re.IGNORECASE):
        raise PhraseError(f"“{original}”不是有限的数字")
    whole = re.sub(r"(?:19|20)\d\d年度?", "", text)
    main = _PART.sub("", whole) or whole
    note = "“其中”“含”的部分已包含在总额内" if main != whole else ""
    if re.search(r"\d(万|亿|元)*[—–~至到-]+\d", main):
        raise PhraseError(f"“{original}”是一个范围；请填写一个确定的金额")
    amounts, rest = _money_in(main)
    if not amounts:
        raise PhraseUnknown(f"“{original}”里没有金额")
    _refuse_leftover(rest, amounts, original)
    about = bool(_ABOUT.search(text))
    if len(amounts) == 1 and not amounts[0][1]:
        return _amount_in(amounts[0][0], default_unit, original, approximate=about, note=note)
    known = [_amount_in(number, unit or default_unit, original) for number, unit in amounts]
    if len({amount.yuan for amount in known}) > 1:
        how = "用分号或顿号分开的" if re.search("[;\u3001]", text) else ""
        raise PhraseError(f"“{original}”里有{len(known)}个{how}不同金额；请每行只填一个，或分行填写")
    return Amount(known[0].yuan, known[0].unit, original, about, note)


def _money_in(text: str) -> tuple[list[tuple[Decimal, str]], str]:
    """(number, unit) of each amount, and what is left of the text; 1亿2000万元 counts as one."""
    amounts: list[tuple[Decimal, str]] = []
    rest, at, last_end, last_mag = "", 0, -1, 0
    for match in _MONEY.finditer(text):
        number = decimal_of(match["number"])
        mag = _MAGNITUDES[match["mag"] or ""]
        rest += text[at : match.start()]
        at = match.end()
        unit = (match["mag"] or "") + ("元" if match["mag"] or match["yuan"] else "")
        if amounts and match.start() == last_end and mag < last_mag and unit:
            whole = amounts[-1][0].scaleb(last_mag - mag)
            amounts[-1] = (whole + number, unit)
        else:
            amounts.append((number, unit))
        last_end, last_mag = (-1 if match["yuan"] else match.end()), mag
        rest += "" if match["yuan"] or not unit else "\0"
    return amounts, rest + text[at:]


def _refuse_leftover(rest: str, amounts: list[tuple[Decimal, str]], original: str) -> None:
    """An amount without 元 must not be followed by a noun (262万平方米); a bare number stands alone."""
    words = _LABEL.sub("", _ABOUT.sub("", rest))
    if re.search(r"\0[^\0]", words):
        raise PhraseError(f"“{original}”不像金额：数字后面跟着别的计量单位")
    if any(not unit for _, unit in amounts) and words.replace("\0", ""):
        raise PhraseUnknown(f"“{original}”里的数字没有写明“元”“万元”或“亿元”")


def _amount_in(
    number: Decimal, unit: str | None, original: str, *, approximate: bool = False, note: str = ""
) -> Amount:
    if number < 0:
        raise PhraseError(f"金额“{original}”是负数；请核对")
    if number == 0:
        return Amount(Decimal("0.00"), unit or "元", original, approximate, note)
    if not unit:
        raise PhraseError(f"金额“{original}”没有写单位，列名里也没有；请写明“元”“万元”或“亿元”")
    if unit not in {mag + "元" for mag in _MAGNITUDES}:
        raise PhraseError(f"不认识的金额单位“{unit}”")
    yuan = number.scaleb(_MAGNITUDES[unit.removesuffix("元")])
    if yuan > LARGEST_YUAN:
        raise PhraseError(f"金额“{original}”超过100万亿元；请核对单位")
    return Amount(yuan.quantize(CENT, ROUND_HALF_UP), unit, original, approximate, note)


@dataclass(frozen=True)
class Percent:
    """A percentage: 45 means 45 %; `places` is how many decimals were published, for recomputation."""

    value: Decimal
    places: int
    original: str
    note: str = ""


_DONE_WORDS = dict.fromkeys(
    ("已完成", "完成", "全部完成", "全面完成", "已全部完成", "已竣工", "已投入使用", "已办结"), ""
) | {"超额完成": "“超额完成”没有写明数，按100%记"}
_NOT_BEGUN = {"未开工", "未启动", "尚未开工", "尚未启动", "未开始"}


def parse_percent(value: object, number_format: str = "") -> Percent:
    """A percentage from a text (28%, 已完成), or a number cell in a column headed (%).

    A number in a cell of percentage format is what the cell shows (0.45 shows 45 %). A bare number of at
    most 1 and not 0 could be either; it is read as a fraction and noted. A bare number above 1 is
    the percentage itself. Over 100 is allowed and noted. Raises `PhraseError` (negative, not
    finite) and `PhraseUnknown` (a range, other words).
    """
    if is_blank(value):
        raise PhraseError("没有填写完成率")
    original = tidy_line(value)
    if isinstance(value, int | float | Decimal):
        return _percent_of_number(decimal_of(value), number_format, original)
    text = compact(original)
    if text in _DONE_WORDS:
        return Percent(Decimal(100), 0, original, _DONE_WORDS[text])
    if text in _NOT_BEGUN:
        return Percent(Decimal(0), 0, original)
    if re.search(r"\d%?[—–~至到-]+\d", text):
        raise PhraseUnknown(f"“{original}”是一个范围；请填写一个确定的百分比")
    match = re.fullmatch(r"\D*?(?P<number>[+-]?[\d.,]+)(?P<sign>%|百分点)?\D*", text)
    if not match or not re.search(r"\d", match["number"]):
        raise PhraseUnknown(f"“{original}”不是百分比；请填写 45% 或 45")
    number = decimal_of(match["number"])
    if not match["sign"]:
        if match["number"] != text:
            raise PhraseUnknown(f"“{original}”不是百分比；请填写 45% 或 45")
        return _percent_of_number(number, "", original)
    note = "原文为约数" if _ABOUT.search(text) else ""
    return _checked(number, _places(number), original, note)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _percent_of_number(number: Decimal, number_format: str, original: str) -> Percent:
    if "%" in number_format:
        shown = re.search(r"\.([0#?]+)%", number_format)
        places = len(shown.group(1)) if shown else 0
        return _checked(number * 100, places, f"{_trim(number * 100)}%")
    if number.copy_abs() <= 1 and number != 0:
        note = f"列名写(%)，单元格是 {original} 而不是百分比格式；按小数 {_trim(number * 100)}% 理解，请核对"
        return _checked(number * 100, max(0, _places(number) - 2), original, note)
    return _checked(number, _places(number), original)


def _trim(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _checked(number: Decimal, places: int, original: str, note: str = "") -> Percent:
    if number < 0:
        raise PhraseError(f"完成率“{original}”是负数；请核对")
    if number > LARGEST_PERCENT:
        raise PhraseError(f"完成率“{original}”超过 {LARGEST_PERCENT}%；请核对是否多乘了100")
    if number > 100 and not note:
        note = f"完成率 {_trim(number)}% 超过100%"
    return Percent(number.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize() + 0, places, original, note)


@dataclass(frozen=True)
class Quantity:
    """A goal or a result: a number with its unit, or (value None) words such as 应补尽补."""

    value: Decimal | None
    unit: str
    original: str


_TIMES = {"": 1, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


def parse_quantities(value: object, unit_text: object = "") -> tuple[Quantity, ...]:
    """The quantities of one cell with their units from the next: “5;16” and “个;家” are 5 个 and 16 家.

    One unit serves all numbers; a factor is applied where only the number carries it (1万套 with unit 套 is
    10000 套). A cell without numbers is kept as words. Raises `PhraseError` when numbers and units do
    not match in count or unit, and for negative or infinite numbers.
    """
    if is_blank(value):
        return ()
    units = [] if is_blank(unit_text) else [u for u in re.split("[;\u3001]", _one_line(unit_text)) if u]
    if isinstance(value, int | float | Decimal):
        parts = [format(decimal_of(value), "f")]
    else:
        parts = [part for part in _one_line(value).split(";") if part]
    matches = [re.fullmatch(r"([+-]?\d[\d,]*(?:\.\d+)?)([百千万亿]?)([^\d,;]*)", part) for part in parts]
    if not all(matches):
        if re.search(r"nan|inf|[eE]\d{2,}", str(value), re.IGNORECASE):
            raise PhraseError(f"“{tidy_line(value)}”不是有限的数字")
        return (Quantity(None, "", tidy_line(value)),)
    if len(units) > 1 and len(units) != len(parts):
        raise PhraseError(f"有 {len(parts)} 个数、{len(units)} 个单位，对不上；请用分号一一对应")
    out = []
    for index, (part, match) in enumerate(zip(parts, matches, strict=True)):
        unit = units[index if len(units) > 1 else 0] if units else ""
        out.append(_quantity(part, match, unit))
    return tuple(out)


def _one_line(text: object) -> str:
    """A line end in the cell separates like a semicolon."""
    return ";".join(compact(line) for line in tidy(text).split("\n"))


def _quantity(part: str, match: re.Match[str] | None, unit: str) -> Quantity:
    if match is None:  # the caller has matched every part
        raise PhraseError(f"“{part}”不是数量")
    number = decimal_of(match[1])
    if number < 0:
        raise PhraseError(f"数量“{part}”是负数；请核对")
    factor, own = match[2], match[3]
    if not unit:
        return Quantity(number, factor + own, part)
    if own and own != unit.lstrip("百千万亿"):
        raise PhraseError(f"“{part}”的单位与计量单位列“{unit}”不一致")
    if factor and unit[0] != factor:
        number *= _TIMES[factor]
    return Quantity(number, unit, part)
