"""Visits: nothing found is recorded too, the inspected see nothing, bad input loses nothing."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from conduct.models import Inspection, InspectionFinding, InspectionPlan, PublicSupervisor
from conduct.queries import inspections as queries
from conduct.queries import workbench
from conduct.rules import inspections as rules
from conduct.services.visits import Found
from core.models import AuditEvent, Unit
from core.rules.errors import DomainError, NotAllowed
from tests.support.inspecting import draft, finding, running, visit

pytestmark = pytest.mark.django_db


def test_a_rate_without_a_visit_is_missing_not_zero():
    assert rules.rate(found=0, visits=0) is None
    assert rules.rate(found=0, visits=4) == Decimal("0.0")
    assert rules.rate(found=1, visits=3) == Decimal("33.3")


def test_a_closed_unit_is_neither_chosen_drawn_nor_inspected_after_its_end(district):
    day = district.today - timedelta(days=20)
    Unit.objects.filter(pk=district.station.pk).update(closed_on=day)
    district.station.refresh_from_db()
    with pytest.raises(DomainError, match=r"已于 .* 撤销"):
        draft(district, method="CHOSEN", units=[district.station])
    assert district.station.pk not in {row.unit_id for row in queries.drum_of(running(district))}
    with pytest.raises(DomainError, match=r"已于 .* 撤销") as refused:
        visit(district, unit=district.station)
    assert refused.value.field == "unit"
    assert visit(district, unit=district.station, on=day - timedelta(days=1)).unit == district.station


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"on": 1}, "on", "晚于今天"),
        ({"unit": None}, "unit", "请选择受检单位"),
        ({"inspectors": []}, "inspectors", "至少选一名检查人员"),
    ],
)
def test_a_visit_that_cannot_stand_is_refused_at_its_field(district, changes, field, message):
    if "on" in changes:
        changes = {"on": district.today + timedelta(days=changes["on"])}
    with pytest.raises(DomainError, match=message) as refused:
        visit(district, **changes)
    assert refused.value.field == field
    assert not Inspection.objects.exists()


def test_a_visit_of_a_plan_keeps_to_its_days_its_units_and_its_state(district):
    plan = running(district)
    drawn = plan.units.filter(place__isnull=False).first().unit
    spared = plan.units.get(place=None).unit
    with pytest.raises(DomainError, match="不在计划的"):
        visit(district, plan=plan, unit=drawn, on=district.today - timedelta(days=6))
    with pytest.raises(DomainError, match="不在计划“月度暗访”的检查名单中"):
        visit(district, plan=plan, unit=spared)
    assert visit(district, plan=plan, unit=drawn).plan == plan
    with pytest.raises(DomainError, match="只有进行中的计划"):
        visit(district, plan=draft(district), unit=drawn)


def test_nothing_found_is_recorded_and_counts_in_the_rate(district):
    visit(district)
    finding(district)
    visit(district, unit=district.other)
    days = {"since": district.today - timedelta(days=10), "until": district.today}
    lines, total = queries.coverage(district.users["discipline"], **days)
    by_name = {line.name: line for line in lines}
    assert (by_name["建设局"].visits, by_name["建设局"].rate) == (2, Decimal("50.0"))
    assert by_name["财政局"].rate == Decimal("0.0")
    assert by_name["征迁服务中心"].rate is None
    assert (total.visits, total.with_findings, total.rate) == (3, 1, Decimal("33.3"))
    assert queries.coverage(district.users["unithead"], **days)[0] == []


def test_all_findings_or_none_and_the_same_one_twice_is_named(district):
    clerk, worker = district.cadres["clerk"], district.cadres["worker"]
    same = [Found("不在岗", clerk, "B7"), Found("玩手机", worker, "B6"), Found("又不在岗", clerk, "B7")]
    with pytest.raises(DomainError, match="第 3 个问题与第 1 个重复：“曾国平”的"):
        visit(district, rows=same)
    with pytest.raises(DomainError, match="第 2 个问题与第 1 个重复"):
        visit(district, rows=[Found("无人值班"), Found("无人值班")])
    with pytest.raises(DomainError, match="第 2 个问题：所选条款在"):
        visit(district, rows=[Found("不在岗", clerk, "B7"), Found("不在岗", worker, "B99")])
    assert not Inspection.objects.exists()
    assert not AuditEvent.objects.filter(action__in=["记录检查", "记录检查发现的问题"]).exists()
    assert visit(district, rows=same[:2]).findings.count() == 2
    assert AuditEvent.objects.filter(action="记录检查发现的问题").count() == 2


def test_the_same_form_twice_is_one_visit(district):
    key = uuid4()
    first, second = visit(district, submission_key=key), visit(district, submission_key=key)
    assert first == second
    assert Inspection.objects.count() == 1


@pytest.mark.parametrize("role", ["unithead", "cadre", "leader", "assessor", "sysadmin", "auditor"])
def test_the_inspected_see_no_plan_no_visit_no_finding(district, as_role, role):
    found, plan = finding(district), running(district)
    user = district.users[role]
    assert not queries.plans_visible_to(user).exists()
    assert not queries.inspections_visible_to(user).exists()
    assert not queries.findings_visible_to(user).exists()
    client = as_role(role)
    for url in ("plans/", f"plans/{plan.pk}/", "", f"findings/{found.pk}/", "coverage/", "supervisors/"):
        assert client.get(f"/inspections/{url}").status_code == 403
    with pytest.raises(NotAllowed):
        visit(district, by=role)


def test_the_workbench_lists_visits_to_make_and_findings_to_deal_with(district):
    running(district)
    finding(district)
    finding(district, cadre="officer2")

    def lines(name):
        groups = dict(workbench.todo_groups(district.users[name], today=district.today))
        return [todo.title for todo in groups["明察暗访"]]

    assert lines("discipline") == ["月度暗访", "曾国平 · 上午九时不在岗。", "仇磊 · 上午九时不在岗。"]
    assert lines("discipline2") == ["月度暗访", "曾国平 · 上午九时不在岗。"]
    assert lines("chief") == []


def form(district, **changes):
    values = {
        "plan": "",
        "unit": district.bureau.pk,
        "on": district.today.isoformat(),
        "kind": "COVERT",
        "place": "便民服务大厅",
        "headcount": "9",
        "project_text": "",
        "project_id": "",
        "inspectors": [district.cadres["officer"].pk],
        "note": "",
        "submission_key": str(uuid4()),
        "rows-TOTAL_FORMS": "6",
        "rows-INITIAL_FORMS": "0",
    }
    for number in range(6):
        values |= {
            f"rows-{number}-what": "",
            f"rows-{number}-cadre_text": "",
            f"rows-{number}-cadre_id": "",
            f"rows-{number}-prohibition_key": "",
            f"rows-{number}-severity": "COMMON",
        }
    return {**values, **changes}


def test_blank_rows_mean_nothing_found(district, as_role):
    client = as_role("discipline")
    data = form(district)
    answer = client.post("/inspections/new/", data)
    assert answer.status_code == 302
    made = Inspection.objects.get()
    assert (made.outcome, made.findings.count(), made.headcount) == ("NOTHING", 0, 9)
    client.post("/inspections/new/", data)
    assert Inspection.objects.count() == 1
    assert "本次检查未发现问题" in client.get(answer.headers["Location"]).content.decode()


def test_a_visit_with_findings_on_one_screen(district, as_role):
    rows = {
        "rows-0-what": "不在岗",
        "rows-0-cadre_text": "曾国平",
        "rows-0-prohibition_key": "B7",
        "rows-3-what": "值班日志缺两天",
        "rows-3-severity": "MINOR",
    }
    client = as_role("discipline")
    answer = client.post("/inspections/new/", form(district, **rows))
    assert answer.status_code == 302
    first, second = InspectionFinding.objects.order_by("id")
    assert (first.cadre, first.unit, first.prohibition_key) == (
        district.cadres["clerk"],
        district.bureau,
        "B7",
    )
    assert (second.cadre, second.severity, Inspection.objects.get().outcome) == (None, "MINOR", "FOUND")
    assert "值班日志缺两天" in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"place": ""}, "必填"),
        ({"place": "长" * 121}, "120"),
        ({"on": "2026-02-30"}, "有效的日期"),
        ({"plan": "999999"}, "没有找到所选计划"),
        ({"plan": "x"}, "没有找到所选计划"),
        ({"unit": "999999"}, "有效"),
        ({"headcount": "-1"}, "大于或等于"),
        ({"inspectors": []}, "必填"),
        ({"rows-0-what": "长" * 501}, "500"),
        ({"rows-0-prohibition_key": "B7"}, "请写明发现的问题"),
        ({"rows-0-what": "不在岗", "rows-0-cadre_text": "查无此人"}, "没有找到人员“查无此人”"),
        ({"rows-0-what": "不在岗", "rows-1-what": "不在岗"}, "第 2 个问题与第 1 个重复"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(district, as_role, changes, message):
    data = form(district, **{"note": "我写了很久的说明。", **changes})
    answer = as_role("discipline").post("/inspections/new/", data)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert message in page
    assert "我写了很久的说明。" in page
    assert not Inspection.objects.exists()


@pytest.mark.parametrize("what", ["plans/", "", "supervisors/", "coverage/"])
def test_lists_take_at_most_15_statements_the_same_for_15_and_for_100(
    district, as_role, django_assert_max_num_queries, what
):
    client, user = as_role("discipline"), district.users["discipline"]
    client.get("/")
    common = {"recorded_by": user, "recorded_at": district.now}
    taken = []
    for more in (15, 85):
        for number in range(more):
            PublicSupervisor.objects.create(
                name=f"监督员{more}-{number}",
                appointed_on=district.today,
                submission_key=uuid4(),
                **common,
            )
            made = Inspection.objects.create(
                unit=district.bureau,
                on=district.today,
                place="大厅",
                outcome="FOUND",
                submission_key=uuid4(),
                **common,
            )
            InspectionFinding.objects.create(inspection=made, what="不在岗", **common)
            InspectionPlan.objects.create(
                title="计划",
                occasion="DAILY",
                first_day=district.today,
                last_day=district.today,
                planned_visits=1,
                method="RANDOM",
                submission_key=uuid4(),
                **common,
            )
        with django_assert_max_num_queries(15) as captured:
            assert client.get(f"/inspections/{what}").status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_filters_and_the_partial(district, as_role):
    finding(district)
    visit(district, unit=district.other, kind="OPEN", place="财政大厅")
    client = as_role("discipline")
    page = client.get("/inspections/", {"outcome": "NOTHING"}, headers={"HX-Request": "true"})
    assert "财政大厅" in page.content.decode()
    assert "便民服务大厅" not in page.content.decode()
    assert "<html" not in page.content.decode()
    page = client.get("/inspections/", {"kind": "COVERT", "unit": district.bureau.pk}).content.decode()
    assert "财政大厅" not in page
