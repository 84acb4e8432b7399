"""Pure rules of project issues: the course, deadlines, how long solving took, the counts of a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from core.rules.workdays import Overrides, add_workdays, is_workday, next_workday, workdays_between
from core.rules.workflow import Step, Workflow
from projects.choices import IssueKind, IssueState, SolvedHow

S = IssueState
LIVE = (S.OPEN, S.ESCALATED)
"""States in which somebody still has to solve it."""

ISSUE = Workflow(
    name="项目问题",
    begin="提出项目问题",
    initial=S.OPEN,
    states=dict(S.choices),
    parts={
        "raiser": "提出人",
        "leader": "项目组长、副组长",
        "head": "主办单位负责人",
        "owner": "责任人、责任单位负责人",
        "person": "责任人本人",
        "solver": "办结人",
    },
    steps=(
        Step("solve", "登记解决", frozenset(LIVE), (S.SOLVED,), needs="REPORT_ISSUES",
             only=("owner", "leader")),
        Step("close", "销号", frozenset({S.SOLVED}), (S.CLOSED,), needs="REPORT_ISSUES",
             only=("raiser", "leader", "head"), never=("solver",)),
        Step("return", "退回", frozenset({S.SOLVED}), LIVE, needs="REPORT_ISSUES",
             only=("raiser", "leader", "head"), never=("solver",), note="退回原因"),
        Step("escalate", "提级", frozenset(LIVE), (S.ESCALATED,), needs="REPORT_ISSUES",
             only=("owner", "leader", "head"), note="提级原因", repeats=True),
        Step("extend", "延期", frozenset(LIVE), (), needs="REPORT_ISSUES",
             only=("leader", "head"), never=("person",), note="延期原因", stays=True),
        Step("correct", "更正或改派", frozenset(LIVE), (), needs="REPORT_ISSUES",
             only=("raiser", "leader", "head"), note="更正原因", stays=True),
        Step("withdraw", "撤回", frozenset(LIVE), (S.WITHDRAWN,), needs="REPORT_ISSUES",
             only=("raiser",), note="撤回原因"),
    ),
)  # fmt: skip

SUGGESTED_DAYS = {
    IssueKind.FINANCE: 20,
    IssueKind.LAND: 15,
    IssueKind.APPROVAL: 10,
    IssueKind.CLEARING: 15,
    IssueKind.OTHER: 10,
}
"""Working days to solve an issue of a kind, where nobody says otherwise; this system's own default."""
FARTHEST = timedelta(days=366)
"""A deadline beyond this is taken for a wrong year."""


def suggested_due(kind: str, *, raised_on: date, overrides: Overrides) -> date:
    """The deadline when none is given. Raises ValueError for an unknown kind."""
    return add_workdays(raised_on, SUGGESTED_DAYS[IssueKind(kind)], overrides)


def due_problem(due_on: date, *, today: date, overrides: Overrides) -> str | None:
    """Why a deadline set today cannot stand, or None."""
    if due_on < today:
        return f"时限 {due_on} 早于今天，请填今天或以后的日期。"
    if due_on - today > FARTHEST:
        return f"时限 {due_on} 在一年以后，请核对年份。"
    if not is_workday(due_on, overrides):
        return f"{due_on} 是休息日，请改为工作日，例如 {next_workday(due_on, overrides)}。"
    return None


def extension_problem(new: date, *, old: date) -> str | None:
    """Why an extension is none, or None."""
    return None if new > old else f"原时限是 {old}，延期后的时限须晚于原时限。"


def solving_problem(solved_on: date, *, raised_on: date, today: date) -> str | None:
    """Why an issue cannot have been solved on that day, or None."""
    if solved_on > today:
        return f"解决日期 {solved_on} 晚于今天，请在解决之后登记。"
    if solved_on < raised_on:
        return f"解决日期 {solved_on} 早于提出日期 {raised_on}，请核对日期。"
    return None


def is_overdue(*, state: str, due_on: date, today: date) -> bool:
    """Whether it should have been solved before today."""
    return state in LIVE and due_on < today


def workdays_to_solve(*, raised_on: date, solved_on: date | None, overrides: Overrides) -> int | None:
    """Working days after the day it was raised up to the day it was solved; 0 on the same day, None while it
    is not solved."""
    return None if solved_on is None else workdays_between(raised_on, solved_on, overrides)


@dataclass(frozen=True)
class Outcome:
    """What a count needs to know of one issue; `days` are the working days to solve, None when unsolved."""

    state: str
    solved_how: str
    was_escalated: bool
    days: int | None


@dataclass(frozen=True)
class Tally:
    """Counts of some issues. `median_days` is in working days, None where none was solved."""

    raised: int
    solved: int
    on_site: int
    escalated: int
    live: int
    median_days: Decimal | None


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Withdrawn issues are not counted; one solved on site after it was escalated counts as both."""
    counted = [outcome for outcome in outcomes if outcome.state != S.WITHDRAWN]
    solved = [outcome for outcome in counted if outcome.state in {S.SOLVED, S.CLOSED}]
    days = [Decimal(outcome.days) for outcome in solved if outcome.days is not None]
    return Tally(
        raised=len(counted),
        solved=len(solved),
        on_site=sum(outcome.solved_how == SolvedHow.ON_SITE for outcome in solved),
        escalated=sum(outcome.was_escalated for outcome in counted),
        live=len(counted) - len(solved),
        median_days=median(days) if days else None,
    )
