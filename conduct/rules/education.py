"""Pure rules of education: the courses of events and commendations, what a result is, who reads a paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from conduct.choices import CommendationState, EducationKind, EventState, PaperLevel
from core.rules.workflow import Step, Workflow

S = CommendationState
E = EventState

EVENT = Workflow(
    name="教育活动",
    begin="登记教育活动",
    initial=E.RECORDED,
    states=dict(E.choices),
    parts={"reader": "谈话双方和登记人"},
    steps=(
        Step("correct", "更正", frozenset({E.RECORDED}), (E.RECORDED,), needs="RECORD_EDUCATION",
             only=("reader",), note="更正原因", repeats=True, internal=True),
        Step("attend", "增减人员", frozenset({E.RECORDED}), (E.RECORDED,), needs="RECORD_EDUCATION",
             only=("reader",), note="增减原因", repeats=True, internal=True),
        Step("cancel", "作废", frozenset({E.RECORDED}), (E.CANCELLED,), needs="RECORD_EDUCATION",
             note="作废原因"),
    ),
)  # fmt: skip
"""Who may not read a talk's note changes neither the talk nor who took part: either would open the note."""

COMMENDATION = Workflow(
    name="嘉奖表彰",
    begin="提出嘉奖表彰",
    initial=S.PROPOSED,
    states=dict(S.choices),
    parts={"recorder": "提出人"},
    steps=(
        Step("confirm", "确认", frozenset({S.PROPOSED}), (S.CONFIRMED,), needs="RECORD_EDUCATION",
             never=("recorder",)),
        Step("decline", "不予确认", frozenset({S.PROPOSED}), (S.DECLINED,), needs="RECORD_EDUCATION",
             never=("recorder",), note="不予确认的理由"),
        Step("withdraw", "撤回", frozenset({S.PROPOSED}), (S.WITHDRAWN,), needs="RECORD_EDUCATION",
             only=("recorder",), note="撤回原因"),
    ),
)  # fmt: skip

TALKS = frozenset({EducationKind.PRE_POST, EducationKind.GROUP_TALK, EducationKind.HEART_TALK})
"""Kinds whose note only those who talked may read."""


def day_problem(*, on: date, today: date) -> str | None:
    """Why something that took place cannot have that day, or None."""
    if on > today:
        return f"日期 {on} 晚于今天（{today}），请在发生后登记；打算做的写进学习计划。"
    return None


def kind_problem(*, old: str, new: str) -> str | None:
    """Why an event cannot become one of another kind, or None: a lesson's note is open, a talk's is not."""
    if (old in TALKS) is (new in TALKS):
        return None
    return "谈话和党课、专题教育之间不能互改（谈话记录不公开）；类别选错的请作废后重新登记。"


def unit_problem(*, unit: str, closed_on: date | None, day: date) -> str | None:
    """Why a unit can hold and receive nothing on a day, or None."""
    if closed_on is not None and closed_on <= day:
        return f"“{unit}”已于 {closed_on} 撤销，请选承接其职能的单位。"
    return None


PAPER_NEEDS = {PaperLevel.READ: "REVIEW_PAPERS", PaperLevel.SAMPLED: "RECORD_EDUCATION"}
"""The permission each level of reading asks for."""


def paper_problem(*, level: str, read: bool, sampled: bool, own: bool, is_reader: bool) -> str | None:
    """Why somebody cannot read a paper at this level, or None; `is_reader` has read it at the first."""
    if own:
        return "不能调阅本人的试卷，应当回避，请由其他人员调阅。"
    if level == PaperLevel.READ:
        return "已经初阅，不用重复登记。" if read else None
    if sampled:
        return "已经抽阅，不用重复登记。"
    if not read:
        return "还没有初阅，请先由单位负责人初阅。"
    if is_reader:
        return "初阅人不能抽阅，请由另一名纪检人员抽阅。"
    return None


def score_problem(*, score: Decimal | None, full_mark: Decimal) -> str | None:
    """Why a score cannot stand, or None; no score is absence."""
    if score is not None and not 0 <= score <= full_mark:
        return f"成绩应在 0 到 {full_mark.normalize():f} 分之间，填的是 {score.normalize():f}，请核对。"
    return None


def makeup_problem(*, score: Decimal | None, makeup: Decimal | None, pass_mark: Decimal) -> str | None:
    """Why a make-up score cannot stand, or None."""
    if makeup is not None and score is not None and score >= pass_mark:
        return "首考已合格，不需要补考，请清空补考成绩。"
    return None


def half_year(day: date) -> tuple[date, date]:
    """First and last day of the half-year a day is in."""
    if day.month <= 6:
        return date(day.year, 1, 1), date(day.year, 6, 30)
    return date(day.year, 7, 1), date(day.year, 12, 31)
