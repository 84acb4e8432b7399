"""The roster: what is imported, what is refused and where, and that a file is all or nothing."""

import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from core.choices import Establishment, ImportState
from core.models import AuditEvent, Cadre, ImportBatch, Posting, Unit
from core.resources import importing
from core.resources.template import workbook_to_fill
from core.resources.workbook import WorkbookRefused
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, people

HEAD = ["工号", "姓名", "单位", "编制类型", "职务", "职级", "到岗日期", "上级工号"]
FIRST = ["N001", "某甲", "建设局", "在编(公务员)", "科长", "四级主任科员", "2020-03-01", None]
SECOND = ["N002", "某乙", "征迁服务中心", "编外", "办事员", None, "2021年5月6日", "N001"]


def xlsx(rows: list[list[Any]], change: Callable[[Workbook], object] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "花名册"
    for row in rows:
        sheet.append(row)
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


THIRD = ["N003", "某丙", "财政局", "编外", None, None, "2022-07-01", None]
GOOD = [HEAD, FIRST, SECOND]


def run(data: bytes, *, write: bool = True, name: str = "花名册.xlsx", by: Any = None) -> importing.Report:
    if write:
        return importing.import_now(kind="roster", name=name, data=data, by=by, at=timezone.now())
    return importing.run_import(kind="roster", name=name, data=data, by=by, at=timezone.now(), write=False)


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Cadre, Posting, AuditEvent, ImportBatch))


def test_new_people_are_imported_through_the_service(district: Any) -> None:
    before = counts()
    report = run(xlsx(GOOD))
    assert report["totals"] == {"new": 2, "changed": 0, "same": 0, "refused": 0, "skipped": 1}
    first, second = Cadre.objects.get(staff_no="N001"), Cadre.objects.get(staff_no="N002")
    assert (first.name, first.pinyin, first.unit, first.joined_on) == (
        "某甲",
        "moujia",
        district.bureau,
        date(2020, 3, 1),
    )
    assert (second.establishment, second.supervisor, second.unit) == (
        Establishment.CONTRACT,
        first,
        district.station,
    )
    assert second.postings.get().start_on == date(2021, 5, 6)
    assert counts() == (before[0] + 2, before[1] + 2, before[2] + 3, before[3] + 1), (
        "two people, one batch event"
    )
    assert audit.verify_chain()[1] is None


def test_the_same_file_again_writes_nothing(district: Any) -> None:
    run(xlsx(GOOD))
    before = counts()
    report = run(xlsx(GOOD))
    assert report["totals"] == {"new": 0, "changed": 0, "same": 2, "refused": 0, "skipped": 1}
    assert counts() == before


def test_a_change_is_a_new_posting_with_old_and_new_shown(district: Any) -> None:
    run(xlsx(GOOD))
    moved = [*SECOND[:2], "财政局", *SECOND[3:]]
    report = run(xlsx([[*HEAD, "任现职日期"], [*FIRST, None], [*moved, "2024-09-01"]]))
    assert [row["status"] for row in report["rows"]] == ["same", "changed"]
    assert report["rows"][1]["changes"] == {"unit": ["征迁服务中心", "财政局"]}
    cadre = Cadre.objects.get(staff_no="N002")
    spans = [(p.unit.name, p.start_on, p.end_on) for p in cadre.postings.order_by("start_on")]
    assert spans == [
        ("征迁服务中心", date(2021, 5, 6), date(2024, 8, 31)),
        ("财政局", date(2024, 9, 1), None),
    ]


def test_an_absent_column_and_a_blank_cell_leave_the_record_alone_and_none_clears(district: Any) -> None:
    run(xlsx(GOOD))
    run(xlsx([["工号", "姓名", "单位", "职级"], ["N001", "某甲", "建设局", None]]))
    cadre = Cadre.objects.get(staff_no="N001")
    assert (cadre.post, cadre.rank, cadre.joined_on) == ("科长", "四级主任科员", date(2020, 3, 1))
    run(xlsx([["工号", "姓名", "单位", "职级"], ["N001", "某甲", "建设局", "清空"]]))
    assert Cadre.objects.get(staff_no="N001").rank == ""


