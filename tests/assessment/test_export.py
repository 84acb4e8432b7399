"""The ranking as a workbook: printable, numbers as numbers, nothing live, recorded."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from assessment.models import Run
from assessment.queries import results
from assessment.resources import FIRST_ROW, ranking_workbook
from core.models import AuditEvent, Cadre, Unit

EXPORT = "/ranking/export/"
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1", "＋1", "－1", "＠1", '"=1', "|calc",
    " =1+1", '=HYPERLINK("http://a.invalid","看")', "=cmd|'/c calc'!A0", "http://a.invalid/", "0012", "1E5",
]  # fmt: skip


def workbook(run: Run, **changes: Any) -> bytes:
    rows = list(results.whole_ranking(run))
    options = {
        "run": run,
        "results": rows,
        "filters": {},
        "by_name": "林晓雪",
        "at": timezone.now(),
    } | changes
    return ranking_workbook(**options)


def sheet(content: bytes) -> Worksheet:
    loaded = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(loaded, Worksheet)
    return loaded


def test_the_form_an_office_would_print(filled: Any) -> None:
    page = sheet(workbook(filled.run()))
    assert page["A1"].value == f"{filled.period}排名"
    note = page["A2"].value
    for text in (
        "方案：月评默认方案（MONTH-DEFAULT 第1版），总分 100",
        "组别：全体干部，10 人",
        "核算：第1版",
        "单位：分",
    ):
        assert text in note, text
    merged = {str(area) for area in page.merged_cells.ranges}
    assert {"A1:O1", "A2:O2", "G3:K3", "A3:A4", "L3:L4", "M3:M4", "N3:N4", "O3:O4"} <= merged
    assert page["G3"].value == "五干作风"
    assert [page.cell(4, column).value for column in range(7, 12)] == ["快干", "猛干", "苦干", "巧干", "净干"]
    assert [page.cell(5, column).value for column in (1, 7, 12, 13, 14)] == [
        "名",
        "权重12分",
        "权重40分",
        "最多扣20分",
        "满100分",
    ]
    setup = page.page_setup
    assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "9", 0)
    assert setup.fitToWidth in {None, 1}  # one page wide is the default of the format
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$1:$5"
    footer = page.oddFooter
    assert "林晓雪" in footer.left.text and "第 &P 页" in footer.center.text and "&D" in footer.right.text
    texts = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
    assert "制表：" in texts and "审核：" in texts


def test_numbers_are_numbers_and_what_is_missing_is_a_dash(filled: Any) -> None:
    page = sheet(workbook(filled.run()))
    rows = {page.cell(row, 3).value: row for row in range(FIRST_ROW + 1, FIRST_ROW + 10)}
    clerk, unscored = rows["曾国平"], rows["林晓雪"]
    values = [page.cell(clerk, column).value for column in range(1, 16)]
    assert values[:2] == [3, 2]
    assert values[6:14] == [17.67, 16.33, 15, 13.67, 12.73, "—", -6, 69.4]
    assert page.cell(clerk, 14).number_format == "0.00"
    assert page.cell(clerk, 14).data_type == "n"
    assert "节点进度：无承担节点" in values[14]
    assert [page.cell(unscored, column).value for column in (1, 2, 14)] == ["—", "—", "—"]


def test_a_second_reader_agrees(filled: Any) -> None:
    content = workbook(filled.run())
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    names = [row[2] for row in rows[FIRST_ROW : FIRST_ROW + 10]]
    assert names[:4] == ["王小川", "解明远", "曾国平", "任青"]
    assert rows[FIRST_ROW][13] == 88.0


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_the_database_becomes_live(filled: Any, payload: str) -> None:
    run = filled.run()
    clerk = filled.cadre("clerk")
    Cadre.objects.filter(pk=clerk.pk).update(name=payload, staff_no=f"{payload}9"[:32])
    Unit.objects.filter(pk=clerk.unit_id).update(name=payload)
    content = workbook(run, filters={"查找": payload}, by_name=payload)
    page = sheet(content)
    cells = [cell for row in page.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    shown = [cell.value for cell in cells if isinstance(cell.value, str)]
    expected = payload.replace("\r", "_x000D_")
    assert any(value in {payload, expected} for value in shown)
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "<hyperlink" not in xml


def test_the_page_hands_out_the_rows_one_may_see_and_records_it(filled: Any, as_role: Any) -> None:
    run = filled.run()
    answer = as_role("assessor").get(EXPORT, {"unit": filled.district.bureau.pk})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    page = sheet(answer.content)
    names = [page.cell(row, 3).value for row in range(FIRST_ROW + 1, FIRST_ROW + 6)]
    assert set(filter(None, names)) - {"制表："} == {"单立文", "曾国平", "王小川", "解明远"}
    event = AuditEvent.objects.get(action="导出排名")
    assert event.target_id == str(run.pk)
    assert event.after["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert (event.after["rows"], event.after["filters"]) == (4, {"单位": "建设局"})
    assert event.actor_id == filled.user("assessor").pk


def test_a_file_that_cannot_be_recorded_is_not_handed_out(
    filled: Any, as_role: Any, monkeypatch: Any
) -> None:
    filled.run()
    client = as_role("assessor")
    client.get("/ranking/")

    def refuse(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("core.services.audit.record", refuse)
    with pytest.raises(RuntimeError):
        client.get(EXPORT)


@pytest.mark.parametrize(
    "who", ["unithead", "cadre", "leader", "chief", "discipline", "sysadmin", "secadmin", "auditor"]
)
def test_only_the_assessment_office_exports(filled: Any, as_role: Any, who: str) -> None:
    filled.run()
    assert as_role(who).get(EXPORT).status_code == 403
    assert not AuditEvent.objects.filter(action="导出排名").exists()


def test_nothing_to_export_is_not_found(month: Any, as_role: Any) -> None:
    assert as_role("assessor").get(EXPORT).status_code == 404
    assert reverse("assessment:export-ranking") == EXPORT
