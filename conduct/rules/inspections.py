"""Pure rules of inspections: courses of plans and findings, the draw of units, key times, rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

import holidays

from conduct.choices import FindingState, InspectionOutcome, PlanOccasion, PlanState, SamplingMethod
from core.rules.workdays import ONE_DAY, Overrides, is_workday
from core.rules.workflow import Step, Workflow

S = PlanState
V = InspectionOutcome
F = FindingState

PLAN = Workflow(
    name="检查计划",
    begin="制定检查计划",
    initial=S.DRAFT,
    states=dict(S.choices),
    steps=(
        Step("edit", "修改", frozenset({S.DRAFT}), (S.DRAFT,), needs="RECORD_INSPECTIONS", repeats=True),
        Step("start", "启动", frozenset({S.DRAFT}), (S.RUNNING,), needs="RECORD_INSPECTIONS"),
        Step("finish", "结束", frozenset({S.RUNNING}), (S.FINISHED,), needs="RECORD_INSPECTIONS"),
        Step("cancel", "取消", frozenset({S.DRAFT, S.RUNNING}), (S.CANCELLED,),
             needs="RECORD_INSPECTIONS", note="取消原因"),
    ),
)  # fmt: skip

VISIT = Workflow(
    name="检查记录",
    begin="记录检查",
    initial=V.NOTHING,
    states=dict(V.choices),
    state_field="outcome",
    steps=(
        Step("add", "补记问题", frozenset({V.NOTHING, V.FOUND}), (V.FOUND,), needs="RECORD_INSPECTIONS",
             repeats=True),
        Step("correct", "更正", frozenset({V.NOTHING, V.FOUND}), (V.NOTHING, V.FOUND),
             needs="RECORD_INSPECTIONS", note="更正原因", repeats=True),
    ),
)  # fmt: skip

FINDING = Workflow(
    name="检查发现的问题",
    begin="记录检查发现的问题",
    initial=F.OPEN,
    states=dict(F.choices),
    steps=(
        Step("to_violation", "转违规登记", frozenset({F.OPEN}), (F.TURNED_VIOLATION,),
             needs="LOG_VIOLATIONS"),
        Step("to_letter", "转督办", frozenset({F.OPEN}), (F.TURNED_LETTER,), needs="RECORD_INSPECTIONS"),
        Step("settle", "教育提醒", frozenset({F.OPEN}), (F.NOTED,), needs="RECORD_INSPECTIONS",
             note="现场纠正情况"),
    ),
)  # fmt: skip

LONGEST_GAP = 12
"""A unit not inspected for this many times 30 days, or never, weighs no more."""
FORMULA = "权重 = 1 + 近12个月计入的违规数 + 距上次检查的天数÷30（取整，最多 12；从未检查按 12）"


def risk_weight(*, violations: int, last_on: date | None, today: date) -> int:
    """How heavily a unit weighs in a risk-weighted draw: `FORMULA`, in whole numbers."""
    gap = LONGEST_GAP if last_on is None else min(max((today - last_on).days, 0) // 30, LONGEST_GAP)
    return 1 + violations + gap


def draw(units: Sequence[tuple[int, int]], count: int, seed: int) -> list[int]:
    """Draw `count` of the (id, weight) pairs without replacement, in the order drawn.

    Over the ids in ascending order; the k-th ticket is SHA-256 of "seed:k" modulo the sum of the weights
    still in the drum. Whole numbers only: anybody can recompute it, on any machine, in any language.
    Raises ValueError for an id given twice or a weight below 1.
    """
    drum = sorted(units)
    if len({unit for unit, _ in drum}) != len(drum):
        raise ValueError("a unit is in the drum twice")
    if any(weight < 1 for _, weight in drum):
        raise ValueError("a weight is a whole number from 1")
    drawn: list[int] = []
    while drum and len(drawn) < count:
        ticket = int.from_bytes(sha256(f"{seed}:{len(drawn)}".encode()).digest())
        place = ticket % sum(weight for _, weight in drum)
        for index, (unit, weight) in enumerate(drum):
            if place < weight:
                drawn.append(unit)
                del drum[index]
                break
            place -= weight
    return drawn


KEY_HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
LEAD_DAYS = 3
"""Key times begin this many days before the first day off: gifts and meals come before the feast."""


@dataclass(frozen=True)
class HolidayWindow:
    """One public holiday with the days off around it; two that meet are one window."""

    key: str
    name: str
    first_day: date
    last_day: date

    @property
    def watch_from(self) -> date:
        return self.first_day - timedelta(days=LEAD_DAYS)


def holiday_windows(year: int, overrides: Overrides) -> list[HolidayWindow]:
    """The public holidays of a year, each widened to the unbroken days off it stands in."""
    national = holidays.country_holidays("CN", years=year, language="zh_CN")
    found: dict[tuple[date, date], list[str]] = {}
    for day, title in sorted(national.items()):
        names = [n for n in KEY_HOLIDAYS if n in title]
        if not names or "补假" in title:
            continue
        first = last = day
        while not is_workday(first - ONE_DAY, overrides):
            first -= ONE_DAY
        while not is_workday(last + ONE_DAY, overrides):
            last += ONE_DAY
        kept = found.setdefault((first, last), [])
        kept += [n for n in names if n not in kept]
    return [
        HolidayWindow(f"{year}-{'、'.join(names)}", "、".join(names), first, last)
        for (first, last), names in sorted(found.items())
    ]


def coming_window(today: date, overrides: Overrides) -> HolidayWindow:
    """The holiday under way or next to come."""
    both = [*holiday_windows(today.year, overrides), *holiday_windows(today.year + 1, overrides)]
    return next(window for window in both if window.last_day >= today)


def plan_problem(
    *,
    occasion: str,
    method: str,
    first_day: date,
    last_day: date,
    has_project: bool,
    has_officer: bool,
    planned: int,
    chosen: int,
) -> tuple[str, str] | None:
    """(field, why) a plan cannot stand, or None. 全程监督 is of one project, by one named officer."""
    if last_day < first_day:
        return "last_day", f"结束日期 {last_day} 早于开始日期 {first_day}，请核对。"
    if occasion == PlanOccasion.PROJECT and not has_project:
        return "project", "项目全程监督须指定项目，请选择项目。"
    if occasion == PlanOccasion.PROJECT and not has_officer:
        return "officer", "项目全程监督须指定一名监督人员，请选择纪检人员。"
    if planned < 1:
        return "planned_visits", "计划检查次数至少为 1。"
    drawn = method != SamplingMethod.CHOSEN
    if occasion == PlanOccasion.PROJECT and drawn:
        return "method", "项目全程监督不抽取单位，请选“指定单位”。"
    if drawn and chosen:
        return "units", "抽取方式下不能再指定单位；请清空单位，或把抽取方式改为“指定单位”。"
    if not drawn and not chosen and not has_project:
        return "units", "“指定单位”须至少选一个单位，或改为抽取。"
    return None


def visit_problem(*, on: date, today: date, first_day: date | None, last_day: date | None) -> str | None:
    """Why a day of inspection cannot stand, or None; the days are those of its plan."""
    if on > today:
        return f"检查日期 {on} 晚于今天（{today}），请填实际检查的日期。"
    if first_day and last_day and not first_day <= on <= last_day:
        return f"检查日期 {on} 不在计划的 {first_day} 至 {last_day} 之内，请核对日期，或不选计划单独记录。"
    return None


def adding_problem(*, plan: str, state: str | None) -> str | None:
    """Why a visit takes no more findings, or None; `state` is that of its plan, None without a plan."""
    if state in (None, PlanState.RUNNING):
        return None
    ended = PLAN.states[str(state)]
    return f"计划“{plan}”{ended}，不能再补记问题；确需补记的，请不选计划另记一次检查。"


def finish_problem(*, open_findings: int, visits: int, planned: int, note: str) -> str | None:
    """Why a plan cannot be finished yet, or None."""
    if note.strip():
        return None
    if open_findings:
        return f"还有 {open_findings} 个问题待处理，请先逐个处理；确需结束的，请写明理由。"
    if visits < planned:
        return f"计划检查 {planned} 次，只完成 {visits} 次，请补齐；确需结束的，请写明理由。"
    return None
