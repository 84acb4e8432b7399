"""Finds the table inside a sheet: title rows, one to four head rows, data, subtotals, notes.

Nothing is silent: every row of a sheet becomes a data row or is skipped with a reason, and a column
nobody declared, a missing one or a doubled one refuses the file with its name and letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from openpyxl.utils import get_column_letter

from core.resources.workbook import TEMPLATE_HINT, Cell, Sheet, WorkbookRefused
from core.rules.phrases import compact, tidy_line

SkipReason = Literal["title", "head", "subtotal", "note", "blank", "hidden"]
SUBTOTALS = {"全市", "合计", "小计", "总计", "累计"}
HEAD_SEARCH_ROWS = 40
MAX_HEAD_ROWS = 4
SHOWN_PROBLEMS = 8
_NOTE = re.compile(
    r"(注|备注|说明|附注|填表说明)[:0-9.\u3001]|(填表|填报|制表|审核|负责|联系|经办)人?(单位|日期|时间|电话|人)?[::]|"
    r"(联系电话|电话|单位(负责人|盖章|公章)|填报日期|日期|审核|签字)[::(]|\*?注[::]"
)
_SECTION = re.compile(
    r"[一二三四五六七八九十]+\u3001|\([一二三四五六七八九十]+\)|第[一二三四五六七八九十]+[类部章]"
)


@dataclass(frozen=True)
class Column:
    """A column a layout knows. `field` "" marks one that is known and left unread.

    `aliases` are further accepted heads; brackets (units), blanks and line ends of a head do not
    matter. A `repeats` column stands once under each group head. What has a `guide` stands in the template,
    with a drop-down of its `options`; of a `closed` one nothing else is taken.
    """

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    guide: str = ""
    width: int = 14
    options: Callable[[], Sequence[str]] | None = None
    closed: bool = False

    def is_named(self, key: str, *, exactly: bool) -> bool:
        """Whether a head's key is one of this column's names, with their brackets or without."""
        return key in {
            compact(name).lower() if exactly else head_key(name) for name in (self.title, *self.aliases)
        }


@dataclass(frozen=True)
class BoundColumn:
    """A declared column found at a letter; `path` are its heads from the top."""

    column: Column
    index: int
    path: tuple[str, ...]

    @property
    def letter(self) -> str:
        return get_column_letter(self.index + 1)

    @property
    def head(self) -> str:
        return "/".join(self.path)


@dataclass(frozen=True)
class TableRow:
    """A data or subtotal row: its cells by field, the repeated ones by the head of their group."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]
    groups: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    section: str = ""


@dataclass(frozen=True)
class Skipped:
    sheet: str
    row: int
    reason: SkipReason


@dataclass(frozen=True)
class Table:
    """What `find_table` found in one sheet; rows and skipped together are all rows of the sheet."""

    sheet: str
    columns: tuple[BoundColumn, ...]
    title: str
    rows: tuple[TableRow, ...]
    subtotals: tuple[TableRow, ...]
    skipped: tuple[Skipped, ...]

    def head_of(self, field_name: str) -> str:
        """The head of a field as written, "" when the sheet has no such column."""
        return next((bound.head for bound in self.columns if bound.column.field == field_name), "")

    def letter_of(self, field_name: str) -> str:
        return next((bound.letter for bound in self.columns if bound.column.field == field_name), "")

    def has(self, field_name: str) -> bool:
        return any(bound.column.field == field_name for bound in self.columns)


def head_key(text: object) -> str:
    """A head for comparison: without blanks, line ends, brackets (units), star and colon."""
    key = compact(text)
    shorter = re.sub(r"\([^()]*\)", "", key)
    return (shorter or key).strip("*:").lower()


def head_unit(head: str) -> str:
    """The unit a head names: 总投资(万元) and 总投资_万元 give 万元; "" when it names none."""
    match = re.search(r"[(_](?:单位:)?([^()_]*(?:元|%))\)?$", compact(head))
    return match.group(1) if match else ""


@dataclass(frozen=True)
class _Head:
    """A candidate for the head: rows `top`–`bottom` (1-based) and what their columns mean."""

    top: int
    bottom: int
    bound: tuple[BoundColumn, ...]
    unknown: tuple[tuple[int, str], ...]

    @property
    def fields(self) -> set[str]:
        return {bound.column.title for bound in self.bound}


