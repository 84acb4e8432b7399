"""Pure rules of public notices: their course, and how a name is masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from conduct.choices import HandlingWay, NoticeState
from core.rules.names import SURNAMES
from core.rules.workflow import Step, Workflow

S = NoticeState

NOTICE = Workflow(
    name="典型案例通报",
    begin="拟制典型案例通报",
    initial=S.DRAFT,
    states=dict(S.choices),
    parts={"drafter": "拟稿人"},
    steps=(
        Step("edit", "修改", frozenset({S.DRAFT}), (S.DRAFT,), needs="DRAFT_NOTICES", only=("drafter",),
             repeats=True),
        Step("submit", "送审", frozenset({S.DRAFT}), (S.IN_REVIEW,), needs="DRAFT_NOTICES",
             only=("drafter",)),
        Step("return", "退回", frozenset({S.IN_REVIEW}), (S.DRAFT,), needs="APPROVE_NOTICES",
             never=("drafter",), note="退回理由"),
        Step("approve", "批准通报", frozenset({S.IN_REVIEW}), (S.PUBLISHED,), needs="APPROVE_NOTICES",
             never=("drafter",)),
        Step("recall", "撤回通报", frozenset({S.PUBLISHED}), (S.RECALLED,), needs="APPROVE_NOTICES",
             note="撤回理由"),
        Step("cancel", "作废", frozenset({S.DRAFT}), (S.CANCELLED,), needs="DRAFT_NOTICES", only=("drafter",),
             note="作废理由"),
    ),
)  # fmt: skip


DONE_TO = {HandlingWay.PLEDGE.value: "责令公开承诺"}
"""What a handling is to the person, where its own name does not say it."""


def masked_name(name: str) -> str:
    """Surname and 某 for each further character: 曾国平 → 曾某某, 尉迟恭 → 尉迟某. At least one 某."""
    surname = name[:2] if name[:2] in SURNAMES and len(name) > 2 else name[:1]
    return surname + "某" * max(1, len(name) - len(surname))


def masked_text(text: str, names: Iterable[str]) -> str:
    """The text with every full name in it masked, longer names first so that none is cut in two."""
    for name in sorted(set(names), key=lambda name: (-len(name), name)):
        text = text.replace(name, masked_name(name))
    return text


def outcome_text(name: str, *, ways: Sequence[str], on: date | None, has_case: bool) -> str:
    """What became of somebody, in one sentence: the handlings with the month of the last, a case."""
    told = []
    if ways and on is not None:
        words = "、".join(DONE_TO.get(way, HandlingWay(way).label) for way in ways)
        told.append(f"{on.year}年{on.month}月，{name}被{words}")
    if has_case:
        told.append("已按程序启动问责" if told else f"对{name}已按程序启动问责")
    return f"{'；'.join(told)}。" if told else ""


def names_left(text: str, names: Iterable[str]) -> list[str]:
    """Full names that still stand in a text, in order."""
    return sorted({name for name in names if name in text})
