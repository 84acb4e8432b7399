"""The public case ledger on its pages and in its workbook, held against the file it came from."""

import csv
import hashlib
import io
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from conduct.models import CaseRecord
from core.models import AuditEvent
from core.resources import importing

FILE = Path(__file__).parents[1] / "data" / "cases_dev.csv"
HEADS = [
    "案例号", "来源", "行为时间_原文", "处理时间_原文", "地区", "单位类型", "身份", "涉及人数",
    "八不准归类(整理者判断)", "行为描述", "涉及金额_元", "处理结果", "处理结果_归一", "备注",
]  # fmt: skip


def of_file():
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["案例号"])


@pytest.fixture
def ledger(district):
    importing.import_now(
        kind="violations", name=FILE.name, data=FILE.read_bytes(), by=None, at=timezone.now()
    )


def exported(client, conditions=None):
    answer = client.get("/statistics/cases/export/", conditions or {})
    assert answer.status_code == 200
    return answer, load_workbook(io.BytesIO(answer.content))["案例库"]


def lines(sheet):
    """The rows under the head, empty cells as empty text and numbers as written in the file."""
    found = []
    for row in sheet.iter_rows(min_row=4, values_only=True):
        texts = ["" if value is None else value for value in row]
        found.append(dict(zip(HEADS, texts, strict=True)))
    return found


def test_every_case_has_a_page_with_its_source_and_its_words(district, as_role, ledger):
    client = as_role("unithead")
    listed = client.get("/statistics/cases/list/").content.decode()
    for row in of_file():
        address = f"/statistics/cases/{row['案例号']}/"
        assert f'href="{address}"' in listed
        page = unescape(client.get(address).content.decode())
        for head in HEADS:
            if head not in ("涉及金额_元", "处理结果_归一") and row[head]:
                assert row[head] in page, (row["案例号"], head)
        assert f"<dd>{row['来源']}</dd>" in page
        assert "、".join(dict.fromkeys(row["处理结果_归一"].split(";"))) in page
        amount = row["涉及金额_元"]
        assert not amount or f"<dd>{Decimal(amount).normalize():f}</dd>" in page


def test_a_case_that_is_not_there_is_not_found(district, as_role, ledger):
    assert as_role("chief").get("/statistics/cases/C999/").status_code == 404


@pytest.mark.parametrize("name", ["assessor", "leader", "cadre", "sysadmin", "secadmin", "auditor"])
def test_others_get_neither_page_nor_file(district, as_role, ledger, name):
    client, before = as_role(name), AuditEvent.objects.count()
    for path in ("C076/", "export/", "list/"):
        assert client.get(f"/statistics/cases/{path}").status_code == 403
    assert AuditEvent.objects.count() == before


def test_a_case_is_found_by_its_source(district, as_role, ledger):
    expected = {row["案例号"] for row in of_file() if row["来源"] == "K07"}
    page = as_role("chief").get("/statistics/cases/list/", {"q": "k07"}).context["page"]
    assert {case.code for case in page} == expected and len(expected) == 5


def test_the_workbook_says_what_the_file_said(district, as_role, ledger):
    answer, sheet = exported(as_role("chief"))
    assert [cell.value for cell in sheet[3]] == HEADS
    found, expected = lines(sheet), of_file()
    assert len(found) == len(expected) == 50
    for row, original in zip(found, expected, strict=True):
        assert row["涉及人数"] == int(original["涉及人数"])
        amount = original["涉及金额_元"]
        assert (
            (row["涉及金额_元"] == "")
            if not amount
            else (Decimal(str(row["涉及金额_元"])) == Decimal(amount))
        )
        for head in HEADS:
            if head not in ("涉及人数", "涉及金额_元"):
                assert row[head] == original[head].strip(), (row["案例号"], head)
    event = AuditEvent.objects.get(action="导出案例库")
    assert event.after == {
        "rows": 50, "filters": {}, "sha256": hashlib.sha256(answer.content).hexdigest(),
    }  # fmt: skip


def test_what_was_exported_goes_in_again_and_changes_nothing(district, as_role, ledger):
    answer, _ = exported(as_role("discipline"))
    report = importing.run_import(
        kind="violations", name="案例库.xlsx", data=answer.content, by=district.users["discipline"],
        at=timezone.now(), write=False,
    )  # fmt: skip
    assert report["totals"] == {"new": 0, "changed": 0, "same": 50, "refused": 0, "skipped": 3}
    CaseRecord.objects.all().delete()
    importing.import_now(
        kind="violations", name="案例库.xlsx", data=answer.content, by=None, at=timezone.now()
    )
    again, _ = exported(as_role("discipline"))
    rows = [lines(load_workbook(io.BytesIO(a.content))["案例库"]) for a in (answer, again)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"rule": "B8"}, {"归类": "8 不准态度蛮横对待群众"}),
        ({"form": "4", "q": "公款"}, {"处理形态": "第四种形态", "行为、身份、来源或案例号": "公款"}),
        ({"year": "2023"}, {"处理年份": "2023"}),
        ({"q": "没有这样的案例"}, {"行为、身份、来源或案例号": "没有这样的案例"}),
    ],
)
def test_the_workbook_is_limited_as_the_list_and_says_so(district, as_role, ledger, conditions, words):
    client = as_role("dhead")
    page = client.get("/statistics/cases/list/", conditions)
    _, sheet = exported(client, conditions)
    assert [row["案例号"] for row in lines(sheet)] == [case.code for case in page.context["page"]]
    for label, text in words.items():
        assert f"{label}：{text}" in sheet["A2"].value and f"{label}：{text}" in page.content.decode()
    event = AuditEvent.objects.get(action="导出案例库")
    assert (event.after["filters"], event.after["rows"]) == (words, page.context["page"].paginator.count)


def test_the_link_carries_the_conditions_of_the_list(district, as_role, ledger):
    page = as_role("chief").get("/statistics/cases/list/", {"rule": "B8", "page": "1"}).content.decode()
    assert 'href="/statistics/cases/export/?rule=B8"' in unescape(page)


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 138", "-1", "@SUM(A1)", "http://example.test/", "=HYPERLINK(1)"]
)
def test_no_text_becomes_a_formula_or_a_link(district, as_role, text):
    CaseRecord.objects.create(
        code="N1", persons=1, class_text=text, facts=text, remark=text, source=text, amount=Decimal("0.10"),
        imported_at=district.now,
    )  # fmt: skip
    _, sheet = exported(as_role("chief"))
    row = lines(sheet)[0]
    assert (row["行为描述"], row["备注"], row["来源"], row["涉及金额_元"]) == (text, text, text, 0.1)
    for cells in sheet.iter_rows():
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_the_pages_cost_the_same_for_many(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/statistics/cases/list/")
    taken = []
    for number in (15, 100):
        CaseRecord.objects.bulk_create(
            CaseRecord(code=f"N{number}-{i}", persons=1, class_text="x", facts="y", imported_at=district.now)
            for i in range(number)
        )
        for path in (f"N{number}-1/", "export/"):
            with django_assert_max_num_queries(15) as captured:
                client.get(f"/statistics/cases/{path}")
            taken.append(len(captured))
    assert taken[:2] == taken[2:]
