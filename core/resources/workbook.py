"""Reads an uploaded .xlsx or .csv into plain cells, refusing what is unsafe before anything parses it.

A workbook is a zip of XML: its entries are counted, named, sized and scanned first, so that a small file
cannot unpack into a large one and no XML entity, macro or stray path is ever followed. What is refused
says in Chinese where and what to do (`WorkbookRefused`); what is read keeps its place (sheet, row, column).
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as FileCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from core.rules.errors import DomainError
from core.rules.phrases import tidy

MAX_BYTES = 10 * 1024 * 1024
MAX_ENTRIES = 500
MAX_ENTRY_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_RATIO = 150  # a full sheet compresses 10 to 40 times, a bomb 1000 times
RATIO_FROM_BYTES = 1024 * 1024
MAX_ROWS = 20_000
MAX_CELLS = 400_000
MAX_COLUMNS = 200
MAX_SHEETS = 30
MAX_TEXT = 5_000  # characters in one cell

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEMPLATE_HINT = "请对照导入页面的说明（花名册、违规记录可下载模板）改好后再上传"

CellValue = str | int | float | bool | datetime | date | time | timedelta | None


class WorkbookRefused(DomainError):
    """The file as a whole cannot be taken; the message names the place and the next step."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `kind` tells a formula or an error value from content; `merged_from` is the top-left
    address of the merged area the value was filled from, "" for the cell's own value."""

    value: CellValue
    row: int
    column_letter: str
    number_format: str = "General"
    merged_from: str = ""
    kind: Literal["value", "formula", "error"] = "value"

    @property
    def is_empty(self) -> bool:
        """Nothing a reader of the sheet would see, own or filled in from a merged area."""
        return self.kind == "value" and (
            self.value is None or (isinstance(self.value, str) and not tidy(self.value))
        )

    @property
    def is_own(self) -> bool:
        return not self.is_empty and not self.merged_from


@dataclass(frozen=True)
class Sheet:
    """Rows of cells from row 1 to the last with content; every row has the same number of cells."""

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[str] = frozenset()
    wide_merges: frozenset[int] = field(default_factory=frozenset)
    """Rows whose first filled cell is merged over most of the sheet's width: titles and notes."""


def read_workbook(name: str, data: bytes) -> list[Sheet]:
    """All sheets of an uploaded file, hidden ones flagged. Raises `WorkbookRefused`.

    `name` only tells which format the user meant; the content decides, and both must agree.
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if not data:
        raise WorkbookRefused("文件是空的；请检查后重新选择文件")
    if len(data) > MAX_BYTES:
        raise WorkbookRefused(
            f"文件有 {len(data) / 1024 / 1024:.1f} MB，超过 {MAX_BYTES // 1024 // 1024} MB 的上限；"
            "请删去无关的工作表和图片，或分批导入"
        )
    if data.startswith(OLE_MAGIC):
        raise WorkbookRefused(_ole_reason(data))
    if data.startswith(b"PK"):
        if suffix not in {"xlsx", "xlsm"}:
            raise WorkbookRefused(
                f"文件内容是 Excel 工作簿或压缩包，扩展名却是“.{suffix}”；请另存为 .xlsx 后上传"
            )
        return _read_xlsx(data)
    if suffix == "csv":
        return [_read_csv(data)]
    if suffix in {"xlsx", "xlsm", "xls"}:
        raise WorkbookRefused(
            "文件不是有效的 Excel 工作簿(可能已损坏、没有传完，或是改了扩展名的文本)；"
            "请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后上传"
        )
    raise WorkbookRefused("只能导入 .xlsx 或 .csv 文件；请用 Excel 或 WPS 另存为 .xlsx 后上传")


def _ole_reason(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "工作簿设有打开密码；请在 Excel 或 WPS 中取消密码后重新上传"
    return "这是旧版 .xls 格式(或加密的文件)；请用 Excel 或 WPS 另存为 .xlsx 后上传"


# --- xlsx ---------------------------------------------------------------------------------------------


# What Python's zip reader raises for a damaged archive, depending on where the damage is.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def _read_xlsx(data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive)
            listed = _check_parts(archive)
    except _DAMAGE as error:
        raise WorkbookRefused(
            "工作簿已损坏或没有传完；请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后重新上传"
        ) from error
    try:
        book = load_workbook(io.BytesIO(data), data_only=False, keep_links=False, rich_text=False)
    except DefusedXmlException as error:
        raise WorkbookRefused(
            "工作簿内含不安全的 XML 实体声明，已拒绝；请用 Excel 或 WPS 另存为 .xlsx 后上传"
        ) from error
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        # openpyxl meets a damaged part with whatever error the damage leads to
        raise WorkbookRefused(
            "工作簿的内容不完整，无法读取；请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后上传"
        ) from error
    if len(book.sheetnames) != listed:  # openpyxl passes over a sheet whose part is missing
        raise WorkbookRefused(
            f"工作簿登记了 {listed} 张工作表，只找到 {len(book.sheetnames)} 张的内容；"
            "请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后上传"
        )
    if len(book.worksheets) > MAX_SHEETS:
        raise WorkbookRefused(f"工作簿有 {len(book.worksheets)} 张工作表，超过 {MAX_SHEETS} 张；请拆分后导入")
    sheets = [_sheet(worksheet) for worksheet in book.worksheets]
    if all(sheet.hidden or not sheet.rows for sheet in sheets):
        raise WorkbookRefused("工作簿里没有可读的工作表(都是空表或隐藏的)；请取消隐藏或填写内容后再上传")
    return sheets


def _check_entries(archive: zipfile.ZipFile) -> None:
    """Sizes, names and kinds of the zip's entries, from its directory alone."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES:
        raise WorkbookRefused(f"压缩包内有 {len(entries)} 个部件，不是正常的工作簿；请另存为 .xlsx 后上传")
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or ":" in path or "\0" in entry.orig_filename:
            raise WorkbookRefused("压缩包内有越界的路径，不是正常的工作簿，已拒绝；请另存为 .xlsx 后上传")
        if entry.flag_bits & 0x1:
            raise WorkbookRefused("压缩包设有密码；请取消密码后重新上传")
        too_dense = entry.file_size > RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * max(
            1, entry.compress_size
        )
        if entry.file_size > MAX_ENTRY_BYTES or too_dense:
            raise WorkbookRefused(
                f"工作簿展开后过大(部件 {entry.file_size // 1024 // 1024} MB)，疑似压缩炸弹，已拒绝；"
                "请删去多余的空行和格式，另存为 .xlsx 后上传"
            )
    if len(set(names)) != len(names):
        raise WorkbookRefused("压缩包内有重名的部件，不是正常的工作簿，已拒绝；请另存为 .xlsx 后上传")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise WorkbookRefused("工作簿展开后过大，已拒绝；请删去无关的工作表、图片和多余的空行后上传")
    lower = {name.lower() for name in names}
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in lower):
        raise WorkbookRefused("工作簿含有宏(.xlsm)；请另存为不含宏的 .xlsx 后上传")
    if "xl/workbook.bin" in lower:
        raise WorkbookRefused("这是 .xlsb 二进制工作簿；请另存为 .xlsx 后上传")
    if not {"[content_types].xml", "xl/workbook.xml"} <= lower:
        raise WorkbookRefused("文件是压缩包，但不是 Excel 工作簿；请用 Excel 或 WPS 另存为 .xlsx 后上传")


