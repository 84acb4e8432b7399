"""Reads what officials type into tables: names, calendar dates, and deadlines in words.

Everything here is a pure reading of one cell. What a cell does not say is never guessed: it is an error
(`PhraseError`), or no date with the reason in `rule`. Doubtful readings carry a `note` for the preview.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime

FIRST_YEAR, LAST_YEAR = 1900, 2100
LEAP_YEAR = 2000  # stands in where only the presence of a date matters, so that 29 February is one

BLANK_MARKS = {"", "-", "--", "—", "——", "–", "―", "/", "\\", "无", "暂无", "N/A", "n/a"}

# Written as codes, because in many fonts a full-width sign cannot be told from its half-width twin.
# Signs that carry numbers and dates become half-width; the sentence marks stay as typed.
_SIGNS = {ord(sign) + 0xFEE0: sign for sign in "%./-~+#"} | {0x2212: "-", 0xFE63: "-"}
_FOLDED = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN = re.compile("[\x20-\x7e\u3001\u3002\u201c\u201d\u4e00-\u9fff\uff08\uff09\uff0c\uff1a\uff1b]*")
NAME_SEPARATORS = "\n,;\u3001\uff0c\uff1b"  # 、 and the full-width comma and semicolon
PART_SEPARATORS = "\n,;\u3002\uff0c\uff1b"
_OPENING = "([{\u201c\u300a\u3010\u3014\uff08\uff3b\uff5b"
_CLOSING = ")]}\u201d\u300b\u3011\u3015\uff09\uff3d\uff5d"


class PhraseError(ValueError):
    """The cell says something false or impossible; the text is the reason in Chinese."""


class PhraseUnknown(PhraseError):
    """Nothing false, but words this module does not know; callers may keep the text as it stands."""


class MissingYear(PhraseUnknown):
    """The words are clear, but no year is written in them and the caller knows none."""


def tidy(text: object) -> str:
    """The text as it is meant: no invisible characters, half-width digits and letters, single blanks.

    Line ends stay (units in one cell are often separated by them); Chinese punctuation stays full-width.
    Compatibility forms of one character (as from PDF copies) become the ordinary one.
    """
    if _PLAIN.fullmatch(str(text)):  # nearly every cell; nothing in it to change but blanks
        return re.sub(r" +", " ", str(text)).strip()
    out = []
    for char in unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(char)
        if char == "\n":
            out.append(char)
        elif category in {"Cf", "Cc"} or 0xFE00 <= ord(char) <= 0xFE0F:
            if char == "\t":
                out.append(" ")
        elif category in {"Zs", "Zl", "Zp"}:
            out.append(" ")
        elif _is_alternative_form(char):
            out.append(unicodedata.normalize("NFKC", char))
        else:
            out.append(char.translate(_SIGNS))
    lines = (re.sub(r" +", " ", line).strip() for line in "".join(out).split("\n"))
    return "\n".join(line for line in lines if line)


def _is_alternative_form(char: str) -> bool:
    """Full-width digits and letters, mathematical digits, and CJK radicals typed for the character."""
    code = ord(char)
    full_width = 0xFF10 <= code <= 0xFF19 or 0xFF21 <= code <= 0xFF3A or 0xFF41 <= code <= 0xFF5A
    return full_width or 0x1D400 <= code <= 0x1D7FF or 0x2E80 <= code <= 0x2FDF


def tidy_line(text: object) -> str:
    """`tidy`, on one line: a break between two Chinese characters is only a wrapped cell."""
    line = re.sub(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])", "", tidy(text))
    return line.replace("\n", " ")


def compact(text: object) -> str:
    """`tidy` without blanks and line ends, signs half-width: for reading and comparing, not for keeping."""
    return re.sub(r"\s+", "", tidy(text)).translate(_FOLDED)


def tidy_name(text: object) -> str:
    """A person's name; blanks set between its characters to fill the column (某  甲) are not part of it."""
    name = tidy_line(text)
    parts = name.split(" ")
    chinese = all(re.fullmatch(r"[^\x00-\x7f]+", part) for part in parts)
    spaced_out = any(len(part) == 1 for part in parts) and len("".join(parts)) <= 4
    return "".join(parts) if chinese and spaced_out else name


def is_blank(value: object) -> bool:
    """Empty, or one of the marks that stand for an empty cell."""
    return value is None or (isinstance(value, str) and compact(value) in BLANK_MARKS)


