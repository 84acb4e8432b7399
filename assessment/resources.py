"""The ranking as a workbook an office would print.

Numbers are numbers with a format, every text is written as a string cell, so that no content of the
database can become a formula or a link, whatever character it begins with.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import xlsxwriter
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assessment.models import Result, Run
from assessment.queries.results import ShownLine, heads, shown_lines
from assessment.rules.scheme import decimal_text

A4 = 9
TITLE_ROW, NOTE_ROW, HEAD_ROW, SUBHEAD_ROW, UNIT_ROW, FIRST_ROW = range(6)
FRONT = (("全区\n名次", 6), ("单位\n名次", 6), ("姓名", 10), ("工号", 11), ("单位", 22), ("编制类型", 12))
BACK = (("总分", 9), ("备注", 24))


def ranking_file_name(run: Run) -> str:
    """“2026年10月月评排名(第1版).xlsx”."""
    return f"{run.period}排名（第{run.number}版）.xlsx"


def ranking_workbook(
    *, run: Run, results: Sequence[Result], filters: Mapping[str, str], by_name: str, at: datetime
) -> bytes:
    """The file's bytes: title, what it covers, merged heads, units, one line per person, signatures.

    `results` come in the order they are to stand in, with `cadre` and `unit` loaded; `filters` say in words
    what the list is limited to. Landscape A4, one page wide, heads repeated, footer with page and exporter.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    printed_at = timezone.localtime(at)
    book.set_properties(
        {
            "title": f"{run.period}排名",
            "author": by_name,
            "comments": f"结果摘要 {run.sha256}",
            # Without microseconds and zone, as the format stores it.
            "created": printed_at.replace(tzinfo=None, microsecond=0),
        }
    )
    _Sheet(book, run, filters=filters, by_name=by_name, printed_at=printed_at).fill(results)
    book.close()
    return buffer.getvalue()


