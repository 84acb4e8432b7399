"""Pure rules of education: who reads a talk's note, what a result is, the course of a commendation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from conduct.choices import CommendationState, EducationKind
from core.rules.workflow import Step, Workflow

S = CommendationState

COMMENDATION = Workflow(
    name="嘉奖表彰",
    begin="提出嘉奖表彰",
    initial=S.PROPOSED,
    states=dict(S.choices),
    parts={"recorder": "提出人"},
    steps=(
        Step("confirm", "确认", frozenset({S.PROPOSED}), (S.CONFIRMED,), needs="RECORD_EDUCATION",
             never=("recorder",)),
        Step("decline", "不予确认", frozenset({S.PROPOSED}), (S.DECLINED,), needs="RECORD_EDUCATION",
             never=("recorder",), note="不予确认的理由"),
        Step("withdraw", "撤回", frozenset({S.PROPOSED}), (S.WITHDRAWN,), needs="RECORD_EDUCATION",
             only=("recorder",), note="撤回原因"),
    ),
)  # fmt: skip

TALKS = frozenset({EducationKind.PRE_POST, EducationKind.GROUP_TALK, EducationKind.HEART_TALK})
"""Kinds whose note only those who talked may read."""


def day_problem(*, on: date, today: date) -> str | None:
    """Why something that took place cannot have that day, or None."""
    if on > today:
        return f"日期 {on} 晚于今天（{today}），请在发生后登记；打算做的写进学习计划。"
    return None


def score_problem(*, score: Decimal | None, full_mark: Decimal) -> str | None:
    """Why a score cannot stand, or None; no score is absence."""
    if score is not None and not 0 <= score <= full_mark:
        return f"成绩应在 0 到 {full_mark.normalize():f} 分之间，填的是 {score.normalize():f}，请核对。"
    return None


def makeup_problem(*, score: Decimal | None, makeup: Decimal | None, pass_mark: Decimal) -> str | None:
    """Why a make-up score cannot stand, or None."""
    if makeup is not None and score is not None and score >= pass_mark:
        return "首考已合格，不需要补考，请清空补考成绩。"
    return None


def half_year(day: date) -> tuple[date, date]:
    """First and last day of the half-year a day is in."""
    if day.month <= 6:
        return date(day.year, 1, 1), date(day.year, 6, 30)
    return date(day.year, 7, 1), date(day.year, 12, 31)
