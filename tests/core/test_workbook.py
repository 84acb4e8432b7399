"""What is read from a workbook, what is refused before reading, and that no row goes missing."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.resources import workbook as reading
from core.resources.layout import Column, find_table, head_unit, skip_all
from core.resources.workbook import Sheet, WorkbookRefused, read_workbook

COLUMNS = (
    Column("", "序号"),
    Column("name", "项目名称", ("目标任务",), required=True),
    Column("unit", "责任单位", required=True),
    Column("percent", "形象进度"),
    Column("remark", "备注"),
)
AREAS = (
    Column("area", "地区", required=True),
    Column("target", "目标任务", required=True, repeats=True),
    Column("done", "进度", required=True, repeats=True),
)
GOOD = [["序号", "项目名称", "责任单位", "形象进度(%)"], [1, "甲项目", "甲局", 50], [2, "乙项目", "乙局", 60]]


def xlsx(rows: list[list[Any]] | None = None, change: Callable[[Workbook], object] | None = None) -> bytes:
    """A workbook with the rows on its first sheet, then changed."""
    book = Workbook()
    sheet = book.active
    sheet.title = "进展表"
    for row in GOOD if rows is None else rows:
        sheet.append(row)
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rezip(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The same workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    return rezip(xlsx(), lambda parts: parts.update({name: change(parts[name])}))


def with_part(name: str, content: bytes = b"x") -> bytes:
    return rezip(xlsx(), lambda parts: parts.update({name: content}))


def with_flag(data: bytes) -> bytes:
    """Every entry says it is encrypted."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            struct.pack_into("<H", out, at + offset, 1)
            at = out.find(mark, at + 4)
    return bytes(out)


