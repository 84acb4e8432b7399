"""Pure rules of violations: the state machine as declared data, and who may take each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Transition:
    """A step from one state to others; `second_person` keeps it from the one who recorded."""

    name: str
    label: str
    sources: frozenset[str]
    targets: frozenset[str]
    second_person: bool


TRANSITIONS = {
    step.name: step
    for step in (
        Transition(
            "decide", "认定", frozenset({"LOGGED"}), frozenset({"CONFIRMED", "PARTLY", "DISMISSED"}), True
        ),
        Transition("attach", "补充附件", frozenset({"LOGGED"}), frozenset({"LOGGED"}), False),
        Transition("withdraw", "撤回", frozenset({"LOGGED"}), frozenset({"WITHDRAWN"}), False),
    )
}

COUNTED_STATES = frozenset({"CONFIRMED", "PARTLY"})
"""States in which a violation counts against a person."""


def can(step: str, *, state: str, is_recorder: bool, has_permission: bool) -> tuple[bool, str]:
    """(allowed, Chinese reason when not): a disabled button explains itself.

    Withdrawal is the recorder's own; a decision is anybody's with the permission but the recorder's.
    """
    transition = TRANSITIONS[step]
    if state not in transition.sources:
        return False, f"当前状态不能{transition.label}。"
    if not has_permission:
        return False, f"您的角色没有{transition.label}权限。"
    if transition.second_person and is_recorder:
        return False, "登记人不能认定自己登记的记录，请由另一名纪检人员认定。"
    if not transition.second_person and not is_recorder:
        return False, f"只有登记人可以{transition.label}。"
    return True, ""


def occurrence_problem(*, occurred_on: date, today: date) -> str | None:
    """Why a date of occurrence cannot stand, or None."""
    if occurred_on > today:
        return f"发生日期 {occurred_on} 晚于今天（{today}），请填实际发生的日期。"
    return None
