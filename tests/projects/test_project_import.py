"""Published project tables: every row accounted for, amounts and dates as worked out by hand."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from core.models import AuditEvent, ImportBatch
from core.resources import importing
from core.resources.workbook import WorkbookRefused
from core.rules.errors import NotAllowed
from core.services import audit
from projects.choices import MemberRole, MilestoneKind, ProjectKind
from projects.models import KeyProject, Milestone, TaskforceMember
from projects.services import milestones, projects

TABLES = Path(__file__).parents[1] / "data"
M1 = TABLES / "M1_民生实事进展情况表.xlsx"
DEV = TABLES / "projects_dev.csv"
WORKED = Path(__file__).parent / "data" / "worked_projects.csv"


def run(data: bytes, name: str = "项目.xlsx", *, write: bool = True) -> importing.Report:
    if write:
        return importing.import_now(kind="projects", name=name, data=data, by=None, at=timezone.now())
    return importing.run_import(
        kind="projects", name=name, data=data, by=None, at=timezone.now(), write=False
    )


def run_file(path: Path, *, write: bool = True) -> importing.Report:
    return run(path.read_bytes(), path.name, write=write)


def xlsx(rows: list[list[Any]], change: Callable[[Workbook], object] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (KeyProject, Milestone, TaskforceMember, AuditEvent, ImportBatch))


def by_name(report: importing.Report, part: str) -> dict[str, Any]:
    (row,) = [row for row in report["rows"] if part in row["values"]["name"]]
    found: dict[str, Any] = row
    return found


# --- the two published tables -------------------------------------------------------------------------


def test_the_published_workbook_is_imported_whole(district: Any) -> None:
    report = run_file(M1)
    assert report["sheets"] == ["Sheet1", "2016分解", "区县完成情况"]
    assert report["totals"] == {"new": 47, "changed": 0, "same": 0, "refused": 0, "skipped": 16}
    assert Counter(row["sheet"] for row in report["rows"]) == {
        "Sheet1": 5,
        "2016分解": 11,
        "区县完成情况": 31,
    }
    assert audit.verify_chain()[1] is None


def test_every_row_of_every_sheet_is_data_or_skipped_with_a_reason(db: None) -> None:
    report = run_file(M1, write=False)
    book = load_workbook(M1)
    for sheet in book.worksheets:
        data = {row["row"] for row in report["rows"] if row["sheet"] == sheet.title}
        skipped = {s["row"] for s in report["skipped"] if s["sheet"] == sheet.title}
        assert not data & skipped
        assert data | skipped == set(range(1, sheet.max_row + 1))
    assert [(s["row"], s["reason"]) for s in report["skipped"] if s["sheet"] == "Sheet1"] == [
        (1, "title"),
        (2, "title"),
        (3, "title"),
        (4, "head"),
        (10, "note"),
        (11, "blank"),
        (12, "note"),
    ]
    assert [s["reason"] for s in report["skipped"] if s["sheet"] == "区县完成情况"] == [
        "title",
        "title",
        "head",
        "head",
        "head",
        "subtotal",
    ]


def test_the_progress_list_of_the_workbook(db: None) -> None:
    rows = [row["values"] for row in run_file(M1, write=False)["rows"] if row["sheet"] == "Sheet1"]
    assert [row["percent"] for row in rows] == ["28", "30", "45", "65", None]
    assert [row["leaders"] for row in rows] == [["某甲"], ["某甲"], ["某甲"], ["某乙"], ["某乙"]]
    assert [row["units_text"] for row in rows][3:] == ["生态环境局余姚分局"] * 2, (
        "a merged cell speaks for both rows"
    )
    assert {(row["year"], row["as_of"], row["kind"]) for row in rows} == {(2025, "2025-05-15", "LIVELIHOOD")}


def test_the_task_list_of_the_workbook(db: None) -> None:
    rows = [row["values"] for row in run_file(M1, write=False)["rows"] if row["sheet"] == "2016分解"]
    dues = [(row["due_on"], row["due_node"]) for row in rows]
    assert dues == [
        ("2016-12-31", ""),
        ("2016-09-30", "投入使用"),
        ("2016-12-31", ""),
        ("2016-05-31", "开工"),
        ("2016-05-31", "开工"),
        *[("2016-12-31", "")] * 6,
    ]
    assert rows[0]["units"] == ["县水务局", "县住建局", "县护城河指挥部"]
    assert rows[5]["units"] == ["县民政局"], "merged with the row above"


def test_the_wide_sheet_of_the_workbook_becomes_one_entry_per_area_and_indicator(db: None) -> None:
    with (TABLES / "meishan.csv").open(encoding="utf-8-sig", newline="") as file:
        published = list(csv.DictReader(file))
    wanted = {
        (row["地区"], row["指标"]): (row["目标任务"], row["进度"], row["完成比例_公布"] or None)
        for row in published
        if row["地区"] != "全市" and row["进度"]
    }
    rows = [row["values"] for row in run_file(M1, write=False)["rows"] if row["sheet"] == "区县完成情况"]
    found = {(row["area"], row["indicator"]): (row["target"], row["done"], row["ratio"]) for row in rows}
    assert len(wanted) == 31
    assert found == wanted


def test_the_contradictions_of_the_workbook(db: None) -> None:
    found = run_file(M1, write=False)["contradictions"]
    assert [(c["sheet"], c["row"], c["what"]) for c in found] == [
        ("Sheet1", 8, "进展中“小区”分项合计 7，与目标 5 不一致"),
        ("Sheet1", 8, "进展中“工厂”分项合计 18，与目标 16 不一致"),
        ("2016分解", 7, "任务写“建成”，完成时限却只要求开工(动工)"),
    ]


def test_the_district_row_is_checked_against_the_sum_of_the_areas(db: None) -> None:
    book = load_workbook(M1)
    book["区县完成情况"]["C6"] = 52243
    buffer = io.BytesIO()
    book.save(buffer)
    (found,) = [
        c for c in run(buffer.getvalue(), write=False)["contradictions"] if c["sheet"] == "区县完成情况"
    ]
    assert (found["row"], found["what"]) == (6, "“城镇新增就业(人)进度”合计行为 52243，各行相加为 52242")


def test_a_published_ratio_that_does_not_fit_is_found_in_the_wide_sheet(db: None) -> None:
    book = load_workbook(M1)
    book["区县完成情况"]["D8"] = 268.5
    buffer = io.BytesIO()
    book.save(buffer)
    (found,) = [
        c for c in run(buffer.getvalue(), write=False)["contradictions"] if c["sheet"] == "区县完成情况"
    ]
    assert found["row"] == 8 and "应为 286.5%" in found["what"]


def test_the_development_table_is_imported_whole(district: Any) -> None:
    report = run_file(DEV)
    assert report["totals"] == {"new": 75, "changed": 0, "same": 0, "refused": 0, "skipped": 1}
    assert {row["row"] for row in report["rows"]} == set(range(2, 77))
    assert Counter(row["values"]["kind"] for row in report["rows"]) == {"LIVELIHOOD": 62, "TASK": 13}
    assert [(c["row"], c["what"][:9]) for c in report["contradictions"]] == [
        (4, "公布完成率 45%"),
        (5, "进展中“小区”分项"),
        (5, "进展中“工厂”分项"),
        (10, "合计已达目标，但镇"),
        (15, "任务写“建成”，完"),
    ]


def test_the_development_table_row_by_row(db: None) -> None:
    report = run_file(DEV, write=False)
    assert by_name(report, "轨道交通1号线")["values"]["percent"] == "100"
    assert by_name(report, "路口交通信息")["values"]["co_units"] == ["市城管局", "市财政局"]
    assert by_name(report, "公共自行车3000辆")["values"]["targets"] == [
        {"value": "3000", "unit": "辆", "original": "3000"},
        {"value": "100", "unit": "个", "original": "100"},
    ]
    help_ = by_name(report, "创业补贴、创业担保贷款")["values"]
    assert (help_["target_text"], help_["targets"][0]["value"]) == ("应补尽补", None)
    assert by_name(report, "2014级民族地区")["values"]["percent"] == "105.3"
    assert by_name(report, "人行天桥")["values"]["due_on"] == "2016-09-30"
    homes = by_name(report, "新开工安置房")["values"]
    assert (homes["targets"][0]["value"], homes["done"][0]["value"], homes["year"]) == (
        "10000",
        "16768",
        2018,
    )


@pytest.mark.parametrize("path", [M1, DEV], ids=["M1", "dev"])
def test_the_same_file_again_writes_nothing(district: Any, path: Path) -> None:
    run_file(path)
    before = counts()
    report = run_file(path)
    assert report["totals"]["same"] == len(report["rows"])
    assert counts() == before


# --- worked by hand -----------------------------------------------------------------------------------


def worked() -> list[dict[str, str]]:
    with WORKED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_twenty_projects_worked_out_by_hand(db: None) -> None:
    rows = worked()
    assert len(rows) == 20
    heads = [head for head in rows[0] if not head.startswith("=")]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heads)
    writer.writerows([[row[head] for head in heads] for row in rows])
    report = run(buffer.getvalue().encode(), "项目.csv")
    assert report["totals"]["refused"] == 0, [row["errors"] for row in report["rows"]]
    wrong = {c["row"] for c in report["contradictions"]}
    for number, row in enumerate(rows, start=2):
        project = KeyProject.objects.get(name=row["项目名称或目标任务"])
        milestone = project.milestones.first()
        found = {
            "=总投资": project.investment_yuan,
            "=年度计划": project.plan_yuan,
            "=累计完成": project.invested_yuan,
            "=进度": milestone.progress if milestone and row["=进度"] else None,
            "=节点": milestone.name if milestone else None,
            "=日期": milestone.planned_on if milestone else None,
        }
        shown = {key: "" if value is None else str(value) for key, value in found.items()}
        assert shown == {key: row[key] for key in shown}, row["项目名称或目标任务"]
        assert (number in wrong) is bool(row["=矛盾"]), row["项目名称或目标任务"]


def test_finished_work_is_dated_by_the_figures_only_when_that_is_in_time(db: None) -> None:
    run(
        (
            "数据截至_原文,项目名称,形象进度,完成时限\n2025年5月15日,按期,100%,6月底前\n2025年5月15日,过期,100%,4月底前\n"
            "2025年5月15日,无期,已完成,\n"
        ).encode(),
        "a.csv",
    )
    done = {p.name: p.milestones.get().done_on for p in KeyProject.objects.all()}
    assert done == {"按期": date(2025, 5, 15), "过期": None, "无期": date(2025, 5, 15)}


# --- what a table may and may not change --------------------------------------------------------------

HEAD = ["项目名称", "责任单位", "配合单位", "责任人", "总投资(万元)", "完成时限", "形象进度(%)"]
TITLE = ["2026年重点项目进展情况表"]


def table(*rows: list[Any]) -> bytes:
    return xlsx([TITLE, HEAD, *rows], lambda book: book.active.merge_cells("A1:G1"))


def test_known_units_lead_and_help_and_unknown_ones_stay_as_text(district: Any) -> None:
    report = run(table(["滨河路", "建设局、县水务局", "财政局", "解明远", 3500, "12月底前", 20]))
    project = KeyProject.objects.get(name="滨河路")
    assert (project.lead_unit, list(project.co_units.all())) == (district.bureau, [district.other])
    assert project.units_text == "建设局、县水务局；配合：财政局"
    assert project.kind == ProjectKind.KEY
    assert [n["what"] for n in report["notices"]] == ["单位未在本系统登记，已保留原文：县水务局"]


def test_a_unique_name_becomes_the_leader_and_a_later_table_does_not_replace_him(district: Any) -> None:
    run(table(["滨河路", "建设局", None, "解明远", 3500, "12月底前", 20]))
    project = KeyProject.objects.get(name="滨河路")
    member = project.members.get()
    assert (member.cadre, member.role) == (district.cadres["leader"], MemberRole.LEADER)
    run(table(["滨河路", "建设局", None, "任青", 3500, "12月底前", 20]))
    assert project.members.get(end_on=None).cadre == district.cadres["leader"]
    assert KeyProject.objects.get(pk=project.pk).leaders_text == "责任人：任青"


def test_next_months_table_changes_progress_and_plan(district: Any) -> None:
    run(table(["滨河路", "建设局", None, None, 3500, "10月底前开工", 20]))
    report = run(table(["滨河路", "建设局", None, None, "0.4亿元", "11月底前开工", 35]))
    assert report["totals"] == {"new": 0, "changed": 1, "same": 0, "refused": 0, "skipped": 2}
    milestone = Milestone.objects.get(project__name="滨河路")
    assert (milestone.name, milestone.kind, milestone.planned_on) == (
        "开工",
        MilestoneKind.START,
        date(2026, 11, 30),
    )
    assert milestone.progress == Decimal(35)
    assert KeyProject.objects.get(name="滨河路").investment_yuan == Decimal("40000000.00")
    assert report["rows"][0]["changes"]["investment_yuan"] == ["35000000.00", "40000000.00"]


def test_what_a_leader_reported_stands_above_the_table(district: Any) -> None:
    rows = ["滨河路", "建设局", None, "解明远", 3500, "12月底前", 20]
    run(table(rows))
    milestone = Milestone.objects.get(project__name="滨河路")
    milestones.update_milestone(
        milestone_id=milestone.pk,
        progress=Decimal(60),
        note="主体过半",
        version=milestone.version,
        by=district.users["leader"],
        at=timezone.now(),
    )
    before = counts()
    assert run(table(rows))["totals"]["same"] == 1
    assert counts() == before
    milestone.refresh_from_db()
    assert milestone.progress == Decimal(60)


def test_several_deadlines_become_several_milestones(db: None) -> None:
    run(table(["滨河路", "建设局", None, None, 3500, "2026年3月底前交地,6月底前开工;2027年底前竣工", 10]))
    found = [(m.name, m.planned_on, m.progress) for m in Milestone.objects.order_by("order")]
    assert found == [
        ("交地", date(2026, 3, 31), 0),
        ("开工", date(2026, 6, 30), 0),
        ("竣工", date(2027, 12, 31), 10),
    ]


def test_section_rows_and_totals_between_projects_are_skipped(db: None) -> None:
    report = run(
        table(
            ["一、基础设施类"],
            ["滨河路", "甲局", None, None, 3500, None, None],
            ["小计", None, None, None, "=SUM(E4:E4)"],
            ["滨江路", "甲局", None, None, 10, None, None],
        )
    )
    assert [s["reason"] for s in report["skipped"]] == ["title", "head", "title", "subtotal"]
    assert [row["values"]["section"] for row in report["rows"]] == ["一、基础设施类"] * 2


REFUSED_ROWS: dict[str, tuple[list[Any], str, str]] = {
    "no name": ([None, "甲局", None, None, 1, None, None], "A", "没有填写"),
    "name too long": (["长" * 201, "甲局", None, None, 1, None, None], "A", "200"),
    "formula": (["甲", "甲局", None, None, "=1+1", None, None], "E", "公式"),
    "error": (["甲", "甲局", None, None, "#DIV/0!", None, None], "E", "错误值"),
    "negative amount": (["甲", "甲局", None, None, -5, None, None], "E", "负数"),
    "foreign money": (["甲", "甲局", None, None, "100万美元", None, None], "E", "外币"),
    "two amounts": (["甲", "甲局", None, None, "1亿元;2亿元", None, None], "E", "不同金额"),
    "a range of money": (["甲", "甲局", None, None, "1-2亿元", None, None], "E", "范围"),
    "too large": (["甲", "甲局", None, None, 1e12, None, None], "E", "核对单位"),
    "18-digit number": (["甲", "甲局", None, None, 110101199003078515, None, None], "E", "超过15位"),
    "30 February": (["甲", "甲局", None, None, 1, "2月30日前", None], "F", "2月没有30日"),
    "month 13": (["甲", "甲局", None, None, 1, "13月底前", None], "F", "没有 13 月"),
    "negative percent": (["甲", "甲局", None, None, 1, None, "-5%"], "G", "负数"),
    "percent beyond belief": (["甲", "甲局", None, None, 1, None, 123456], "G", "多乘了100"),
    "doubled name": (["乙", "甲局", None, None, 1, None, None], "A", "重复"),
}


@pytest.mark.parametrize("family", REFUSED_ROWS)
def test_a_wrong_cell_is_named_and_nothing_is_written(db: None, family: str) -> None:
    row, column, words = REFUSED_ROWS[family]
    before = counts()
    report = run(table(row, ["乙", "乙局", None, None, 1, None, None]))
    wrong = [(r["row"], e["column"], e["reason"]) for r in report["rows"] for e in r["errors"]]
    assert any((3, column) == found[:2] and words in found[2] for found in wrong), wrong
    assert counts() == before


def test_words_that_are_no_date_no_percent_and_no_amount_are_kept_with_a_notice(db: None) -> None:
    report = run(table(["滨河路", "甲局", None, None, "待定", "国庆节前", "基本完成"]))
    assert report["totals"]["new"] == 1
    project = KeyProject.objects.get(name="滨河路")
    assert (project.investment_text, project.investment_yuan, project.due_text) == ("待定", None, "国庆节前")
    assert len(report["notices"]) == 4


def test_a_range_a_missing_year_and_numbers_that_do_not_fit_are_kept_and_marked(db: None) -> None:
    head = ["项目名称", "目标量", "计量单位", "完成时限", "形象进度"]
    report = run(xlsx([head, ["滨河路", "5;16;3", "个;家", "12月底前", "30%-50%"]]))
    assert report["totals"]["new"] == 1
    doubts = [c["what"] for c in report["contradictions"]]
    assert any("对不上" in what for what in doubts) and any("没有写年份" in what for what in doubts)
    assert "范围" in report["notices"][0]["what"]
    project = KeyProject.objects.get(name="滨河路")
    assert (project.target_text, project.due_text, project.milestones.count()) == ("5;16;3", "12月底前", 0)


def test_rows_under_one_merged_name_are_projects_of_their_own(db: None) -> None:
    rows = [
        ["项目名称", "建设内容", "责任单位"],
        ["老城厢复兴", "纪念馆提升", "甲局"],
        [None, "道路整治", "乙局"],
    ]
    data = xlsx(rows, lambda book: book.active.merge_cells("A2:A3"))
    assert run(data)["totals"]["new"] == 2
    assert run(data)["totals"]["same"] == 2


def test_a_fraction_in_a_percent_column_is_marked_for_checking(db: None) -> None:
    report = run(table(["滨河路", "甲局", None, None, None, None, 0.45]))
    assert "请核对" in report["contradictions"][0]["what"]
    assert Milestone.objects.get().progress == Decimal(45)


def test_an_unknown_head_refuses_the_file(db: None) -> None:
    with pytest.raises(WorkbookRefused, match="H 列的列名“血压”不认识"):
        run(xlsx([[*HEAD, "血压"], ["甲", "乙", None, None, 1, None, None, 1]]))


def test_statements_grow_by_the_row_and_not_faster(db: None) -> None:
    def statements(count: int, letter: str) -> int:
        rows = [[f"{letter}{i}", "甲局", None, None, 1, "12月底前", 20] for i in range(count)]
        with CaptureQueriesContext(connection) as captured:
            run(table(*rows), write=False)
        return len(captured)

    few, more, many = statements(5, "P"), statements(10, "Q"), statements(20, "R")
    assert (more - few) * 2 == many - more


# --- who, and the pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leader", "unithead", "cadre", "chief", "sysadmin"])
def test_only_who_may_import_projects_does(district: Any, name: str) -> None:
    with pytest.raises(NotAllowed, match="导入项目"):
        importing.preview_import(
            kind="projects", name=M1.name, data=M1.read_bytes(), by=district.users[name], at=timezone.now()
        )


def test_the_published_workbook_through_the_pages(district: Any, as_role: Callable[[str], Client]) -> None:
    client = as_role("assessor")
    file = SimpleUploadedFile(M1.name, M1.read_bytes())
    text = client.post("/imports/", {"kind": "projects", "file": file}, follow=True).content.decode()
    for words in ("新增 47", "跳过 16 行", "进展中“小区”分项合计 7", "任务写“建成”"):
        assert words in text
    batch = ImportBatch.objects.get()
    client.post(f"/imports/{batch.pk}/confirm/", follow=True)
    assert KeyProject.objects.filter(year=2016).count() == 11
    assert "没有这一类的行" in client.get(f"/imports/{batch.pk}/?status=refused").content.decode()


def test_the_command_takes_both_tables(db: None, capsys: Any) -> None:
    for path in (M1, DEV):
        call_command("import_workbook", "projects", str(path), "--dry-run")
    out = capsys.readouterr().out
    assert "新增 47" in out and "新增 75" in out
    assert not KeyProject.objects.exists()


def test_a_project_of_the_same_name_from_another_table_is_pointed_out(district: Any) -> None:
    """The second table does not silently make a twin: it says which project is there already."""
    projects.save_project(
        code="ZD-1", values={"name": "新建2座人行天桥", "kind": "KEY"}, by=None, at=timezone.now()
    )
    report = run_file(Path(__file__).parents[1] / "data" / "projects_dev.csv", write=False)
    told = [item["what"] for item in report["contradictions"] if "同名项目" in item["what"]]
    assert told == ["系统中已有同名项目（编号 ZD-1），导入后会有两个，请先核对是否重复"]