def test_a_blank_superior_stays_and_none_clears(district: Any) -> None:
    run(xlsx([HEAD, SECOND, FIRST]))
    head = ["工号", "姓名", "单位", "上级工号"]
    second = Cadre.objects.get(staff_no="N002")
    for written, superior in ((None, "N001"), ("清空", None)):
        run(xlsx([head, ["N002", second.name, second.unit.code, written]]))
        above = Cadre.objects.get(staff_no="N002").supervisor
        assert (above.staff_no if above else None) == superior


def test_a_preview_writes_nothing_at_all(district: Any) -> None:
    before = counts()
    assert run(xlsx(GOOD), write=False)["totals"]["new"] == 2
    assert counts() == before


def test_a_superior_may_stand_below_in_the_same_file(district: Any) -> None:
    report = run(xlsx([HEAD, SECOND, FIRST]))
    assert report["totals"]["refused"] == 0
    assert [row["row"] for row in report["rows"]] == [2, 3], "reported in the order of the file"
    assert Cadre.objects.get(staff_no="N002").supervisor == Cadre.objects.get(staff_no="N001")


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("建设局", "J1"),
        ("J1", "J1"),
        ("j1-1", "J1-1"),
        ("测试区/建设局/征迁服务中心", "J1-1"),
        (" 建 设 局 ", "J1"),
        ("建设局/征迁服务中心", "J1-1"),
    ],
)
def test_a_unit_is_known_by_name_code_or_path(district: Any, written: str, unit: str) -> None:
    run(xlsx([HEAD, [*FIRST[:2], written, *FIRST[3:]]]))
    assert Cadre.objects.get(staff_no="N001").unit.code == unit


@pytest.mark.parametrize(
    ("staff_no", "name", "joined"),
    [
        ("Ｎ００１", "某  甲", "２０２０年３月１日"),
        ("\ufeffN001\u200b", "\u202e某\u00a0甲", " 2020/3/1 "),
        ("n001", "某甲", datetime(2020, 3, 1)),  # noqa: DTZ001 - a cell has no zone
        ("N001", "某甲", 20200301),
    ],
)
def test_wide_digits_blanks_and_invisible_marks_do_not_make_another_person(
    district: Any, staff_no: str, name: str, joined: Any
) -> None:
    run(xlsx(GOOD))
    report = run(xlsx([HEAD, [staff_no, name, *FIRST[2:6], joined, None]]))
    assert report["rows"][0]["status"] == "same", report["rows"][0]


def test_numbers_typed_as_staff_numbers_are_taken_with_the_zeros_their_format_shows(district: Any) -> None:
    run(xlsx([HEAD, [12, *FIRST[1:]]], lambda b: setattr(b.active["A2"], "number_format", "0000")))
    assert Cadre.objects.filter(staff_no="0012").exists()


# --- rows that are refused ----------------------------------------------------------------------------

TODAY = timezone.localdate()


def first_with(**cells: Any) -> list[list[Any]]:
    """The first good row with cells changed by column letter, then two good rows, one of them independent."""
    row = list(FIRST)
    for letter, value in cells.items():
        row[ord(letter) - ord("A")] = value
    return [HEAD, row, SECOND, THIRD]


REFUSED_ROWS: dict[str, tuple[list[list[Any]], int, str, str]] = {
    "30 February": (first_with(G="2020-02-30"), 2, "G", "2月没有30日"),
    "zero date": (first_with(G="0000-00-00"), 2, "G", "年份"),
    "month without day": (first_with(G="2020-03"), 2, "G", "不是完整的日期"),
    "date as number": (first_with(G=43891), 2, "G", "是数字"),
    "date in the future": (first_with(G=(TODAY + timedelta(days=2)).isoformat()), 2, "G", "晚于今天"),
    "no date for a new person": (first_with(G=None), 2, "G", "到岗日期”没有填写"),
    "18-digit number": (first_with(A=110101199003078515), 2, "A", "超过15位"),
    "fraction as staff number": (first_with(A=1.5), 2, "A", "小数"),
    "staff number with blanks marks": (first_with(A="—"), 2, "A", "没有填写"),
    "staff number with signs": (first_with(A="N#1"), 2, "A", "只能由数字"),
    "no name": (first_with(B=None), 2, "B", "没有填写"),
    "number as name": (first_with(B=12345), 2, "B", "不像姓名"),
    "name too long": (first_with(B="某" * 41), 2, "B", "40"),
    "unknown unit": (first_with(C="建设司"), 2, "C", "是否应为“建设局”"),
    "no unit": (first_with(C="  "), 2, "C", "没有填写"),
    "unit of two": (first_with(C="办公室"), 2, "C", "有 2 个单位叫"),
    "closed unit": (first_with(C="撤销局"), 2, "C", "撤销"),
    "unknown establishment": (first_with(D="临时"), 2, "D", "不认识的编制类型"),
    "no establishment for a new person": (first_with(D=None), 2, "D", "没有填写"),
    "formula": (first_with(E='="科"&"长"'), 2, "E", "公式"),
    "formula in the date": (first_with(G="=TODAY()"), 2, "G", "公式"),
    "error cell": (first_with(F="#N/A"), 2, "F", "错误值"),
    "yes or no": (first_with(E=True), 2, "E", "是/否"),
    "huge cell": (first_with(E="长" * 6000), 2, "E", "超过 5000"),
    "post too long": (first_with(E="长" * 81), 2, "E", "80"),
    "unknown superior": (first_with(H="X999"), 2, "H", "没有工号“X999”"),
    "oneself as superior": (first_with(H="N001"), 2, "H", "本人"),
    "superiors in a ring": (first_with(H="N002"), 2, "H", "成了环"),
    "doubled staff number": ([HEAD, FIRST, [FIRST[0], *SECOND[1:7], None], THIRD], 2, "A", "第 3 行重复"),
}


