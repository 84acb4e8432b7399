"""The workbook to fill in for violations: downloaded, filled in, imported, every row accounted for."""

import io
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from conduct.choices import FoundBy
from conduct.models import Prohibition, Violation
from core.models import AuditEvent, ImportBatch
from core.resources import importing
from core.resources.template import workbook_to_fill
from core.resources.workbook import WorkbookRefused
from core.services import people

ADDRESS = "/imports/template/violations/"
HEADS = ["工号", "姓名", "单位", "条款*", "发生日期*", "地点*", "发现方式", "违规事实*", "项目编号"]


def downloaded(client):
    answer = client.get(ADDRESS)
    assert answer.status_code == 200 and "违规记录模板.xlsx" in unquote(answer["Content-Disposition"])
    return load_workbook(io.BytesIO(answer.content))


def filled(book, rows):
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book["违规记录"].cell(number, column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def choices(book):
    """Head → the options of its drop-down and whether nothing else may be typed."""
    found = {}
    for rule in book["违规记录"].data_validations.dataValidation:
        head = book["违规记录"].cell(1, next(iter(rule.sqref.ranges)).min_col).value.strip("*")
        cells = book["选项"][rule.formula1.removeprefix("选项!")]
        found[head] = ([cell.value for (cell,) in cells], rule.errorStyle != "warning")
    return found


def test_it_has_the_columns_their_words_and_no_example_row(district, as_role):
    book = downloaded(as_role("discipline"))
    sheet = book["违规记录"]
    assert book.sheetnames == ["违规记录", "填写说明", "选项"] and book["选项"].sheet_state == "hidden"
    assert [cell.value for cell in sheet[1]] == HEADS and sheet.max_row == 1
    assert [row[0].value.strip(":") for row in book["填写说明"].iter_rows()] == [h.strip("*") for h in HEADS]
    assert all(len(row[1].value) > 10 for row in book["填写说明"].iter_rows())
    assert not [c for page in book for row in page.iter_rows() for c in row if c.data_type == "f"]
    assert sheet.column_dimensions["A"].width and sheet["A1"].font.bold


def test_drop_downs_offer_what_is_in_force_today(district, as_role):
    book = downloaded(as_role("dhead"))
    found = choices(book)
    assert found["单位"] == (["测试区/建设局", "测试区/建设局/征迁服务中心", "测试区/财政局"], False)
    assert found["发现方式"] == ([str(label) for label in FoundBy.labels], True)
    rules, closed = found["条款"]
    assert len(rules) == 8 and not closed and re.match(r"1 不准", rules[0])
    Prohibition.objects.filter(key="B3").update(retired_on=district.today)
    district.other.closed_on = district.today
    district.other.save()
    found = choices(downloaded(as_role("dhead")))
    assert len(found["条款"][0]) == 7 and "测试区/财政局" not in found["单位"][0]


def test_filled_in_from_its_drop_downs_every_row_is_accounted_for(district, as_role):
    client = as_role("discipline")
    book = downloaded(client)
    offered = {head: options for head, (options, _) in choices(book).items()}
    unit, heard = offered["单位"][1], offered["发现方式"][2]
    day = district.today - timedelta(days=3)
    rows = [
        ["T002", None, None, offered["条款"][6], day, "便民服务大厅", None, "上午九时不在岗。", None],
        [None, "王小川", unit, offered["条款"][7], day, "大厅", heard, "态度生硬。", "P1"],
        ["T005", "任青", None, "B1", day.isoformat(), "会议室", "日常检查", "插手招标。", None],
        ["T002", None, None, "5", day, "机关", "其他", "瞒报数据。", None],
    ]  # fmt: skip
    data = filled(book, rows)
    file = SimpleUploadedFile("违规记录.xlsx", data)
    page = client.post("/imports/", {"kind": "violations", "file": file}, follow=True).content.decode()
    assert "新增 4" in page
    batch = ImportBatch.objects.get()
    client.post(f"/imports/{batch.pk}/confirm/")
    report = ImportBatch.objects.get().report
    kept = Violation.objects.order_by("id").values_list(
        "cadre__staff_no", "unit__name", "prohibition__key", "found_by", "project__code", "state"
    )
    assert list(kept) == [
        ("T002", "建设局", "B7", "INSPECTION", None, "LOGGED"),
        ("T003", "征迁服务中心", "B8", "REPORT", "P1", "LOGGED"),
        ("T005", "财政局", "B1", "DAILY", None, "LOGGED"),
        ("T002", "建设局", "B5", "OTHER", None, "LOGGED"),
    ]
    assert AuditEvent.objects.filter(action="登记违规").count() == 4
    told = {(row["sheet"], row["row"]): row["status"] for row in report["rows"]}
    told |= {(item["sheet"], item["row"]): item["reason"] for item in report["skipped"]}
    written = {(s.title, row[0].row) for s in load_workbook(io.BytesIO(data)) for row in s.iter_rows()}
    assert set(told) == written and len(told) == len(report["rows"]) + len(report["skipped"])
    assert {place: said for place, said in told.items() if place[0] == "违规记录"} == {
        ("违规记录", 1): "head",
        **{("违规记录", number): "new" for number in range(2, 6)},
    }
    again = importing.run_import(
        kind="violations", name="违规记录.xlsx", data=data, by=district.users["discipline"],
        at=district.now, write=False,
    )  # fmt: skip
    assert again["totals"]["same"] == 4


def test_a_wrong_row_is_named_with_its_cell_and_none_goes_in(district):
    book = load_workbook(io.BytesIO(workbook_to_fill("violations")))
    day = district.today - timedelta(days=3)
    rows = [
        ["T002", None, None, "7", day, "大厅", None, "不在岗。", None],
        ["T002", None, None, "9 不准什么", day, "大厅", None, "不在岗。", None],
        [None, None, None, "7", day, "大厅", None, "不在岗。", None],
        ["T002", None, None, "6", district.today + timedelta(days=1), "大厅", None, "不在岗。", None],
    ]
    report = importing.run_import(
        kind="violations", name="模板.xlsx", data=filled(book, rows), by=district.users["discipline"],
        at=district.now, write=True,
    )  # fmt: skip
    refused = {row["row"]: row["errors"][0]["column"] for row in report["rows"] if row["status"] == "refused"}
    assert refused.keys() >= {3, 4, 5} and (refused[3], refused[4]) == ("D", "A")
    assert not Violation.objects.exists()


def test_left_empty_it_says_that_there_is_nothing_in_it(district):
    with pytest.raises(WorkbookRefused, match="没有可导入的数据行"):
        importing.run_import(
            kind="violations", name="模板.xlsx", data=workbook_to_fill("violations"),
            by=district.users["discipline"], at=district.now, write=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "own"),
    [("discipline", "violations"), ("dhead", "violations"), ("assessor", "roster")],
)
def test_each_is_offered_the_templates_of_what_the_person_imports(district, as_role, name, own):
    client = as_role(name)
    offered = re.findall(r'href="/imports/template/(\w+)/"', client.get("/imports/").content.decode())
    assert offered == [own]
    for kind in ("roster", "violations", "projects", "nothing"):
        assert client.get(f"/imports/template/{kind}/").status_code == (200 if kind == own else 404)


@pytest.mark.parametrize("name", ["unithead", "cadre", "chief", "leader", "sysadmin", "auditor"])
def test_others_get_none(district, as_role, name):
    assert as_role(name).get(ADDRESS).status_code == 403


def test_it_costs_the_same_for_many_units(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/imports/")
    taken = []
    for more in (0, 40):
        for number in range(more):
            people.save_unit(
                code=f"X{number}", name=f"第{number}局", kind="ORGAN", parent=district.root, by=None,
                at=district.now,
            )  # fmt: skip
        with django_assert_max_num_queries(15) as captured:
            client.get(ADDRESS)
        taken.append(len(captured))
    assert taken[0] == taken[1]
