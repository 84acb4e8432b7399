"""Visits: nothing found is recorded too, the inspected see nothing, bad input loses nothing."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from conduct.models import Inspection, InspectionFinding, InspectionPlan, PublicSupervisor
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services import plans
from conduct.services import visits as services
from conduct.services.visits import Found
from core.models import AuditEvent, StepTaken, Unit
from core.queries import course_of
from core.rules.errors import DomainError, NotAllowed
from tests.support.inspecting import draft, finding, running, turn, visit
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


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

    def told(name):
        found = queries.todos(district.users[name], today=district.today)
        return [(todo.title, todo.who) for todo in lines(found)]

    plan = ("月度暗访", "全区")
    assert told("discipline") == [plan, ("上午九时不在岗。", "曾国平"), ("上午九时不在岗。", "仇磊")]
    assert told("discipline2") == [plan, ("上午九时不在岗。", "曾国平")]
    assert told("chief") == []


def rows(**changes):
    values = {"rows-TOTAL_FORMS": "6", "rows-INITIAL_FORMS": "0"}
    for number in range(6):
        values |= {
            f"rows-{number}-what": "",
            f"rows-{number}-cadre_text": "",
            f"rows-{number}-cadre_id": "",
            f"rows-{number}-prohibition_key": "",
            f"rows-{number}-severity": "COMMON",
        }
    return {**values, **changes}


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
    }
    return {**values, **rows(**changes)}


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
    found = {
        "rows-0-what": "不在岗",
        "rows-0-cadre_text": "曾国平",
        "rows-0-prohibition_key": "B7",
        "rows-3-what": "值班日志缺两天",
        "rows-3-severity": "MINOR",
    }
    client = as_role("discipline")
    answer = client.post("/inspections/new/", form(district, **found))
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
        ({"unit": "999999"}, "所选单位不存在或已撤销"),
        ({"headcount": "-1"}, "不能小于"),
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


# What was not recorded with the visit, and what was recorded wrongly


def add(district, made, *found, by="discipline2"):
    return services.add_findings(visit_id=made.pk, rows=found, by=district.users[by], at=district.now)


def correct(district, made, *, by="discipline2", **changes):
    values = {"place": made.place, "headcount": made.headcount, "note": made.note, "reason": "核对原始记录"}
    return services.correct_inspection(
        visit_id=made.pk, by=district.users[by], at=district.now, **{**values, **changes}
    )


def test_a_finding_added_later_changes_the_rate_and_goes_its_own_way(district):
    made, days = visit(district), {"since": district.today - timedelta(days=10), "until": district.today}

    def rate():
        return queries.coverage(district.users["discipline"], **days)[1].rate

    assert (made.outcome, rate()) == ("NOTHING", Decimal("0.0"))
    audits = AuditEvent.objects.count()
    add(district, made, Found("上午九时不在岗。", district.cadres["clerk"], "B7"), Found("无人值班"))
    made.refresh_from_db()
    assert (made.outcome, rate(), AuditEvent.objects.count()) == ("FOUND", Decimal("100.0"), audits + 3)
    first, second = made.findings.order_by("id")
    assert (first.unit, first.recorded_by, second.cadre) == (
        district.bureau,
        district.users["discipline2"],
        None,
    )
    assert turn(district, first).violation.place == made.place
    lines = [line.label for line in course_of(made, rules.VISIT)]
    assert lines == ["记录检查", "补记问题"]


def test_what_is_added_is_checked_like_what_was_recorded(district):
    clerk = district.cadres["clerk"]
    made = visit(district, rows=[Found("不在岗", clerk, "B7"), Found("无人值班")])
    gone = visit(district, on=district.today - timedelta(days=1000))
    for found, told in (
        ([Found("又不在岗", clerk, "B7")], "第 1 个问题与本次检查已记的重复：“曾国平”的"),
        ([Found("日志缺页"), Found("无人值班")], "第 2 个问题与本次检查已记的重复"),
        ([Found("日志缺页"), Found("日志缺页")], "第 2 个问题与第 1 个重复"),
        ([Found("不在岗", clerk, "B99")], "第 1 个问题：所选条款在"),
        ([Found("不在岗", district.cadres["officer2"], "B7")], "不能记录本人的问题"),
        ([], "至少填写一个问题"),
    ):
        with pytest.raises(DomainError, match=told):
            add(district, made, *found)
    with pytest.raises(DomainError, match="不在岗，请核对"):
        add(district, gone, Found("不在岗", clerk, "B7"))
    assert made.findings.count() == 2
    assert not gone.findings.exists()
    add(district, made, Found("玩手机", clerk, "B6"))
    assert made.findings.count() == 3


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "assessor", "auditor"])
def test_only_the_office_adds_and_corrects(district, as_role, role):
    made = visit(district)
    refused = NotAllowed if role == "chief" else Inspection.DoesNotExist
    with pytest.raises(refused):
        add(district, made, Found("无人值班"), by=role)
    with pytest.raises(refused):
        correct(district, made, by=role, place="别处")
    for what in ("add", "correct"):
        assert as_role(role).post(f"/inspections/{made.pk}/{what}/").status_code == 403
    made.refresh_from_db()
    assert (made.outcome, made.place) == ("NOTHING", "便民服务大厅")


@pytest.mark.parametrize("ending", [plans.finish_plan, plans.cancel_plan])
def test_nothing_is_added_once_the_plan_has_ended(district, as_role, ending):
    plan, client = running(district), as_role("discipline")
    made = visit(district, plan=plan, unit=plan.units.get(place=1).unit)
    path = f"/inspections/{made.pk}/"
    assert f"{path}add/" in client.get(path).content.decode()
    ending(plan_id=plan.pk, note="改期", by=district.users["discipline"], at=district.now)
    with pytest.raises(DomainError, match="不能再补记问题；确需补记的，请不选计划另记一次检查"):
        add(district, made, Found("无人值班"))
    shown = client.get(path).content.decode()
    assert f"{path}add/" not in shown and "不能再补记问题" in shown
    sent = client.post(f"{path}add/", rows(**{"rows-0-what": "写了很久的问题"})).content.decode()
    assert "不能再补记问题" in sent and "写了很久的问题" in sent
    assert correct(district, made, place="二楼大厅").place == "二楼大厅"


def test_a_correction_keeps_the_old_text_and_its_reason(district, as_role):
    made = finding(district).inspection
    path, client = f"/inspections/{made.pk}/correct/", as_role("discipline2")
    sent = {"place": "政务大厅二楼", "headcount": "", "note": "", "reason": "地点写错"}
    assert 'value="便民服务大厅"' in client.get(made.get_absolute_url()).content.decode()
    shown = client.post(path, sent, follow=True).content.decode()
    made.refresh_from_db()
    assert (made.place, made.headcount, made.outcome) == ("政务大厅二楼", None, "FOUND")
    line = StepTaken.objects.get(owner_label="conduct.Inspection")
    assert (line.old, line.note) == ({"地点": "便民服务大厅", "检查人数": "12"}, "地点写错")
    assert "原内容" in shown and "便民服务大厅" in shown and "地点写错" in shown
    event = AuditEvent.objects.get(action="更正检查记录")
    assert (event.before["place"], event.after["place"]) == ("便民服务大厅", "政务大厅二楼")
    for changes, told in (
        ({"reason": ""}, "必填"),
        ({"place": "长" * 1000}, "120"),
        ({"headcount": "-1"}, "不能小于"),
        ({"place": "政务大厅二楼"}, "没有改动任何一栏"),
    ):
        assert told in client.post(path, {**sent, **changes}).content.decode()
    with pytest.raises(DomainError, match="请写明更正原因") as refused:
        correct(district, made, place="别处", reason=" ")
    assert refused.value.field == "reason"
    assert StepTaken.objects.filter(owner_label="conduct.Inspection").count() == 1


def test_findings_are_added_on_one_screen(district, as_role):
    made, client = visit(district), as_role("discipline")
    path = f"/inspections/{made.pk}/add/"
    assert 'name="rows-0-what"' in client.get(path).content.decode()
    wrong = rows(**{"rows-0-what": "不在岗", "rows-1-prohibition_key": "B7"})
    page = client.post(path, wrong).content.decode()
    assert "请写明发现的问题" in page and "不在岗" in page
    assert "至少填写一个问题" in client.post(path, rows()).content.decode()
    assert "500" in client.post(path, rows(**{"rows-0-what": "长" * 1000})).content.decode()
    data = rows(**{"rows-0-what": "不在岗", "rows-0-cadre_text": "曾国平", "rows-0-prohibition_key": "B7"})
    assert "已补记 1 个问题" in client.post(path, data, follow=True).content.decode()
    assert "重复" in client.post(path, data).content.decode()
    assert made.findings.get().cadre == district.cadres["clerk"]
    assert client.get("/inspections/987654321/add/").status_code == 404


def test_two_thousand_steps_of_a_visit(district):
    clerk = district.cadres["clerk"]

    def added(record, user, pick):
        row = Found(f"第{record.findings.count()}处无人值班", clerk if pick % 7 == 0 else None, "B7")
        services.add_findings(visit_id=record.pk, rows=[row] * (pick % 5 > 0), by=user, at=timezone.now())

    def corrected(record, user, pick):
        services.correct_inspection(
            visit_id=record.pk, place=f"{pick % 3}号楼", headcount=None, note="",
            reason="误记" * (pick % 4 > 0), by=user, at=timezone.now(),
        )  # fmt: skip

    def says_what_was_found(record):
        assert (record.outcome == "FOUND") is record.findings.exists()

    walk(
        Course(
            workflow=rules.VISIT,
            people={name: district.users[name] for name in ("discipline", "dhead", "unithead", "chief")},
            make=lambda: visit(district),
            steps={"add": added, "correct": corrected},
            invariants=[says_what_was_found],
            extra_audit=frozenset({"add"}),
        )
    )
