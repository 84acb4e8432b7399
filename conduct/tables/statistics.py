"""The statistics page as a workbook an office would print. Every text is a text: nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from conduct.queries.statistics import Statistics

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def statistics_workbook(found: Statistics, *, by_name: str, on: str) -> bytes:
    """Rules by month, units, channels and findings, each on a sheet, with the check of the sums."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "border": 1, "bg_color": "#DCE6F1", "text_wrap": True}),
            "text": book.add_format({"border": 1}),
            "number": book.add_format({"border": 1, "num_format": "0"}),
            "rate": book.add_format({"border": 1, "num_format": "0.00"}),
        }
        told = f"发生日期 {found.since} 至 {found.until}；{by_name} {on} 导出"
        months = [f"{year}-{month:02}" for year, month in found.months]
        check = "相符" if found.agrees else "不相符"
        _sheet(
            book,
            styles,
            "条款逐月",
            told,
            ["条款", *months, "合计"],
            [
                *([row.label, *row.months, row.total] for row in found.rules),
                ["当月合计", *found.monthly, found.sum_of_months],
                ["累计", *found.cumulative, found.counted],
                [f"各月合计 {found.sum_of_months} = 累计 {found.counted}：{check}"],
            ],
        )
        _sheet(
            book,
            styles,
            "单位",
            f"{told}；人数为 {found.people_on} 在岗人数",
            ["单位", "本单位违规", "含下级违规", "本单位人数", "含下级人数", "每百人"],
            [
                [
                    "　" * row.unit.tree_depth + row.unit.name,
                    row.own,
                    row.total,
                    row.people_own,
                    row.people,
                    row.rate,
                ]
                for row in found.units
            ],
        )
        _sheet(book, styles, "发现方式", told, ["发现方式", "违规"], [list(row) for row in found.channels])
        _sheet(book, styles, "认定情况", told, ["认定情况", "记录"], [list(row) for row in found.findings])
    return buffer.getvalue()


def _sheet(
    book: Any,
    styles: dict[str, Any],
    name: str,
    told: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 32)
    sheet.write_string(0, 0, f"作风统计·{name}", styles["title"])
    sheet.write_string(1, 0, told)
    for column, head in enumerate(heads):
        sheet.write_string(2, column, head, styles["head"])
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 1)
    for line, row in enumerate(rows, start=3):
        for column, value in enumerate(row):
            if value is None:
                sheet.write_string(line, column, "—", styles["text"])
            elif isinstance(value, str):
                sheet.write_string(line, column, value, styles["text"])
            else:
                style = styles["number" if isinstance(value, int) else "rate"]
                sheet.write_number(line, column, value, style)
