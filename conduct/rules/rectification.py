"""Pure rules of what a letter demands: courses of items and extensions, deadlines, lights, chasing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from conduct.choices import ChaseKind, ExtensionState, ItemState
from core.rules.workdays import Overrides, add_workdays, is_workday, next_workday, workdays_between
from core.rules.workflow import Step, Workflow

T, E = ItemState, ExtensionState

DEFAULT_WORKDAYS = 10
"""Working days a new item is given until somebody sets another date."""
WARN_WORKDAYS = 3
"""An item turns yellow this many working days before its deadline."""

ITEM = Workflow(
    name="整改项",
    begin="列入整改清单",
    initial=T.OPEN,
    states=dict(T.choices),
    parts={"addressee": "收文单位负责人", "reporter": "反馈人", "responsible": "责任人"},
    steps=(
        Step("report", "反馈", frozenset({T.OPEN}), (T.REPORTED,), needs="ANSWER_LETTERS",
             only=("addressee",)),
        Step("pass", "核验通过", frozenset({T.REPORTED}), (T.PASSED,), needs="DRAFT_LETTERS",
             never=("reporter", "responsible")),
        Step("return", "退回整改", frozenset({T.REPORTED}), (T.OPEN,), needs="DRAFT_LETTERS",
             never=("reporter", "responsible"), note="退回原因"),
        Step("chase", "催办", frozenset({T.OPEN}), (T.OPEN,), needs="DRAFT_LETTERS",
             never=("addressee", "responsible"), repeats=True),
    ),
)  # fmt: skip

EXTENSION = Workflow(
    name="延期",
    begin="申请延期",
    initial=E.ASKED,
    states=dict(E.choices),
    parts={"asker": "申请人", "responsible": "责任人"},
    steps=(
        Step("grant", "同意", frozenset({E.ASKED}), (E.GRANTED,), needs="DRAFT_LETTERS",
             never=("asker", "responsible")),
        Step("refuse", "不同意", frozenset({E.ASKED}), (E.REFUSED,), needs="DRAFT_LETTERS",
             never=("asker", "responsible"), note="不同意的理由"),
    ),
)  # fmt: skip

RUNGS = tuple(kind.value for kind in ChaseKind)


LIGHTS = ("RED", "YELLOW", "GREEN", "GREY", "DONE")
"""The most pressing first; GREY waits for its check."""


@dataclass(frozen=True)
class Light:
    """One of `LIGHTS`, and the sentence that explains it.

    `late` are the days after the deadline, running or, once `answered`, as the feedback came.
    """

    light: str
    reason: str
    late: int = 0
    answered: bool = False


def deadline_problem(due_on: date, *, today: date, overrides: Overrides) -> str | None:
    """Why a day cannot be a deadline, or None: neither past nor a day on which nobody works."""
    if due_on < today:
        return f"时限 {due_on} 早于今天（{today}），请填今天以后的工作日。"
    if not is_workday(due_on, overrides):
        following = next_workday(due_on, overrides)
        return f"时限 {due_on} 是节假日或休息日，不能作为时限；请改为下一个工作日 {following}。"
    return None


def default_deadline(today: date, overrides: Overrides) -> date:
    """What a new item is given: DEFAULT_WORKDAYS working days from today."""
    return add_workdays(today, DEFAULT_WORKDAYS, overrides)


def item_light(
    *, state: str, due_on: date, reported_on: date | None, today: date, overrides: Overrides
) -> Light:
    """The light of an item on a day; `reported_on` is the day of its last feedback.

    A feedback stops the clock; one after the deadline stays red until it has passed, and late in words after.
    An open item is red after its deadline, yellow within WARN_WORKDAYS working days before it (the day itself
    included), else green.
    """
    if state != ItemState.OPEN:
        late = max(0, (reported_on - due_on).days) if reported_on else 0
        came = f"逾期 {late} 天反馈" if late else "按期反馈"
        if state == ItemState.PASSED:
            return Light("DONE", f"{came}，已通过核验", late, answered=True)
        return Light("RED" if late else "GREY", f"{came}，待核验", late, answered=True)
    if today > due_on:
        late = (today - due_on).days
        return Light("RED", f"时限 {due_on}，已逾期 {late} 天", late)
    left = workdays_between(today, due_on, overrides)
    if left <= WARN_WORKDAYS:
        return Light("YELLOW", f"还有 {left} 个工作日到期" if left else "今天到期")
    return Light("GREEN", f"还有 {left} 个工作日")


def most_pressing(lights: Iterable[Light]) -> Light | None:
    """The light of a letter: that of its most pressing item, what nobody answered first, then the latest."""
    return min(lights, key=lambda one: (LIGHTS.index(one.light), one.answered, -one.late), default=None)


def extension_problem(
    *, old_due_on: date, asked: date, today: date, overrides: Overrides
) -> tuple[str, str] | None:
    """(field, why) an extension cannot be asked, or None."""
    if today > old_due_on:
        return "", f"时限 {old_due_on} 已过，不能再申请延期；请尽快反馈整改情况，逾期将予催办。"
    if asked <= old_due_on:
        return "due_on", f"申请的时限 {asked} 应晚于原时限 {old_due_on}。"
    if problem := deadline_problem(asked, today=today, overrides=overrides):
        return "due_on", problem
    return None


def next_rung(taken: Sequence[str]) -> str | None:
    """The next rung of chasing after those taken; None after the last."""
    left = [rung for rung in RUNGS if rung not in taken]
    return left[0] if left else None


def chase_problem(*, taken: Sequence[str], last_on: date | None, due_on: date, today: date) -> str | None:
    """Why an item cannot be chased now, or None: overdue only, one rung a day, none left out or repeated."""
    if today <= due_on:
        return f"时限 {due_on} 还没有过，不能催办；逾期后才能催办。"
    if next_rung(taken) is None:
        return "已经建议启动问责，请等待研判，不再催办。"
    if last_on is not None and today <= last_on:
        return f"今天（{last_on}）已经催办过，仍未整改的，下一步最早明天办理。"
    return None
