"""Pure rules of clues: the course as declared data, the clocks, what looks like the same matter.

Sources: 检举控告工作规则 (four ways of handling, 5 working days to hand over, 15 for real-name notices);
监督执纪工作规则 (one month for the opinion). The two months of 初步核实 are a default that people change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from conduct.choices import ClueMethod, ClueState, Timeliness
from core.rules.deadlines import months_deadline, workdays_deadline
from core.rules.workdays import Overrides
from core.rules.workflow import Step, Workflow

S = ClueState
UNAPPROVED = (S.REGISTERED, S.ASSIGNED, S.PROPOSED)
"""States in which nobody has approved anything yet: what was registered may still be corrected."""
ALIVE = (*UNAPPROVED, S.IN_HAND, S.STORED, S.REPORTED)
OFFICE = ("recorder", "handler", "head")

CLUE = Workflow(
    name="线索",
    begin="登记线索",
    initial=S.REGISTERED,
    states=dict(S.choices),
    parts={"recorder": "登记人", "handler": "承办人", "head": "负责人"},
    steps=(
        Step("assign", "分派", frozenset({S.REGISTERED, S.ASSIGNED}), (S.ASSIGNED,), needs="APPROVE_CLUES",
             repeats=True),
        Step("dispose", "提出处置意见", frozenset({S.ASSIGNED, S.STORED}), (S.PROPOSED,),
             needs="HANDLE_CLUES", only=("handler",)),
        Step("approve", "批准处置", frozenset({S.PROPOSED}), (S.IN_HAND, S.STORED, S.CONCLUDED),
             needs="APPROVE_CLUES", never=("handler",)),
        Step("return", "退回处置意见", frozenset({S.PROPOSED}), (S.ASSIGNED,), needs="APPROVE_CLUES",
             never=("handler",), note="退回理由"),
        Step("report", "报告办理结果", frozenset({S.IN_HAND}), (S.REPORTED,), needs="HANDLE_CLUES",
             only=("handler",)),
        Step("conclude", "批准了结", frozenset({S.REPORTED}), (S.CONCLUDED,), needs="APPROVE_CLUES",
             never=("handler",)),
        Step("redo", "退回补充", frozenset({S.REPORTED}), (S.IN_HAND,), needs="APPROVE_CLUES",
             never=("handler",), note="退回理由"),
        Step("transfer", "移送", frozenset({S.REGISTERED, S.ASSIGNED, S.IN_HAND, S.STORED}),
             (S.TRANSFERRED,), needs="APPROVE_CLUES", note="移送理由"),
        Step("merge", "并案", frozenset({S.REGISTERED, S.ASSIGNED}), (S.MERGED,), needs="APPROVE_CLUES",
             note="并案理由"),
        Step("correct", "更正", frozenset(UNAPPROVED), (S.REGISTERED,), needs="HANDLE_CLUES", only=OFFICE,
             note="更正原因", stays=True),
        Step("attach", "补充附件", frozenset(ALIVE), (), needs="HANDLE_CLUES", only=OFFICE, stays=True),
    ),
)  # fmt: skip

AFTER_APPROVAL: dict[str, str] = {
    ClueMethod.TALK: S.IN_HAND,
    ClueMethod.CHECK: S.IN_HAND,
    ClueMethod.STORE: S.STORED,
    ClueMethod.CONCLUDE: S.CONCLUDED,
}
"""Where each way of handling leads once it is approved."""

DISPOSALS: Mapping[str, str] = {
    **{method.value: str(method.label) for method in ClueMethod},
    S.PROPOSED: "处置意见待审批",
    S.ASSIGNED: "尚未提出处置意见",
    S.TRANSFERRED: "已移送",
    S.MERGED: "已并案",
}
"""Where statistics count a clue: every one in exactly one place."""

DISPOSAL_MONTHS = 1
TALK_WORKDAYS = 15
CHECK_MONTHS = 2
NOTICE_WORKDAYS = 15
HANDOVER_WORKDAYS = 5
SIMILAR = 0.5
"""From this share of common pairs of characters on, two titles are shown side by side."""
SOON_DAYS = 5


def disposal_due(received_on: date, overrides: Overrides) -> date:
    """By when the handler proposes how to handle a clue."""
    return months_deadline(received_on, DISPOSAL_MONTHS, overrides)


def handling_due(method: str, approved_on: date, overrides: Overrides) -> date | None:
    """By when the approved way of handling should be done; None where nothing remains to be done."""
    if method == ClueMethod.TALK:
        return workdays_deadline(approved_on, TALK_WORKDAYS, overrides)
    if method == ClueMethod.CHECK:
        return months_deadline(approved_on, CHECK_MONTHS, overrides)
    return None


def notice_due(start: date, overrides: Overrides) -> date:
    """By when a real-name reporter is told: from receipt (受理) or from conclusion (结果)."""
    return workdays_deadline(start, NOTICE_WORKDAYS, overrides)


def handover_due(received_on: date, overrides: Overrides) -> date:
    """By when a report about somebody under a higher authority is handed over."""
    return workdays_deadline(received_on, HANDOVER_WORKDAYS, overrides)


def disposal(*, state: str, method: str, approved: bool) -> str:
    """The key of `DISPOSALS` a clue counts under: a way of handling only once it is approved."""
    if state in (S.TRANSFERRED, S.MERGED):
        return state
    if approved:
        return method
    return S.PROPOSED if state == S.PROPOSED else S.ASSIGNED


def timeliness(*, due_on: date | None, done_on: date | None, today: date) -> Timeliness:
    """How something stands that was to be done by a day; the day itself is still in time."""
    if due_on is None:
        return Timeliness.UNTIMED
    if done_on is not None:
        return Timeliness.ON_TIME if done_on <= due_on else Timeliness.LATE
    return Timeliness.RUNNING if today <= due_on else Timeliness.OVERDUE


def light(due_on: date | None, today: date) -> str:
    """RED after the limit, YELLOW in its last five days, GREY without one."""
    if due_on is None:
        return "GREY"
    if due_on < today:
        return "RED"
    return "YELLOW" if due_on <= today + timedelta(days=SOON_DAYS) else "GREEN"


def receipt_problem(*, received_on: date, today: date) -> str | None:
    """Why a date of receipt cannot stand, or None."""
    if received_on > today:
        return f"收到日期 {received_on} 晚于今天（{today}），请填实际收到的日期。"
    return None


def _pairs(text: str) -> set[str]:
    plain = "".join(c for c in text if c.isalnum())
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or {plain}


def likeness(one: str, other: str) -> float:
    """Share of common pairs of neighbouring characters (Jaccard), 0 to 1."""
    a, b = _pairs(one), _pairs(other)
    return len(a & b) / len(a | b)


def leak_problem(*, complainant: str, contact: str, texts: Sequence[str]) -> str | None:
    """Why a text cannot stand beside a sealed identity, or None: it says who reported."""
    name, number = complainant.strip(), re.sub(r"\D", "", contact)
    if len(name) >= 2 and any(name in text for text in texts):
        return f"正文里写有举报人姓名“{name}”，会被看到线索的人读到。请改写为“举报人”。"
    if len(number) >= 7 and any(number in re.sub(r"\D", "", text) for text in texts):
        return "正文里写有举报人的联系方式，会被看到线索的人读到。请删去。"
    return None
