"""Pure rules of campaigns: their course, rounds by the working calendar, what checks add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from conduct.choices import CampaignState, RoundKind
from core.rules.workdays import Overrides, is_workday, next_workday
from core.rules.workflow import Step, Workflow

S = CampaignState

CAMPAIGN = Workflow(
    name="专项活动",
    begin="建立专项活动",
    initial=S.DRAFT,
    states=dict(S.choices),
    parts={},
    steps=(
        Step("edit", "修改", frozenset({S.DRAFT}), (S.DRAFT,), needs="MANAGE_CAMPAIGNS", repeats=True),
        Step("start", "启动", frozenset({S.DRAFT}), (S.RUNNING,), needs="MANAGE_CAMPAIGNS"),
        Step("finish", "结束", frozenset({S.RUNNING}), (S.FINISHED,), needs="MANAGE_CAMPAIGNS", note="小结"),
        Step("cancel", "取消", frozenset({S.DRAFT, S.RUNNING}), (S.CANCELLED,), needs="MANAGE_CAMPAIGNS",
             note="取消理由"),
    ),
)  # fmt: skip

MID_MONTH = 15
LONGEST_DAYS = 366


def _last_workday(day: date, overrides: Overrides) -> date:
    """The last working day of the month of `day`."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    while not is_workday(last, overrides):
        last -= timedelta(days=1)
    return last


def rounds(first: date, last: date, overrides: Overrides) -> list[tuple[str, date]]:
    """(kind, day) of every round: a dispatch on the 15th (or the next working day) and on the month's last
    working day, a check on the month's last working day; only days within the campaign. At least the last
    day of the campaign has a check when no month end falls into it."""
    found: list[tuple[str, date]] = []
    month = first.replace(day=1)
    while month <= last:
        end = _last_workday(month, overrides)
        middle = next_workday(month.replace(day=MID_MONTH), overrides)
        found += [(RoundKind.DISPATCH, middle), (RoundKind.DISPATCH, end), (RoundKind.CHECK, end)]
        month = (month + timedelta(days=32)).replace(day=1)
    within = sorted({(day, str(kind)) for kind, day in found if first <= day <= last})
    if not any(kind == RoundKind.CHECK for _, kind in within):
        within.append((last, str(RoundKind.CHECK)))
    return [(kind, day) for day, kind in within]


def period_problem(first: date, last: date) -> str | None:
    """Why a campaign cannot last from `first` to `last`, or None."""
    if last < first:
        return f"结束日期 {last} 早于开始日期 {first}，请核对。"
    if (last - first).days > LONGEST_DAYS:
        return f"专项活动最长一年（{first} 至 {last} 超过一年），请分期开展。"
    return None


@dataclass(frozen=True)
class UnitStanding:
    """What one unit's checks and reports add up to; `rate` in percent with one decimal, None unchecked."""

    checks: int
    rate: Decimal | None
    reported: int
    due: int


def standing(
    points: Sequence[tuple[Decimal, Decimal]], *, checks: int, reported: int, due: int
) -> UnitStanding:
    """(points, full points) of every checked item → the share earned. Not checked is no zero."""
    full = sum((worth for _, worth in points), Decimal(0))
    earned = sum((got for got, _ in points), Decimal(0))
    rate = (earned * 100 / full).quantize(Decimal("0.1")) if full else None
    return UnitStanding(checks=checks, rate=rate, reported=reported, due=due)
