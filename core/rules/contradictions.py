"""Finds where a row of a published table contradicts itself. Each check returns Chinese sentences.

A contradiction never stops an import: the table says what it says. It is shown so that a person asks
the unit that filled it in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from core.rules.amounts import Amount, Percent
from core.rules.phrases import compact

_FINISH_TASK = re.compile(r"建成|竣工|完工|投入使用|建好")
_FINISH_WORDS = re.compile(r"^(完成)(?!.*(方案|前期|可研|招标|征|拆|设计|立项))")
_COUNTERS = "个家户座所条辆台套名人处间栋片项批次盏株亩村校组"
_COUNT = re.compile(rf"(\d+(?:\.\d+)?)([{_COUNTERS}])")
_STOPPED = re.compile(r"暂停|停工|停建|未开工|尚未开工|未启动|尚未启动|未动工|尚未完成|未完成|滞后|受阻")
_LOWER_IS_BETTER = re.compile(r"低于|以内|控制在|不超过|不高于|以下|压减|降至|降到")


def task_against_due(task: str, node: str) -> list[str]:
    """A task that is to be finished, with a deadline that only asks for its start."""
    word = _FINISH_TASK.search(compact(task)) or _FINISH_WORDS.search(compact(task))
    if node == "开工" and word:
        return [f"任务写“{word.group()}”，完成时限却只要求开工(动工)"]
    return []


_NODES_IN_ORDER = ("交地", "取得施工许可证", "开工", "竣工", "投入使用")


def nodes_out_of_order(nodes: Sequence[tuple[str, date | None]]) -> list[str]:
    """Key nodes of one project that are due before one that comes earlier: 竣工 before 开工."""
    dated = [
        (_NODES_IN_ORDER.index(name), name, day) for name, day in nodes if name in _NODES_IN_ORDER and day
    ]
    dated.sort(key=lambda node: node[0])
    out = []
    for place, (_, before, first) in enumerate(dated):
        out += [
            f"{after} {last} 早于{before} {first}，先后颠倒"
            for _, after, last in dated[place + 1 :]
            if last < first and after != before
        ]
    return out


def above_all(
    percent: Percent | None, *, target: Decimal | None, done: Decimal | None
) -> tuple[list[str], list[str]]:
    """(contradictions, notices) of more than 100 % done, of which a node takes 100.

    Where goal and result stand beside it the figures tell that more was done than asked, which is only
    noted (whether they agree `ratio_against_counts` says); by itself it contradicts what a share can be.
    """
    if percent is None or percent.value <= 100:
        return [], []
    said = f"完成率 {_show(percent.value)}% 超过 100%，节点进度按 100% 记"
    if target is not None and done is not None:
        return [], [said]
    return [f"{said}，请核实是超额完成还是填错"], []


def parts_against_goal(task: str, progress: str) -> list[str]:
    """Numbered parts in the progress text that add up to another number than the goal of the same name.

    Goal 「宁静小区」5个 against 小区:1家…、4家…、2家… adds up 7 against 5.
    """
    out = []
    for label, items in _labelled_groups(progress):
        counts = _leading_counts(items)
        goal = _goal_named(task, label)
        if goal is None or len(counts) < 2:
            continue
        total = sum(counts)
        if total != goal:
            out.append(f"进展中“{label}”分项合计 {_show(total)}，与目标 {_show(goal)} 不一致")
    return out


def _labelled_groups(text: str) -> list[tuple[str, str]]:
    groups = []
    for group in re.split("[;\u3002]", compact(text)):
        label, sign, items = group.partition(":")
        if sign and label and not re.search(r"\d", label):
            groups.append((label.strip("\u201c\u201d\"'"), items))
    return groups


def _leading_counts(items: str) -> list[Decimal]:
    """The count each listed part begins with; a part that does not begin with one spoils the list."""
    counts = []
    for item in re.split("[,\u3001]", items):
        match = _COUNT.match(item)
        if not match:
            return []
        counts.append(Decimal(match.group(1)))
    return counts


def _goal_named(task: str, label: str) -> Decimal | None:
    match = re.search(rf"{re.escape(label)}[^\d,\u3001;]{{0,4}}?(\d+(?:\.\d+)?)[{_COUNTERS}]", compact(task))
    return Decimal(match.group(1)) if match else None


def breakdown_in_brackets(text: str) -> list[str]:
    """学校12个(幼儿园7、小学4、初中1): the parts must add up; 其中 parts must not exceed the whole."""
    words, out = compact(text), []
    for clause in words.split(";"):
        for match in re.finditer(r"\(([^()]*)\)", clause):
            wholes = [Decimal(number) for number, _ in _COUNT.findall(clause[: match.start()])]
            parts = [
                re.search(r"(\d+(?:\.\d+)?)\D{0,2}$", part) for part in re.split("[,\u3001]", match.group(1))
            ]
            if not wholes or len(parts) < 2 or not all(parts) or "其中" in match.group(1):
                continue
            total = sum((Decimal(part.group(1)) for part in parts if part), Decimal(0))
            if total not in wholes:
                out.append(f"括号内分项合计 {_show(total)}，与总数 {_show(wholes[-1])} 不一致")
    for match in re.finditer(
        rf"(\d+(?:\.\d+)?)([{_COUNTERS}])[,(]?其中[^\d,;]{{0,10}}?(\d+(?:\.\d+)?)\2", words
    ):
        whole, part = Decimal(match.group(1)), Decimal(match.group(3))
        if part > whole:
            out.append(f"“其中”的 {_show(part)} 大于总数 {_show(whole)}")
    return out


def area_breakdown(text: str, *, target: Decimal | None, done: Decimal | None) -> list[str]:
    """鄞州1/2;…;北仑3/2(完成/目标): sums against the totals, and areas at zero behind a met total."""
    words = compact(text)
    order = re.search(r"\((完成/目标|目标/完成)\)", words)
    parts = re.findall(r"([^\d;:,()]+)(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", words)
    if not order or len(parts) < 2:
        return []
    flip = order.group(1) == "目标/完成"
    areas = [(name, Decimal(b if flip else a), Decimal(a if flip else b)) for name, a, b in parts]
    sum_done = sum((d for _, d, _ in areas), Decimal(0))
    sum_target = sum((t for _, _, t in areas), Decimal(0))
    out = []
    if target is not None and sum_target != target:
        out.append(f"各地目标合计 {_show(sum_target)}，与总目标 {_show(target)} 不一致")
    if done is not None and sum_done != done:
        out.append(f"各地完成合计 {_show(sum_done)}，与总完成 {_show(done)} 不一致")
    behind = [name for name, d, t in areas if d == 0 and t > 0]
    if behind and sum_done >= sum_target:
        out.append(f"合计已达目标，但{'、'.join(behind)}完成数为0")
    return out


def ratio_against_counts(
    *, name: str, target: Decimal | None, done: Decimal | None, published: Percent | None
) -> list[str]:
    """The published ratio, recomputed; half a unit of its last published decimal is its rounding.

    Goals to stay below (城镇登记失业率低于…) count target ÷ done.
    """
    if published is None or not target or done is None:
        return []
    if _LOWER_IS_BETTER.search(compact(name)):
        if not done:
            return []
        ratio, how = target / done * 100, "目标÷实际"
    else:
        ratio, how = done / target * 100, "完成÷目标"
    half = Decimal(1).scaleb(-published.places) / 2
    if abs(ratio - published.value) <= half:
        return []
    shown = round(ratio, max(1, published.places))
    return [
        f"公布完成率 {_show(published.value)}%，按{how}({_show(done)}、{_show(target)})应为 {_show(shown)}%"
    ]


def status_against_percent(*, percent: Percent | None, words: str) -> list[str]:
    """Complete by number, and stopped, not begun or behind by words."""
    if percent is None or percent.value < 100:
        return []
    stopped = _STOPPED.search(compact(words))
    return [f"完成率 {_show(percent.value)}%，文字却写“{stopped.group()}”"] if stopped else []


def amounts_disagree(label: str, stated: Amount | None, column: Amount | None) -> list[str]:
    """The same money in words and in a number column; words marked 约 may differ by 5 %."""
    if stated is None or column is None or stated.yuan == column.yuan:
        return []
    if stated.approximate and abs(stated.yuan - column.yuan) * 20 <= max(stated.yuan, column.yuan):
        return []
    return [f"{label}原文“{stated.original}”是 {_show(stated.yuan)} 元，数字列是 {_show(column.yuan)} 元"]


def amounts_out_of_order(amounts: Mapping[str, Amount | None]) -> list[str]:
    """年度计划 and 累计完成 above 总投资."""
    total = amounts.get("总投资")
    if total is None:
        return []
    return [
        f"{label} {_show(part.yuan)} 元大于总投资 {_show(total.yuan)} 元"
        for label, part in amounts.items()
        if part is not None and label != "总投资" and part.yuan > total.yuan
    ]


def sum_against_total(label: str, *, total: Decimal | None, parts: Sequence[Decimal]) -> list[str]:
    """A 全市 or 合计 cell against the rows it covers."""
    if total is None or not parts or sum(parts) == total:
        return []
    return [f"“{label}”合计行为 {_show(total)}，各行相加为 {_show(sum(parts, Decimal(0)))}"]


def future_report(day: date | None, *, today: date) -> list[str]:
    """Figures as of a day that has not come."""
    return [f"数据截至 {day}，晚于今天({today})"] if day and day > today else []


def _show(number: Decimal | int) -> str:
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
