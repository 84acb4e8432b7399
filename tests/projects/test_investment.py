"""Investment through the services and pages: who may, lost updates, wrong units, sums, statements, export."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone
from openpyxl import load_workbook

from core.models import AuditEvent
from core.queries import todos as agenda
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from projects.choices import InvestmentFact, MemberRole, OpeningScope, ProjectState
from projects.models import InvestmentEntry, InvestmentPlan, InvestmentRevision, KeyProject
from projects.queries import investment as queries
from projects.queries import overview
from projects.rules import investment as rules
from projects.services import investment, projects

pytestmark = pytest.mark.django_db
WAN = Decimal(10_000)
NOON = timezone.datetime(2026, 11, 25, 4, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _november(time_machine):
    """The 25th of November 2026, a working day after the fifth of the month."""
    time_machine.move_to(NOON, tick=False)


def typed(month, amount, *, year=2026, **more):
    return rules.Typed(date(year, month, 1), rules.money_typed(amount), **more)


def save(district, *rows, by="leader", project=None):
    return investment.save_months(
        project_id=(project or district.project).pk,
        rows=rows,
        by=district.users[by] if by else None,
        at=timezone.now(),
    )


def plan(district, amount="36000", *, by="assessor", year=2026, version=0, project=None, **more):
    return investment.set_plan(
        project_id=(project or district.project).pk,
        year=year,
        money=rules.money_typed(amount),
        version=version,
        by=district.users[by] if by else None,
        at=timezone.now(),
        **more,
    )


def opening(district, amount="50000", *, until="2026-08-01", by="assessor", version=0, **more):
    return investment.set_opening(
        project_id=district.project.pk,
        month=date.fromisoformat(until),
        scope=OpeningScope.START,
        money=rules.money_typed(amount),
        version=version,
        by=district.users[by],
        at=timezone.now(),
        **more,
    )


def sheet_path(district, project=None):
    return f"/projects/{(project or district.project).pk}/investment/"


def filled(page, **typed_in):
    """What the browser would send: everything the sheet shows, with what was typed."""
    form = page.context["form"]
    return {
        name: "" if (value := form[name].value()) in (None, False) else value for name in form.fields
    } | typed_in


# ---- Months ----


def test_a_month_is_kept_as_typed_and_in_yuan_with_one_audit_row(district):
    before = AuditEvent.objects.count()
    assert save(district, typed(9, "3000"), typed(10, "0.3亿元")) == 2
    kept = InvestmentEntry.objects.order_by("month").values_list("amount_yuan", "amount_text", "version")
    assert list(kept) == [(3000 * WAN, "3000万元", 1), (3000 * WAN, "0.3亿元", 1)]
    assert AuditEvent.objects.count() == before + 1
    event = AuditEvent.objects.order_by("-seq").first()
    assert (event.action, event.after) == ("填报投资", {"2026年9月": "3000万元", "2026年10月": "0.3亿元"})


def test_only_changed_months_are_written(district):
    save(district, typed(9, "3000"), typed(10, "3100"))
    assert save(district, typed(9, "3000万元", version=1), typed(10, "3200", note="补计", version=1)) == 1
    versions = InvestmentEntry.objects.order_by("month").values_list("version", flat=True)
    assert list(versions) == [1, 2]


def test_nothing_changed_writes_nothing(district):
    save(district, typed(10, "3000"))
    rows = (InvestmentRevision.objects.count(), AuditEvent.objects.count())
    assert save(district, typed(10, "3000", version=1)) == 0
    assert (InvestmentRevision.objects.count(), AuditEvent.objects.count()) == rows


def test_a_corrected_month_keeps_the_old_figure_in_sight(district, as_role):
    save(district, typed(9, "3000"))
    with pytest.raises(DomainError, match="请在说明中写明原因") as caught:
        save(district, typed(9, "2000", version=1))
    assert caught.value.field == "note_9"
    save(district, typed(9, "2000", note="监理核减", version=1))
    row = InvestmentRevision.objects.first()
    assert (row.before_text, row.after_text, row.note) == ("3000万元", "2000万元", "监理核减")
    content = as_role("chief").get(sheet_path(district)).content.decode()
    assert "<del" in content and "3000万元" in content and "监理核减" in content


def test_this_months_own_figure_grows_without_a_reason(district):
    save(district, typed(11, "1000"))
    assert save(district, typed(11, "1800", version=1)) == 1


def test_a_wrong_month_keeps_the_right_ones_out_too(district):
    with pytest.raises(rules.SheetWrong) as caught:
        save(district, typed(10, "3000"), typed(12, "3000"))
    assert [problem.field for problem in caught.value.problems] == ["amount_12"]
    assert not InvestmentEntry.objects.exists()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("leader", True), ("chief", False), ("assessor", False), ("unithead", False), ("discipline", False)],
)
def test_only_the_projects_leader_reports(district, role, allowed):
    if allowed:
        assert save(district, typed(10, "3000"), by=role) == 1
        return
    with pytest.raises(NotAllowed, match="项目组长"):
        save(district, typed(10, "3000"), by=role)


def test_another_project_does_not_exist_for_a_leader(district, as_role):
    with pytest.raises(KeyProject.DoesNotExist):
        save(district, typed(10, "3000"), project=district.foreign_project)
    client = as_role("leader")
    assert client.get(sheet_path(district, district.foreign_project)).status_code == 404
    assert client.post(sheet_path(district, district.foreign_project), {}).status_code == 404


def test_a_deputy_reports_and_a_member_does_not(district):
    for role, allowed in ((MemberRole.MEMBER, False), (MemberRole.DEPUTY, True)):
        projects.appoint(
            project=district.project,
            cadre=district.cadres["clerk"],
            role=role,
            on=district.today,
            by=None,
            at=timezone.now(),
        )
        if allowed:
            assert save(district, typed(10, "3000"), by="cadre") == 1
        else:
            with pytest.raises(NotAllowed):
                save(district, typed(10, "3000"), by="cadre")


def test_a_closed_project_is_not_reported_on(district, as_role):
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.CLOSED, closed_on=date(2026, 11, 1)
    )
    with pytest.raises(NotAllowed, match="办结"):
        save(district, typed(10, "3000"))
    assert as_role("leader").get(sheet_path(district)).context["form"] is None


def test_of_two_leaders_the_later_sees_both_amounts_and_loses_nothing(district, as_role):
    client = as_role("leader")
    page = client.get(sheet_path(district))
    save(district, typed(10, "3000"))
    answer = client.post(
        sheet_path(district), filled(page, amount_9="2900", amount_10="3500", note_10="我的说明")
    )
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "3000万元" in content and "您填的是 3500万元" in content
    assert 'value="3500"' in content and 'value="2900"' in content and "我的说明" in content
    assert InvestmentEntry.objects.count() == 1
    again = client.post(sheet_path(district), filled(answer, amount_9="2900", amount_10="3500"))
    assert again.status_code == 302
    amounts = InvestmentEntry.objects.order_by("month").values_list("amount_text", flat=True)
    assert list(amounts) == ["2900万元", "3500万元"]


def test_with_the_version_check_off_the_first_amount_would_be_lost(district, monkeypatch):
    """The control: what the check is for."""
    save(district, typed(11, "3000"))
    with pytest.raises(StaleVersion):
        save(district, typed(11, "3500", version=0))
    monkeypatch.setattr(investment, "_check_versions", lambda changed, stored: None)
    assert save(district, typed(11, "3500", version=0)) == 1
    assert InvestmentEntry.objects.get().amount_text == "3500万元"


def test_a_month_not_touched_is_not_stale(district, as_role):
    client = as_role("leader")
    page = client.get(sheet_path(district))
    save(district, typed(9, "2900"))
    assert client.post(sheet_path(district), filled(page, amount_10="3000")).status_code == 302
    assert InvestmentEntry.objects.count() == 2


def test_the_wrong_unit_is_asked_back_and_stands_when_confirmed(district, as_role):
    save(district, *(typed(n, "3000") for n in range(1, 10)))
    client = as_role("leader")
    page = client.get(sheet_path(district))
    sent = filled(page, amount_10="3000亿元", note_10="集中结算")
    answer = client.post(sheet_path(district), sent)
    content = answer.content.decode()
    assert answer.status_code == 200
    assert "您填的金额读作 3,000 亿元" in content and "是否应为 3,000 万元？" in content
    assert 'value="3000亿元"' in content and "集中结算" in content and 'name="sure_10"' in content
    assert '<a href="#id_amount_10">10月完成</a>' in content, (
        "to the amount, not to the box that waves it through"
    )
    assert re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', content) == [
        found for found in re.findall(r"<input[^>]*>", content) if 'id="id_amount_10"' in found
    ]
    assert not InvestmentEntry.objects.filter(month="2026-10-01").exists()
    assert client.post(sheet_path(district), {**sent, "sure_10": "on"}).status_code == 302
    assert InvestmentEntry.objects.get(month="2026-10-01").amount_yuan == Decimal("3e11")


@pytest.mark.parametrize("wrong", ["三千", "约3000", "3000美元", "30,00"])
def test_what_is_no_amount_comes_back_as_typed(district, as_role, wrong):
    client = as_role("leader")
    page = client.get(sheet_path(district))
    answer = client.post(sheet_path(district), filled(page, amount_10=wrong, amount_9="2900"))
    content = answer.content.decode()
    assert answer.status_code == 200
    assert f'value="{wrong}"' in content and 'value="2900"' in content
    assert "没有保存" in content
    assert not InvestmentEntry.objects.exists()


def test_a_reported_month_is_not_emptied(district, as_role):
    save(district, typed(10, "3000"))
    client = as_role("leader")
    page = client.get(sheet_path(district))
    answer = client.post(sheet_path(district), filled(page, amount_10=""))
    assert "不能清空" in answer.content.decode()
    assert InvestmentEntry.objects.exists()


def test_a_word_without_an_amount_is_not_swallowed(district, as_role):
    save(district, typed(10, "3000"))
    client = as_role("leader")
    page = client.get(sheet_path(district))
    answer = client.post(sheet_path(district), filled(page, note_10="补充说明", amount_9="2900"))
    content = answer.content.decode()
    assert "只写了说明" in content and 'value="补充说明"' in content
    assert InvestmentEntry.objects.count() == 1


def test_months_to_come_have_no_field_and_are_refused_when_sent(district, as_role):
    client = as_role("leader")
    page = client.get(sheet_path(district))
    assert "amount_11" in page.context["form"].fields
    assert "amount_12" not in page.context["form"].fields
    client.post(sheet_path(district), filled(page, amount_12="3000"))
    assert not InvestmentEntry.objects.exists()


def test_who_does_not_lead_reads_and_is_refused_when_sending(district, as_role):
    save(district, typed(10, "3000"))
    client = as_role("chief")
    page = client.get(sheet_path(district))
    assert page.context["form"] is None
    assert "3,000" in page.content.decode()
    assert client.post(sheet_path(district), {"amount_10": "1"}).status_code == 403


def test_a_year_that_is_none_is_this_year(district, as_role):
    client = as_role("leader")
    for text, year in (("2025", 2025), ("x", 2026), ("9999", 2026), ("-1", 2026), ("²²²²", 2026), ("", 2026)):
        assert client.get(sheet_path(district), {"year": text}).context["sheet"].year == year


def test_the_sheet_shows_last_year_beside_and_the_share_of_the_plan(district, as_role):
    plan(district, "10000")
    save(district, typed(10, "2000", year=2025), typed(10, "3000"))
    lines = as_role("leader").get(sheet_path(district)).context["sheet"].lines
    reading = lines[9].reading
    assert (reading.month_last_year, reading.month_growth, reading.share) == (
        2000 * WAN, Decimal("50.0"), Decimal("30.0"),
    )  # fmt: skip
    assert lines[0].reading.month_growth is None


# ---- Plan and what was brought forward ----


def test_a_plan_is_set_by_the_office_and_changed_with_a_reason(district):
    plan(district, "3.6亿元")
    with pytest.raises(DomainError, match="写明原因") as caught:
        plan(district, "4亿元", version=1)
    assert caught.value.field == "reason"
    plan(district, "4亿元", version=1, reason="省里追加")
    kept = InvestmentPlan.objects.get()
    assert (kept.amount_yuan, kept.amount_text, kept.version) == (Decimal("4e8"), "4亿元", 2)
    row = InvestmentRevision.objects.filter(fact=InvestmentFact.PLAN).first()
    assert (row.before_text, row.after_text, row.note) == ("3.6亿元", "4亿元", "省里追加")
    with pytest.raises(StaleVersion, match="4亿元"):
        plan(district, "5亿元", version=1, reason="再加")


@pytest.mark.parametrize("role", ["leader", "chief", "unithead"])
def test_nobody_else_sets_plans_or_brings_forward(district, as_role, role):
    with pytest.raises(NotAllowed):
        plan(district, by=role)
    with pytest.raises(NotAllowed):
        opening(district, by=role)
    client = as_role(role)
    for page in ("plan/2026/", "opening/"):
        assert client.get(sheet_path(district) + page).status_code == 403


@pytest.mark.parametrize(
    ("amount", "year", "said"),
    [
        ("-1", 2026, "负数"),
        ("1", 2028, "只能定到明年"),
        ("1", 1999, "不能定计划"),
        ("3000亿", 2026, "总投资"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(district, amount, year, said):
    KeyProject.objects.filter(pk=district.project.pk).update(investment_yuan=Decimal("5e8"))
    with pytest.raises(DomainError, match=said):
        plan(district, amount, year=year)
    assert not InvestmentPlan.objects.exists()


def test_a_plan_in_the_wrong_unit_is_asked_back_on_the_page(district, as_role):
    KeyProject.objects.filter(pk=district.project.pk).update(investment_yuan=Decimal("5e8"))
    client = as_role("assessor")
    path = sheet_path(district) + "plan/2026/"
    answer = client.post(path, {"amount": "30000亿", "version": "0", "reason": ""})
    content = answer.content.decode()
    assert "是否应为 3 亿元？" in content and 'name="sure"' in content and 'value="30000亿"' in content
    assert client.post(path, {"amount": "3亿", "version": "0", "reason": ""}).status_code == 302
    assert InvestmentPlan.objects.get().amount_yuan == Decimal("3e8")


def test_two_plans_at_once_show_both(district, as_role):
    client = as_role("assessor")
    path = sheet_path(district) + "plan/2026/"
    client.get(path)
    plan(district, "36000")
    answer = client.post(path, {"amount": "40000", "version": "0", "reason": "追加"})
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "36000万元" in content and 'value="40000"' in content
    assert client.post(path, filled(answer)).status_code == 302


def test_the_imported_figures_are_offered_and_taken_over_on_request(district, as_role):
    KeyProject.objects.filter(pk=district.project.pk).update(
        plan_yuan=Decimal("3.6e8"), plan_text="3.6亿元", invested_yuan=Decimal("5e8"), invested_text="5亿元"
    )
    assert not InvestmentPlan.objects.exists()
    client = as_role("assessor")
    page = client.get(sheet_path(district) + "plan/2026/").content.decode()
    assert "原文“3.6亿元”" in page and 'data-value="3.6亿元"' in page
    sent = {"amount": "5亿元", "month": "2026-08-01", "scope": "START", "version": "0", "reason": ""}
    assert client.post(sheet_path(district) + "opening/", sent).status_code == 302
    save(district, typed(8, "8000"), typed(9, "3000"))
    content = client.get(sheet_path(district)).content.decode()
    sheet = client.get(sheet_path(district)).context["sheet"]
    assert (sheet.agreement.by_month, sheet.agreement.difference) == (8000 * WAN, 42000 * WAN)
    assert sheet.last.since_start == 53000 * WAN
    assert sheet.table_difference == -3000 * WAN
    assert "4.2 亿元" in content and "没有分到月份" in content


def test_what_is_brought_forward_ends_before_this_month_and_changes_with_a_reason(district):
    with pytest.raises(DomainError, match="还没有结束"):
        opening(district, until="2026-11-01")
    opening(district)
    with pytest.raises(DomainError, match="写明原因"):
        opening(district, "60000", version=1)
    changed = opening(district, "60000", version=1, reason="审计核增")
    assert (changed.amount_yuan, changed.version) == (60000 * WAN, 2)
    with pytest.raises(StaleVersion):
        opening(district, "70000", version=1, reason="再改")


# ---- All projects ----


def many(district, count, start=0):
    """So many projects of two units and of none, each with a plan, last year's and this year's September."""
    at, units = timezone.now(), (district.bureau, district.other, None)
    made = KeyProject.objects.bulk_create(
        KeyProject(
            code=f"Z{number:03}",
            name=f"项目{number}",
            kind="KEY",
            lead_unit=units[number % 3],
            investment_yuan=Decimal(10**9) + number,
            recorded_at=at,
        )
        for number in range(start, start + count)
    )
    InvestmentPlan.objects.bulk_create(
        InvestmentPlan(
            project=project, year=2026, amount_yuan=(1000 + number) * WAN, amount_text="", recorded_at=at
        )
        for number, project in enumerate(made, start)
    )
    InvestmentEntry.objects.bulk_create(
        InvestmentEntry(
            project=project, month=month, amount_yuan=amount * WAN, amount_text="", recorded_at=at
        )
        for number, project in enumerate(made, start)
        for month, amount in (
            (date(2025, 9, 1), Decimal(100 + number)),
            (date(2026, 9, 1), number + Decimal("100.5")),
            (date(2026, 10, 1), Decimal(120)),
        )[: 2 + number % 2]
    )


def test_the_page_reconciles_with_the_database_by_project_unit_and_in_sum(district, as_role):
    many(district, 17)
    found = as_role("chief").get("/investment/", {"month": "2026-09"}).context["found"]
    assert found.agrees
    entries = InvestmentEntry.objects.filter(month="2026-09-01")
    assert found.total.month == entries.aggregate(sum=Sum("amount_yuan"))["sum"]
    assert found.total.plan == InvestmentPlan.objects.aggregate(sum=Sum("amount_yuan"))["sum"]
    by_unit = dict(entries.order_by().values_list("project__lead_unit__name").annotate(Sum("amount_yuan")))
    assert {None if row.unit is None else row.name: row.reading.month for row in found.units} == by_unit
    assert [row.name for row in found.units][-1] == "未定单位"
    assert sum(row.count for row in found.units) == len(found.lines)


def test_a_sum_that_is_wrong_would_be_told(district, as_role, monkeypatch):
    """The control of the check on the page."""
    many(district, 3)
    client = as_role("chief")
    assert "相符" in client.get("/investment/").content.decode()
    monkeypatch.setattr(rules, "summed", lambda readings: readings[0] if readings else rules.Reading())
    assert "不相符" in client.get("/investment/").content.decode()


@pytest.mark.parametrize("path", ["/investment/", "/investment/export/"])
def test_the_statements_do_not_grow_with_the_projects(district, as_role, django_assert_max_num_queries, path):
    client = as_role("chief")
    client.get("/")
    taken = []
    for first, last in ((0, 15), (15, 100)):
        many(district, last - first, first)
        with django_assert_max_num_queries(15) as captured:
            assert client.get(path).status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_the_sheet_takes_few_statements(district, as_role, django_assert_max_num_queries):
    save(district, *(typed(n, "3000") for n in range(1, 11)))
    client = as_role("leader")
    client.get("/")
    with django_assert_max_num_queries(15):
        client.get(sheet_path(district))


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("chief", {"滨江大道项目", "财政大楼项目"}),
        ("unithead", {"滨江大道项目"}),
        ("leader", {"滨江大道项目"}),
        ("cadre", set()),
    ],
)
def test_who_sees_which_projects_on_page_and_in_the_workbook(district, as_role, role, names):
    client = as_role(role)
    found = client.get("/investment/").context["found"]
    assert {line.project.name for line in found.lines} == names
    book = load_workbook(io.BytesIO(client.get("/investment/export/").content))
    told = {row[1].value for row in book["项目"].iter_rows(min_row=4)} - {"合计"}
    assert told == names


@pytest.mark.parametrize("role", ["auditor", "sysadmin"])
def test_administrators_see_no_investment(district, as_role, role):
    client = as_role(role)
    for path in ("/investment/", "/investment/export/", sheet_path(district)):
        assert client.get(path).status_code == 403


def test_the_workbook_is_exact_escapes_formulas_and_leaves_a_row(district, as_role):
    KeyProject.objects.filter(pk=district.project.pk).update(name="=1+1")
    save(district, typed(10, "3000.5"))
    answer = as_role("chief").get("/investment/export/", {"month": "2026-10"})
    sheet = load_workbook(io.BytesIO(answer.content))["项目"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=1+1"] == "s"
    assert cells[3000.5] == "n"
    event = AuditEvent.objects.order_by("-seq").first()
    assert (event.action, event.after["rows"]) == ("导出投资完成", 2)


def test_filters_and_bad_conditions(district, as_role):
    plan(district)
    plan(district, project=district.foreign_project)
    save(district, typed(10, "3000"))
    client = as_role("chief")

    def shown(**query):
        return [line.project.name for line in client.get("/investment/", query).context["found"].lines]

    assert shown(reported="NO") == ["财政大楼项目"]
    assert shown(reported="YES") == ["滨江大道项目"]
    assert shown(reported="NO", month="2026-09") == ["滨江大道项目", "财政大楼项目"]
    assert shown(q="财政") == ["财政大楼项目"]
    assert shown(unit=str(district.bureau.pk)) == ["滨江大道项目"]
    assert shown(month="2031-13") == ["滨江大道项目", "财政大楼项目"]
    partial = client.get("/investment/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial and "按主办单位" in partial


# ---- What others show ----


def test_the_leader_is_reminded_until_the_month_is_reported(district, time_machine):
    leader = district.users["leader"]

    def waiting(day):
        (kind,) = queries.todos(leader, today=day)
        return [(todo.title, todo.due_on, urgency.name) for urgency, todo in kind.lines]

    assert queries.todos(leader, today=district.today) == [], "nothing is planned for the project"
    plan(district)
    fifth = date(2026, 11, 6)
    title = "滨江大道项目 · 上月投资未填"
    assert waiting(date(2026, 11, 2)) == [(title, fifth, "SOON")]
    assert waiting(date(2026, 11, 25)) == [(title, fifth, "OVERDUE")]
    assert queries.todos(district.users["chief"], today=district.today) == []
    save(district, typed(10, "0"))
    assert queries.todos(leader, today=district.today) == []
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.SUSPENDED, suspended_reason="资金未到位"
    )
    InvestmentEntry.objects.all().delete()
    assert queries.todos(leader, today=district.today) == [], "a suspended project is not asked"


def test_the_reminder_is_on_the_workbench_and_in_the_figures(district, as_role):
    plan(district)
    assert "上月投资未填" in as_role("leader").get("/").content.decode()
    assert any(
        todo.title.endswith("上月投资未填")
        for section in agenda.agenda(district.users["leader"], today=district.today)
        for todo in section.lines
    )
    content = as_role("chief").get("/").content.decode()
    assert "上月投资未填" in content and "/investment/?reported=NO" in content


def test_the_overview_and_the_history_of_a_project_show_investment(district):
    user = district.users["chief"]
    assert queries.card(district.project, user, district.today) is None
    plan(district)
    save(district, typed(9, "3000"))
    cards = overview.cards_of(district.project, user, today=district.today)
    (card,) = [card for card in cards if card.title == "投资"]
    assert ("2026 年至 10 月完成", "3,000 万元（8.3%）") in card.figures
    assert card.alarm == "2026年10月投资未填"
    events = [event for event in overview.history_of(district.project, user) if event.kind == "投资"]
    assert [event.title for event in events] == ["2026年计划投资 36000万元", "2026年9月投资完成 3000万元"]


def test_totals_for_the_wall_take_two_statements(district, django_assert_num_queries):
    many(district, 12)
    ids = list(KeyProject.objects.values_list("pk", flat=True))
    opening(district, "5000", until="2026-08-01")
    with django_assert_num_queries(2):
        totals = queries.totals_of(ids, 2026)
    assert set(totals) == set(ids)
    assert totals[district.foreign_project.pk] == (None, None)
    one = KeyProject.objects.get(code="Z001")
    assert totals[one.pk] == (1001 * WAN, Decimal("101.5") * WAN + 120 * WAN)


def test_an_overdue_reminder_counts_working_days(district):
    assert queries.due_day(date(2026, 10, 20)) - date(2026, 10, 1) > timedelta(days=9), "over the holiday"