@pytest.fixture
def two_offices(district: Any) -> None:
    """Two offices of one name, and a closed unit."""
    for number, parent in enumerate((district.bureau, district.other)):
        people.save_unit(
            code=f"B{number}", name="办公室", kind="SECOND_TIER", parent=parent, by=None, at=district.now
        )
    closed = people.save_unit(
        code="C", name="撤销局", kind="ORGAN", parent=district.root, by=None, at=district.now
    )
    Unit.objects.filter(pk=closed.pk).update(closed_on=date(2020, 1, 1))


@pytest.mark.usefixtures("two_offices")
@pytest.mark.parametrize("family", REFUSED_ROWS)
def test_a_wrong_cell_is_named_and_nothing_is_written(family: str) -> None:
    rows, row, column, words = REFUSED_ROWS[family]
    before = counts()
    report = run(xlsx(rows))
    wrong = [(r["row"], e["column"], e["reason"]) for r in report["rows"] for e in r["errors"]]
    assert any((row, column) == found[:2] and words in found[2] for found in wrong), wrong
    assert report["totals"]["refused"] >= 1
    assert counts() == before, "one wrong row and no row is written"


def test_every_wrong_cell_of_a_file_is_reported_at_once(district: Any) -> None:
    report = run(xlsx([HEAD, ["N001", 5, "没有局", "临时", None, None, "2020-02-30", None], SECOND]))
    (wrong, follower) = report["rows"]
    assert [e["column"] for e in wrong["errors"]] == ["B", "C", "D", "G"]
    assert follower["errors"][0]["reason"] == "上级“N001”所在的行有误，未能登记"
    assert report["totals"] == {"new": 0, "changed": 0, "same": 0, "refused": 2, "skipped": 1}


def test_a_doubled_staff_number_refuses_both_rows(district: Any) -> None:
    report = run(xlsx([HEAD, FIRST, SECOND, [*FIRST[:1], *SECOND[1:7], None]]))
    assert [row["status"] for row in report["rows"]] == ["refused", "refused", "refused"]


def test_a_staff_number_that_lost_its_zeros_is_refused(district: Any) -> None:
    run(xlsx([HEAD, ["0012", *FIRST[1:]]]))
    report = run(xlsx([HEAD, [12, *FIRST[1:]]]))
    assert "可能丢了前面的0(系统中有 0012)" in report["rows"][0]["errors"][0]["reason"]


def test_a_broken_rule_of_the_service_is_an_error_of_its_column(district: Any) -> None:
    run(xlsx(GOOD))
    report = run(xlsx([[*HEAD, "任现职日期"], [*FIRST[:2], "财政局", *FIRST[3:], "2019-01-01"]]))
    assert [(e["column"], "早于现任职起始日期" in e["reason"]) for e in report["rows"][0]["errors"]] == [
        ("I", True)
    ]