def find_table(sheet: Sheet, columns: Sequence[Column]) -> Table | None:
    """The table of this layout in the sheet, None when the sheet has no head of it at all.

    Raises `WorkbookRefused` when the head is there but a required column is missing, a column is
    doubled or unknown, a hidden column has content, or content stands under no head.
    """
    head = _find_head(sheet, columns)
    if head is None:
        return None
    _refuse_bad_head(sheet, columns, head)
    rows: list[TableRow] = []
    subtotals: list[TableRow] = []
    skipped: list[Skipped] = []
    section = ""
    for number, cells in enumerate(sheet.rows, start=1):
        reason = _skip_reason(sheet, head, number, cells)
        if reason == "subtotal":
            subtotals.append(_table_row(sheet.name, number, cells, head, section))
        if reason is not None:
            if reason == "title" and number > head.bottom:
                section = tidy_line(_own(cells)[0].value)
            skipped.append(Skipped(sheet.name, number, reason))
            continue
        _refuse_content_without_head(sheet, head, cells)
        rows.append(_table_row(sheet.name, number, cells, head, section))
    title = "\n".join(
        tidy_line(cell.value) for cells in sheet.rows[: head.top - 1] for cell in cells if cell.is_own
    )
    return Table(sheet.name, head.bound, title, tuple(rows), tuple(subtotals), tuple(skipped))


def matched_columns(sheet: Sheet, columns: Sequence[Column]) -> int:
    """How many columns of a layout the sheet's best head has: which layout a refused sheet was meant for."""
    head = _find_head(sheet, columns)
    return len(head.bound) if head else 0


def skip_all(sheet: Sheet, reason: SkipReason) -> list[Skipped]:
    """Every row of a sheet that is not read; blank ones are blank."""
    return [
        Skipped(sheet.name, number, reason if reason == "hidden" or _own(cells) else "blank")
        for number, cells in enumerate(sheet.rows, start=1)
    ]


def _own(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.is_own]


# --- the head -----------------------------------------------------------------------------------------


def _find_head(sheet: Sheet, columns: Sequence[Column]) -> _Head | None:
    """The window of rows that names most declared columns, the earliest of equals; at least two."""
    best: _Head | None = None
    for number in range(1, min(len(sheet.rows), HEAD_SEARCH_ROWS) + 1):
        if number in sheet.hidden_rows:
            continue
        top, bottom = _head_window(sheet, number)
        head = _bind(sheet, columns, top, bottom)
        if len(head.bound) >= 2 and (best is None or len(head.bound) > len(best.bound)):
            best = head
    return best


def _head_window(sheet: Sheet, number: int) -> tuple[int, int]:
    """Rows joined to `number` by merged cells, and partly merged group heads above."""
    top = bottom = number
    while bottom < len(sheet.rows) and bottom - top + 1 < MAX_HEAD_ROWS:
        below = sheet.rows[bottom]
        if not any(cell.merged_from and top <= _merged_row(cell) <= bottom for cell in below):
            break
        bottom += 1
    while top > 1 and bottom - top + 1 < MAX_HEAD_ROWS:
        origins = [
            _merged_row(cell) for cell in sheet.rows[top - 1] if cell.merged_from and not cell.is_empty
        ]
        if any(origin < top for origin in origins) or _is_group_row(sheet, top - 1):
            top -= 1
        else:
            break
    return top, bottom


def _merged_row(cell: Cell) -> int:
    return int(re.sub(r"\D", "", cell.merged_from))


def _is_group_row(sheet: Sheet, number: int) -> bool:
    """A row with cells merged sideways over a part of the columns: it groups the heads below."""
    cells = sheet.rows[number - 1]
    sideways = [cell for cell in cells if cell.merged_from and _merged_row(cell) == number]
    return (
        bool(sideways) and number not in sheet.wide_merges and len({cell.value for cell in _own(cells)}) >= 2
    )


def _bind(sheet: Sheet, columns: Sequence[Column], top: int, bottom: int) -> _Head:
    bound: list[BoundColumn] = []
    unknown: list[tuple[int, str]] = []
    width = len(sheet.rows[top - 1])
    for index in range(width):
        labels = [
            tidy_line(sheet.rows[number - 1][index].value or "")
            for number in range(top, bottom + 1)
            if number not in sheet.hidden_rows
        ]
        path = tuple(label for label in dict.fromkeys(labels) if label)
        if not path:
            continue
        column = _column_named(columns, path)
        if column is None:
            unknown.append((index, "/".join(path)))
        else:
            bound.append(BoundColumn(column, index, path))
    return _Head(top, bottom, tuple(bound), tuple(unknown))