def _split_outside_brackets(text: str, separators: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for char in text:
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(0, depth - 1)
        if char in separators and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [part.strip() for part in [*parts, current] if part.strip()]


def split_names(text: object) -> list[str]:
    """Units or people of one cell, in order, without repeats; separators inside brackets do not count."""
    names = [tidy_name(part) for part in _split_outside_brackets(tidy(text), NAME_SEPARATORS)]
    return [name for name in dict.fromkeys(names) if not is_blank(name)]


def calendar_date(year: int, month: int, day: int) -> date:
    """The day, or `PhraseError` naming what the calendar does not have."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PhraseError(f"年份 {year} 不在 {FIRST_YEAR}—{LAST_YEAR} 之间")
    if not 1 <= month <= 12:
        raise PhraseError(f"没有 {month} 月这个月份")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise PhraseError(f"{year}年{month}月没有{day}日，该月只有{last}天")
    return date(year, month, day)


_DATE_TEXTS = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
)


def parse_date(value: object) -> date:
    """A full calendar date from a date cell or one of five written forms; nothing less, nothing else.

    Raises `PhraseError` for days the calendar does not have, for dates without a day, and for numbers
    (a serial number in a cell that has lost its date format).
    """
    if isinstance(value, datetime):
        return calendar_date(value.year, value.month, value.day)
    if isinstance(value, date):
        return calendar_date(value.year, value.month, value.day)
    text = compact(value)
    if isinstance(value, str):
        text = re.sub(r"(?<=\d)T?00:00(:00(\.0+)?)?$", "", text)
    for form in _DATE_TEXTS:
        if match := form.fullmatch(text):
            return calendar_date(*(int(part) for part in match.groups()))
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PhraseError(f"单元格里是数字 {text}，不是日期；请把单元格改成日期格式，或写成 2025-05-15")
    raise PhraseError(f"“{text}”不是完整的日期；请写成 2025-05-15 或 2025年5月15日")


@dataclass(frozen=True)
class DuePhrase:
    """One deadline read from words.

    `due_on` is the last day that is still in time, None where the words set no date; `node` is what is
    due (a `NODES` name or ""); `rule` says in Chinese how the day was found; `note` warns of a doubtful
    reading; `text` is the phrase as written.
    """

    due_on: date | None
    node: str
    rule: str
    text: str = ""
    note: str = ""


# What a deadline may ask for, the more specific first. A partial step of the work is none of them.
NODES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("取得施工许可证", re.compile(r"施工许可")),
    ("交地", re.compile(r"交地|净地|腾地|(土地|用地)(交付|移交)|交付(土地|用地)")),
    ("投入使用", re.compile(r"投入试?(使用|运营|运行|生产)|投用|投产|启用|运营|通车|交付使用|使用|开放")),
    ("竣工", re.compile(r"竣工|完工|建成|建好|交工")),
    ("开工", re.compile(r"动工|开工|开建|启动|动土|进场施工")),
    ("完成", re.compile(r"完成|办结|完毕|验收|结束|达到|实现")),
)
_PARTIAL_STEP = re.compile(r"主体|封顶|前期|方案|可研|招标|征迁|征收|拆迁|设计|立项|基础施工|一期|选址|部分")


def due_node(text: str) -> str:
    """Which node a phrase names; "" when it names none, or only a partial step such as 主体完工."""
    text = compact(text)
    if _PARTIAL_STEP.search(text):
        return ""
    return next((node for node, pattern in NODES if pattern.search(text)), "")


_CN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}


def _number(text: str) -> int:
    """1–99 in digits or in Chinese: 12, 十二, 三十一."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_CN[tens] if tens else 1) * 10 + (_CN[ones] if ones else 0)
    return _CN[text]


def _western_years(text: str) -> str:
    """二〇二五年 → 2025年."""
    return re.sub(
        r"[一二][〇○零九一二三四五六七八]{3}(?=年)", lambda m: "".join(str(_CN[c]) for c in m.group()), text
    )


_DASH = r"[—–―\-~至到]+"
_Y = r"(?:(?P<y>(?:19|20)\d\d)年度?|(?P<rel>今年|本年度?|当年|明年|次年|来年))?"
_M = r"(?P<m>1[0-2](?!\d)|0?[1-9](?!\d)|十[一二]?|[一二三四五六七八九])"
_D = r"(?P<d>\d{1,2}|三十一?|二?十[一二三四五六七八九]?|二十|[一二三四五六七八九])"

# In order of trust at one place: the reading that uses more of the text comes first.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("day", rf"{_Y}(?<!\d)(?P<m>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?:份)?{_D}[日号]"),
        ("day", r"(?<!\d)(?P<y>(?:19|20)\d\d)[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})(?!\d)日?"),
        ("day", r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)日?"),
        ("month", rf"{_Y}(?<!\d){_M}月份?(?P<part>上旬|中旬|下旬|月?底|月?末|初|中(?=$|前|完|竣|开|旬))?"),
        (
            "month",
            r"(?<!\d)(?P<y>(?:19|20)\d\d)[./-](?P<m>0?[1-9]|1[0-2])(?!\d)月?(?P<part>[上中下]旬|底|末|初)?",
        ),
        ("month", r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?!\d)"),
        ("half", rf"{_Y}(?P<half>上|下)半年"),
        ("quarter", rf"{_Y}第?(?P<q>[一二三四1-4])(?:个)?季(?:度|(?=[末底初前]|$))(?P<part>末|底|初)?"),
        ("quarter", rf"{_Y}第?Q(?P<q>[1-4])(?P<part>末|底|初)?"),
        ("plan", r"[“\"]?十(?P<plan>[三四五六])五[”\"]?(?:规划)?(?:期间|期末|末|期)?"),
        ("mid", r"(?:(?P<y>(?:19|20)\d\d)|(?P<rel>今|本|当|明|次|来))?年中(?=$|前|完|竣|开|底)"),
        ("year", r"(?:(?P<y>(?:19|20)\d\d)|(?P<rel>今|本|当|明|次|来))?年(?:度)?(?P<word>底|末|内|终)"),
        ("year", r"(?<!\d)(?P<y>(?:19|20)\d\d)年(?:度|期间)?(?!初|度?计划)"),
        ("year", r"^(?P<y>(?:19|20)\d\d)$"),
        ("year", r"(?P<rel>今年|本年度?|当年|明年|次年|来年)(?!初)"),
    )
)
_RANGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<!\d)((?:19|20)\d\d)年?{_DASH}(?=((?:19|20)\d\d)年)"), ""),
    (re.compile(rf"^((?:19|20)\d\d)年?{_DASH}(?=((?:19|20)\d\d)$)"), ""),
    (
        re.compile(
            rf"(?<!\d)(?<!\d[./-])(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])(月份?)?{_DASH}"
            r"(?=(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?!\d{1,2}[日号]))"
        ),
        "",
    ),
    (re.compile(rf"(?<=月)\d{{1,2}}[日号]?{_DASH}(?=\d{{1,2}}[日号])"), ""),
    (re.compile(rf"[上中]旬?{_DASH}(?=[中下]旬)"), ""),
    (re.compile(rf"第?[一二三1-3](季度)?(?:{_DASH}|、)(?=第?[二三四2-4]季度)"), ""),
    (re.compile(r"前(?=[二三]个?季度)"), ""),
)
_OPEN_ENDED = re.compile(
    r"长期|常年|全年|贯穿|持续|常态|(按|按照|达到)?(序时|时间|计划)进度|按计划|按进度|按要求|按时序|每[年季月周日天]|"
    r"待定|视.*而定|不限|无期限"
)
_RELATIVE = {"今": 0, "本": 0, "当": 0, "明": 1, "次": 1, "来": 1}
_PARTS = {
    "上旬": (10, "上旬取10日"),
    "初": (10, "月初按上旬，取10日"),
    "中旬": (20, "中旬取20日"),
    "中": (15, "月中取15日"),
}


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    due_on: date
    rule: str
    precise: bool
    year: int


