"""A table of published figures (期间、口径、范围 and numbers), read for `rules.statistics.check_figures`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from conduct.rules.statistics import Line, Uncompared
from core.resources.importing import unreadable, written
from core.resources.workbook import Cell, Sheet, WorkbookRefused, read_workbook
from core.rules.phrases import compact, is_blank, tidy_line

PERIOD, BASIS, SCOPE = "期间", "口径", "范围"
HEADS = (PERIOD, BASIS, SCOPE)
MAX_LINES = 2000
NOT_FIGURES = re.compile(r"来源|备注|说明|序号|连续第几个月")
NOT_ADDED = re.compile(r"%|占比|比例|率")


@dataclass(frozen=True)
class FigureTable:
    """The table as read: its rows, the columns left out, and cells that hold no number."""

    lines: tuple[Line, ...]
    left_out: tuple[str, ...]
    unreadable: tuple[Uncompared, ...]


def read_figures(name: str, data: bytes) -> FigureTable:
    """The first visible sheet with the three heads. Raises `WorkbookRefused`."""
    for sheet in read_workbook(name, data):
        if not sheet.hidden and (top := _head_row(sheet)) is not None:
            return _table(sheet, top)
    raise WorkbookRefused(f"没有找到表头：要有“{'”“'.join(HEADS)}”三列和至少一列数字；请补上列名后再核对")


def _head_row(sheet: Sheet) -> int | None:
    for number, cells in enumerate(sheet.rows):
        if set(HEADS) <= {compact(cell.value or "") for cell in cells}:
            return number
    return None


def _table(sheet: Sheet, top: int) -> FigureTable:
    heads = [tidy_line(cell.value or "") for cell in sheet.rows[top]]
    doubled = sorted({head for head in heads if head and heads.count(head) > 1})
    if doubled:
        raise WorkbookRefused(f"列名“{'”“'.join(doubled)}”重复；请改成不同的列名后再核对")
    place = {compact(head): index for index, head in enumerate(heads) if head}
    columns = [
        (index, head)
        for index, head in enumerate(heads)
        if head and compact(head) not in HEADS and not NOT_FIGURES.search(head) and not NOT_ADDED.search(head)
    ]
    if not columns:
        raise WorkbookRefused("除期间、口径、范围外没有数字列；请补上要核对的数字列")
    lines: list[Line] = []
    odd: list[Uncompared] = []
    for cells in sheet.rows[top + 1 :]:
        period, basis, scope = (_text(cells[place[head]]) for head in HEADS)
        if not (period or basis or scope):
            continue
        row = cells[0].row
        values: dict[str, Decimal] = {}
        for index, head in columns:
            value, reason = _number(cells[index])
            if reason:
                odd.append(Uncompared(row, scope, head, period, reason))
            elif value is not None:
                values[head] = value
        lines.append(Line(row, period, basis, scope, values))
    if len(lines) > MAX_LINES:
        raise WorkbookRefused(f"表里有 {len(lines)} 行，一次最多核对 {MAX_LINES} 行；请分开核对")
    if not lines:
        raise WorkbookRefused("表头下面没有数据行；请填写后再核对")
    left_out = [head for head in heads if NOT_ADDED.search(head)]
    return FigureTable(tuple(lines), tuple(left_out), tuple(odd))


def _text(cell: Cell) -> str:
    return written(cell.value, cell.number_format)[:120] if cell.kind == "value" else ""


def _number(cell: Cell) -> tuple[Decimal | None, str]:
    if reason := unreadable(cell):
        return None, reason
    if is_blank(cell.value):
        return None, ""
    text = compact(cell.value).replace(",", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None, f"“{text[:40]}”不是数字"
    return (value, "") if value.is_finite() else (None, f"“{text[:40]}”不是数字")
