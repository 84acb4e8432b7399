"""Pure rules of 半月调度 and 月检查: course, when the next is due, what became of a promise, the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.rules.deadlines import after_months
from core.rules.workdays import Overrides, next_workday
from core.rules.workflow import Step, Workflow
from projects.choices import DecisionState, DispatchKind, DispatchState

S, D = DispatchState, DecisionState
FORTNIGHT = timedelta(days=14)
AHEAD = timedelta(days=3)
"""A meeting is told this many days before it is due."""

DISPATCH = Workflow(
    name="调度会",
    begin="筹备调度会",
    initial=S.PREPARED,
    states=dict(S.choices),
    steps=(
        Step("hold", "记录召开", frozenset({S.PREPARED}), (S.HELD,), needs="HOLD_DISPATCH"),
        Step("move", "改期", frozenset({S.PREPARED}), (S.PREPARED,), needs="HOLD_DISPATCH", repeats=True),
        Step("correct", "更正会议情况", frozenset({S.HELD}), (S.HELD,), needs="HOLD_DISPATCH", repeats=True,
             note="更正原因"),
        Step("cancel", "取消", frozenset({S.PREPARED}), (S.CANCELLED,), needs="HOLD_DISPATCH",
             note="取消原因"),
    ),
)  # fmt: skip

DECISION = Workflow(
    name="议定事项",
    begin="记下议定事项",
    initial=D.OPEN,
    states=dict(D.choices),
    parts={"organiser": "调度组织人", "responsible": "责任单位负责人、责任人"},
    steps=(
        Step("done", "办结", frozenset({D.OPEN}), (D.DONE,), only=("organiser", "responsible"),
             note="落实情况"),
        Step("drop", "不再落实", frozenset({D.OPEN}), (D.DROPPED,), needs="HOLD_DISPATCH",
             note="不再落实的理由"),
        Step("reopen", "退回落实", frozenset({D.DONE, D.DROPPED}), (D.OPEN,), needs="HOLD_DISPATCH",
             note="退回理由"),
    ),
)  # fmt: skip


def next_due(*, kind: str, last: date, overrides: Overrides) -> date:
    """When the next meeting of a kind is due: 14 days after the last, or a calendar month; never on a day
    off."""
    due = last + FORTNIGHT if kind == DispatchKind.FORTNIGHT else after_months(last, 1)
    return next_workday(due, overrides)


def first_since(*, kind: str, held_on: date) -> date:
    """From which day the first meeting of a kind tells changes: a fortnight or a month before it."""
    return held_on - (FORTNIGHT if kind == DispatchKind.FORTNIGHT else timedelta(days=30))


@dataclass(frozen=True)
class Kept:
    """What became of a promise: KEPT, LATE, BROKEN, RUNNING or DROPPED, and the sentence that says why."""

    verdict: str
    reason: str


def promise(
    *, state: str, due_on: date, done_on: date | None, task_state: str, task_done_on: date | None, today: date
) -> Kept:
    """Whether what a meeting decided was done by a day.

    A decision that became a task is kept by the task's acceptance, so that nothing is reported twice;
    `task_state` is "" for one that did not, or whose task was withdrawn.
    """
    if state == D.DROPPED:
        return Kept("DROPPED", "不再落实")
    done = task_done_on if task_state == "ACCEPTED" else done_on if state == D.DONE else None
    what = "任务已验收" if task_state == "ACCEPTED" else "已落实"
    if done is not None:
        late = (done - due_on).days
        if late > 0:
            return Kept("LATE", f"{done} {what}，晚 {late} 天")
        return Kept("KEPT", f"{done} {what}")
    days = (due_on - today).days
    where = "任务办理中，" if task_state else ""
    if days < 0:
        return Kept("BROKEN", f"{where}逾期 {-days} 天未落实")
    return Kept("RUNNING", f"{where}今天到期" if days == 0 else f"{where}还有 {days} 天")


@dataclass(frozen=True)
class Line:
    """One thing told of a project: what kind of thing, in words; `route` and `pk` name its page."""

    kind: str
    text: str
    route: str = ""
    pk: int = 0


@dataclass(frozen=True)
class Promised:
    """A promise of the meeting before and what became of it."""

    what: str
    who: str
    due_on: str
    verdict: str
    reason: str
    pk: int


@dataclass(frozen=True)
class Block:
    """What the meeting is told of one project, all of it text, so that it can be kept as it was."""

    project: int
    code: str
    name: str
    unit: str
    leader: str
    light: str
    progress: str
    red: list[Line] = field(default_factory=list)
    changes: list[Line] = field(default_factory=list)
    promises: list[Promised] = field(default_factory=list)
    soon: list[Line] = field(default_factory=list)
    """Milestones that are due soon."""

    @property
    def broken(self) -> int:
        """How many promises were not kept in time."""
        return sum(promised.verdict in ("BROKEN", "LATE") for promised in self.promises)

    @property
    def is_quiet(self) -> bool:
        """Nothing red, nothing due soon, nothing changed, nothing promised."""
        return not (self.red or self.soon or self.changes or self.promises)

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Block:
        """A block as `dataclasses.asdict` wrote it."""
        return cls(
            **{
                **kept,
                "red": [Line(**line) for line in kept["red"]],
                # Papers kept before said nothing of what is due soon.
                "soon": [Line(**line) for line in kept.get("soon", [])],
                "changes": [Line(**line) for line in kept["changes"]],
                "promises": [Promised(**promised) for promised in kept["promises"]],
            }
        )


_LIGHTS = ("RED", "YELLOW", "GREEN", "GREY")


def in_order(blocks: Sequence[Block]) -> list[Block]:
    """Projects with trouble first: broken promises, then red things by their number, then the light, then
    those with changes; last those of which there is nothing to tell. Ties by number of the project."""
    return sorted(
        blocks,
        key=lambda b: (-b.broken, -len(b.red), b.is_quiet, _LIGHTS.index(b.light), -len(b.changes), b.code),
    )