def _scan(text: str, year: int | None) -> list[_Found]:
    """All dates in `text` (no blanks), left to right; a year once written holds for what follows it."""
    found: list[_Found] = []
    at, carried = 0, year
    while at < len(text):
        hits = [(name, m) for name, form in _FORMS if (m := form.search(text, at)) and m.group()]
        if not hits:
            break
        first = min(m.start() for _, m in hits)
        name, match = next((n, m) for n, m in hits if m.start() == first)
        item = _read(name, match, carried, year)
        found.append(item)
        carried, at = item.year, match.end()
    return found


def _year_of(groups: dict[str, str | None], carried: int | None, base: int | None, text: str) -> int:
    if written := groups.get("y"):
        return int(written)
    relative = groups.get("rel")
    # 次年/明年 in a range counts from the year before it, otherwise from the year of the table.
    chosen = carried if not relative else (carried if relative.startswith("次") else base)
    if chosen is None:
        raise MissingYear(f"“{text}”没有写年份，标题和其他列里也找不到；请补写年份")
    return chosen + (_RELATIVE[relative[0]] if relative else 0)


def _read(name: str, match: re.Match[str], carried: int | None, base: int | None) -> _Found:
    groups: dict[str, str | None] = match.groupdict()
    if name == "plan":
        year = 2020 + 5 * "三四五六".index(groups["plan"] or "三")
        return _Found(match.start(), match.end(), date(year, 12, 31), "五年规划期取末年12月31日", False, year)
    year = _year_of(groups, carried, base, match.group())
    precise = False
    if name == "day":
        day = calendar_date(year, _number(groups["m"] or ""), _number(groups["d"] or ""))
        rule, precise = "写明到日", True
    elif name == "month":
        day, rule = _read_month(year, _number(groups["m"] or ""), groups.get("part") or "")
        precise = bool(groups.get("part"))
    elif name == "half":
        day = date(year, 6, 30) if groups["half"] == "上" else date(year, 12, 31)
        rule = "上半年取6月30日" if groups["half"] == "上" else "下半年取12月31日"
    elif name == "quarter":
        quarter = _number(groups["q"] or "")
        day, rule = _month_end(year, 3 * quarter), f"第{quarter}季度取{3 * quarter}月最后一日"
        if groups.get("part") == "初":
            day, rule = date(year, 3 * quarter - 2, 10), f"季度初取{3 * quarter - 2}月10日"
        precise = bool(groups.get("part"))
    elif name == "mid":
        day, rule, precise = date(year, 6, 30), "年中取6月30日", True
    else:
        day, rule = date(year, 12, 31), "只写到年，取12月31日"
        precise = bool(groups.get("word"))
    return _Found(match.start(), match.end(), day, rule, precise, year)


