"""Pure rules of site logs and frontline postings: their courses, the days they may have, no more than all of
somebody's time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.rules.workflow import Step, Workflow
from projects.choices import FrontlineState, SiteLogState

LATE_LOG = timedelta(days=7)
"""A log older than this says why it comes late."""
LATE_POSTING = timedelta(days=31)
"""So does a posting that began longer ago: it changes shares that were already read."""

SITE_LOG = Workflow(
    name="现场工作",
    begin="记录现场工作",
    initial=SiteLogState.RECORDED,
    states=dict(SiteLogState.choices),
    parts={"recorder": "记录人", "head": "所在单位负责人"},
    steps=(
        Step("correct", "更正", frozenset({SiteLogState.RECORDED}), (), needs="LOG_SITE_WORK",
             only=("recorder", "head"), note="更正原因", stays=True),
        Step("withdraw", "撤回", frozenset({SiteLogState.RECORDED}), (SiteLogState.WITHDRAWN,),
             needs="LOG_SITE_WORK", only=("recorder", "head"), note="撤回原因"),
    ),
)  # fmt: skip

FRONTLINE = Workflow(
    name="下沉安排",
    begin="安排下沉一线",
    initial=FrontlineState.RECORDED,
    states=dict(FrontlineState.choices),
    parts={"poster": "派出单位负责人、考核办"},
    steps=(
        Step("end", "结束", frozenset({FrontlineState.RECORDED}), (), needs="POST_FRONTLINE",
             only=("poster",), stays=True),
        Step("withdraw", "撤回", frozenset({FrontlineState.RECORDED}), (FrontlineState.WITHDRAWN,),
             needs="POST_FRONTLINE", only=("poster",), note="撤回原因"),
    ),
)  # fmt: skip


def log_day_problem(on: date, *, late_reason: str, today: date) -> tuple[str, str] | None:
    """(field, why) a log cannot be of that day, or None."""
    if on > today:
        return "on", f"日期 {on} 晚于今天，现场工作请在去过之后记录。"
    if today - on > LATE_LOG and not late_reason.strip():
        return "late_reason", f"{on} 已过去 {(today - on).days} 天，补记 {LATE_LOG.days} 天以前的请写明原因。"
    return None


def posting_period_problem(
    *, start_on: date, end_on: date | None, late_reason: str, today: date
) -> tuple[str, str] | None:
    """(field, why) a posting cannot have that period, or None."""
    if end_on is not None and end_on < start_on:
        return "end_on", f"截止日期 {end_on} 早于起始日期 {start_on}，请核对期限。"
    if today - start_on > LATE_POSTING and not late_reason.strip():
        return (
            "late_reason",
            f"{start_on} 已过去 {(today - start_on).days} 天，早于 {LATE_POSTING.days} 天的请写明原因。",
        )
    return None


def ending_problem(new: date, *, start_on: date, end_on: date | None) -> str | None:
    """Why a posting cannot end on that day, or None; a longer one is a new posting."""
    if new < start_on:
        return f"结束日期 {new} 早于起始日期 {start_on}；没有去的，请改用“撤回”。"
    if end_on is not None and new >= end_on:
        return f"原定 {end_on} 结束，只能提前；需要延长的，请从 {end_on + timedelta(days=1)} 起另作安排。"
    return None


@dataclass(frozen=True)
class Share:
    """So many percent of somebody's time from one day to another; both count, no last day is open."""

    first: date
    last: date | None
    percent: int

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def overload(new: Share, others: Iterable[Share]) -> tuple[date, int] | None:
    """(first day, sum in percent) on which a new share makes more than all of the time, or None.

    A sum can only rise on the first day of some share, so those days are the ones to look at.
    """
    known = list(others)
    days = sorted({new.first, *(share.first for share in known if new.covers(share.first))})
    for day in days:
        total = new.percent + sum(share.percent for share in known if share.covers(day))
        if total > 100:
            return day, total
    return None
