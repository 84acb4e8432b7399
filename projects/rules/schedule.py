"""Pure rules of a milestone's dates: slip in working days, the forecast, what contradicts what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from core.rules.workdays import Overrides, add_workdays, workdays_between
from projects.choices import Contradiction, ForecastBasis, MilestoneKind

C, K = Contradiction, MilestoneKind

MAX_WORKDAYS = 2500
"""About ten years: a pace that needs longer is no forecast."""
FIRST_THEN = ((K.LAND, K.START), (K.PERMIT, K.START), (K.START, K.COMPLETE), (K.COMPLETE, K.IN_USE))
"""Which kind of node comes before which in every project: no start without land and permit."""


@dataclass(frozen=True)
class Node:
    """What is known of a milestone. `after` is the place of its predecessor in the same sequence, or None."""

    name: str
    kind: str
    planned_on: date | None = None
    started_on: date | None = None
    done_on: date | None = None
    forecast_on: date | None = None
    progress: Decimal = Decimal(0)
    suspended_reason: str = ""
    suspended_on: date | None = None
    after: int | None = None


@dataclass(frozen=True)
class Finding:
    """A contradiction and the sentence that names both sides of it."""

    code: Contradiction
    text: str


@dataclass(frozen=True)
class Forecast:
    """When a milestone is expected; None with the basis that says why nobody can tell."""

    on: date | None
    basis: ForecastBasis


def slip(
    *,
    against: date | None,
    done_on: date | None,
    suspended_on: date | None,
    today: date,
    overrides: Overrides,
) -> int | None:
    """Working days a milestone is behind a date, negative when it was done earlier; None without a date.

    Done counts to that day. What is not done counts to today, or to the day it was suspended, and is never
    ahead: before its date it is 0.
    """
    if against is None:
        return None
    if done_on is not None:
        return workdays_between(against, done_on, overrides)
    until = min(suspended_on, today) if suspended_on is not None else today
    return max(0, workdays_between(against, until, overrides))


def slip_in_words(days: int | None) -> str:
    """晚 3 个工作日, 早 2 个工作日, 按期; "" when nothing can be said."""
    if days is None:
        return ""
    return f"晚 {days} 个工作日" if days > 0 else f"早 {-days} 个工作日" if days else "按期"


def forecast(
    *,
    stated_on: date | None,
    started_on: date | None,
    done_on: date | None,
    progress: Decimal,
    is_suspended: bool,
    today: date,
    overrides: Overrides,
) -> Forecast:
    """When a milestone will be done.

    Done is known; what the leader states wins; a suspended one has no forecast. Else from the pace: the
    share done over the working days since the start, that day and today included, goes on as it is.
    """
    if done_on is not None:
        return Forecast(done_on, ForecastBasis.DONE)
    if is_suspended:
        return Forecast(None, ForecastBasis.SUSPENDED)
    if progress == 100:
        return Forecast(None, ForecastBasis.FULL)
    if stated_on is not None:
        return Forecast(stated_on, ForecastBasis.STATED)
    if started_on is None or started_on > today:
        return Forecast(None, ForecastBasis.NO_START)
    if not progress:
        return Forecast(None, ForecastBasis.NO_PROGRESS)
    spent = max(1, workdays_between(started_on - timedelta(days=1), today, overrides))
    left = int((spent * (100 - progress) / progress).to_integral_value(ROUND_CEILING))
    if left > MAX_WORKDAYS:
        return Forecast(None, ForecastBasis.TOO_SLOW)
    return Forecast(add_workdays(today, left, overrides), ForecastBasis.PACE)


def contradictions(nodes: Sequence[Node], *, today: date) -> list[list[Finding]]:
    """For each node of one project what cannot be true of it; [] where everything fits."""
    return [
        [*_within(node, today), *_after_predecessor(node, nodes), *_out_of_order(node, nodes)]
        for node in nodes
    ]


def upset_by_moving(nodes: Sequence[Node], place: int, *, to_on: date, today: date) -> list[str]:
    """What would contradict a plan if the node at `place` were planned for `to_on`, beyond what does already.

    A sentence each, with the node that is then wrong in front: who asks and who approves see the follower
    that a later date overtakes.
    """
    moved = [replace(node, planned_on=to_on) if at == place else node for at, node in enumerate(nodes)]
    now, then = contradictions(nodes, today=today), contradictions(moved, today=today)
    return [
        finding.text if finding.text.startswith("“") else f"“{node.name}”{finding.text}"
        for node, before, after in zip(nodes, now, then, strict=True)
        for finding in after
        if finding not in before
    ]


def _within(node: Node, today: date) -> list[Finding]:
    """What a node's own facts say against each other."""
    found = []
    percent = f"{node.progress.normalize():f}%"
    is_full = node.progress == 100 or node.done_on is not None
    if node.suspended_reason and is_full:
        found.append(Finding(C.SUSPENDED_FULL, f"标为“暂停”，进度却是 {percent}"))
    if node.progress == 100 and node.done_on is None:
        found.append(Finding(C.FULL_WITHOUT_DATE, "进度已 100%，没有完成日期"))
    if node.started_on and node.done_on and node.done_on < node.started_on:
        found.append(Finding(C.DONE_BEFORE_START, f"完成日期 {node.done_on} 早于开始日期 {node.started_on}"))
    if node.started_on and node.started_on > today and node.progress:
        found.append(
            Finding(C.PROGRESS_BEFORE_START, f"开始日期 {node.started_on} 还没有到，进度已是 {percent}")
        )
    if node.done_on and node.done_on > today:
        found.append(Finding(C.IN_FUTURE, f"完成日期 {node.done_on} 晚于今天"))
    if node.forecast_on and node.forecast_on < today and not is_full and not node.suspended_reason:
        found.append(Finding(C.FORECAST_PAST, f"预计 {node.forecast_on} 完成，这一天已过，请重新预计"))
    return found


