"""The table import of conduct: the public case ledger and own violations, every row accounted for."""

import csv
import io
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.models import CaseRecord, Violation
from conduct.rules import cases as rules
from core.models import AuditEvent, ImportBatch
from core.permissions import ROLES, Permission
from core.resources import importing
from core.resources.workbook import WorkbookRefused
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, people

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[1] / "data" / "cases_dev.csv"


def rows_of_file():
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def as_csv(rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def run(data, *, by=None, write=True, name="表.csv"):
    work = {"kind": "violations", "name": name, "data": data, "by": by, "at": timezone.now()}
    return importing.import_now(**work) if write else importing.run_import(**work, write=False)


def told(report, row):
    return [item["what"] for item in report["contradictions"] if item["row"] == row]


# --- the public case ledger ---------------------------------------------------------------------------


def test_all_fifty_rows_are_accounted_for(db):
    report = run(FILE.read_bytes(), name=FILE.name)
    assert report["totals"] == {"new": 50, "changed": 0, "same": 0, "refused": 0, "skipped": 1}
    assert [row["row"] for row in report["rows"]] == list(range(2, 52))
    assert set(CaseRecord.objects.values_list("code", flat=True)) == {r["案例号"] for r in rows_of_file()}
    assert audit.verify_chain()[1] is None


def test_the_same_file_again_writes_nothing(db):
    run(FILE.read_bytes())
    before = (AuditEvent.objects.count(), ImportBatch.objects.count())
    report = run(FILE.read_bytes())
    assert report["totals"] == {"new": 0, "changed": 0, "same": 50, "refused": 0, "skipped": 1}
    assert (AuditEvent.objects.count(), ImportBatch.objects.count()) == before


def test_every_text_is_kept_as_written(db):
    run(FILE.read_bytes())
    for row in rows_of_file():
        case = CaseRecord.objects.get(code=row["案例号"])
        for field, head in (
            ("happened_text", "行为时间_原文"),
            ("handled_text", "处理时间_原文"),
            ("region", "地区"),
            ("identity", "身份"),
            ("facts", "行为描述"),
            ("result_text", "处理结果"),
            ("remark", "备注"),
        ):
            assert getattr(case, field) == row[head], (case.code, field)
        assert str(case.persons) == row["涉及人数"]
        assert case.amount == (Decimal(row["涉及金额_元"]) if row["涉及金额_元"] else None)
        assert ";".join(case.results) == row["处理结果_归一"]


def test_contradictions_are_pointed_out_and_not_swallowed(db):
    report = run(FILE.read_bytes(), write=False)
    line = {row["values"]["code"]: row["row"] for row in report["rows"]}
    expected = {
        "C010": ["涉及人数为 0"],
        "C012": ["行为时间一格有 3 个日期", "涉及人数为 0"],
        "C013": ["处理时间“3月2日”没有年份"],
        "C017": ["一案 5 人"],
        "C038": ["处理时间“未注明”不是确定的时间", "人均 450 元"],
        "C068": ["行为时间一格有 2 个日期"],
        "C074": ["处理时间一格有 2 个日期"],
        "C076": ["一案 88 人", "核实差额 92→88"],
        "C087": ["处理时间一格有 2 个日期", "一案 2 人"],
        "C089": ["行为时间“19日(周六)”没有年份", "处理时间“未注明”"],
        "C094": ["处理时间“约2017年前后”不是确定的时间"],
    }
    for code, words in expected.items():
        sentences = told(report, line[code])
        assert len(sentences) == len(words), (code, sentences)
        assert all(word in sentence for word, sentence in zip(words, sentences, strict=True)), sentences
    zero = [row["row"] for row in report["rows"] if row["values"]["persons"] == 0]
    assert zero == [i["row"] for i in report["contradictions"] if "涉及人数为 0" in i["what"]]
    several = [row["row"] for row in report["rows"] if row["values"]["persons"] > 1]
    assert several == [i["row"] for i in report["contradictions"] if "一案" in i["what"]]
    assert told(report, line["C028"]) == [], "861400+62900 is the amount"


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("2013年3月19日通报", 2013, 3),
        ("2014年中秋", 2014, None),
        ("2020年4月22日至26日", 2020, 4),
        ("2012年1月至6月", 2012, None),
        ("2014年至2016年", None, None),
        ("2016年8月15日、12月11日", 2016, None),
        ("2021年5月;2021年9月", 2021, None),
        ("2017年(省纪委3月通报)", 2017, None),
        ("3月2日", None, None),
        ("未注明(2019年报道)", None, None),
        ("约2017年前后", None, None),
        ("2020年13月", 2020, None),
        ("", None, None),
    ],
)
def test_a_time_is_read_only_where_it_leaves_no_doubt(text, year, month):
    when = rules.read_when(text, "时间")
    assert (when.year, when.month) == (year, month)


