"""The workbook to fill in for an import: heads, formats and drop-downs on one sheet, words on another.

No example row: what stands under the heads would be imported. The examples stand among the words.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from core.models import User
from core.resources.importing import importer, kinds_open_to
from core.resources.layout import Column
from core.resources.sheets import HEAD, OPTIONS

ROWS = 5000
"""So many rows have the drop-downs."""
CHOICES, WORDS = "选项", "填写说明"


def templates_open_to(user: User) -> list[tuple[str, str]]:
    """(kind, name) of the workbooks for what the user may import."""
    found = [(kind, importer(kind).template_name) for kind, _ in kinds_open_to(user)]
    return [(kind, name) for kind, name in found if name]


def workbook_to_fill(kind: str) -> bytes:
    """The workbook of a kind that has one, with the drop-downs of today."""
    resource = importer(kind)
    return _workbook(resource.template_name, next(iter(resource.layouts.values())))


def _workbook(name: str, columns: Sequence[Column]) -> bytes:
    """A sheet `name` with the guided columns of a layout, a sheet of words, a hidden one with the options."""
    guided = [column for column in columns if column.guide]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        sheet, words, choices = (book.add_worksheet(title) for title in (name, WORDS, CHOICES))
        head = book.add_format(HEAD)
        text, day = (book.add_format({"num_format": form}) for form in ("@", "yyyy-mm-dd"))
        words.set_column(0, 0, 14)
        words.set_column(1, 1, 90)
        for index, column in enumerate(guided):
            sheet.set_column(index, index, column.width, day if column.title.endswith("日期") else text)
            sheet.write_string(0, index, column.title + ("*" if column.required else ""), head)
            words.write_string(index, 0, column.title + ":")
            words.write_string(index, 1, column.guide)
            if column.options is not None:
                _drop_down(sheet, choices, index, column, column.options())
        sheet.freeze_panes(1, 2)
        choices.hide()
    return buffer.getvalue()


def _drop_down(sheet: Any, choices: Any, index: int, column: Column, options: Sequence[str]) -> None:
    for row, option in enumerate(options):
        choices.write_string(row, index, option)
    if not options:
        return
    letter = xlsxwriter.utility.xl_col_to_name(index)
    rule = {
        "validate": "list",
        "source": f"={CHOICES}!${letter}$1:${letter}${len(options)}",
        "error_title": column.title,
        "error_type": "stop" if column.closed else "warning",
        "error_message": "请从下拉中选择。" if column.closed else "不在下拉名单中；请核对后再决定是否保留。",
    }
    sheet.data_validation(1, index, ROWS, index, rule)