def _after_predecessor(node: Node, nodes: Sequence[Node]) -> list[Finding]:
    if node.after is None:
        return []
    first, found = nodes[node.after], []
    if node.done_on and first.done_on is None:
        found.append(Finding(C.PREDECESSOR_OPEN, f"已完成，前置节点“{first.name}”还没有完成"))
    if node.done_on and first.done_on and node.done_on < first.done_on:
        found.append(
            Finding(
                C.DONE_BEFORE_PREDECESSOR,
                f"{node.done_on} 完成，早于前置节点“{first.name}”的 {first.done_on}",
            )
        )
    if node.planned_on and first.planned_on and node.planned_on < first.planned_on:
        found.append(
            Finding(
                C.PLANNED_BEFORE_PREDECESSOR,
                f"计划 {node.planned_on}，早于前置节点“{first.name}”的 {first.planned_on}",
            )
        )
    return found


def _out_of_order(node: Node, nodes: Sequence[Node]) -> list[Finding]:
    """竣工 before 开工 and the like; what is said of the predecessor is not said twice."""
    found = []
    earlier_kinds = {first for first, then in FIRST_THEN if then == node.kind}
    for place, first in enumerate(nodes):
        if first.kind not in earlier_kinds or place == node.after:
            continue
        if node.done_on and (first.done_on is None or node.done_on < first.done_on):
            when = f"{first.done_on} 才完成" if first.done_on else "还没有完成"
            found.append(
                Finding(C.DONE_OUT_OF_ORDER, f"“{node.name}”已于 {node.done_on} 完成，“{first.name}”{when}")
            )
        if node.planned_on and first.planned_on and node.planned_on < first.planned_on:
            found.append(
                Finding(
                    C.PLANNED_OUT_OF_ORDER,
                    f"“{node.name}”计划 {node.planned_on}，早于“{first.name}”的 {first.planned_on}",
                )
            )
    return found


def plan_problems(nodes: Sequence[Node]) -> list[tuple[int, str, str]]:
    """(place, field, message) of what cannot stand in a plan set by hand: names, predecessors, dates."""
    found: list[tuple[int, str, str]] = []
    names = [node.name for node in nodes]
    for place, node in enumerate(nodes):
        if node.name in names[:place]:
            found.append((place, "name", f"“{node.name}”出现了两次，请改其中一个的名称。"))
        if node.after is None:
            continue
        if _leads_back(place, nodes):
            found.append(
                (place, "after", f"“{node.name}”的前置节点最后又要等它自己完成，请改其中一个前置节点。")
            )
        elif problem := date_problem(
            planned_on=node.planned_on,
            predecessor=nodes[node.after].name,
            predecessor_on=nodes[node.after].planned_on,
        ):
            found.append((place, "planned_on", problem))
    return found


def _leads_back(place: int, nodes: Sequence[Node]) -> bool:
    """Whether following the predecessors from a node comes back to it."""
    seen: set[int] = set()
    at = nodes[place].after
    while at is not None and at not in seen:
        if at == place:
            return True
        seen.add(at)
        at = nodes[at].after
    return False


def date_problem(*, planned_on: date | None, predecessor: str, predecessor_on: date | None) -> str | None:
    """Why a planned date cannot stand before that of the predecessor, or None."""
    if planned_on is None or predecessor_on is None or planned_on >= predecessor_on:
        return None
    return (
        f"计划日期 {planned_on} 早于前置节点“{predecessor}”的 {predecessor_on}。"
        "请改晚一些，或先调整前置节点的计划。"
    )
