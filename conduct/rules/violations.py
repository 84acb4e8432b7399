"""Pure rules of violations: the course as declared data, what counts, when something can have happened."""

from __future__ import annotations

from datetime import date

from conduct.choices import Finding, ViolationState
from core.rules.workflow import Step, Workflow

S = ViolationState

VIOLATION = Workflow(
    name="违规记录",
    begin="登记违规",
    initial=S.LOGGED,
    states=dict(S.choices),
    parts={"recorder": "登记人", "decider": "认定人"},
    steps=(
        Step("attach", "补充附件", frozenset({S.LOGGED}), (S.LOGGED,), needs="LOG_VIOLATIONS",
             only=("recorder",), repeats=True),
        Step("decide", "认定", frozenset({S.LOGGED}), (S.CONFIRMED, S.PARTLY, S.DISMISSED),
             needs="CONFIRM_VIOLATIONS", never=("recorder",)),
        Step("withdraw", "撤回", frozenset({S.LOGGED}), (S.WITHDRAWN,), needs="LOG_VIOLATIONS",
             only=("recorder",), note="撤回原因"),
    ),
)  # fmt: skip

COUNTED = frozenset({Finding.CONFIRMED.value, Finding.PARTLY.value})
"""Findings with which a violation counts against a person."""


def occurrence_problem(*, occurred_on: date, today: date) -> str | None:
    """Why a date of occurrence cannot stand, or None."""
    if occurred_on > today:
        return f"发生日期 {occurred_on} 晚于今天（{today}），请填实际发生的日期。"
    return None
