"""Pure rules of projects: the course, the facts of the record, what an amount as typed may mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.rules.amounts import parse_amount
from core.rules.phrases import PhraseError
from core.rules.workflow import Step, Workflow
from projects.choices import ProjectState

S = ProjectState

PROJECT = Workflow(
    name="项目",
    begin="新增项目",
    initial=S.ACTIVE,
    states=dict(S.choices),
    steps=(
        Step("edit", "修改", frozenset({S.ACTIVE, S.SUSPENDED}), (), needs="MANAGE_PROJECTS", stays=True),
        Step("close", "办结", frozenset({S.ACTIVE}), (S.CLOSED,), needs="MANAGE_PROJECTS"),
        Step("suspend", "暂停", frozenset({S.ACTIVE}), (S.SUSPENDED,), needs="MANAGE_PROJECTS",
             note="暂停原因"),
        Step("resume", "恢复", frozenset({S.SUSPENDED}), (S.ACTIVE,), needs="MANAGE_PROJECTS"),
        Step("reopen", "重新开启", frozenset({S.CLOSED}), (S.ACTIVE,), needs="MANAGE_PROJECTS",
             note="重新开启的原因"),
    ),
)  # fmt: skip

LARGE_YUAN = Decimal(100_000_000_000)
"""1000 亿元: above this the unit of a single project was most likely mistaken."""
SMALL_YUAN = Decimal(100_000)
"""10 万元: below this 万 was most likely forgotten."""


@dataclass(frozen=True)
class TypedAmount:
    """An amount as somebody typed it: `yuan` None where nothing was typed or nothing can be read.

    `problem` says why it cannot be taken; `doubt` why it is asked back before it is taken, "" for neither.
    """

    yuan: Decimal | None
    problem: str = ""
    doubt: str = ""


def typed_amount(text: str) -> TypedAmount:
    """An investment with its unit, in yuan; a number without a unit is asked back, never guessed."""
    text = text.strip()
    if not text:
        return TypedAmount(None)
    try:
        amount = parse_amount(text)
    except PhraseError as error:
        if re.fullmatch(r"[\d.,，\s]+", text):
            return TypedAmount(
                None, f"“{text}”没有写单位，{text}万元还是{text}亿元差一万倍。请连单位一起填写。"
            )
        return TypedAmount(None, f"{error}。请填“3.5亿元”“8600万元”这样的金额。")
    if amount.yuan > LARGE_YUAN:
        return TypedAmount(amount.yuan, doubt=f"“{text}”超过 1000 亿元，像是单位写大了（万写成了亿）。")
    if 0 < amount.yuan < SMALL_YUAN:
        return TypedAmount(amount.yuan, doubt=f"“{text}”不到 10 万元，像是漏写了“万”。")
    return TypedAmount(amount.yuan)


def next_code(year: int, taken: Sequence[str]) -> str:
    """`ZD<year>-NN` after the highest of that year; numbers given back are not used again."""
    pattern = re.compile(rf"ZD{year}-(\d{{1,6}})")
    numbers = [int(match[1]) for code in taken if (match := pattern.fullmatch(code))]
    return f"ZD{year}-{max(numbers, default=0) + 1:02}"


def facts_problem(
    *,
    site_office: str,
    site_office_since: date | None,
    temporary_branch: str,
    has_secretary: bool,
    branch_since: date | None,
    today: date,
) -> tuple[str, str] | None:
    """(field, why) site office and branch cannot stand as typed, or None."""
    if site_office_since is not None and not site_office:
        return "site_office", "填了现场办公室的设立日期，请写明办公室设在哪里，或清空日期。"
    if (branch_since is not None or has_secretary) and not temporary_branch:
        return "temporary_branch", "填了临时党支部的书记或成立日期，请写明支部名称，或清空这两栏。"
    for field, day, word in (
        ("site_office_since", site_office_since, "设立日期"),
        ("branch_since", branch_since, "成立日期"),
    ):
        if day is not None and day > today:
            return field, f"{word} {day} 晚于今天（{today}），请填实际的日期。"
    return None


def closing_problem(
    *, closed_on: date, today: date, milestones: Sequence[str], tasks: Sequence[str]
) -> tuple[str, str] | None:
    """(field, why) a project cannot be closed on a day, or None; what is open is named."""
    if milestones:
        return "", f"还有 {len(milestones)} 个节点没有完成：{listed(milestones)}。请先完成这些节点，再办结。"
    if tasks:
        return "", f"还有 {len(tasks)} 项任务没有验收：{listed(tasks)}。请先验收或撤销，再办结。"
    if closed_on > today:
        return "closed_on", f"办结日期 {closed_on} 晚于今天（{today}），请填实际办结的日期。"
    return None


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """Names in one line; of many the first, and how many there are."""
    shown = "、".join(f"“{name}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown}等 {len(names)} 项"
