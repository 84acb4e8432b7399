"""Pure rules of unit measures: the course, the period, what a measure is on a day."""

from __future__ import annotations

from datetime import date

from conduct.choices import MeasureStanding, UnitMeasureKind, UnitMeasureState
from core.rules.workflow import Step, Workflow

S = UnitMeasureState

UNIT_MEASURE = Workflow(
    name="单位处理",
    begin="提出单位处理",
    initial=S.PROPOSED,
    states=dict(S.choices),
    parts={"recorder": "提出人", "approver": "批准人"},
    steps=(
        Step("approve", "批准", frozenset({S.PROPOSED}), (S.IN_FORCE,), needs="ISSUE_LETTERS",
             never=("recorder",)),
        Step("decline", "不予批准", frozenset({S.PROPOSED}), (S.DECLINED,), needs="ISSUE_LETTERS",
             never=("recorder",), note="不予批准的理由"),
        Step("withdraw", "撤回", frozenset({S.PROPOSED}), (S.WITHDRAWN,), needs="RECORD_UNIT_MEASURES",
             only=("recorder",), note="撤回原因"),
        Step("lift", "解除", frozenset({S.IN_FORCE}), (S.LIFTED,), needs="ISSUE_LETTERS",
             never=("recorder",), note="解除原因"),
    ),
)  # fmt: skip


def period_problem(*, kind: str, first_day: date, last_day: date | None) -> tuple[str, str] | None:
    """(field, why) a period cannot stand, or None."""
    if last_day is None and kind != UnitMeasureKind.CIRCULAR:
        word = UnitMeasureKind(kind).label
        return "last_day", f"“{word}”须有期限，请填截止日期；只有通报批评可以不填。"
    if last_day is not None and last_day < first_day:
        return "last_day", f"截止日期 {last_day} 早于起始日期 {first_day}，请核对期限。"
    return None


def end_of(*, first_day: date, last_day: date | None) -> date:
    """The last day of a period; a circular without one is of its first day only."""
    return first_day if last_day is None else last_day


def standing(*, state: str, first_day: date, last_day: date | None, today: date) -> MeasureStanding:
    """What a measure is today: expiry is read off the calendar, no job writes it."""
    if state != S.IN_FORCE:
        return MeasureStanding(state)
    if today < first_day:
        return MeasureStanding.COMING
    if last_day is None:
        return MeasureStanding.ANNOUNCED
    return MeasureStanding.IN_FORCE if today <= last_day else MeasureStanding.EXPIRED


def lifting_problem(*, standing: MeasureStanding, last_day: date | None) -> str | None:
    """Why a measure cannot be lifted today, or None."""
    if standing == MeasureStanding.EXPIRED:
        return f"这项处理已于 {last_day} 期满，不需要解除。"
    if standing == MeasureStanding.ANNOUNCED:
        return "通报已经发出且没有期限，不能解除；确有错误的，请另行通报更正。"
    return None
