"""Statistics: sums that add up across months and units, the ledger against an independent count, figures
that chain."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from conduct.choices import FoundBy
from conduct.models import CaseRecord, Violation
from conduct.queries import cases as case_queries
from conduct.queries import statistics as queries
from conduct.resources.chain import read_figures
from conduct.rules import statistics as rules
from conduct.rules.statistics import Line, check_figures
from conduct.services.violations import decide_violation
from core.models import AuditEvent
from core.resources import importing
from core.resources.workbook import WorkbookRefused

DATA = Path(__file__).parents[1] / "data"
CASES, FIGURES = DATA / "cases_dev.csv", DATA / "ccdi_dev.csv"
STATISTICIANS = ["discipline", "dhead", "chief", "unithead"]
OTHERS = ["assessor", "leader", "cadre", "sysadmin", "secadmin", "auditor"]
PAGES = ["", "export/", "cases/", "cases/list/", "chain/"]


def found_true(district, cadre="clerk", *, state="CONFIRMED", days_ago=1, key="B7", **more):
    violation = district.log(cadre, days_ago=days_ago, key=key, **more)
    decide_violation(
        violation_id=violation.pk,
        state=state,
        note="经核实",
        by=district.users["discipline2"],
        at=timezone.now(),
    )
    return violation


def of(district, name="chief", since=None, until=None):
    until = until or district.today
    return queries.statistics(district.users[name], since or until - timedelta(days=300), until)


# --- own violations -----------------------------------------------------------------------------------


def test_only_what_was_found_true_counts(district):
    found_true(district)
    found_true(district, state="PARTLY")
    found_true(district, state="DISMISSED")
    district.log()
    found = of(district, "discipline")
    assert found.counted == 2
    assert dict(found.findings) == {
        "属实": 1,
        "部分属实": 1,
        "不属实": 1,
        "待认定": 1,
        "待重新认定": 0,
        "已撤回": 0,
    }
    assert dict(found.channels)["明察暗访"] == 2
    assert found.agrees


def test_the_undecided_are_the_discipline_offices_own(district):
    district.log()
    assert dict(of(district, "dhead").findings)["待认定"] == 1
    for reader in ("chief", "unithead"):
        assert "待认定" not in dict(of(district, reader).findings)  # a zero would be untrue


def test_months_add_up_to_the_cumulative_figure(district):
    for days_ago, key in ((1, "B7"), (1, "B8"), (40, "B7"), (75, "B1"), (200, "B7")):
        found_true(district, key=key, days_ago=days_ago)
    found = of(district)
    assert found.counted == found.sum_of_months == found.cumulative[-1] == 5
    for index, number in enumerate(found.cumulative):
        assert number == sum(found.monthly[: index + 1])
    for row in found.rules:
        assert sum(row.months) == row.total
    for index, number in enumerate(found.monthly):
        assert number == sum(row.months[index] for row in found.rules)
    expected = Counter(v.occurred_on.strftime("%Y-%m") for v in Violation.objects.all())
    assert dict(expected) == {
        f"{y}-{m:02}": n for (y, m), n in zip(found.months, found.monthly, strict=True) if n
    }


def test_every_level_of_the_tree_is_its_own_and_its_children(district):
    found_true(district, "clerk")
    found_true(district, "worker")
    found_true(district, "worker", key="B8")
    found_true(district, "outsider")
    found = of(district)
    rows = {row.unit: row for row in found.units}
    children = {unit: [r for r in found.units if r.unit.parent_id == unit.pk] for unit in rows}
    for unit, row in rows.items():
        assert row.total == row.own + sum(child.total for child in children[unit])
        assert row.people == row.people_own + sum(child.people for child in children[unit])
    assert (rows[district.root].total, rows[district.bureau].total, rows[district.station].total) == (4, 3, 2)
    assert rows[district.root].people == len(district.cadres)
    assert (rows[district.bureau].people, rows[district.bureau].rate) == (4, Decimal("75.00"))
    assert found.agrees


def test_a_unit_head_counts_the_own_subtree_only(district):
    found_true(district, "clerk")
    found_true(district, "worker")
    found_true(district, "outsider")
    found = of(district, "unithead")
    assert [row.unit for row in found.units] == [district.bureau, district.station]
    assert (found.counted, found.units[0].total, found.agrees) == (2, 2, True)


def test_the_range_of_days_is_kept_to(district):
    found_true(district, days_ago=1)
    found_true(district, days_ago=10)
    day = district.today - timedelta(days=10)
    assert of(district, since=day, until=day).counted == 1


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 50)), st.integers(0, 1000))
def test_rolling_up_adds_up_for_any_tree(own, seed):
    parents = {unit: None if unit == 0 else (unit * 7 + seed) % unit for unit in range(31)}
    total = rules.rolled_up(own, parents)
    for unit in parents:
        below = sum(total[child] for child, parent in parents.items() if parent == unit)
        assert total[unit] == own.get(unit, 0) + below
    assert total[0] == sum(own.values())


def test_a_rate_without_people_is_no_number():
    assert rules.per_hundred(3, 0) is None
    assert rules.per_hundred(1, 3) == Decimal("33.33")
    assert (rules.share(0, 0), rules.share(0, 4), rules.share(1, 3)) == (
        None,
        Decimal("0.0"),
        Decimal("33.3"),
    )


@pytest.mark.parametrize("name", STATISTICIANS)
def test_who_reads_statistics(district, as_role, name):
    client = as_role(name)
    assert [client.get(f"/statistics/{page}").status_code for page in PAGES] == [200] * 5
    assert "作风统计" in client.get("/").content.decode()


@pytest.mark.parametrize("name", OTHERS)
def test_who_does_not(district, as_role, name):
    client = as_role(name)
    assert [client.get(f"/statistics/{page}").status_code for page in PAGES] == [403] * 5
    assert "/statistics/" not in client.get("/").content.decode()


def test_the_page_shows_that_the_sums_agree(district, as_role):
    found_true(district)
    client = as_role("unithead")
    text = client.get("/statistics/").content.decode()
    assert "各月合计 1 = 累计 1" in text and "相符" in text and "排名" in text
    assert "<html" not in client.get("/statistics/", headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"since": "2026-05-01", "until": "2026-04-01"}, "晚于截止日期"),
        ({"since": "2010-01-01", "until": "2026-01-01"}, "最多统计 36 个月"),
        ({"since": "2026-02-30"}, "发生日期起"),
        ({"year": "1066"}, "年份"),
    ],
)
def test_a_wrong_range_is_told_and_this_year_stands(district, as_role, conditions, words):
    text = as_role("chief").get("/statistics/", conditions).content.decode()
    assert words in text and f"{district.today.year}-01-01" in text and "notice-error" in text


def test_statements_do_not_grow_with_rows_or_units(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    for number in range(100):
        found = FoundBy.values[number % 5]
        violation = Violation.objects.create(
            prohibition=district.prohibitions[f"B{number % 8 + 1}"],
            cadre=district.cadres["clerk"],
            unit=district.bureau,
            occurred_on=district.today - timedelta(days=number),
            place="大厅",
            found_by=found,
            facts="事实",
            matter=uuid4(),
            submission_key=uuid4(),
            recorded_by=district.users["discipline"],
            recorded_at=district.now,
            state="CONFIRMED",
            finding="CONFIRMED",
            decided_by=district.users["discipline2"],
            decided_at=district.now,
            decided_on=district.today,
        )
        if number == 14:
            client.get("/statistics/")  # the session is made
            with django_assert_max_num_queries(15) as few:
                assert client.get("/statistics/", {"since": "2026-01-01"}).status_code == 200
            count = len(few.captured_queries)
    assert violation.pk
    with django_assert_max_num_queries(15) as many:
        client.get("/statistics/", {"since": "2026-01-01"})
    assert len(many.captured_queries) == count


def test_the_export_is_numbers_and_texts_and_leaves_a_row(district, as_role):
    found_true(district)
    district.bureau.name = "=1+1"
    district.bureau.save()
    answer = as_role("unithead").get("/statistics/export/")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["条款逐月", "形态逐月", "单位", "发现方式", "认定情况"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert book["单位"]["A4"].value.strip() == "=1+1" and book["单位"]["C4"].value == 1
    event = AuditEvent.objects.get(action="导出作风统计")
    assert event.after["counted"] == 1 and len(event.after["sha256"]) == 64


# --- the ledger ---------------------------------------------------------------------------------------

FORMS = {
    "第四种形态": {"移送司法"},
    "第三种形态": {"开除党籍", "开除公职", "撤销党内职务", "政务撤职", "政务降级", "留党察看"},
    "第二种形态": {
        "党内警告",
        "党内严重警告",
        "政务警告",
        "政务记过",
        "政务记大过",
        "免职",
        "停职检查",
        "辞退",
    },
    "未写明": set(),
}
"""Written out once more for the count below; what is in none of them is 第一种形态 if anything was told."""


def independent_count():
    """The file with the csv module alone: per class, form, year and in all (cases, persons)."""
    with CASES.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    classes, forms = Counter(), Counter()
    for row in rows:
        results = set(row["处理结果_归一"].split(";"))
        told = results - {"问责(未列明)", "立案调查"}
        form = next((name for name, words in FORMS.items() if words & results), None)
        form = form or ("第一种形态" if told else "未写明")
        name = row["八不准归类(整理者判断)"]
        for tally, label in ((classes, name[0] if name[0].isdigit() else name), (forms, form)):
            tally[label, "cases"] += 1
            tally[label, "persons"] += int(row["涉及人数"])
    return len(rows), sum(int(row["涉及人数"]) for row in rows), classes, forms


@pytest.fixture
def ledger(district):
    report = importing.import_now(
        kind="violations", name=CASES.name, data=CASES.read_bytes(), by=None, at=timezone.now()
    )
    assert report["totals"]["new"] == 50


def test_the_ledgers_totals_are_those_of_an_independent_count(district, ledger):
    found = case_queries.case_statistics(CaseRecord.objects.all())
    cases, persons, classes, forms = independent_count()
    assert (found.cases, found.persons) == (cases, persons) and cases == 50
    counted = {}
    for label, row in found.group("八不准归类").items():
        key = label[0] if label[0].isdigit() else label
        counted |= {(key, "cases"): row.cases, (key, "persons"): row.persons}
    assert counted == dict(classes)
    counted = {}
    for label, row in found.group("处理形态").items():
        counted |= {(label, "cases"): row.cases, (label, "persons"): row.persons}
    assert counted == dict(forms)
    for title, rows in found.groups:
        assert (sum(r.cases for r in rows), sum(r.persons for r in rows)) == (cases, persons), title


def test_the_ledgers_page_shows_those_totals(district, as_role, ledger):
    cases, persons, *_ = independent_count()
    text = as_role("unithead").get("/statistics/cases/").content.decode()
    assert f"<b>{cases}</b> 个案例" in text and f"<b>{persons}</b> 人次" in text


def test_an_empty_ledger_says_so(district, as_role):
    assert "案例库还是空的" in as_role("chief").get("/statistics/cases/").content.decode()


@pytest.mark.parametrize(
    ("conditions", "codes"),
    [
        ({"q": "C076"}, {"C076"}),
        ({"rule": "B8"}, {"C082", "C084", "C086"}),
        ({"form": "4"}, {"C024", "C026", "C028", "C074"}),
        ({"region": "新疆"}, {"C036"}),
        ({"year": "2023"}, {"C046"}),
        ({"q": "麻将", "rule": "B6"}, {"C051", "C055"}),
    ],
)
def test_the_ledger_is_searched(district, as_role, ledger, conditions, codes):
    page = as_role("chief").get("/statistics/cases/list/", conditions).context["page"]
    assert {case.code for case in page} == codes


def test_the_ledgers_pages_cost_the_same_for_many(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/statistics/cases/list/")  # the session is made
    counts = []
    for number in (15, 100):
        CaseRecord.objects.bulk_create(
            CaseRecord(code=f"N{number}-{i}", persons=1, class_text="x", facts="y", imported_at=district.now)
            for i in range(number)
        )
        for page in ("cases/list/", "cases/"):
            with django_assert_max_num_queries(15) as captured:
                client.get(f"/statistics/{page}")
            counts.append(len(captured.captured_queries))
    assert counts[:2] == counts[2:]
    assert (
        "<html" not in client.get("/statistics/cases/list/", headers={"HX-Request": "true"}).content.decode()
    )


# --- published figures --------------------------------------------------------------------------------


def real():
    table = read_figures(FIGURES.name, FIGURES.read_bytes())
    return table, check_figures(table.lines)


def test_the_published_figures_that_chain_and_the_one_that_does_not():
    """Worked out by hand from the file."""
    _, checked = real()
    told = [
        (s.kind, s.column, s.rows, int(s.expected), int(s.stated), int(s.difference))
        for s in checked.statements
    ]
    types, chain = "分项与总数", "逐月累计"
    assert sorted(told) == sorted(
        [
            # S09 累计 01–06 + S10 当月 07 = S10 累计 01–07
            (chain, "查处问题数_起", (16, 17, 18), 25677 + 5178, 30855, 0),
            (chain, "处理人数_人", (16, 17, 18), 36618 + 7353, 43971, 0),
            (chain, "党纪政务处分人数_人", (16, 17, 18), 26029 + 5101, 31130, 0),
            # S08: 24 + 2329 + 19619 + 240622; 22 + 1555 + 11882 + 131600
            (types, "处理人数_人", (14,), 262594, 262594, 0),
            (types, "党纪政务处分人数_人", (14,), 145059, 145059, 0),
            # 21313 + 26741 + 16615 + 35597 + 19469 + 62051; the remark: 余11382起为未列类型
            (types, "查处问题数_起", (14,), 181786, 193168, 11382),
        ]
    )


def test_what_cannot_be_compared_is_listed_with_its_reason():
    table, checked = real()
    reasons = {(u.row, u.column): [] for u in checked.uncompared}
    for item in checked.uncompared:
        reasons[item.row, item.column].append(item.reason)
    assert "读不出确定的年月" in reasons[11, "（整行）"][0]
    assert "缺 2017-01、2017-02、2017-03的当月数" in reasons[13, "查处问题数_起"][0]
    assert "与 2012-12至2013-12 之间缺 2014-01 等 6 个月" in reasons[5, "查处问题数_起"][0]
    assert "已给的 3 项之和 3476，与总数相同" in reasons[12, "党纪政务处分人数_人"][0]
    assert "2012-12、2015-01、2017-01、2018-01 起的累计数，起点不同，不相加" in reasons[6, "查处问题数_起"][0]
    met = {(row, s.column) for s in checked.statements for row in s.rows}
    stated = {(line.row, column) for line in table.lines for column in line.values}
    parts = {part for _, names in rules.PARTS for part in names}
    unread = {(line.row, c) for line in table.lines for c in line.values if line.row == 11}
    assert stated <= met | set(reasons) | unread | {(14, part) for part in parts}, "nothing is silent"


def line(row, period, basis, value, scope="全国"):
    return Line(row, period, basis, scope, {"查处问题数_起": Decimal(value)})


def year_of(months, upto):
    """Every month of 2024 up to `upto` and its cumulative figure; all twelve with the full year."""
    lines = [line(n, f"2024-{n:02}", "当月", months[n - 1]) for n in range(1, upto + 1)]
    lines += [line(100 + n, f"2024-01至{n:02}", "累计", sum(months[:n])) for n in range(1, upto + 1)]
    return lines + ([line(200, "2024年", "全年", sum(months))] if upto == 12 else [])


@given(
    st.lists(st.integers(0, 10**6), min_size=12, max_size=12),
    st.integers(1, 12),
    st.integers(0, 24),
    st.integers(1, 10**6),
)
def test_random_months_chain_and_any_single_change_is_found(months, upto, place, change):
    lines = year_of(months, upto)
    checked = check_figures(lines)
    assert checked.statements and not checked.differing and not checked.uncompared
    place %= len(lines)
    wrong = lines[place]
    value = wrong.values["查处问题数_起"] + change
    changed = [*lines[:place], line(wrong.row, wrong.period, wrong.basis, value), *lines[place + 1 :]]
    differing = check_figures(changed).differing
    assert differing
    assert any(wrong.row in statement.rows for statement in differing)
    assert all(abs(statement.difference) == change for statement in differing)


def test_different_starts_and_places_never_meet():
    lines = [
        line(1, "2023-12至2024-01", "累计", 30),
        line(2, "2024-02", "当月", 5),
        line(3, "2024-01至02", "累计", 15),
        line(4, "2024-01", "当月", 9, scope="山东"),
    ]
    checked = check_figures(lines)
    assert checked.statements == []
    assert "起点不同，不相加" in checked.uncompared[0].reason


def test_a_full_year_is_its_months_and_the_same_period_one_number():
    lines = [line(n, f"2024-{n:02}", "当月", n) for n in range(1, 13)]
    lines += [line(13, "2024年", "全年", 78), line(14, "2024-01至12", "累计", 79)]
    told = {s.kind: s.difference for s in check_figures(lines).statements}
    assert told == {"各月之和": 0, "同期两处": 1}


@pytest.mark.parametrize(
    ("period", "basis", "words"),
    [
        ("2018-13", "当月", "年月不对"),
        ("2018-07至01", "累计", "起止颠倒"),
        ("0001-01至9999-12", "累计", "年月不对"),
        ("2018-07", "累计", "应写成 2018-01至07"),
        ("2018", "半年", "口径“半年”不认识"),
        ("一月", "当月", "读不出"),
        ("", "全年", "读不出"),
    ],
)
def test_a_period_that_cannot_be_read_says_why(period, basis, words):
    assert words in rules.read_span(period, basis)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("甲,乙\n1,2", "没有找到表头"),
        ("期间,口径,范围\n2018-01,当月,全国", "没有数字列"),
        ("期间,口径,范围,数,数\n2018-01,当月,全国,1,2", "重复"),
        ("期间,口径,范围,数", "没有数据行"),
        ("期间,口径,范围,数\n" + "2018-01,当月,全国,1\n" * 2001, "最多核对 2000 行"),
    ],
)
def test_a_table_that_cannot_be_checked_is_refused(text, words):
    with pytest.raises(WorkbookRefused, match=words):
        read_figures("表.csv", text.encode())


def test_cells_without_a_number_are_listed():
    table = read_figures("表.csv", "期间,口径,范围,数,占比_%\n2018-01,当月,全国,约5,3\n".encode())
    assert table.unreadable[0].reason == "“约5”不是数字"
    assert table.left_out == ("占比_%",)


def test_figures_are_checked_on_the_page_and_nothing_is_kept(district, as_role):
    client = as_role("unithead")
    before = AuditEvent.objects.count()
    text = client.post(
        "/statistics/chain/", {"file": SimpleUploadedFile("ccdi.csv", FIGURES.read_bytes())}
    ).content.decode()
    assert "2018-01至06累计 25677 + 2018-07当月 5178 = 2018-01至07累计" in text
    assert "差 11382" in text and "相符 <b>5</b>" in text
    assert AuditEvent.objects.count() == before


def test_a_pasted_table_and_a_workbook_are_checked_alike(district, as_role):
    client = as_role("chief")
    rows = [
        ["期间", "口径", "范围", "件数"],
        ["2026-01至02", "累计", "本区", "5"],
        ["2026-03", "当月", "本区", "2"],
        ["2026-01至03", "累计", "本区", "8"],
    ]
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    pasted = "\n".join("\t".join(row) for row in rows)
    file = SimpleUploadedFile("表.xlsx", buffer.getvalue())
    for sent in ({"text": pasted}, {"file": file}):
        assert "差 1<" in client.post("/statistics/chain/", sent).content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "请选择文件，或在下面粘贴表格"),
        ({"text": "甲\t乙"}, "没有找到表头"),
        ({"file": SimpleUploadedFile("x.xlsx", b"broken")}, "不是有效的 Excel 工作簿"),
        ({"text": "期" * 200_001}, "200000"),
    ],
)
def test_what_cannot_be_read_is_explained(district, as_role, sent, words):
    assert words in as_role("chief").post("/statistics/chain/", sent).content.decode()


def test_a_range_of_days_covers_every_month():
    assert rules.months_between(date(2025, 11, 30), date(2026, 2, 1)) == [
        (2025, 11),
        (2025, 12),
        (2026, 1),
        (2026, 2),
    ]
