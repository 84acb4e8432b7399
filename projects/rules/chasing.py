"""Pure rules of chasing: when an overdue milestone proposes a supervision letter, when a case.

Nothing follows by itself: both are proposals that a person accepts or declines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.rules.workdays import Overrides, add_workdays
from projects.choices import ProjectKind, ProjectState

GROUND = "G01"
"""重点任务滞后, of the 33 grounds."""
PATIENCE = 10
"""Working days that a node may stay overdue after a letter about it was accepted."""


@dataclass(frozen=True)
class Node:
    """An unfinished milestone and its project, as far as chasing asks.

    `recorded_on` is the day the project was entered: what was overdue then came with an imported table and is
    for the meeting to take up, not for a flood of letters.
    """

    pk: int
    planned_on: date | None
    done_on: date | None
    suspended_reason: str
    progress: Decimal
    kind: str
    state: str
    recorded_on: date
    has_unit: bool
    has_leader: bool


@dataclass(frozen=True)
class Made:
    """A proposal about one of the project's milestones. `kind` is LETTER or CASE, `state` OPEN, ACCEPTED or
    DECLINED."""

    milestone: int
    kind: str
    state: str
    proposed_at: datetime
    proposed_on: date
    answered_on: date | None = None


@dataclass(frozen=True)
class Chase:
    """What is proposed about a node now: LETTER, CASE or "" (nothing), and the sentence that says why."""

    kind: str
    reason: str


def spared(node: Node, *, today: date) -> str:
    """Why a node is not chased, or "" when it is."""
    if node.kind != ProjectKind.KEY:
        return "不是重点项目"
    if node.state != ProjectState.ACTIVE:
        return "项目已暂停或办结"
    if node.done_on is not None or node.progress == 100:
        return "已完成"
    if node.suspended_reason:
        return "节点已暂停"
    if node.planned_on is None or node.planned_on >= today:
        return "没有逾期"
    if node.planned_on < node.recorded_on:
        return "录入系统时已经逾期，由调度会研究"
    if not node.has_unit:
        return "没有主办单位"
    if not node.has_leader:
        return "没有组长"
    return ""


def chase(node: Node, made: Sequence[Made], *, today: date, overrides: Overrides) -> Chase:
    """What to propose about a node, given every proposal made so far about the project's nodes.

    The first overdue node proposes a letter. A further one that falls due after that proposes a case, as does
    one that stays overdue PATIENCE working days after its letter was accepted (or after its new date, when
    the plan was changed). Nodes that were overdue together propose a letter each: nobody had been told yet.
    A letter that was declined does not count, and neither does one from before the last answered case:
    then the ladder begins anew. While a case is open nothing is added.
    """
    if why := spared(node, today=today):
        return Chase("", why)
    cases = [m for m in made if m.kind == "CASE"]
    if any(m.state == "OPEN" for m in cases):
        return Chase("", "已建议启动问责，待研判")
    own = [m for m in made if m.milestone == node.pk]
    assert node.planned_on is not None
    if any(m.kind == "CASE" for m in own):
        return Chase("", "这个节点已建议过启动问责")
    slip = f"计划 {node.planned_on}，已逾期 {(today - node.planned_on).days} 天"
    if own:
        letter = own[0]
        if letter.state != "ACCEPTED" or letter.answered_on is None:
            return Chase("", "已建议发督办函，待研判" if letter.state == "OPEN" else "督办建议未采纳")
        patient_until = add_workdays(max(letter.answered_on, node.planned_on), PATIENCE, overrides)
        if today <= patient_until:
            return Chase("", f"已采纳督办建议，{patient_until} 后仍未完成的再研究")
        return Chase("CASE", f"{slip}；{letter.answered_on} 已采纳督办建议，满 {PATIENCE} 个工作日仍未完成")
    settled = max((m.proposed_at for m in cases), default=None)
    earlier = [
        m
        for m in made
        if m.kind == "LETTER"
        and m.state != "DECLINED"
        and m.proposed_on <= node.planned_on
        and (settled is None or m.proposed_at > settled)
    ]
    if earlier:
        return Chase("CASE", f"{slip}；同一项目此前已有逾期节点建议督办，这是又一个")
    return Chase("LETTER", slip)