def _column_named(columns: Sequence[Column], path: tuple[str, ...]) -> Column | None:
    for exactly in (True, False):
        keys = [compact(label).lower().strip("*:") if exactly else head_key(label) for label in path]
        for key in ("/".join(keys), keys[-1]):
            for column in columns:
                if column.is_named(key, exactly=exactly) and (not column.repeats or len(path) > 1):
                    return column
    return None


def _refuse_bad_head(sheet: Sheet, columns: Sequence[Column], head: _Head) -> None:
    """All that is wrong with the head, in one message."""
    problems = []
    known = [column.title for column in columns if column.field]
    for index, label in head.unknown:
        close = get_close_matches(head_key(label), [head_key(title) for title in known], n=1, cutoff=0.5)
        hint = next((f"，是否应为“{title}”" for title in known if [head_key(title)] == close), "")
        problems.append(f"{get_column_letter(index + 1)} 列的列名“{label}”不认识{hint}")
    missing = [column.title for column in columns if column.required and column.title not in head.fields]
    problems += [f"缺少必需的列“{title}”" for title in missing]
    seen: dict[tuple[str, ...], BoundColumn] = {}
    for bound in head.bound:
        key = (bound.column.title, *(bound.path[:-1] if bound.column.repeats else ()))
        if key in seen and (bound.column.field or bound.path == seen[key].path):
            problems.append(f"{seen[key].letter} 列和 {bound.letter} 列都是“{bound.column.title}”，列名重复")
        seen.setdefault(key, bound)
    problems += [
        f"{bound.letter} 列“{bound.head}”是隐藏列，请取消隐藏或删除"
        for bound in head.bound
        if bound.letter in sheet.hidden_columns
    ]
    if problems:
        more = f"等 {len(problems)} 处" if len(problems) > SHOWN_PROBLEMS else ""
        raise WorkbookRefused(
            f"工作表“{sheet.name}”第 {head.bottom} 行的表头有误："
            f"{'；'.join(problems[:SHOWN_PROBLEMS])}{more}。"
            f"可用的列名：{'、'.join(known)}。{TEMPLATE_HINT}。"
        )


def _refuse_content_without_head(sheet: Sheet, head: _Head, cells: Sequence[Cell]) -> None:
    headed = {bound.index for bound in head.bound}
    for index, cell in enumerate(cells):
        if index not in headed and cell.is_own:
            hidden = "(隐藏列)" if cell.column_letter in sheet.hidden_columns else ""
            raise WorkbookRefused(
                f"工作表“{sheet.name}”第 {cell.row} 行 {cell.column_letter} 列{hidden}有内容，"
                "但这一列没有列名；请补上列名，或删去多余的内容后再上传"
            )


# --- the rows -----------------------------------------------------------------------------------------


def _skip_reason(sheet: Sheet, head: _Head, number: int, cells: Sequence[Cell]) -> SkipReason | None:
    own = _own(cells)
    if number in sheet.hidden_rows:
        return "hidden"
    if head.top <= number <= head.bottom:
        return "head"
    if not own:
        return "blank"
    if number < head.top:
        return "title"
    if _repeats_head(head, cells):
        return "head"
    if any(head_key(cell.value) in SUBTOTALS for cell in own[:2]):
        return "subtotal"
    if all(_NOTE.match(compact(cell.value)) for cell in own):
        return "note"
    if len(own) == 1:
        lone = compact(own[0].value)
        if number in sheet.wide_merges:
            return "note" if _NOTE.match(lone) or len(lone) > 40 else "title"
        if _SECTION.match(lone) and own[0].column_letter in "AB":
            return "title"
    return None


def _repeats_head(head: _Head, cells: Sequence[Cell]) -> bool:
    """The head printed again further down, as on each page of a long table."""
    same = 0
    for place, bound in enumerate(head.bound):
        same += compact(cells[bound.index].value or "") == compact(bound.path[-1])
        if not same and place >= 2:
            return False
    return same >= 2 and same * 3 >= len(head.bound) * 2


def _table_row(sheet: str, number: int, cells: Sequence[Cell], head: _Head, section: str) -> TableRow:
    single: dict[str, Cell] = {}
    groups: dict[str, dict[str, Cell]] = {}
    for bound in head.bound:
        if not bound.column.field:
            key = f"~{bound.letter}"  # known and unread, kept so that a formula in it is still refused
            single[key] = cells[bound.index]
        elif bound.column.repeats:
            groups.setdefault("/".join(bound.path[:-1]), {})[bound.column.field] = cells[bound.index]
        else:
            single[bound.column.field] = cells[bound.index]
    return TableRow(sheet, number, single, groups, section)
