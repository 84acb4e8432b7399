"""Pure rules of supervision letters: courses, deadlines, lights, chasing, likeness, the number's text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from conduct.choices import ChaseKind, ExtensionState, ItemState, LetterState
from core.rules.workdays import Overrides, add_workdays, is_workday, next_workday, workdays_between
from core.rules.workflow import Step, Workflow

L, T, E = LetterState, ItemState, ExtensionState

SERIES = "区纪督"
"""Issuer's code of the number series; a district puts its own here."""
ISSUER = "纪检监察工作委员会"
"""What stands at the head and the foot of a letter."""
DEFAULT_WORKDAYS = 10
"""Working days a new item is given until somebody sets another date."""
WARN_WORKDAYS = 3
"""An item turns yellow this many working days before its deadline."""
ALIKE = 0.6
"""Titles that share this part of their character pairs are about the same thing."""
LOOK_BACK = timedelta(days=365)
"""How far back similar letters are looked for."""

LETTER = Workflow(
    name="督办函",
    begin="拟制督办函",
    initial=L.DRAFT,
    states=dict(L.choices),
    parts={"drafter": "拟稿人", "addressee": "收文单位负责人"},
    steps=(
        Step("edit", "修改", frozenset({L.DRAFT}), (L.DRAFT,), needs="DRAFT_LETTERS", only=("drafter",),
             repeats=True),
        Step("submit", "送审", frozenset({L.DRAFT}), (L.IN_REVIEW,), needs="DRAFT_LETTERS",
             only=("drafter",)),
        Step("approve", "审核通过", frozenset({L.IN_REVIEW}), (L.APPROVED,), needs="DRAFT_LETTERS",
             never=("drafter",)),
        Step("issue", "签发", frozenset({L.APPROVED}), (L.ISSUED,), needs="ISSUE_LETTERS",
             never=("drafter",)),
        Step("return", "退回修改", frozenset({L.IN_REVIEW, L.APPROVED}), (L.DRAFT,), needs="DRAFT_LETTERS",
             never=("drafter",), note="退回原因"),
        Step("receive", "签收", frozenset({L.ISSUED}), (L.RECEIVED,), needs="ANSWER_LETTERS",
             only=("addressee",)),
        Step("plan", "报送整改方案", frozenset({L.RECEIVED}), (L.RECTIFYING,), needs="ANSWER_LETTERS",
             only=("addressee",)),
        Step("close", "销号", frozenset({L.RECTIFYING}), (L.CLOSED,), needs="DRAFT_LETTERS",
             never=("addressee",)),
        Step("cancel", "作废", frozenset({L.DRAFT, L.IN_REVIEW, L.APPROVED}), (L.CANCELLED,),
             needs="DRAFT_LETTERS", note="作废原因"),
    ),
)  # fmt: skip

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

BEFORE_ISSUE = frozenset({L.DRAFT.value, L.IN_REVIEW.value, L.APPROVED.value})
OVER = frozenset({L.CLOSED.value, L.CANCELLED.value})
RUNNING = frozenset({L.ISSUED.value, L.RECEIVED.value, L.RECTIFYING.value})
SENT = RUNNING | {L.CLOSED.value}
"""States in which the addressee and leadership know of a letter."""

_BRACKETS = str.maketrans("[](){}（）【】", "〔〕〔〕〔〕〔〕〔〕")
RUNGS = tuple(kind.value for kind in ChaseKind)


@dataclass(frozen=True)
class Light:
    """GREEN, YELLOW, RED, GREY while the check is waited for, DONE; and the sentence that explains it."""

    light: str
    reason: str


def number_text(*, year: int, serial: int, series: str = SERIES) -> str:
    """区纪督〔2026〕1号; GB/T 9704-2012 7.2.5: full year in hexagonal brackets, no leading zero, no 第."""
    return f"{series}〔{year}〕{serial}号"


def bracketed(text: str) -> str:
    """A number as typed, [2026] or (2026) for 〔2026〕, in the brackets it is kept in."""
    return text.translate(_BRACKETS)


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


def item_light(*, state: str, due_on: date, today: date, overrides: Overrides) -> Light:
    """The light of an item on a day.

    Passed is done; reported stops the clock until it is checked; after the deadline is red; within
    WARN_WORKDAYS working days before it (the day itself included) is yellow; everything else green.
    """
    if state == ItemState.PASSED:
        return Light("DONE", "已通过核验")
    if state == ItemState.REPORTED:
        return Light("GREY", "已反馈，待核验，不计时")
    if today > due_on:
        return Light("RED", f"时限 {due_on}，已逾期 {(today - due_on).days} 天")
    left = workdays_between(today, due_on, overrides)
    if left <= WARN_WORKDAYS:
        return Light("YELLOW", f"还有 {left} 个工作日到期" if left else "今天到期")
    return Light("GREEN", f"还有 {left} 个工作日")


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


_FILLER = re.compile(r"[\s《》“”\"、，。()（）]|^关于|的?督办函$|问题|情况|整改|督办")


def alike(one: str, other: str) -> bool:
    """Whether two titles are about the same thing: Dice's measure over character pairs, filler left out."""
    left, right = (_pairs(_FILLER.sub("", title)) for title in (one, other))
    if not left or not right:
        return one.strip() == other.strip()
    return 2 * len(left & right) / (len(left) + len(right)) >= ALIKE


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))