def _read_month(year: int, month: int, part: str) -> tuple[date, str]:
    if part in _PARTS:
        number, rule = _PARTS[part]
        return calendar_date(year, month, number), rule
    day = _month_end(year, calendar_date(year, month, 1).month)
    if not part:
        return day, "只写到月，取该月最后一日"
    return day, "下旬取该月最后一日" if part == "下旬" else "取该月最后一日"


def _drop_range_starts(text: str) -> tuple[str, bool]:
    for pattern, replacement in _RANGES:
        text, count = pattern.subn(replacement, text)
        if count:
            return text, True
    return text, False


def parse_due(value: object, *, year: int | None, number_format: str = "") -> DuePhrase:
    """One deadline in words; `year` is the table's year, used where the words name none.

    A month, quarter or year without a day ends on its last day; 上旬 on the 10th, 中旬 on the 20th; of a
    range the end counts; 前 includes the day, month or year it names. Raises `PhraseError` for
    days that do not exist, `MissingYear`, and `PhraseUnknown` for words it does not know.
    """
    if isinstance(value, date):
        return _due_of_date_cell(value, number_format)
    original = tidy_line(value)
    text = _western_years(compact(original))
    if text in BLANK_MARKS:
        return DuePhrase(None, "", "未写完成时限", original)
    if re.fullmatch(r"((19|20)\d\d年?)?全年.{0,6}", text):
        return DuePhrase(None, "", "“全年”的工作不设单独的完成日", original)
    outside = re.sub(r"\([^()]*\)", "", text)
    shortened, is_range = _drop_range_starts(outside)
    if text.startswith("每"):
        return DuePhrase(None, due_node(text), "每期重复的工作不设单独的完成日", original)
    found = _scan(shortened, year) or _scan(text, year)
    if not found:
        if open_ended := _OPEN_ENDED.search(text):
            return DuePhrase(None, "", f"“{open_ended.group()}”不设完成日", original)
        return _due_of_bare_day(text, year, original)
    last = max(found, key=lambda item: item.due_on) if is_range or _is_joined(shortened, found) else found[-1]
    after = shortened[last.end : last.end + 2]
    rule = last.rule + ("；起止时间取止" if is_range or _is_joined(shortened, found) else "")
    note = ""
    if re.match(r"(以|之)?前", after):
        rule += "；“前”含当日"
        if not last.precise:
            note = f"“{original}”按含所写的月(季、年)计算；如须在此之前完成，请写明日期"
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
        note = f"数字 {text} 可能是 {text[:4]}.1，也可能是 {text[:4]}.10；按1月计算，请核对"
    return DuePhrase(last.due_on, due_node(_without(shortened, found)), rule, original, note)