@pytest.mark.parametrize(
    ("results", "form"),
    [
        (["批评教育", "通报批评"], 1),
        (["诫勉", "党内警告"], 2),
        (["免职", "责令退赔"], 2),
        (["政务记过", "撤销党内职务"], 3),
        (["开除党籍", "移送司法"], 4),
        (["立案调查", "取消评优"], 1),
        (["问责(未列明)"], None),
        ([], None),
    ],
)
def test_the_heaviest_result_is_the_form(results, form):
    assert rules.form_of_handling(results) == form


@pytest.mark.parametrize(
    ("amount", "remark", "words"),
    [
        (4781, "2288+2493", []),
        (4782, "2288+2493", ["与备注合计 2288+2493=4781 元不符"]),
        (19000, "1.9万元", []),
        (1900, "1.9万元", ["与备注“1.9万”不符"]),
        (None, "100+1", ["涉及金额 （空）"]),
    ],
)
def test_an_amount_is_held_against_its_remark(amount, remark, words):
    found = rules.amount_doubts(None if amount is None else Decimal(amount), remark)
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def changed_file(**cells):
    """The file with cells of its first case changed, by column title."""
    rows = rows_of_file()
    rows[0] |= cells
    return as_csv([list(rows[0]), *(list(row.values()) for row in rows)])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"案例号": ""}, "“案例号”没有填写"),
        ({"案例号": "C 1#"}, "只能由数字、字母和连字符"),
        ({"案例号": "C003"}, "重复"),
        ({"涉及人数": "三"}, "不是整数"),
        ({"涉及人数": "-1"}, "不是整数"),
        ({"涉及人数": ""}, "“涉及人数”没有填写"),
        ({"八不准归类(整理者判断)": "9不准什么"}, "不认识的归类“9不准什么”"),
        ({"行为描述": ""}, "“行为描述”没有填写"),
        ({"行为描述": "长" * 2001}, "2000"),
        ({"涉及金额_元": "十万"}, "不是数字"),
        ({"涉及金额_元": "-5"}, "不小于 0"),
        ({"涉及金额_元": "0.001"}, "两位小数"),
        ({"涉及金额_元": "9" * 20}, "位数|最多|不超过|16"),
        ({"备注": "=1+1"}, "公式"),
        ({"地区": "地" * 61}, "60"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(db, cells, words):
    report = run(changed_file(**cells))
    reasons = [error["reason"] for row in report["rows"] for error in row["errors"]]
    assert any(re.search(words, reason) for reason in reasons), reasons
    assert report["totals"]["refused"] >= 1
    assert not CaseRecord.objects.exists()


def test_a_corrected_row_shows_old_and_new(db):
    run(FILE.read_bytes())
    report = run(changed_file(涉及人数="2"))
    assert report["totals"] == {"new": 0, "changed": 1, "same": 49, "refused": 0, "skipped": 1}
    assert report["rows"][0]["changes"] == {"persons": [1, 2]}
    event = AuditEvent.objects.filter(action="更正案例").get()
    assert (event.before, event.after) == ({"persons": 1}, {"persons": 2})


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": 5},
        {"amount": -1},
        {"handled_month": 13, "handled_year": 2020},
        {"handled_month": 1, "handled_year": None},
        {"prohibition_key": "B9"},
    ],
)
def test_the_database_refuses_what_no_case_can_be(db, wrong):
    run(FILE.read_bytes())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseRecord.objects.filter(code="C001").update(**wrong)


# --- own violations -----------------------------------------------------------------------------------