_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGE_REF = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)[\"']"
)
_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
_SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet\s")
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")


def _check_parts(archive: zipfile.ZipFile) -> int:
    """Each XML part once, within the sizes already checked: no entities, and a bounded number of cells.

    Returns how many sheets the workbook lists.
    """
    cells = listed = 0
    for entry in archive.infolist():
        lower = entry.filename.lower()
        if not lower.endswith((".xml", ".rels", ".vml")):
            continue
        content = archive.read(entry)
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise WorkbookRefused(
                "工作簿的部件不是 UTF-8 编码的 XML，已拒绝；请用 Excel 或 WPS 另存为 .xlsx 后上传"
            )
        if _DOCTYPE.search(content):
            raise WorkbookRefused(
                "工作簿内含不安全的 XML 实体声明，已拒绝；请用 Excel 或 WPS 另存为 .xlsx 后上传"
            )
        if lower == "[content_types].xml" and b"macroEnabled" in content:
            raise WorkbookRefused("工作簿含有宏(.xlsm)；请另存为不含宏的 .xlsx 后上传")
        if lower.startswith("xl/worksheets/"):
            cells += _count_cells(content)
        if lower == "xl/workbook.xml":
            listed = sum(1 for _ in _SHEET_TAG.finditer(content))
    if cells > MAX_CELLS:
        raise WorkbookRefused(
            f"工作簿有 {cells} 个单元格，超过 {MAX_CELLS} 个；请删去多余的格式和空行，或分批导入"
        )
    return listed


def _count_cells(content: bytes) -> int:
    """Cells in a sheet's XML, merged areas counted whole, since reading fills them."""
    rows = sum(1 for _ in _ROW_TAG.finditer(content))
    if rows > 5 * MAX_ROWS:
        raise WorkbookRefused(f"工作表有 {rows} 行，超过 {MAX_ROWS} 行的上限；请删去多余的空行，或分批导入")
    cells = sum(1 for _ in _CELL_TAG.finditer(content))
    for match in _MERGE_REF.finditer(content):
        left, top, right, bottom = range_boundaries(match.group(1).decode("ascii"))
        cells += ((right or 1) - (left or 1) + 1) * ((bottom or 1) - (top or 1) + 1)
    return cells