def test_plain_zaibian_is_taken_as_civil_servant_and_said_once(district: Any) -> None:
    rows = [HEAD, [*FIRST[:3], "在编", *FIRST[4:]], [*SECOND[:3], "在编", *SECOND[4:]]]
    report = run(xlsx(rows))
    assert Cadre.objects.get(staff_no="N002").establishment == Establishment.CIVIL_SERVANT
    assert len(report["notices"]) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["工好", *HEAD[1:]], FIRST], "A 列的列名“工好”不认识，是否应为“工号”"),
        ([HEAD[:2] + HEAD[3:], FIRST[:2] + FIRST[3:]], "缺少必需的列“单位”"),
        ([[*HEAD, "姓名"], [*FIRST, "某甲"]], "B 列和 I 列都是“姓名”"),
        ([[*HEAD, "手机"], [*FIRST, "1"]], "I 列的列名“手机”不认识"),
        ([[*HEAD], [*FIRST, "1"]], "I 列有内容，但这一列没有列名"),
        ([HEAD], "没有可导入的数据行"),
        ([["甲", "乙"], [1, 2]], "没有找到花名册的表头"),
    ],
)
def test_a_wrong_head_refuses_the_file(district: Any, rows: list[list[Any]], words: str) -> None:
    before = counts()
    with pytest.raises(WorkbookRefused, match=words):
        run(xlsx(rows))
    assert counts() == before


