"""Pure rules of supervision letters: their course, the number's text, whom to call, likeness."""

from __future__ import annotations

import re
from datetime import timedelta

from conduct.choices import LetterState
from core.rules.workflow import Step, Workflow

L = LetterState

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
             never=("drafter",), internal=True),
        Step("issue", "签发", frozenset({L.APPROVED}), (L.ISSUED,), needs="ISSUE_LETTERS",
             never=("drafter",)),
        Step("return", "退回修改", frozenset({L.IN_REVIEW, L.APPROVED}), (L.DRAFT,), needs="DRAFT_LETTERS",
             never=("drafter",), note="退回原因", internal=True),
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

BEFORE_ISSUE = frozenset({L.DRAFT.value, L.IN_REVIEW.value, L.APPROVED.value})
OVER = frozenset({L.CLOSED.value, L.CANCELLED.value})
RUNNING = frozenset({L.ISSUED.value, L.RECEIVED.value, L.RECTIFYING.value})
SENT = RUNNING | {L.CLOSED.value}
"""States in which the addressee and leadership know of a letter."""

_BRACKETS = str.maketrans("[](){}（）【】", "〔〕〔〕〔〕〔〕〔〕")


def number_text(*, series: str, year: int, serial: int) -> str:
    """区纪督〔2026〕1号; GB/T 9704-2012 7.2.5: full year in hexagonal brackets, no leading zero, no 第."""
    return f"{series}〔{year}〕{serial}号"


def bracketed(text: str) -> str:
    """A number as typed, [2026] or (2026) for 〔2026〕, in the brackets it is kept in."""
    return text.translate(_BRACKETS)


def contact_problem(contact: str) -> str | None:
    """Why nobody could call whom a letter names, or None."""
    if any(sign.isdigit() for sign in contact):
        return None
    return "请写上联系电话，如“张三 0000-1234567”：收文单位要凭它联系。"


_FILLER = re.compile(r"[\s《》“”\"、，。()（）]|^关于|的?督办函$|问题|情况|整改|督办")


def alike(one: str, other: str) -> bool:
    """Whether two titles are about the same thing: Dice's measure over character pairs, filler left out."""
    left, right = (_pairs(_FILLER.sub("", title)) for title in (one, other))
    if not left or not right:
        return one.strip() == other.strip()
    return 2 * len(left & right) / (len(left) + len(right)) >= ALIKE


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))
