"""The statistics page as a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from conduct.queries.statistics import MonthsRow, Statistics
from core.resources.sheets import PrintedSheet, Value, printed_workbook


def statistics_workbook(found: Statistics, *, by_name: str, on: str) -> bytes:
    """Rules and forms by month, units, channels and findings, each on a sheet, with the check of the sums."""
    told = f"发生日期 {found.since} 至 {found.until}；{by_name} {on} 导出"
    months = [f"{year}-{month:02}" for year, month in found.months]
    forms = [row.label for row in found.forms]
    check = "相符" if found.agrees else "不相符"

    def sheet(
        name: str, heads: Sequence[str], rows: Sequence[Sequence[Value]], more: str = ""
    ) -> PrintedSheet:
        return PrintedSheet(name, f"作风统计·{name}", told + more, heads, rows)

    def by_month(rows: Sequence[MonthsRow]) -> list[list[Value]]:
        lines: list[list[Value]] = [[row.label, *row.months, row.total] for row in rows]
        return [*lines, ["当月合计", *found.monthly, found.sum_of_months]]

    return printed_workbook(
        [
            sheet(
                "条款逐月",
                ["条款", *months, "合计"],
                [
                    *by_month(found.rules),
                    ["累计", *found.cumulative, found.counted],
                    [f"各月合计 {found.sum_of_months} = 累计 {found.counted}：{check}"],
                ],
            ),
            sheet(
                "形态逐月",
                ["处理形态", *months, "合计"],
                by_month(found.forms),
                "；一条违规有几项处理的，按最重的一项计一次",
            ),
            sheet(
                "单位",
                [
                    "单位", "本单位违规", "含下级违规", "本单位人数", "含下级人数", "每百人",
                    *(f"本单位：{form}" for form in forms), *(f"含下级：{form}" for form in forms),
                ],
                [
                    [
                        "　" * row.unit.tree_depth + row.unit.name, row.own, row.total, row.people_own,
                        row.people, row.rate, *row.forms_own, *row.forms,
                    ]
                    for row in found.units
                ],
                f"；人数为 {found.people_on} 在岗人数",
            ),
            sheet("发现方式", ["发现方式", "违规"], [list(row) for row in found.channels]),
            sheet("认定情况", ["认定情况", "记录"], [list(row) for row in found.findings]),
        ]
    )  # fmt: skip
