"""Workbooks to hand out and print. Every text is written as a text: nothing of the database is a formula
or a link, whatever character it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD = {"bold": True, "border": 1, "bg_color": "#DCE6F1", "text_wrap": True, "align": "center"}
A4 = 9
FIRST_WIDTH, WIDTH = 32, 11

Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class PrintedSheet:
    """One table: a title, a line on what it covers, heads and rows."""

    name: str
    title: str
    told: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[int] = ()
    blank: str = "—"
    """What stands where there is nothing."""


def printed_workbook(sheets: Sequence[PrintedSheet]) -> bytes:
    """The tables on A4 sheets, one page wide, heads on every page. Numbers stay numbers."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(HEAD),
            "text": book.add_format({"border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}),
            "whole": book.add_format({"border": 1, "valign": "top", "num_format": "0"}),
            "rate": book.add_format({"border": 1, "valign": "top", "num_format": "0.00"}),
        }
        for sheet in sheets:
            _write(book, styles, sheet)
    return buffer.getvalue()


def _write(book: Any, styles: dict[str, Any], told: PrintedSheet) -> None:
    sheet = book.add_worksheet(told.name)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    widths = told.widths or (FIRST_WIDTH, *(WIDTH for _ in told.heads[1:]))
    for column, (head, width) in enumerate(zip(told.heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head, styles["head"])
    sheet.write_string(0, 0, told.title, styles["title"])
    sheet.write_string(1, 0, told.told)
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 1)
    for line, row in enumerate(told.rows, start=3):
        for column, value in enumerate(row):
            if isinstance(value, int | Decimal):
                style = styles["whole" if isinstance(value, int) else "rate"]
                sheet.write_number(line, column, value, style)
            else:
                text = told.blank if value is None else str(value)
                sheet.write_string(line, column, text, styles["text"])
