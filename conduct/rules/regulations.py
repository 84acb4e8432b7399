"""Pure rules of regulations: when a version applies, and which new version may follow."""

from __future__ import annotations

from datetime import date


def applies(*, effective_from: date, retired_on: date | None, day: date) -> bool:
    """Whether a version is in force on a day; the day it is retired is the first without it."""
    return effective_from <= day and (retired_on is None or day < retired_on)


def period_text(*, effective_from: date, retired_on: date | None) -> str:
    """A version's period in words."""
    return (
        f"{effective_from} 起施行" if retired_on is None else f"{effective_from} 起施行、{retired_on} 起停用"
    )


def amendment_problem(*, effective_from: date, latest_from: date, open_from: date | None) -> str | None:
    """Why a new version cannot start that day, or None. `latest_from` is the last version's first day."""
    if open_from is None:
        return "这一条已停用，没有可修订的现行版本。如需恢复，请在“目录与定时计划”中新增版本。"
    if effective_from <= latest_from:
        return (
            f"新版本自 {effective_from} 起施行，不晚于已有版本的生效日期 {latest_from}，两个版本会重叠。"
            f"请填 {latest_from} 之后的日期。"
        )
    return None
