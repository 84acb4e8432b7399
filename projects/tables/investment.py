"""The investment of a month as a workbook."""

from __future__ import annotations

from decimal import Decimal

from core.resources.sheets import PrintedSheet, Value, printed_workbook
from projects.queries.investment import NO_UNIT, Ledger
from projects.rules import investment as rules

HEADS = (
    "总投资",
    "年度计划",
    "当月完成",
    "上年同月",
    "当月同比%",
    "本年累计",
    "占计划%",
    "累计同比%",
    "开工以来",
)
WIDTHS = tuple(13 for _ in HEADS)


def ledger_workbook(found: Ledger, *, told: str) -> bytes:
    """Projects and units of a month, amounts in 万元 exact to the cent; texts are never formulas."""
    title = f"投资完成 {found.month.year}年{found.month.month}月"
    head = f"{told}；金额单位：万元；没有填报的为空，不作 0 计"
    projects = [
        [
            line.project.code,
            line.project.name,
            str(line.project.lead_unit or NO_UNIT),
            *_values(line.reading),
        ]
        for line in found.lines
    ]
    units = [[line.name, line.count, *_values(line.reading)] for line in found.units]
    total = _values(found.total)
    return printed_workbook(
        [
            PrintedSheet(
                "项目",
                title,
                head,
                ("编号", "项目", "主办单位", *HEADS),
                [*projects, ["", "合计", "", *total]],
                (14, 30, 20, *WIDTHS),
            ),
            PrintedSheet(
                "单位",
                title,
                head,
                ("主办单位", "项目数", *HEADS),
                [*units, ["合计", len(found.lines), *total]],
                (24, 9, *WIDTHS),
            ),
        ]
    )


def _values(reading: rules.Reading) -> list[Value]:
    """A reading under HEADS."""

    def wan(yuan: Decimal | None) -> Decimal | None:
        return None if yuan is None else yuan / rules.WAN

    return [
        wan(reading.total),
        wan(reading.plan),
        wan(reading.month),
        wan(reading.month_last_year),
        reading.month_growth,
        wan(reading.year),
        reading.share,
        reading.year_growth,
        wan(reading.since_start),
    ]