class _Sheet:
    """One worksheet while it is being written."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        run: Run,
        *,
        filters: Mapping[str, str],
        by_name: str,
        printed_at: datetime,
    ) -> None:
        self.run, self.spec = run, run.spec
        self.filters, self.by_name, self.printed_at = filters, by_name, printed_at
        self.sheet: Worksheet = book.add_worksheet("排名")
        self.columns = len(FRONT) + len(self.spec.indicators) + len(BACK)
        digits = "0." + "0" * self.spec.places if self.spec.places else "0"

        def style(**options: object) -> Format:
            return book.add_format({"font_name": "宋体", "font_size": 10, "valign": "vcenter"} | options)

        head = {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#F2F2F2"}
        self.title = style(font_name="黑体", font_size=16, align="center", bold=True)
        self.plain = style(text_wrap=True)
        self.head = style(**head)
        self.unit = style(**(head | {"bold": False, "font_size": 9, "num_format": "@"}))
        self.text = style(border=1, text_wrap=True, num_format="@")
        self.centre = style(border=1, align="center", num_format="@")
        self.whole = style(border=1, align="center", num_format="0")
        self.number = style(border=1, align="right", num_format=digits)
        self.strong = style(border=1, align="right", num_format=digits, bold=True)

    def fill(self, results: Sequence[Result]) -> None:
        """Everything, top to bottom."""
        self._page()
        self._top(len(results))
        for row, result in enumerate(results, start=FIRST_ROW):
            self._person(row, result)
        self._bottom(FIRST_ROW + len(results) + 1)

    def _page(self) -> None:
        sheet, last = self.sheet, self.columns - 1
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(TITLE_ROW, UNIT_ROW)
        sheet.freeze_panes(FIRST_ROW, 3)
        # In a footer & is a command, so a name's own & is doubled.
        name = self.by_name.replace("&", "&&")
        sheet.set_footer(f"&L导出人：{name}&C第 &P 页 共 &N 页&R打印时间：&D &T")
        widths = (
            [width for _, width in FRONT] + [9] * len(self.spec.indicators) + [width for _, width in BACK]
        )
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_row(TITLE_ROW, 30)
        sheet.set_row(NOTE_ROW, 30)
        sheet.set_row(HEAD_ROW, 20)
        sheet.set_row(SUBHEAD_ROW, 20)
        self.last = last

    def _top(self, people: int) -> None:
        sheet, run, spec = self.sheet, self.run, self.spec
        state = "（预核算，本期尚未结束）" if run.provisional else ""
        sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, self.last, "", self.title)
        sheet.write_string(TITLE_ROW, 0, f"{run.period}排名{state}", self.title)
        covers = [
            f"周期：{run.period.first_day} 至 {run.period.last_day}",
            f"方案：{spec.name}（{spec.code} 第{spec.version}版），总分 {decimal_text(spec.total)}",
            f"核算：第{run.number}版，人员口径 {run.as_of}",
            f"组别：{spec.group_by.label}，{people} 人",
            *(f"{label}：{value}" for label, value in self.filters.items()),
            f"导出：{self.printed_at:%Y-%m-%d %H:%M}",
            "单位：分",
        ]
        sheet.merge_range(NOTE_ROW, 0, NOTE_ROW, self.last, "", self.plain)
        sheet.write_string(NOTE_ROW, 0, "   ".join(covers), self.plain)
        for column, (name, _) in enumerate(FRONT):
            self._tall_head(column, name)
        column = len(FRONT)
        for heading, indicators in heads(spec):
            self._heading(column, heading, [indicator.name for indicator in indicators])
            column += len(indicators)
        for offset, (name, _) in enumerate(BACK):
            self._tall_head(column + offset, name)
        self._units()

    def _tall_head(self, column: int, name: str) -> None:
        self.sheet.merge_range(HEAD_ROW, column, SUBHEAD_ROW, column, "", self.head)
        self.sheet.write_string(HEAD_ROW, column, name, self.head)

    def _heading(self, column: int, heading: str, names: list[str]) -> None:
        """One heading over its columns, such as 五干作风 over five; an indicator without one stands tall."""
        if not heading:
            self._tall_head(column, names[0])
            return
        if len(names) > 1:
            self.sheet.merge_range(HEAD_ROW, column, HEAD_ROW, column + len(names) - 1, "", self.head)
        self.sheet.write_string(HEAD_ROW, column, heading, self.head)
        for offset, name in enumerate(names):
            self.sheet.write_string(SUBHEAD_ROW, column + offset, name, self.head)

    def _units(self) -> None:
        """The row that says what the numbers are: places, points of how many, the most a deduction costs."""
        texts = ["名", "名", "", "", "", ""]
        for indicator in self.spec.indicators:
            most = indicator.weight if indicator.cap is None else indicator.cap
            texts.append(f"{'权重' if indicator.cap is None else '最多扣'}{decimal_text(most)}分")
        texts += [f"满{decimal_text(self.spec.total)}分", ""]
        for column, text in enumerate(texts):
            self.sheet.write_string(UNIT_ROW, column, text, self.unit)

    def _person(self, row: int, result: Result) -> None:
        lines = shown_lines(self.spec, result)
        self._number(row, 0, result.rank_in_district, self.whole)
        self._number(row, 1, result.rank_in_unit, self.whole)
        establishment = result.cadre.get_establishment_display()
        for column, text in enumerate(
            (result.cadre.name, result.cadre.staff_no, result.unit.name, establishment), 2
        ):
            self.sheet.write_string(row, column, text, self.centre if column != 4 else self.text)
        for column, line in enumerate(lines, len(FRONT)):
            self._number(row, column, line.line.points, self.number)
        self._number(row, self.last - 1, result.total, self.strong)
        self.sheet.write_string(row, self.last, _remarks(lines), self.text)

    def _number(self, row: int, column: int, value: Decimal | int | None, style: Format) -> None:
        """A number as a number; what is missing is a dash, never a zero."""
        if value is None:
            self.sheet.write_string(row, column, "—", self.centre)
        else:
            self.sheet.write_number(row, column, value, style)

    def _bottom(self, row: int) -> None:
        rounding = f"总分保留 {self.spec.places} 位小数，{self.spec.rounding.label}；{self.spec.tie_text}。"
        basis = f"依据：{self.spec.basis}。" if self.spec.basis else ""
        self.sheet.merge_range(row, 0, row, self.last, "", self.plain)
        missing = "缺项不按零分计，其权重按方案处理，见备注。"
        note = f"说明：{rounding}{missing}{basis}结果摘要 {self.run.sha256[:16]}。"
        self.sheet.write_string(row, 0, note, self.plain)
        self.sheet.set_row(row, 28)
        middle = self.columns // 2
        self.sheet.write_string(row + 2, 2, "制表：", self.plain)
        self.sheet.write_string(row + 2, middle, "审核：", self.plain)
        self.sheet.write_string(row + 2, self.last, "日期:      年   月   日", self.plain)


def _remarks(lines: Sequence[ShownLine]) -> str:
    """The notes of a person, each once, with the names of the indicators they speak of."""
    said: dict[str, list[str]] = {}
    for line in lines:
        if line.note:
            said.setdefault(line.note, []).append(line.indicator.heading or line.indicator.name)
    return "；".join(f"{'、'.join(dict.fromkeys(names))}：{note}" for note, names in said.items())
