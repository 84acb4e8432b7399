"""Pure rules of taskforces: who may be appointed from when, and what is pointed out about a member."""

from __future__ import annotations

import re
from datetime import date

_DIVISION = re.compile(r"调研员|巡视员|处级|县级|厅级|处长|区长|县长|区委|县委|区领导|区分管领导")
"""Ranks and posts of 处级 and above, as rosters write them."""


def is_division_level(*, rank: str, post: str) -> bool | None:
    """Whether somebody is at 处级 or above; None where the roster says neither rank nor such a post."""
    if _DIVISION.search(rank) or _DIVISION.search(post):
        return True
    return False if rank else None


def has_left(left_on: date | None, today: date) -> bool:
    """Whether the last day of service is past."""
    return left_on is not None and left_on < today


def appointment_problem(
    *, name: str, joined_on: date, left_on: date | None, on: date, today: date
) -> tuple[str, str] | None:
    """(field, why) a person cannot be appointed from a day, or None."""
    if has_left(left_on, today):
        return "cadre", f"“{name}”已于 {left_on} 离任，不能任命，请另选人员。"
    if on > today:
        return "on", f"起始日期 {on} 晚于今天（{today}），到任那天再任命。"
    if on < joined_on:
        return "on", f"“{name}”{joined_on} 才到岗，起始日期不能早于这一天。"
    return None


def ending_problem(*, start_on: date, end_on: date, today: date) -> str | None:
    """Why a membership cannot end on a day, or None."""
    if end_on < start_on:
        return f"截止日期 {end_on} 早于起始日期 {start_on}，请核对。"
    if end_on > today:
        return f"截止日期 {end_on} 晚于今天（{today}），到那天再办理退出。"
    return None


def remarks(
    *, role: str, left_on: date | None, has_account: bool, division: bool | None, today: date
) -> list[str]:
    """What is pointed out about a current member to who appoints; an empty list when all is well."""
    found = []
    if has_left(left_on, today):
        found.append(f"已于 {left_on} 离任，请办理退出{'并另任组长' if role == 'LEADER' else ''}")
    elif role in ("LEADER", "DEPUTY") and not has_account:
        found.append("没有可用的账号，不能自己更新节点，请系统管理员建立账号、安全管理员授权")
    if role == "LEADER" and division is False:
        found.append("组长一般由处级干部担任，花名册上的职级不到处级，请核对")
    return found