HEAD = ["工号", "姓名", "单位", "条款", "发生日期", "地点", "发现方式", "违规事实", "项目编号"]


def line(district, **cells):
    day = district.today - timedelta(days=3)
    row = {
        "工号": "T002",
        "姓名": "曾国平",
        "单位": "建设局",
        "条款": "B7",
        "发生日期": day.isoformat(),
        "地点": "大厅",
        "发现方式": "日常检查",
        "违规事实": "上午不在岗。",
        "项目编号": "P1",
    }
    return list((row | cells).values())


def test_rows_are_logged_as_by_hand(district):
    by = district.users["discipline"]
    data = as_csv([HEAD, line(district), line(district, 工号="", 条款="不准态度蛮横对待群众", 项目编号="")])
    report = run(data, by=by)
    assert report["totals"] == {"new": 2, "changed": 0, "same": 0, "refused": 0, "skipped": 1}
    first, second = Violation.objects.order_by("prohibition__key")
    assert (first.cadre, first.unit, first.project, first.recorded_by, first.state, first.found_by) == (
        district.cadres["clerk"],
        district.bureau,
        district.project,
        by,
        "LOGGED",
        "DAILY",
    )
    assert (second.prohibition.key, second.project) == ("B8", None)
    assert AuditEvent.objects.filter(action="登记违规").count() == 2


def test_who_has_moved_is_known_by_either_unit_and_keeps_the_one_of_the_day(district):
    clerk = district.cadres["clerk"]
    people.save_cadre(
        staff_no=clerk.staff_no,
        name=clerk.name,
        unit=district.other,
        establishment=clerk.establishment,
        post=clerk.post,
        joined_on=clerk.joined_on,
        effective_on=district.today,
        by=None,
        at=district.now,
    )
    rows = [line(district, 工号=""), line(district, 工号="", 单位="财政局", 条款="8")]
    report = run(as_csv([HEAD, *rows]), by=district.users["discipline"])
    assert report["totals"]["new"] == 2, report["rows"]
    assert {v.unit for v in Violation.objects.all()} == {district.bureau}


def test_the_same_rows_again_write_nothing(district):
    data = as_csv([HEAD, line(district)])
    run(data, by=district.users["discipline"])
    before = AuditEvent.objects.count()
    for who in ("discipline", "discipline2"):
        report = run(data, by=district.users[who])
        assert report["totals"]["same"] == 1
    assert (Violation.objects.count(), AuditEvent.objects.count()) == (1, before)


def test_a_finding_already_logged_by_hand_is_pointed_out(district):
    district.log(days_ago=3)
    report = run(as_csv([HEAD, line(district)]), by=district.users["discipline"])
    assert "已有一条同条款的违规记录" in report["contradictions"][0]["what"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"工号": "X9"}, "花名册中没有工号“X9”"),
        ({"姓名": "任青"}, "与姓名“任青”不符"),
        ({"工号": "", "姓名": ""}, "没有写违规人员"),
        ({"工号": "", "姓名": "无此人"}, "没有“无此人”"),
        ({"工号": "", "单位": "财政局"}, "单位“财政局”中没有“曾国平”"),
        ({"条款": "B9"}, "不认识的条款“B9”"),
        ({"条款": ""}, "“条款”没有填写"),
        ({"发生日期": "2020-02-30"}, "2月没有30日"),
        ({"发生日期": "2020-01-01"}, "不在岗"),
        ({"发生日期": "2999-01-01"}, "没有|晚于|之间"),
        ({"地点": ""}, "“地点”没有填写"),
        ({"地点": "地" * 121}, "120"),
        ({"违规事实": ""}, "“违规事实”没有填写"),
        ({"违规事实": "事" * 2001}, "2000"),
        ({"发现方式": "听说"}, "不认识的发现方式“听说”"),
        ({"项目编号": "P9"}, "没有项目编号“P9”"),
    ],
)
def test_a_wrong_violation_is_named_and_none_is_written(district, cells, words):
    good = line(district, 条款="1")
    report = run(as_csv([HEAD, line(district, **cells), good]), by=district.users["discipline"])
    reasons = [error["reason"] for error in report["rows"][0]["errors"]]
    assert any(re.search(words, reason) for reason in reasons), reasons
    assert not Violation.objects.exists()