def _is_joined(text: str, found: list[_Found]) -> bool:
    """Whether the last two dates are the two ends of a range."""
    if len(found) < 2:
        return False
    between = text[found[-2].end : found[-1].start]
    return not between or re.fullmatch(_DASH, between) is not None


def _without(text: str, found: list[_Found]) -> str:
    for item in reversed(found):
        text = text[: item.start] + text[item.end :]
    return text


def _due_of_bare_day(text: str, year: int | None, original: str) -> DuePhrase:
    """6.30前: a month and a day with a dot or slash, and nothing else around that could be a number."""
    match = re.fullmatch(r"(\d{1,2})[./](\d{1,2})日?((?:以|之)?前)?(\D*)", text)
    if no_such_month := re.search(r"(?<!\d)(\d{1,2})月", text):
        raise PhraseError(f"没有 {no_such_month.group(1)} 月这个月份")
    if not match:
        raise PhraseUnknown(f"完成时限“{original}”读不出日期；请写成“2025年12月底前”或 2025-12-31")
    if year is None:
        raise MissingYear(f"“{original}”没有写年份，标题和其他列里也找不到；请补写年份")
    day = calendar_date(year, int(match.group(1)), int(match.group(2)))
    rule = "按“月.日”读" + ("；“前”含当日" if match.group(3) else "")
    return DuePhrase(day, due_node(match.group(4)), rule, original)


def _due_of_date_cell(value: date, number_format: str) -> DuePhrase:
    """A date cell; Excel stores “2025年12月” as the first day of that month and shows no day."""
    day = calendar_date(value.year, value.month, value.day)
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format).lower()
    if "m" in shown and "d" not in shown and "y" in shown and day.day == 1:
        last = _month_end(day.year, day.month)
        return DuePhrase(last, "", "日期单元格只显示到月，取该月最后一日", f"{day.year}年{day.month}月")
    return DuePhrase(day, "", "日期单元格", day.isoformat())


def parse_dues(value: object, *, year: int | None, number_format: str = "") -> tuple[DuePhrase, ...]:
    """Every deadline of a cell (“6月底前开工,12月底前竣工”); a part without a date belongs to the one before.

    Same errors as `parse_due`. A year written in one part holds for the parts after it.
    """
    if not isinstance(value, str):
        return (parse_due(value, year=year, number_format=number_format),)
    parts: list[str] = []
    for part in _split_outside_brackets(tidy(value), PART_SEPARATORS):
        dated = bool(_scan(_drop_range_starts(_western_years(compact(part)))[0], LEAP_YEAR))
        if parts and not dated:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    dues: list[DuePhrase] = []
    for part in parts or [value]:
        due = parse_due(part, year=year)
        explicit = re.search(r"(?:19|20)\d\d", part)
        if explicit and due.due_on:
            year = due.due_on.year
        dues.append(due)
    return tuple(dues)


def report_year(text: object) -> int | None:
    """The year a title, a date of issue or a reporting period speaks of; of a range the last; else None."""
    words = _western_years(compact(text))
    years = re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年|[—–\-~./至]|\D{0,2}$)", words)
    if not years:
        return None
    return int(years[-1] if re.search(_DASH + years[-1], words) else years[0])


def as_of(text: object, *, year: int | None = None) -> date | None:
    """The last day a table's figures cover: 2025年5月15日, 2014年1—6月 → 30 June; None for a bare year.

    Words such as 印发 or 公布 do not matter; `year` helps “截至5月15日”. Impossible days give None.
    """
    words = _western_years(compact(text))
    if match := re.search(r"截[至止](.*)", words):
        words = match.group(1)
    try:
        found = _scan(_drop_range_starts(words)[0], year)
    except PhraseError:
        return None
    return next((f.due_on for f in found if not f.rule.startswith(("只写到年", "五年"))), None)


def with_node(due: DuePhrase, node: str) -> DuePhrase:
    """The same deadline for a node known from elsewhere in the row."""
    return replace(due, node=node)