def _sheet(worksheet: Worksheet) -> Sheet:
    filled = _filled_cells(worksheet)
    merged = _merged_sources(worksheet)
    last_row = max((row for row, _ in filled), default=0)
    last_column = max((column for _, column in filled), default=0)
    if last_column > MAX_COLUMNS:
        raise WorkbookRefused(
            f"工作表“{worksheet.title}”的内容到了第 {get_column_letter(last_column)} 列，"
            f"超过 {MAX_COLUMNS} 列；请删去多余的列后上传"
        )
    if last_row * max(1, last_column) > 4 * MAX_CELLS or len({row for row, _ in filled}) > MAX_ROWS:
        raise WorkbookRefused(
            f"工作表“{worksheet.title}”的内容到了第 {last_row} 行，超过 {MAX_ROWS} 行的上限；"
            "请删去多余的空行，或分批导入"
        )
    rows = [
        [_cell(filled, merged, row, column) for column in range(1, last_column + 1)]
        for row in range(1, last_row + 1)
    ]
    return Sheet(
        name=tidy(worksheet.title).replace("\n", " "),
        rows=rows,
        hidden=worksheet.sheet_state != "visible",
        hidden_rows=frozenset(
            number
            for number, dimension in worksheet.row_dimensions.items()
            if dimension.hidden or dimension.height == 0
        ),
        hidden_columns=_hidden_columns(worksheet),
        wide_merges=_wide_merges(worksheet, last_column),
    )


def _filled_cells(worksheet: Worksheet) -> dict[tuple[int, int], FileCell]:
    """The cells that exist in the file; `iter_rows` would make all others up to the last formatted row."""
    existing: dict[tuple[int, int], FileCell | MergedCell] = worksheet._cells
    return {
        place: cell
        for place, cell in existing.items()
        if isinstance(cell, FileCell) and cell.value is not None and cell.value != ""
    }


def _merged_sources(worksheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    return {
        (row, column): (area.min_row, area.min_col)
        for area in worksheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
        if (row, column) != (area.min_row, area.min_col)
    }


def _wide_merges(worksheet: Worksheet, last_column: int) -> frozenset[int]:
    return frozenset(
        area.min_row
        for area in worksheet.merged_cells.ranges
        if min(area.max_col, last_column) - area.min_col + 1 > max(2, last_column * 2 // 3)
        and area.min_col <= 2
        and area.min_row == area.max_row
    )


def _hidden_columns(worksheet: Worksheet) -> frozenset[str]:
    """Letters of hidden columns; neighbours share one entry that spans `min` to `max`."""
    return frozenset(
        get_column_letter(number)
        for dimension in worksheet.column_dimensions.values()
        if dimension.hidden
        for number in range(dimension.min or 1, min(dimension.max or 1, MAX_COLUMNS) + 1)
    )


def _cell(
    filled: dict[tuple[int, int], FileCell],
    merged: dict[tuple[int, int], tuple[int, int]],
    row: int,
    column: int,
) -> Cell:
    source = merged.get((row, column))
    found = filled.get(source or (row, column))
    letter = get_column_letter(column)
    if found is None:
        return Cell(None, row, letter)
    kind: Literal["value", "formula", "error"] = "value"
    value = found.value
    if found.data_type == "f":
        kind, value = "formula", str(getattr(value, "text", value))
    elif found.data_type == "e":
        kind, value = "error", str(value)
    elif not isinstance(value, str | int | float | bool | datetime | date | time | timedelta):
        value = str(value)
    merged_from = f"{get_column_letter(source[1])}{source[0]}" if source else ""
    return Cell(value, row, letter, found.number_format or "General", merged_from, kind)


# --- csv ----------------------------------------------------------------------------------------------


def _read_csv(data: bytes) -> Sheet:
    text = _decode(data)
    sample = text[:20_000].split("\n", 1)[0]
    delimiter = max(",\t;", key=lambda mark: (sample.count(mark), mark == ","))
    try:
        records = list(_records(text, delimiter))
    except csv.Error as error:
        raise WorkbookRefused(
            f"CSV 文件格式有误(引号不成对，或有超长的单元格)：{error}；请用 Excel 打开后另存为 .xlsx 再上传"
        ) from error
    while records and not any(tidy(value) for value in records[-1]):
        records.pop()
    width = max((len(record) for record in records), default=0)
    if width > MAX_COLUMNS:
        raise WorkbookRefused(f"CSV 文件有 {width} 列，超过 {MAX_COLUMNS} 列；请检查分隔符后重新上传")
    if not width:
        raise WorkbookRefused("文件是空的；请检查后重新选择文件")
    rows = [
        [_csv_cell(record[index] if index < len(record) else "", number, index) for index in range(width)]
        for number, record in enumerate(records, start=1)
    ]
    return Sheet(name="CSV", rows=rows)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookRefused("CSV 文件是 UTF-16 编码；请用 Excel 另存为“CSV UTF-8”或 .xlsx 后上传")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise WorkbookRefused("CSV 文件的编码无法识别；请用 Excel 另存为“CSV UTF-8”或 .xlsx 后上传")


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    for count, record in enumerate(
        csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    ):
        if count > MAX_ROWS:
            raise WorkbookRefused(f"CSV 文件超过 {MAX_ROWS} 行的上限；请分批导入")
        yield record


def _csv_cell(text: str, row: int, index: int) -> Cell:
    """A leading = would be a formula in any spreadsheet program, so it is one here."""
    kind: Literal["value", "formula"] = "formula" if tidy(text).startswith("=") else "value"
    return Cell(text or None, row, get_column_letter(index + 1), kind=kind)