def test_a_rule_of_another_day_oneself_and_tomorrow_are_refused(district):
    tomorrow = (district.today + timedelta(days=1)).isoformat()
    own = line(district, 工号="T006", 姓名="覃正", 单位="")
    late = line(district, 发生日期=tomorrow)
    report = run(as_csv([HEAD, own, late]), by=district.users["discipline"])
    reasons = [error["reason"] for row in report["rows"] for error in row["errors"]]
    assert "不能登记本人" in reasons[0] and "晚于今天" in reasons[1]
    rules_of_day = district.prohibitions["B7"]
    type(rules_of_day).objects.filter(pk=rules_of_day.pk).update(effective_from=district.today)
    report = run(as_csv([HEAD, line(district)]), by=district.users["discipline"])
    assert "尚未施行或已停用" in report["rows"][0]["errors"][0]["reason"]


def test_a_row_that_stands_twice_is_refused(district):
    report = run(as_csv([HEAD, line(district), line(district)]), by=district.users["discipline"])
    assert [row["status"] for row in report["rows"]] == ["refused", "refused"]


def test_an_import_never_changes_a_logged_record(district):
    by = district.users["discipline"]
    run(as_csv([HEAD, line(district)]), by=by)
    report = run(as_csv([HEAD, line(district, 发现方式="群众反映")]), by=by)
    assert "导入不改已有的记录" in report["rows"][0]["errors"][0]["reason"]


def test_violations_need_somebody_who_records(district, tmp_path):
    data = as_csv([HEAD, line(district)])
    with pytest.raises(DomainError, match="请加 --user 账号"):
        run(data)
    path = tmp_path / "v.csv"
    path.write_bytes(data)
    with pytest.raises(CommandError, match="请加 --user 账号"):
        call_command("import_workbook", "violations", str(path), "--dry-run")
    call_command("import_workbook", "violations", str(path), "--user", "discipline")
    assert Violation.objects.get().recorded_by == district.users["discipline"]


def test_a_head_of_neither_layout_names_both(district):
    with pytest.raises(WorkbookRefused, match=r"条款.*案例号"):
        run(as_csv([["甲", "乙"], [1, 2]]), by=district.users["discipline"])


# --- who ----------------------------------------------------------------------------------------------


def test_who_may_open_the_import_page_is_who_may_import_something():
    kinds = {importing.importer(kind).permission for kind in importing.IMPORTERS}
    for role in ROLES.values():
        assert (Permission.IMPORT_TABLES in role.permissions) == bool(kinds & role.permissions), role.code


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("discipline", {"violations"}), ("dhead", {"violations"}), ("assessor", {"roster", "projects"})],
)
def test_each_sees_the_kinds_of_the_own_permissions(district, as_role, name, kinds):
    text = as_role(name).get("/imports/").content.decode()
    assert set(re.findall(r'name="kind" value="(\w+)"', text)) == kinds


@pytest.mark.parametrize("name", ["assessor", "unithead", "cadre", "chief", "leader", "sysadmin", "auditor"])
def test_others_may_not_import_cases(district, name):
    with pytest.raises(NotAllowed):
        run(FILE.read_bytes(), by=district.users[name])
    assert not CaseRecord.objects.exists()


def test_a_kind_without_permission_is_no_choice_of_the_form(district, as_role):
    answer = as_role("assessor").post(
        "/imports/", {"kind": "violations", "file": SimpleUploadedFile("c.csv", FILE.read_bytes())}
    )
    assert answer.status_code == 200 and not ImportBatch.objects.exists()


def test_the_ledger_goes_in_through_the_browser(district, as_role):
    client = as_role("discipline")
    file = SimpleUploadedFile("cases.csv", FILE.read_bytes())
    page = client.post("/imports/", {"kind": "violations", "file": file}, follow=True).content.decode()
    assert "新增 50" in page and "案例号" in page and "涉及人数为 0" in page
    batch = ImportBatch.objects.get()
    client.post(f"/imports/{batch.pk}/confirm/")
    assert CaseRecord.objects.count() == 50
    assert Counter(CaseRecord.objects.values_list("imported_by__username", flat=True)) == {"discipline": 50}
