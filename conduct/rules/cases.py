"""Pure rules of the public case ledger: what a row says, which form of handling it was, where it contradicts
itself. Nothing is corrected: times and results stay as written beside what could be read from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

FORM_OF: Mapping[str, int] = {
    # 谈话提醒、批评教育、责令检查、诫勉 [党内监督条例 7]；退出违纪所得、限期整改、检查、通报、其他 [S52]
    "谈话提醒": 1, "提醒谈话": 1, "警示谈话": 1, "批评教育": 1, "责令检查": 1, "公开检讨": 1, "公开道歉": 1,
    "诫勉": 1, "诫勉谈话": 1, "效能告诫": 1, "通报批评": 1, "通报曝光": 1, "责令整改": 1, "责令退赔": 1,
    "收缴违纪所得": 1, "取消评优": 1, "经济处罚": 1,
    # 轻处分；组织调整 [S52]。停职检查、免职、辞退归此 [自拟]
    "党内警告": 2, "党内严重警告": 2, "政务警告": 2, "政务记过": 2, "政务记大过": 2,
    "停职检查": 2, "调整职务": 2, "免职": 2, "责令辞职": 2, "引咎辞职": 2, "辞退": 2,
    # 重处分；政务降级归此 [自拟，待核]
    "撤销党内职务": 3, "留党察看": 3, "开除党籍": 3, "政务降级": 3, "政务撤职": 3, "开除公职": 3,
    "移送司法": 4,
}  # fmt: skip
"""A normalised result → form of handling (四种形态, rules.md §3.7). The heaviest of a case counts."""

NO_REGION = "未写地区"

UNDECIDED_RESULTS = frozenset({"立案调查", "问责(未列明)", "问责（未列明）"})
"""Results that do not say what was done: such a case has no form until something else is told."""

_CLASS = re.compile(r"([1-8])(不准.+)")
_OUTSIDE = re.compile(r"不属八不准[:：]?(.*)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月")
_YEAR_MONTH = re.compile(r"(?<!\d)(?:19|20)\d{2}年(\d{1,2})月")
_DAY = re.compile(r"\d{1,2}[日号]")
_SUM = re.compile(r"\d+(?:\.\d+)?(?:\+\d+(?:\.\d+)?)+")
_QUOTIENT = re.compile(r"(\d+)/(\d+)=(\d+)")
_EACH = re.compile(r"人均(\d+)元")
_WAN = re.compile(r"(\d+(?:\.\d+)?)万")
_PEOPLE = re.compile(r"一案([一二两三四五六七八九十]|\d+)人")
_REVISED = re.compile(r"(\d+)→(\d+)")
_NUMERALS = {mark: number for number, mark in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}


@dataclass(frozen=True)
class When:
    """A time text: year and month where the text leaves no doubt, and what is doubtful in it."""

    year: int | None
    month: int | None
    doubts: tuple[str, ...] = ()


def read_when(text: str, title: str) -> When:
    """Year and month of a time as written; several years, 约 or 未注明 leave them open."""
    if not text:
        return When(None, None)
    doubts = []
    years = {int(year) for year in _YEAR.findall(text)}
    months = {int(month) for month in _MONTH.findall(text)}
    parts = [part for part in re.split(r"[;；、]", text) if _DAY.search(part) or _MONTH.search(part)]
    if len(parts) > 1:
        doubts.append(f"{title}一格有 {len(parts)} 个日期：{text}")
    if not years and (months or _DAY.search(text)):
        doubts.append(f"{title}“{text}”没有年份，年份留空")
    elif "未注明" in text or "约" in text or "未见" in text:
        doubts.append(f"{title}“{text}”不是确定的时间，年月留空")
        return When(None, None, tuple(doubts))
    if len(years) != 1:
        return When(None, None, tuple(doubts))
    month = int(found.group(1)) if len(months) == 1 and (found := _YEAR_MONTH.search(text)) else None
    if month is not None and not 1 <= month <= 12:
        doubts.append(f"{title}“{text}”没有 {month} 月这个月份，月份留空")
        month = None
    return When(years.pop(), month, tuple(doubts))


def prohibition_key(text: str) -> str | None:
    """B1–B8, "" for a case outside the 八不准, None when the text is neither."""
    if found := _CLASS.fullmatch(text):
        return f"B{found.group(1)}"
    return "" if _OUTSIDE.fullmatch(text) else None


def form_of_handling(results: Sequence[str]) -> int | None:
    """The heaviest form among normalised results, None where none of them decides."""
    return max((FORM_OF[result] for result in results if result in FORM_OF), default=None)


def unknown_results(results: Sequence[str]) -> list[str]:
    """Results that the table of forms does not name: to be told, not guessed."""
    return [result for result in results if result not in FORM_OF and result not in UNDECIDED_RESULTS]


def persons_doubts(persons: int, remark: str) -> list[str]:
    """Zero persons, one case of several people, a head count the remark contradicts."""
    found = []
    if persons == 0:
        found.append("涉及人数为 0（处理对象是单位），人次统计不计这一行")
    if persons > 1:
        found.append(f"一案 {persons} 人：处理结果没有对应到每个人，形态按最重的一项计")
    if match := _PEOPLE.search(remark):
        stated = _NUMERALS.get(match.group(1)) or int(match.group(1))
        if stated != persons:
            found.append(f"备注写“{match.group()}”，涉及人数却是 {persons}")
    if match := _REVISED.search(remark):
        found.append(f"备注记有核实差额 {match.group()}，按 {persons} 人登记")
    return found


def amount_doubts(amount: Decimal | None, remark: str) -> list[str]:
    """An amount that the remark's own arithmetic contradicts."""
    found = []
    if match := _SUM.search(remark):
        total = sum((Decimal(part) for part in match.group().split("+")), Decimal(0))
        if total != amount:
            found.append(f"涉及金额 {_yuan(amount)} 与备注合计 {match.group()}={total} 元不符")
    elif match := _WAN.search(remark):
        stated = Decimal(match.group(1)) * 10_000
        if stated != amount:
            found.append(f"涉及金额 {_yuan(amount)} 与备注“{match.group()}”不符")
    if match := _QUOTIENT.search(remark):
        whole, count, result = (int(part) for part in match.groups())
        if count and round(whole / count) != result:
            found.append(f"备注的算式 {match.group()} 不成立，应约为 {round(whole / count)}")
        each = _EACH.search(remark)
        if each and int(each.group(1)) != result:
            found.append(f"备注称人均 {each.group(1)} 元，按 {whole}/{count} 算却是 {result} 元")
        if amount is not None and whole != amount:
            found.append(f"涉及金额 {_yuan(amount)} 与备注算式中的 {whole} 不符")
    return found


def _yuan(amount: Decimal | None) -> str:
    return "（空）" if amount is None else f"{amount:f} 元"


def region_of(text: str) -> str:
    """The province or city of 湖北(县级市); the bracket is only its level."""
    return re.split(r"[(（]", text, maxsplit=1)[0] or NO_REGION
