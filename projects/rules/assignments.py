"""Pure rules of 六定 tasks: their course, what is missing of the six, dates, lights, slip, what they earn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.rules.workdays import Overrides, workdays_between
from core.rules.workflow import Step, Workflow
from projects.choices import AssignmentState, ChangeState, IncentiveKind, PersonRole
from projects.rules.milestones import LightReading

A, C = AssignmentState, ChangeState

WARN_DAYS = 7
"""A task turns yellow this many calendar days before its time limit."""
_ASSIGNS = "项目组长、副组长，上级任务的负责人或项目主管部门"
_WORKERS = ("submitter", "responsible", "handler")
"""Who did the work or handed it in does not accept it."""

ASSIGNMENT = Workflow(
    name="六定任务",
    begin="拟定六定任务",
    initial=A.DRAFT,
    states=dict(A.choices),
    parts={
        "assigner": _ASSIGNS,
        "issuer": "下达人",
        "unit": "主办单位负责人",
        "responsible": "责任领导、责任人",
        "handler": "经办人",
        "submitter": "报验人",
    },
    steps=(
        Step("edit", "修改", frozenset({A.DRAFT}), (A.DRAFT,), needs="ASSIGN_TASKS", only=("assigner",),
             repeats=True),
        Step("issue", "下达", frozenset({A.DRAFT}), (A.ISSUED,), needs="ASSIGN_TASKS", only=("assigner",)),
        Step("sign", "签收", frozenset({A.ISSUED}), (A.SIGNED,), needs="WORK_TASKS",
             only=("unit", "responsible")),
        Step("report", "报进度", frozenset({A.SIGNED}), (A.SIGNED,), needs="WORK_TASKS",
             only=("unit", "responsible", "handler"), repeats=True),
        Step("submit", "报验", frozenset({A.SIGNED}), (A.SUBMITTED,), needs="WORK_TASKS",
             only=("unit", "responsible")),
        Step("accept", "验收", frozenset({A.SUBMITTED}), (A.ACCEPTED,), needs="ASSIGN_TASKS",
             only=("issuer", "assigner"), never=_WORKERS),
        Step("return", "退回", frozenset({A.SUBMITTED}), (A.SIGNED,), needs="ASSIGN_TASKS",
             only=("issuer", "assigner"), never=_WORKERS, note="退回原因"),
        Step("suspend", "暂停", frozenset({A.ISSUED, A.SIGNED}), (A.SUSPENDED,), needs="ASSIGN_TASKS",
             only=("assigner",), note="暂停原因"),
        Step("resume", "恢复", frozenset({A.SUSPENDED}), (A.SIGNED, A.ISSUED), needs="ASSIGN_TASKS",
             only=("assigner",)),
        Step("withdraw", "撤销", frozenset({A.DRAFT, A.ISSUED, A.SIGNED, A.SUSPENDED}), (A.WITHDRAWN,),
             needs="ASSIGN_TASKS", only=("assigner",), note="撤销原因"),
    ),
)  # fmt: skip

CHANGE = Workflow(
    name="任务变更",
    begin="申请任务变更",
    initial=C.PROPOSED,
    states=dict(C.choices),
    parts={"asker": "申请人"},
    steps=(
        Step("approve", "批准", frozenset({C.PROPOSED}), (C.APPROVED,), needs="APPROVE_CHANGES",
             never=("asker",)),
        Step("decline", "不予批准", frozenset({C.PROPOSED}), (C.DECLINED,), needs="APPROVE_CHANGES",
             never=("asker",), note="不予批准的理由"),
        Step("withdraw", "撤回", frozenset({C.PROPOSED}), (C.WITHDRAWN,), only=("asker",),
             note="撤回原因"),
    ),
)  # fmt: skip

CHANGEABLE = frozenset({A.ISSUED.value, A.SIGNED.value, A.SUSPENDED.value})
"""States in which a change of time limit, unit or owner may be asked for and made."""
CAN_HAVE_PARTS = frozenset({A.ISSUED.value, A.SIGNED.value})
"""States of a task whose parts may be issued."""


def missing_of_six(
    *,
    has_unit: bool,
    has_owner: bool,
    duty: str,
    due_on: date | None,
    standard: str,
    has_reward: bool,
    has_penalty: bool,
) -> list[str]:
    """What of the six is not fixed, in their order and in words; a task is issued only when it is empty."""
    fixed = {
        "定单位": has_unit,
        "定人（责任人）": has_owner,
        "定责任": bool(duty.strip()),
        "定时限": due_on is not None,
        "定进度": bool(standard.strip()),
        "定奖惩（奖励）": has_reward,
        "定奖惩（惩戒）": has_penalty,
    }
    return [word for word, is_fixed in fixed.items() if not is_fixed]


def dates_problem(
    *,
    start_on: date | None,
    due_on: date | None,
    parent_start: date | None = None,
    parent_due: date | None = None,
    predecessor: str = "",
    predecessor_on: date | None = None,
    issued_on: date | None = None,
) -> tuple[str, str] | None:
    """(field, Chinese message) of the first date that cannot stand, or None.

    `parent_*` are the dates of the task this one is a part of, `predecessor` the milestone before the one it
    serves, with its planned date; `issued_on` is the day of issue, None while it is a draft.
    """
    if start_on and due_on and due_on < start_on:
        return "due_on", f"时限 {due_on} 早于开始日期 {start_on}，请核对两个日期。"
    if start_on and parent_start and start_on < parent_start:
        return "start_on", f"开始日期 {start_on} 早于上级任务的开始日期 {parent_start}，请改晚。"
    if due_on is None:
        return None
    if parent_start and due_on < parent_start:
        return "due_on", f"时限 {due_on} 早于上级任务的开始日期 {parent_start}，请改晚。"
    if parent_due and due_on > parent_due:
        return (
            "due_on",
            f"时限 {due_on} 晚于上级任务的时限 {parent_due}。请改早；确需更晚的，先申请变更上级任务的时限。",
        )
    if predecessor_on and due_on < predecessor_on:
        return (
            "due_on",
            f"时限 {due_on} 早于前置节点“{predecessor}”的计划日期 {predecessor_on}，请改晚或另选节点。",
        )
    if issued_on and due_on < issued_on:
        return "due_on", f"时限 {due_on} 已过（今天 {issued_on}），请先修改时限再下达。"
    return None


def people_problem(people: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """(field, Chinese message) of the first thing wrong with a task's people, or None.

    `people` are (role, a name that tells persons apart); one answers, one owns, each is named once.
    """
    for role, field in ((PersonRole.ANSWERS, "answers"), (PersonRole.OWNER, "owner")):
        named = [name for one, name in people if one == role]
        if len(named) > 1:
            return field, f"{role.label}只能有一人，填了 {len(named)} 人：{'、'.join(named)}。请只留一人。"
    names = [name for _, name in people]
    for name in names:
        if names.count(name) > 1:
            return "owner", f"“{name}”填了不止一次，每人只担任一个角色，请去掉重复的。"
    return None


def progress_problem(
    *, before: Decimal, after: Decimal, forecast_on: date | None, note: str, today: date
) -> tuple[str, str] | None:
    """(field, Chinese message) of the first thing wrong with a report on a task, or None."""
    if not 0 <= after <= 100:
        return "progress", f"进度应在 0 到 100 之间，填的是 {after}。"
    if after < before and not note.strip():
        return (
            "note",
            f"进度由 {before.normalize():f}% 退回到 {after.normalize():f}%，请在进展说明中写明原因。",
        )
    if forecast_on is not None and forecast_on < today and after < 100:
        return "forecast_on", f"预计完成日期 {forecast_on} 已过（今天 {today}），请填今后的日期，或先留空。"
    return None


def done_problem(*, done_on: date, start_on: date | None, today: date) -> tuple[str, str] | None:
    """(field, Chinese message) why a task cannot have been done that day, or None."""
    if done_on > today:
        return "done_on", f"完成日期 {done_on} 晚于今天（{today}），请填实际完成的日期。"
    if start_on is not None and done_on < start_on:
        return "done_on", f"完成日期 {done_on} 早于开始日期 {start_on}，请核对。"
    return None


def task_light(
    *, state: str, due_on: date | None, done_on: date | None, suspended_reason: str, today: date
) -> LightReading:
    """The light of a task on a day, and the sentence that explains it.

    A draft, a suspended and a withdrawn task are grey; a finished one, accepted or waiting for it, is green
    and says how late it was; past its time limit red, within WARN_DAYS before it (the day itself included)
    yellow, otherwise green.
    """
    if state == A.SUSPENDED:
        return LightReading("GREY", f"已暂停：{suspended_reason}")
    if state in (A.DRAFT, A.WITHDRAWN) or due_on is None:
        return LightReading("GREY", "已撤销" if state == A.WITHDRAWN else "尚未下达")
    if done_on is not None and state in (A.SUBMITTED, A.ACCEPTED):
        late = (done_on - due_on).days
        told = f"{done_on} 完成" + (f"，晚 {late} 天" if late > 0 else "")
        return LightReading("GREEN", told if state == A.ACCEPTED else f"{told}，待验收")
    days = (due_on - today).days
    if days < 0:
        return LightReading("RED", f"已逾期 {-days} 天")
    if days <= WARN_DAYS:
        return LightReading("YELLOW", "今天到期" if days == 0 else f"还有 {days} 天到期")
    return LightReading("GREEN", f"还有 {days} 天")


def expected_on(
    *, due_on: date | None, forecast_on: date | None, done_on: date | None, today: date
) -> date | None:
    """The day a task was or will be done: the actual one, else the forecast, else its time limit.

    What is not done cannot be expected before today; None without any date.
    """
    if done_on is not None:
        return done_on
    known = forecast_on or due_on
    return None if known is None else max(known, today)


def slip(baseline_on: date | None, expected: date | None, overrides: Overrides) -> int | None:
    """Working days a task comes after its baseline, negative when before; None without both dates."""
    if baseline_on is None or expected is None:
        return None
    return workdays_between(baseline_on, expected, overrides)


@dataclass(frozen=True)
class Earned:
    """What a task earns: an `IncentiveKind` and its points of a score (penalties negative), and why."""

    kind: str
    points: Decimal
    why: str


def incentive_due(
    *,
    state: str,
    baseline_due_on: date | None,
    due_on: date | None,
    done_on: date | None,
    today: date,
    reward_points: Decimal,
    reward_days: int,
    penalty_points: Decimal,
    penalty_days: int,
) -> Earned | None:
    """Which of its reward and penalty a finished or overdue task earns on a day; None for neither.

    The reward is for an accepted task, done at least `reward_days` before its baseline: a limit moved later
    saves from the penalty, it does not earn the reward. The penalty is for more than `penalty_days` after
    the limit in force, done or not. A draft, suspended or withdrawn task earns nothing. A person decides;
    this says what the rule gives.
    """
    if state in (A.DRAFT, A.SUSPENDED, A.WITHDRAWN) or due_on is None or baseline_due_on is None:
        return None
    late = ((done_on or today) - due_on).days
    if late > penalty_days:
        word = f"晚 {late} 天完成" if done_on else f"逾期 {late} 天未完成"
        return Earned(IncentiveKind.PENALTY, -penalty_points, word)
    if state != A.ACCEPTED or done_on is None:
        return None
    early = (baseline_due_on - done_on).days
    if early < reward_days or early < 0:
        return None
    word = f"较基准时限提前 {early} 天完成并验收" if early else "按基准时限完成并验收"
    return Earned(IncentiveKind.REWARD, reward_points, word)


def outline(rows: Sequence[tuple[int, int | None]]) -> list[tuple[int, int]]:
    """(id, level) of (id, parent id) in tree order, parts right below their whole, otherwise as they came.

    A part whose whole is not among the rows stands at the edge.
    """
    known = {key for key, _ in rows}
    below: dict[int | None, list[int]] = {}
    for key, parent in rows:
        below.setdefault(parent if parent in known else None, []).append(key)
    found: list[tuple[int, int]] = []
    waiting = [(key, 0) for key in reversed(below.get(None, []))]
    while waiting:
        key, level = waiting.pop()
        found.append((key, level))
        waiting += [(part, level + 1) for part in reversed(below.get(key, []))]
    return found