def test_hidden_rows_and_sheets_are_skipped_and_said(district: Any) -> None:
    def hide(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True
        other = book.create_sheet("旧表")
        other.append(HEAD)
        other.append(["N009", *FIRST[1:]])
        other.sheet_state = "hidden"

    report = run(xlsx(GOOD, hide))
    assert [(s["sheet"], s["row"], s["reason"]) for s in report["skipped"]] == [
        ("花名册", 1, "head"),
        ("花名册", 3, "hidden"),
        ("旧表", 1, "hidden"),
        ("旧表", 2, "hidden"),
    ]
    assert report["totals"]["new"] == 1


def test_a_title_and_a_second_head_row_are_no_hindrance(district: Any) -> None:
    rows = [
        ["干部花名册"],
        ["工号", "基本情况", None, "任职情况", None, None, None, None],
        [None, "姓名", "单位", "编制类型", "职务", "职级", "到岗日期", "上级工号"],
        FIRST,
        [],
        SECOND,
    ]

    def merge(book: Workbook) -> None:
        for area in ("A1:H1", "A2:A3", "B2:C2", "D2:H2"):
            book.active.merge_cells(area)

    report = run(xlsx(rows, merge))
    assert report["totals"] == {"new": 2, "changed": 0, "same": 0, "refused": 0, "skipped": 4}


def test_statements_per_row_do_not_grow_with_the_file(district: Any) -> None:
    def statements(count: int, letter: str) -> int:
        rows = [HEAD, *([f"{letter}{i:03}", *FIRST[1:]] for i in range(count))]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run(xlsx(rows), write=False)
        return len(captured)

    few, more, many = statements(5, "P"), statements(10, "Q"), statements(20, "R")
    assert (more - few) * 2 == many - more


# --- the template -------------------------------------------------------------------------------------


def test_the_template_is_read_back_once_filled_in(district: Any) -> None:
    book = load_workbook(io.BytesIO(workbook_to_fill("roster")))
    assert book.sheetnames == ["花名册", "填写说明", "选项"]
    assert book["选项"].sheet_state == "hidden"
    assert {v.formula1 for v in book["花名册"].data_validations.dataValidation} == {
        "选项!$C$1:$C$3",
        "选项!$D$1:$D$3",
    }
    for letter, value in zip("ABCDEFG", FIRST, strict=False):
        book["花名册"][f"{letter}2"] = value
    buffer = io.BytesIO()
    book.save(buffer)
    report = run(buffer.getvalue())
    assert (report["totals"]["new"], report["totals"]["refused"]) == (1, 0)


def test_an_empty_template_says_that_there_is_nothing_in_it(district: Any) -> None:
    with pytest.raises(WorkbookRefused, match="没有可导入的数据行"):
        run(workbook_to_fill("roster"))


# --- preview and confirm ------------------------------------------------------------------------------


def previewed(district: Any, rows: list[list[Any]] | None = None, by: str = "assessor") -> ImportBatch:
    return importing.preview_import(
        kind="roster", name="花名册.xlsx", data=xlsx(rows or GOOD), by=district.users[by], at=district.now
    )


def confirm(batch: ImportBatch, user: Any) -> ImportBatch:
    return importing.confirm_import(batch_id=batch.pk, by=user, at=timezone.now())


def test_what_was_shown_is_what_is_imported(district: Any) -> None:
    batch = previewed(district)
    assert (batch.state, Cadre.objects.filter(staff_no__startswith="N").count()) == (ImportState.PREVIEWED, 0)
    done = confirm(batch, district.users["assessor"])
    assert (done.state, Cadre.objects.filter(staff_no__startswith="N").count()) == (ImportState.CONFIRMED, 2)
    event = AuditEvent.objects.order_by("-seq").first()
    assert event is not None
    assert (event.action, event.actor_name) == ("导入表格", district.users["assessor"].display_name)


def test_a_preview_is_confirmed_once(district: Any) -> None:
    batch = previewed(district)
    confirm(batch, district.users["assessor"])
    before = counts()
    with pytest.raises(DomainError, match="已经导入过了"):
        confirm(batch, district.users["assessor"])
    assert counts() == before


def test_a_preview_belongs_to_who_saw_it(district: Any) -> None:
    batch = previewed(district)
    for name in ("chief", "discipline"):
        with pytest.raises(ImportBatch.DoesNotExist):
            confirm(batch, district.users[name])


def test_data_that_changed_since_the_preview_stop_the_import(district: Any) -> None:
    batch = previewed(district)
    run(xlsx([HEAD, FIRST]))
    before = counts()
    with pytest.raises(DomainError, match="预览之后系统里的数据有变动"):
        confirm(batch, district.users["assessor"])
    assert counts() == before


def test_a_file_changed_in_the_database_stops_the_import(district: Any) -> None:
    batch = previewed(district)
    ImportBatch.objects.filter(pk=batch.pk).update(content=xlsx([HEAD, ["N007", *FIRST[1:]]]))
    before = counts()
    with pytest.raises(DomainError, match="与上传时不一致"):
        confirm(batch, district.users["assessor"])
    assert counts() == before


def test_a_preview_with_refused_rows_or_without_changes_cannot_be_confirmed(district: Any) -> None:
    with pytest.raises(DomainError, match="1 行有误"):
        confirm(previewed(district, [HEAD, ["N001", None, *FIRST[2:]]]), district.users["assessor"])
    run(xlsx(GOOD))
    with pytest.raises(DomainError, match="没有需要导入的行"):
        confirm(previewed(district), district.users["assessor"])


@pytest.mark.parametrize(
    "name", ["unithead", "leader", "cadre", "chief", "discipline", "sysadmin", "secadmin", "auditor"]
)
def test_only_who_may_import_for_the_district_does(district: Any, name: str) -> None:
    before = counts()
    with pytest.raises(NotAllowed, match="维护单位和花名册"):
        previewed(district, by=name)
    assert counts() == before


def test_an_error_in_the_middle_leaves_nothing(district: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(**_: object) -> None:
        raise RuntimeError("power cut")

    before = counts()
    monkeypatch.setattr("core.services.imports.record_confirmed", fall)
    with pytest.raises(RuntimeError):
        run(xlsx(GOOD))
    assert counts() == before


def test_a_fault_of_ours_is_not_shown_as_a_refused_row(
    district: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(people, "save_cadre", fall)
    with pytest.raises(ZeroDivisionError):
        run(xlsx(GOOD))


# --- the command --------------------------------------------------------------------------------------


def saved(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(data)
    return str(path)


def test_the_command_previews_imports_and_reports(district: Any, tmp_path: Path, capsys: Any) -> None:
    file, report = saved(tmp_path, xlsx(GOOD)), tmp_path / "report.json"
    call_command("import_workbook", "roster", file, "--dry-run", "--report", str(report))
    assert json.loads(report.read_text(encoding="utf-8"))["totals"]["new"] == 2
    assert not Cadre.objects.filter(staff_no="N001").exists()
    call_command("import_workbook", "roster", file, "--user", "assessor")
    assert ImportBatch.objects.get().created_by == district.users["assessor"]
    call_command("import_workbook", "roster", file)
    assert "没有需要写入的行" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        (b"broken", [], "花名册.xlsx：文件不是有效的 Excel 工作簿"),
        (xlsx([HEAD, ["N001", None, *FIRST[2:]]]), [], "有 1 行有误，没有写入任何数据"),
        (xlsx(GOOD), ["--user", "nobody"], "没有账号“nobody”"),
        (xlsx(GOOD), ["--user", "leader"], "没有“维护单位和花名册”的权限"),
        (xlsx(GOOD), ["--dry-run", "--report", "missing/folder/r.json"], "报告写不到"),
    ],
)
def test_the_command_fails_in_one_clear_line(
    district: Any, tmp_path: Path, data: bytes, arguments: list[str], words: str
) -> None:
    before = counts()
    with pytest.raises(CommandError, match=words) as caught:
        call_command("import_workbook", "roster", saved(tmp_path, data), *arguments)
    assert caught.value.returncode == 1
    assert counts() == before


def test_a_missing_file_is_said_in_words(district: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="文件或目录不存在"):
        call_command("import_workbook", "roster", str(tmp_path / "none.xlsx"))


def test_an_unreadable_file_still_leaves_a_report(district: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with pytest.raises(CommandError):
        call_command("import_workbook", "roster", saved(tmp_path, b"broken"), "--report", str(report))
    assert "不是有效的" in json.loads(report.read_text(encoding="utf-8"))["error"]


# --- the pages ----------------------------------------------------------------------------------------


def upload(client: Client, data: bytes, name: str = "花名册.xlsx") -> Any:
    return client.post("/imports/", {"kind": "roster", "file": SimpleUploadedFile(name, data)}, follow=True)


def test_upload_preview_confirm_in_the_browser(district: Any, as_role: Callable[[str], Client]) -> None:
    client = as_role("assessor")
    assert "花名册模板" in client.get("/imports/").content.decode()
    page = upload(client, xlsx(GOOD))
    text = page.content.decode()
    assert "确认导入" in text and "新增 2" in text and "某甲" in text
    batch = ImportBatch.objects.get()
    done = client.post(f"/imports/{batch.pk}/confirm/", follow=True).content.decode()
    assert "已导入" in done and "确认导入" not in done
    assert Cadre.objects.filter(staff_no="N001").exists()
    again = client.post(f"/imports/{batch.pk}/confirm/", follow=True).content.decode()
    assert "已经导入过了" in again


def test_the_preview_names_sheet_row_column_and_reason(
    district: Any, as_role: Callable[[str], Client]
) -> None:
    text = upload(as_role("assessor"), xlsx(first_with(G="2020-02-30"))).content.decode()
    assert "2月没有30日" in text and "到岗日期" in text and "2020-02-30" in text
    assert "确认导入</button>" not in text


def test_a_file_that_cannot_be_taken_is_explained_at_the_field(
    district: Any, as_role: Callable[[str], Client]
) -> None:
    text = upload(as_role("assessor"), b"broken").content.decode()
    assert "不是有效的 Excel 工作簿" in text
    assert not ImportBatch.objects.exists()


def test_another_persons_upload_is_the_same_404_as_none(
    district: Any, as_role: Callable[[str], Client]
) -> None:
    batch = previewed(district)
    ImportBatch.objects.filter(pk=batch.pk).update(created_by=district.users["chief"])
    client = as_role("assessor")
    for pk in (batch.pk, batch.pk + 99):
        assert client.get(f"/imports/{pk}/").status_code == 404
        assert client.post(f"/imports/{pk}/confirm/").status_code == 404


@pytest.mark.parametrize("name", ["leader", "cadre", "chief", "unithead", "sysadmin", "auditor"])
def test_the_pages_are_closed_to_others(district: Any, as_role: Callable[[str], Client], name: str) -> None:
    client = as_role(name)
    for path in ("/imports/", "/imports/template/roster/", "/imports/1/"):
        assert client.get(path).status_code == 403


def test_the_template_is_downloaded(district: Any, as_role: Callable[[str], Client]) -> None:
    response = as_role("assessor").get("/imports/template/roster/")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert load_workbook(io.BytesIO(response.content)).sheetnames[0] == "花名册"


def test_the_preview_page_takes_a_fixed_number_of_statements(
    district: Any, as_role: Callable[[str], Client]
) -> None:
    client = as_role("assessor")
    batch = previewed(district, [HEAD, *([f"S{i:03}", *FIRST[1:]] for i in range(150))])
    with CaptureQueriesContext(connection) as captured:
        text = client.get(f"/imports/{batch.pk}/").content.decode()
    assert text.count("S0") >= 99
    assert len(captured) <= 8
