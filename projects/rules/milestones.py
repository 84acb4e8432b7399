"""Pure rules of milestones: lights, roll-up, weights, and what is wrong with a reported update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from core.rules.deadlines import span_in_words

WARN_DAYS = 15
"""A milestone turns yellow this many calendar days before its planned date."""
QUIET_DAYS = 30
"""A project whose leader reported nothing for more days than this is pointed out."""
FULL_WEIGHT = Decimal(100)
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class LightReading:
    """A light and the sentence that explains it."""

    light: str  # GREEN, YELLOW, RED or GREY: the values of choices.Light
    reason: str


def milestone_light(
    *,
    planned_on: date | None,
    done_on: date | None,
    suspended_reason: str,
    progress: Decimal,
    today: date,
    resting: str = "",
) -> LightReading:
    """The light of a milestone on a day; `resting` is why its whole project is not timed, by `resting`.

    Done is green; suspended, of a resting project or undated is grey and says why; 100 % without the day
    it was done is yellow, for nobody can say whether it was late; past its planned date is red; within
    WARN_DAYS before it (the day itself included) is yellow; everything else is green.
    """
    if done_on is not None:
        late = (done_on - planned_on).days if planned_on else 0
        return LightReading(
            "GREEN", f"已于 {done_on} 完成" + (f"，晚 {span_in_words(late)}" if late > 0 else "")
        )
    if suspended_reason:
        return LightReading("GREY", f"已暂停：{suspended_reason}")
    if resting:
        return LightReading("GREY", resting)
    if progress == 100:
        return LightReading("YELLOW", "进度已 100%，请补填完成日期")
    if planned_on is None:
        return LightReading("GREY", "未定计划日期")
    days = (planned_on - today).days
    if days < 0:
        return LightReading("RED", f"已逾期 {span_in_words(-days)}（计划 {planned_on}）")
    if days <= WARN_DAYS:
        return LightReading("YELLOW", "今天到期" if days == 0 else f"还有 {days} 天到期（计划 {planned_on}）")
    return LightReading("GREEN", f"计划 {planned_on}，还有 {days} 天")


def resting(
    *, closed_on: date | None, suspended_reason: str | None, year: int | None, is_led: bool, today: date
) -> str:
    """Why no clock runs for a project, "" when it runs.

    Closed; suspended (`suspended_reason` not None); a task of a former year that nobody was ever put in
    charge of, as old published tables bring them: late by years, and nobody to chase.
    """
    if closed_on is not None:
        return f"项目已于 {closed_on} 办结，不再计时"
    if suspended_reason is not None:
        return f"项目已暂停：{suspended_reason or '未写原因'}"
    if year is not None and year < today.year and not is_led:
        return f"{year} 年的任务，没有组长，不再计时"
    return ""


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


def weights_problem(weights: Sequence[Decimal]) -> str | None:
    """Why the weights of a plan set by hand cannot stand, or None: they must make 100."""
    total = sum(weights, Decimal(0))
    if total == FULL_WEIGHT:
        return None
    gap = FULL_WEIGHT - total
    step = f"还差 {shown(gap)}" if gap > 0 else f"多了 {shown(-gap)}"
    return f"各节点权重合计 {shown(total)}，应为 100，{step}。请改权重，或点“按比例折算成 100”。"


def scaled_weights(weights: Sequence[Decimal]) -> list[Decimal]:
    """The weights in the same proportion, two decimals, that make exactly 100; equal when all are zero.

    Cut off at two decimals; what is missing goes, a hundredth each, to those that lost most, earlier first.
    """
    if not weights:
        return []
    total = sum(weights, Decimal(0))
    parts = list(weights) if total else [Decimal(1)] * len(weights)
    exact = [part * FULL_WEIGHT / sum(parts, Decimal(0)) for part in parts]
    cut = [part.quantize(_CENT, ROUND_DOWN) for part in exact]
    missing = int((FULL_WEIGHT - sum(cut, Decimal(0))) / _CENT)
    for place in sorted(range(len(cut)), key=lambda i: (cut[i] - exact[i], i))[:missing]:
        cut[place] += _CENT
    return cut


def quiet_words(*, has_work: bool, reported_on: date | None, led_since: date | None, today: date) -> str:
    """That a leader has been silent for more than QUIET_DAYS while something is due; "" when not.

    Nobody is called silent before having led for as long.
    """
    since = max((day for day in (reported_on, led_since) if day is not None), default=None)
    if not has_work or since is None or (today - since).days <= QUIET_DAYS:
        return ""
    if reported_on is None:
        return f"组长上任 {span_in_words((today - since).days)}，还没有更新过节点"
    return f"最近更新在 {span_in_words((today - reported_on).days)}前"


def shown(number: Decimal) -> str:
    """33.00 → 33, 33.50 → 33.5."""
    return f"{number.normalize():f}"


def update_problem(
    *,
    before: Decimal,
    after: Decimal,
    started_on: date | None = None,
    done_on: date | None,
    note: str,
    today: date,
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
    if started_on is not None and started_on > today:
        return "started_on", f"实际开始日期 {started_on} 晚于今天（{today}），还没有开始的请不要填。"
    if started_on is not None and done_on is not None and done_on < started_on:
        return "done_on", f"完成日期 {done_on} 早于开始日期 {started_on}，请核对这两个日期。"
    return None
