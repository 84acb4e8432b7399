"""Pure rules of violations: the course as declared data, what counts, when something can have happened."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from conduct.choices import Circumstance, Finding, ViolationState
from core.rules.workflow import Step, Workflow

S = ViolationState
COUNTING = frozenset({S.CONFIRMED, S.PARTLY})
TO_DECIDE = frozenset({S.LOGGED, S.REOPENED})
TO_HANDLE = COUNTING | {S.HANDLED}
DECIDED = TO_HANDLE | {S.DISMISSED, S.CLOSED}

VIOLATION = Workflow(
    name="违规记录",
    begin="登记违规",
    initial=S.LOGGED,
    states=dict(S.choices),
    parts={"recorder": "登记人", "decider": "认定人"},
    steps=(
        Step("attach", "补充附件", frozenset({S.LOGGED}), (S.LOGGED,), needs="LOG_VIOLATIONS",
             only=("recorder",), repeats=True),
        Step("correct", "更正", frozenset({S.LOGGED}), (S.LOGGED,), needs="LOG_VIOLATIONS",
             only=("recorder",), note="更正原因", repeats=True, internal=True),
        Step("decide", "认定", TO_DECIDE, (S.CONFIRMED, S.PARTLY, S.DISMISSED),
             needs="CONFIRM_VIOLATIONS", never=("recorder",)),
        Step("withdraw", "撤回", frozenset({S.LOGGED}), (S.WITHDRAWN,), needs="LOG_VIOLATIONS",
             only=("recorder",), note="撤回原因"),
        Step("handle", "登记处理", frozenset(TO_HANDLE), (S.HANDLED,), needs="CONFIRM_VIOLATIONS",
             repeats=True),
        Step("escalate", "建议问责", frozenset(TO_HANDLE), (S.HANDLED,), needs="CONFIRM_VIOLATIONS",
             note="建议问责的理由", repeats=True, internal=True),
        Step("complete", "登记完成", frozenset({S.HANDLED}), (S.HANDLED,), needs="CONFIRM_VIOLATIONS",
             repeats=True),
        Step("close", "办结", frozenset({S.HANDLED, S.DISMISSED}), (S.CLOSED,), needs="CONFIRM_VIOLATIONS"),
        # Text only; whoever, which rule and what day are part of the finding: they need a new one.
        Step("amend", "勘误", DECIDED, (), needs="REOPEN_DECISIONS", never=("recorder",), note="勘误原因",
             stays=True, internal=True),
        # What was decided is nobody's alone to undo: not the recorder's, who could then withdraw it, and not
        # the decider's.
        Step("reopen", "重新认定", DECIDED, (S.REOPENED,), needs="REOPEN_DECISIONS",
             never=("recorder", "decider"), note="重新认定的原因", internal=True),
    ),
)  # fmt: skip

COUNTED = frozenset({Finding.CONFIRMED.value, Finding.PARTLY.value})
"""Findings with which a violation counts against a person."""

REPEAT_MONTHS = 12
"""“一年内第 2 次被问责从重一档” in published local rules; a rule of the place, not of a law."""


def occurrence_problem(
    *,
    occurred_on: date,
    today: date,
    person: str,
    is_self: bool,
    in_service: bool,
    rule: str,
    in_force: tuple[date, date | None],
) -> tuple[str, str] | None:
    """(field, why) when person, rule and day do not go together, or None.

    `in_force` are the first day of the rule's version and the day it was retired, if it was.
    """
    if occurred_on > today:
        return "occurred_on", f"发生日期 {occurred_on} 晚于今天（{today}），请填实际发生的日期。"
    if is_self:
        return "cadre", "不能登记本人的违规记录，请由其他纪检人员登记。"
    if not in_service:
        return "occurred_on", f"“{person}”{occurred_on} 不在岗，请核对日期或人员。"
    first, retired = in_force
    if occurred_on < first or (retired is not None and occurred_on >= retired):
        return "prohibition", f"“{rule}”在 {occurred_on} 尚未施行或已停用，请选当日有效的条款。"
    return None


def last_day(start: date, months: int) -> date:
    """The last day of a span of calendar months: the day before the corresponding one, or the month's end
    where the month has none. 2024-02-29 and 12 months: 2025-02-28."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    days = monthrange(year, month + 1)[1]
    if start.day > days:
        return date(year, month + 1, days)
    return date(year, month + 1, start.day) - timedelta(days=1)


def repeat_count(earlier: Sequence[date], on: date, months: int = REPEAT_MONTHS) -> int:
    """How many earlier occurrences lie within the calendar months before `on`; a day itself is not before."""
    return sum(1 for day in earlier if day < on <= last_day(day, months))


def finding_problem(*, finding: str, verification: str) -> str | None:
    """Why a finding cannot stand, or None: only what is wholly true needs no words."""
    if finding != Finding.CONFIRMED and not verification.strip():
        return "认定为部分属实或不属实时，请写明理由：填写核实情况。"
    return None


def circumstance_problem(*, codes: Sequence[str], repeats: int, verification: str) -> str | None:
    """Why circumstances cannot stand, or None: a repeat that no record shows must be explained."""
    if Circumstance.TWICE_A_YEAR in codes and not repeats and not verification.strip():
        return (
            f"系统中没有此人近 {REPEAT_MONTHS} 个月内的其他属实记录，"
            f"不能勾选“{Circumstance.TWICE_A_YEAR.label}”。"
            "确有系统外的记录的，请在核实情况中写明；否则取消勾选。"
        )
    return None


def day_problem(*, what: str, day: date, since: date, today: date) -> str | None:
    """Why a day after a decision or a handling cannot stand, or None."""
    if day > today:
        return f"{what} {day} 晚于今天（{today}），请填实际日期。"
    if day < since:
        return f"{what} {day} 早于 {since}，请核对。"
    return None


def closing_problem(
    *, finding: str, handled: bool, unfinished: Sequence[str], unanswered: Sequence[str]
) -> str | None:
    """What is still open when somebody wants to close a record, or None.

    `handled`: there is a handling that stands, or a case that was accepted.
    """
    if unfinished:
        return f"还不能办结：{'、'.join(unfinished)}尚未完成。请先登记完成日期。"
    if unanswered:
        return f"还不能办结：{'、'.join(unanswered)}还在待研判。请等纪检负责人研判后再办结。"
    if finding in COUNTED and not handled:
        return "还不能办结：问责建议未被采纳，也没有登记处理。请先登记一项处理。"
    return None