def bad_crc(data: bytes) -> bytes:
    """A stored byte flipped: the checksum of the part no longer fits."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return buffer.getvalue().replace("甲项目".encode(), "丙项目".encode(), 1)


def doubled_entry(data: bytes) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        content = archive.read("xl/workbook.xml")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("xl/workbook.xml", content)
    return buffer.getvalue()


def plain_zip(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]>'
SHEET = "xl/worksheets/sheet1.xml"


def merge_all(content: bytes) -> bytes:
    end = b"</sheetData>"
    return content.replace(end, end + b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty file": ("a.xlsx", lambda: b"", "空的"),
    "not a workbook": ("a.xlsx", lambda: b"hello", "不是有效的 Excel"),
    "csv renamed": ("a.xlsx", lambda: "工号,姓名\n1,甲".encode(), "改了扩展名的文本"),
    "xlsx renamed to csv": ("a.csv", xlsx, "扩展名却是"),
    "xls renamed": ("a.xlsx", lambda: reading.OLE_MAGIC + b"\0" * 600, "旧版 .xls"),
    "xls": ("a.xls", lambda: reading.OLE_MAGIC + b"\0" * 600, "旧版 .xls"),
    "password": (
        "a.xlsx",
        lambda: reading.OLE_MAGIC + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le"),
        "打开密码",
    ),
    "pdf": ("a.pdf", lambda: b"%PDF-1.7", "只能导入"),
    "too large": ("a.xlsx", lambda: b"PK" + b"\0" * reading.MAX_BYTES, "超过 10 MB"),
    "truncated": ("a.xlsx", lambda: xlsx()[:-200], "没有传完"),
    "damaged": ("a.xlsx", lambda: bad_crc(xlsx()), "损坏"),
    "zip bomb by ratio": ("a.xlsx", lambda: with_part("xl/media/a.bin", b"\0" * 5_000_000), "压缩炸弹"),
    "zip bomb by size": ("a.xlsx", lambda: with_part("xl/media/a.bin", b"\0" * 70_000_000), "压缩炸弹"),
    "zip bomb by entries": (
        "a.xlsx",
        lambda: rezip(xlsx(), lambda p: p.update({f"xl/x{i}.bin": b"" for i in range(600)})),
        "个部件",
    ),
    "path traversal": ("a.xlsx", lambda: with_part("../../etc/cron.d/x"), "越界"),
    "absolute path": ("a.xlsx", lambda: with_part("/etc/passwd"), "越界"),
    "drive letter": ("a.xlsx", lambda: with_part("C:\\x"), "越界"),
    "doubled entry": ("a.xlsx", lambda: doubled_entry(xlsx()), "重名"),
    "encrypted entries": ("a.xlsx", lambda: with_flag(xlsx()), "密码"),
    "macro": ("a.xlsx", lambda: with_part("xl/vbaProject.bin"), "含有宏"),
    "macro sheet": ("a.xlsx", lambda: with_part("xl/macrosheets/sheet1.xml", b"<a/>"), "含有宏"),
    "macro content type": (
        "a.xlsm",
        lambda: part(
            "[Content_Types].xml", lambda c: c.replace(b"spreadsheetml.sheet.main", b"macroEnabled.main")
        ),
        "含有宏",
    ),
    "xlsb": ("a.xlsx", lambda: with_part("xl/workbook.bin"), ".xlsb"),
    "word document": (
        "a.xlsx",
        lambda: plain_zip(**{"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}),
        "不是 Excel",
    ),
    "external entity": (
        "a.xlsx",
        lambda: part(SHEET, lambda c: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + c),
        "实体声明",
    ),
    "billion laughs": ("a.xlsx", lambda: with_part("xl/sharedStrings.xml", LAUGHS + b"<sst/>"), "实体声明"),
    "utf-16 part": ("a.xlsx", lambda: part(SHEET, lambda c: c.decode().encode("utf-16")), "UTF-8"),
    "sheet part missing": ("a.xlsx", lambda: rezip(xlsx(), lambda p: p.pop(SHEET)), "只找到 0 张"),
    "broken xml": ("a.xlsx", lambda: part(SHEET, lambda c: c[: len(c) // 2]), "不完整"),
    "merged over the whole sheet": ("a.xlsx", lambda: part(SHEET, merge_all), "个单元格"),
    "too many rows": (
        "a.xlsx",
        lambda: part(SHEET, lambda c: c.replace(b"</sheetData>", b"<row/>" * 100_001 + b"</sheetData>")),
        "上限",
    ),
    "too many filled rows": ("a.xlsx", lambda: xlsx([["甲"]] * 20_001), "上限"),
    "too many columns": ("a.xlsx", lambda: xlsx([["甲"] * 201]), "超过 200 列"),
    "too many sheets": (
        "a.xlsx",
        lambda: xlsx(change=lambda b: [b.create_sheet(f"表{i}") for i in range(31)]),
        "张工作表",
    ),
    "only empty sheets": ("a.xlsx", lambda: xlsx([]), "没有可读的工作表"),
    "csv in utf-16": ("a.csv", lambda: "工号,姓名".encode("utf-16"), "UTF-16"),
    "csv of bytes": ("a.csv", lambda: b"a,b\n\x00\x01,2", "编码"),
    "csv with an open quote": ("a.csv", lambda: '工号,姓名\n1,"甲'.encode(), "引号"),
    "csv with a huge cell": ("a.csv", lambda: ("甲," + "x" * 200_000).encode(), "超长"),
    "csv too long": ("a.csv", lambda: b"a,b\n" * 20_002, "上限"),
    "csv of blanks": ("a.csv", lambda: b",,\n,,\n", "空的"),
}


@pytest.mark.parametrize("family", REFUSED)
def test_an_unsafe_or_unreadable_file_is_refused_in_words(family: str) -> None:
    name, make, words = REFUSED[family]
    with pytest.raises(WorkbookRefused, match=words) as caught:
        read_workbook(name, make())
    assert "请" in caught.value.message, "the message names the next step"


def test_there_are_enough_families() -> None:
    assert len(REFUSED) >= 25


def test_the_good_workbook_these_are_made_from_is_read() -> None:
    (sheet,) = read_workbook("a.xlsx", rezip(xlsx(), lambda parts: None))
    assert [[cell.value for cell in row] for row in sheet.rows] == GOOD


def test_only_hidden_sheets_are_no_workbook() -> None:
    def hide(book: Workbook) -> None:
        book.create_sheet("空表")
        book["进展表"].sheet_state = "hidden"

    with pytest.raises(WorkbookRefused, match="隐藏"):
        read_workbook("a.xlsx", xlsx(change=hide))


# --- cells --------------------------------------------------------------------------------------------


def sheet_of(
    rows: list[list[Any]] | None = None, change: Callable[[Workbook], object] | None = None
) -> Sheet:
    return read_workbook("a.xlsx", xlsx(rows, change))[0]


def test_merged_areas_are_filled_and_flagged() -> None:
    sheet = sheet_of([["甲", "乙", None], ["丙", None, "丁"]], lambda b: b.active.merge_cells("A1:A2"))
    cells = [(c.value, c.merged_from, c.is_own) for c in sheet.rows[1]]
    assert cells == [("甲", "A1", False), (None, "", False), ("丁", "", True)]


def test_formulas_and_error_values_are_told_from_content() -> None:
    sheet = sheet_of([["=1+1", "#DIV/0!", "'=1+1"]])
    assert [cell.kind for cell in sheet.rows[0]] == ["formula", "error", "value"]


def test_a_formula_shows_its_text_and_never_a_cached_number() -> None:
    assert sheet_of([["=SUM(A2:A3)"]]).rows[0][0].value == "=SUM(A2:A3)"


def test_a_csv_cell_that_begins_with_an_equals_sign_is_a_formula() -> None:
    (sheet,) = read_workbook("a.csv", "甲,\uff1d1+1,=1+1".encode())
    assert [cell.kind for cell in sheet.rows[0]] == ["value", "value", "formula"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_offices_use(encoding: str) -> None:
    (sheet,) = read_workbook("a.csv", "工号,姓名\n001,某甲\n".encode(encoding))
    assert [[c.value for c in row] for row in sheet.rows] == [["工号", "姓名"], ["001", "某甲"]]


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_separators(mark: str) -> None:
    (sheet,) = read_workbook("a.csv", f'甲{mark}乙\n1{mark}"2\n3"'.encode())
    assert [[c.value for c in row] for row in sheet.rows] == [["甲", "乙"], ["1", "2\n3"]]


def test_dates_of_the_1904_system_are_the_dates_shown() -> None:
    def epoch(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active["A1"] = datetime(2025, 5, 15)  # noqa: DTZ001 - a cell has no zone

    assert sheet_of([[None]], epoch).rows[0][0].value == datetime(2025, 5, 15)  # noqa: DTZ001


def test_formats_on_empty_rows_far_down_cost_nothing() -> None:
    sheet = sheet_of(change=lambda b: setattr(b.active["A1048576"], "number_format", "0"))
    assert len(sheet.rows) == 3


def test_hidden_columns_are_known_one_by_one() -> None:
    def hide(book: Workbook) -> None:
        book.active.column_dimensions.group("B", "C", hidden=True)

    assert sheet_of(change=hide).hidden_columns == {"B", "C"}


# --- the table in the sheet ---------------------------------------------------------------------------


def accounted(sheet: Sheet, columns: tuple[Column, ...] = COLUMNS) -> tuple[list[int], dict[int, str]]:
    """Data rows, and skipped rows with their reason; together they are all rows."""
    table = find_table(sheet, columns)
    assert table is not None
    data, skipped = [row.row for row in table.rows], {s.row: s.reason for s in table.skipped}
    assert sorted([*data, *skipped]) == list(range(1, len(sheet.rows) + 1))
    return data, skipped


def test_title_head_subtotal_note_blank_and_hidden_rows_are_skipped_by_name() -> None:
    rows = [
        ["2025年项目进展表"],
        ["(截至5月15日) 单位:万元"],
        *GOOD,
        [None, "合  计", None, 110],
        [None],
        ["一、城建类"],
        [3, "丙项目", "丙局", 70],
        [4, "丁项目", "丁局", 80],
        ["注:1.进度为自报。"],
        [None, None, "填表人:某甲"],
    ]

    def change(book: Workbook) -> None:
        book.active.merge_cells("A1:D1")
        book.active.row_dimensions[10].hidden = True

    data, skipped = accounted(sheet_of(rows, change))
    assert data == [4, 5, 9]
    assert skipped == {
        1: "title",
        2: "title",
        3: "head",
        6: "subtotal",
        7: "blank",
        8: "title",
        10: "hidden",
        11: "note",
        12: "note",
    }


@pytest.mark.parametrize("word", ["全市", "合计", "小计", "总计", "累计", "合 计", "合计:"])
def test_these_words_begin_a_subtotal(word: str) -> None:
    assert accounted(sheet_of([*GOOD, [None, word, None, 110]]))[1][4] == "subtotal"


@pytest.mark.parametrize("word", ["市本级", "合计划项目", "全市统一平台建设"])
def test_these_words_do_not(word: str) -> None:
    assert 4 in accounted(sheet_of([*GOOD, [3, word, "丙局", 1]]))[0]


def test_a_project_whose_name_begins_like_a_note_is_data() -> None:
    assert 4 in accounted(sheet_of([*GOOD, [3, "说明书编制", "丙局", 1]]))[0]


def test_the_head_printed_again_is_a_head() -> None:
    assert accounted(sheet_of([*GOOD, GOOD[0], [3, "丙项目", "丙局", 1]]))[1][4] == "head"


def test_three_head_rows_are_joined_and_columns_repeat_under_their_groups() -> None:
    rows = [
        ["地区", "就业", None, None, None],
        [None, "新增", None, "再就业", None],
        [None, "目标\n任务", "进度", "目标\n任务", "进度"],
        ["全市", 3, 4, 5, 6],
        ["甲区", 1, 2, 3, 4],
    ]

    def merge(book: Workbook) -> None:
        for area in ("A1:A3", "B1:E1", "B2:C2", "D2:E2"):
            book.active.merge_cells(area)

    table = find_table(sheet_of(rows, merge), AREAS)
    assert table is not None
    assert [s.reason for s in table.skipped] == ["head", "head", "head", "subtotal"]
    (row,) = table.rows
    assert {path: cells["done"].value for path, cells in row.groups.items()} == {
        "就业/新增": 2,
        "就业/再就业": 4,
    }


def test_columns_may_stand_in_any_order_with_wrapped_heads_and_units() -> None:
    sheet = sheet_of([["形象\n进度 (%)", "责任 单位", "项目名称*", "序号"], [50, "甲局", "甲项目", 1]])
    table = find_table(sheet, COLUMNS)
    assert table is not None
    assert table.rows[0].cells["name"].value == "甲项目"
    assert table.letter_of("percent") == "A"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (
            ["序号", "项目名称", "责任单立"],
            "C 列的列名“责任单立”不认识，是否应为“责任单位”.*缺少必需的列“责任单位”",
        ),
        (["序号", "项目名称", "备注"], "缺少必需的列“责任单位”"),
        (["项目名称", "责任单位", "责任单位"], "B 列和 C 列都是“责任单位”，列名重复"),
        (["项目名称", "目标任务", "责任单位"], "A 列和 B 列都是“项目名称”"),
        (["项目名称", "责任单位", "血型"], "C 列的列名“血型”不认识"),
    ],
)
def test_a_wrong_head_refuses_the_sheet_with_letters_and_names(head: list[str], words: str) -> None:
    with pytest.raises(WorkbookRefused, match=words) as caught:
        find_table(sheet_of([head, ["甲", "乙", "丙"]]), COLUMNS)
    assert "可用的列名" in caught.value.message
    assert "第 1 行" in caught.value.message


def test_content_under_no_head_refuses_the_sheet() -> None:
    with pytest.raises(WorkbookRefused, match="第 2 行 D 列有内容，但这一列没有列名"):
        find_table(sheet_of([["序号", "项目名称", "责任单位", None], [1, "甲", "乙", "丙"]]), COLUMNS)


def test_a_hidden_column_with_a_head_refuses_the_sheet() -> None:
    def hide(book: Workbook) -> None:
        book.active.column_dimensions["C"].hidden = True

    with pytest.raises(WorkbookRefused, match="C 列“责任单位”是隐藏列"):
        find_table(sheet_of(change=hide), COLUMNS)


def test_a_sheet_without_this_head_is_no_table_and_its_rows_are_named() -> None:
    sheet = sheet_of([["说明"], [None], ["请按时填报"]])
    assert find_table(sheet, COLUMNS) is None
    assert [s.reason for s in skip_all(sheet, "note")] == ["note", "blank", "note"]


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("总投资(万元)", "万元"),
        ("总投资_万元", "万元"),
        ("总投资\n(亿元)", "亿元"),
        ("形象进度(%)", "%"),
        ("总投资", ""),
    ],
)
def test_the_unit_a_head_names(head: str, unit: str) -> None:
    assert head_unit(head) == unit


def test_a_workbook_written_again_by_a_program_reads_the_same() -> None:
    again = io.BytesIO()
    load_workbook(io.BytesIO(xlsx())).save(again)
    assert read_workbook("a.xlsx", again.getvalue()) == read_workbook("a.xlsx", xlsx())


@pytest.mark.parametrize("seed", range(60))
def test_a_workbook_damaged_anywhere_is_read_or_refused_in_words(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable damage, not a secret
    data = bytearray(xlsx())
    for _ in range(random.randint(1, 12)):
        data[random.randrange(len(data))] = random.randrange(256)
    words = "请"
    try:
        read_workbook("a.xlsx", bytes(data))
    except WorkbookRefused as refused:
        words = refused.message
    assert "请" in words
