"""Pure rules of milestones: lights, slip, roll-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

WARN_DAYS = 15
"""A milestone turns yellow this many calendar days before its planned date."""


@dataclass(frozen=True)
class LightReading:
    """A light and the sentence that explains it."""

    light: str  # GREEN, YELLOW, RED or GREY: the values of choices.Light
    reason: str


def milestone_light(
    *, planned_on: date | None, done_on: date | None, suspended_reason: str, progress: Decimal, today: date
) -> LightReading:
    """The light of a milestone on a day.

    Done is green; suspended or undated is grey and says why; 100 % without the day it was done is
    yellow, for nobody can say whether it was late; past its planned date is red; within WARN_DAYS
    before it (the day itself included) is yellow; everything else is green.
    """
    if done_on is not None:
        late = (done_on - planned_on).days if planned_on else 0
        return LightReading("GREEN", f"已于 {done_on} 完成" + (f"，晚 {late} 天" if late > 0 else ""))
    if suspended_reason:
        return LightReading("GREY", f"已暂停：{suspended_reason}")
    if progress == 100:
        return LightReading("YELLOW", "进度已 100%，请补填完成日期")
    if planned_on is None:
        return LightReading("GREY", "未定计划日期")
    days = (planned_on - today).days
    if days < 0:
        return LightReading("RED", f"已逾期 {-days} 天（计划 {planned_on}）")
    if days <= WARN_DAYS:
        return LightReading("YELLOW", "今天到期" if days == 0 else f"还有 {days} 天到期（计划 {planned_on}）")
    return LightReading("GREEN", f"计划 {planned_on}，还有 {days} 天")


_WORST_FIRST = ("RED", "YELLOW", "GREEN", "GREY")


def project_light(lights: Sequence[str]) -> str:
    """A project shows its worst milestone; grey only when nothing else is there to show."""
    return next((light for light in _WORST_FIRST if light in lights), "GREY")


def rolled_up_progress(parts: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Progress of a project in percent, one decimal, from its milestones' (weight, progress).

    None without milestones or when all weights are zero: nothing is known, which is not zero.
    """
    total = sum((weight for weight, _ in parts), Decimal(0))
    if not total:
        return None
    mean = sum((weight * progress for weight, progress in parts), Decimal(0)) / total
    return mean.quantize(Decimal("0.1"), ROUND_HALF_UP)


def update_problem(
    *, before: Decimal, after: Decimal, done_on: date | None, note: str, today: date
) -> tuple[str, str] | None:
    """(field, Chinese message) of the first thing wrong with a reported update, or None."""
    if not 0 <= after <= 100:
        return "progress", f"进度应在 0 到 100 之间，填的是 {after}。"
    if after < before and not note.strip():
        return (
            "note",
            f"进度由 {before.normalize():f}% 退回到 {after.normalize():f}%，请在进展说明中写明原因。",
        )
    if done_on is not None and done_on > today:
        return "done_on", f"完成日期 {done_on} 晚于今天（{today}），请填实际完成的日期。"
    if done_on is not None and after != 100:
        return "progress", "填了完成日期，进度应为 100%。若尚未完成，请清空完成日期。"
    return None
