"""明察暗访: the draw can be recomputed, nothing found is recorded too, findings go on without retyping."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import FindingState, PlanState
from conduct.models import Inspection, InspectionFinding, InspectionPlan, PublicSupervisor, Violation
from conduct.queries import inspections as queries
from conduct.queries import workbench
from conduct.rules import inspections as rules
from conduct.services import inspections as services
from conduct.services import violations
from conduct.services.inspections import Found
from conduct.services.letters import Demand, draft_letter
from core.models import AuditEvent, Proposal, Unit
from core.rules.errors import DomainError, NotAllowed
from core.rules.workdays import next_workday
from core.services import people
from tests.support.walking import Course, walk

# Pure rules


def test_the_same_seed_draws_the_same_and_the_order_of_input_does_not_matter():
    units = [(pk, 1 + pk % 5) for pk in range(1, 26)]
    first = rules.draw(units, 8, 20261125)
    assert rules.draw(units[::-1], 8, 20261125) == first
    assert rules.draw(units[10:] + units[:10], 8, 20261125) == first
    assert len(set(first)) == 8
    assert rules.draw(units, 8, 20261126) != first
    # Fixed once and for all: another machine, database or Python hash seed draws these.
    assert rules.draw([(1, 1), (2, 1), (3, 1), (4, 5)], 3, 7) == [4, 3, 1]


def test_nobody_is_drawn_twice_and_everybody_when_all_are_asked_for():
    units = [(pk, pk) for pk in range(1, 11)]
    for seed in range(200):
        assert sorted(rules.draw(units, 10, seed)) == list(range(1, 11))
    assert rules.draw([], 3, 1) == []


def test_a_heavier_unit_is_drawn_more_often_over_2000_seeds():
    units = [(1, 1), (2, 1), (3, 4), (4, 1), (5, 1)]
    first = [rules.draw(units, 1, seed)[0] for seed in range(2000)]
    shares = {unit: first.count(unit) / 2000 for unit, _ in units}
    assert 0.46 < shares[3] < 0.54  # 4 of 8
    assert all(0.10 < shares[unit] < 0.15 for unit in (1, 2, 4, 5))  # 1 of 8 each


@pytest.mark.parametrize("units", [[(1, 1), (1, 2)], [(1, 0)]])
def test_a_faulty_drum_is_refused(units):
    with pytest.raises(ValueError, match=r"drum|weight"):
        rules.draw(units, 1, 1)


@pytest.mark.parametrize(
    ("broken", "days_ago", "weight"),
    [(0, 0, 1), (0, 29, 1), (0, 30, 2), (2, 60, 5), (0, 400, 13), (0, None, 13), (3, 5000, 16)],
)
def test_risk_weight_follows_the_declared_formula(broken, days_ago, weight):
    today = date(2026, 11, 25)
    last = None if days_ago is None else today - timedelta(days=days_ago)
    assert rules.risk_weight(violations=broken, last_on=last, today=today) == weight


def test_holiday_windows_of_2026_are_the_official_days_off():
    found = [(w.name, w.first_day, w.last_day) for w in rules.holiday_windows(2026, {})]
    assert found == [
        ("元旦", date(2026, 1, 1), date(2026, 1, 3)),
        ("春节", date(2026, 2, 15), date(2026, 2, 23)),
        ("清明节", date(2026, 4, 4), date(2026, 4, 6)),
        ("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
        ("端午节", date(2026, 6, 19), date(2026, 6, 21)),
        ("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
        ("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
    ]
    assert rules.coming_window(date(2026, 11, 25), {}).key == "2027-元旦"
    assert rules.coming_window(date(2026, 10, 7), {}).name == "国庆节"
    assert [w.name for w in rules.holiday_windows(2025, {})][-1] == "国庆节、中秋节"


# Services


pytestmark = pytest.mark.django_db


def draft(district, *, by="discipline", **changes):
    values = {
        "title": "月度暗访",
        "occasion": "DAILY",
        "first_day": district.today - timedelta(days=5),
        "last_day": district.today + timedelta(days=5),
        "project": None,
        "officer": None,
        "theme": "",
        "planned_visits": 2,
        "method": "RANDOM",
        "units": (),
        "submission_key": uuid4(),
    }
    return services.plan_inspection(by=district.users[by], at=district.now, **{**values, **changes})[0]


def running(district, **changes):
    plan = draft(district, **changes)
    return services.start_plan(plan_id=plan.pk, seed=7, by=district.users["discipline"], at=district.now)


def visit(district, *, by="discipline", **changes):
    values = {
        "plan": None,
        "unit": district.bureau,
        "project": None,
        "on": district.today - timedelta(days=1),
        "kind": "COVERT",
        "place": "便民服务大厅",
        "inspectors": [district.cadres["officer"]],
        "supervisors": (),
        "headcount": 12,
        "note": "",
        "rows": (),
        "submission_key": uuid4(),
    }
    return services.record_inspection(by=district.users[by], at=district.now, **{**values, **changes})[0]


def finding(district, *, cadre="clerk", rule="B7", **changes):
    row = Found("上午九时不在岗。", district.cadres[cadre] if cadre else None, rule)
    return visit(district, rows=[row], **changes).findings.get()


def turn(district, found, by="discipline", **given):
    return services.finding_to_violation(finding_id=found.pk, by=district.users[by], at=district.now, **given)


def test_starting_draws_and_keeps_seed_weights_and_order(district):
    district.log("outsider", days_ago=2)
    decided = Violation.objects.get()
    violations.decide_violation(
        violation_id=decided.pk,
        state="CONFIRMED",
        note="",
        by=district.users["discipline2"],
        at=district.now,
    )
    visit(district, unit=district.bureau)
    plan = running(district, method="RISK")
    drum = queries.drum_of(plan)
    assert {row.unit_id: row.weight for row in drum} == {
        district.bureau.pk: 1,
        district.station.pk: 13,
        district.other.pk: 14,
    }
    assert [row.place for row in drum] == [1, 2, None]
    assert queries.recheck(plan, drum).agrees
    drum[0].weight += 30
    drum[1].weight, drum[2].weight = 1, 900
    assert not queries.recheck(plan, drum).agrees


def test_the_system_makes_the_seed(district):
    plan = draft(district)
    started = services.start_plan(plan_id=plan.pk, by=district.users["discipline"], at=district.now)
    assert started.seed is not None
    assert queries.recheck(started, queries.drum_of(started)).agrees


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"last_day": date(2020, 1, 1)}, "last_day", "早于开始日期"),
        ({"occasion": "PROJECT", "method": "CHOSEN"}, "project", "须指定项目"),
        ({"occasion": "PROJECT", "method": "CHOSEN", "project": True}, "officer", "须指定一名监督人员"),
        ({"occasion": "PROJECT", "project": True, "officer": True}, "method", "不抽取单位"),
        ({"method": "CHOSEN"}, "units", "至少选一个单位"),
        ({"units": True}, "units", "不能再指定单位"),
        ({"planned_visits": 0}, "planned_visits", "至少为 1"),
    ],
)
def test_a_plan_that_cannot_stand_is_refused_at_its_field(district, changes, field, message):
    real = {"project": district.project, "officer": district.cadres["officer"], "units": [district.other]}
    changes = {k: real[k] if v is True else v for k, v in changes.items()}
    with pytest.raises(DomainError, match=message) as refused:
        draft(district, **changes)
    assert refused.value.field == field
    assert not InspectionPlan.objects.exists()


def test_the_database_refuses_a_project_plan_without_an_officer(district):
    plan = draft(district)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.filter(pk=plan.pk).update(occasion="PROJECT", project=district.project)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.filter(pk=plan.pk).update(state="RUNNING")


def test_a_plan_asks_for_no_more_units_than_there_are_and_is_not_started_late(district):
    user = district.users["discipline"]
    with pytest.raises(DomainError, match="多于可抽取的 3 个"):
        running(district, planned_visits=4)
    late = draft(district, last_day=district.today - timedelta(days=1))
    with pytest.raises(DomainError, match="到期，请先修改日期"):
        services.start_plan(plan_id=late.pk, by=user, at=district.now)


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


def test_a_project_plan_fills_in_project_and_unit(district):
    plan = running(
        district,
        occasion="PROJECT",
        method="CHOSEN",
        project=district.project,
        officer=district.cadres["officer"],
    )
    made = visit(district, plan=plan, unit=None)
    assert (made.project, made.unit, plan.seed) == (district.project, district.bureau, None)
    with pytest.raises(DomainError, match="监督的是"):
        visit(district, plan=plan, project=district.foreign_project)


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


def test_the_database_refuses_the_same_finding_twice(district):
    found = finding(district)
    found.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save(force_insert=True)


def test_nobody_records_a_finding_about_oneself_or_about_who_was_not_there(district):
    with pytest.raises(DomainError, match="不能记录本人的问题"):
        finding(district, cadre="officer")
    with pytest.raises(DomainError, match="不在岗，请核对"):
        finding(district, on=district.today - timedelta(days=1000))


def test_the_same_form_twice_is_one_visit(district):
    key = uuid4()
    first, second = visit(district, submission_key=key), visit(district, submission_key=key)
    assert first == second
    assert Inspection.objects.count() == 1


def test_who_moved_since_is_kept_in_the_unit_of_that_day(district):
    found = finding(district, on=district.today - timedelta(days=9))
    clerk = district.cadres["clerk"]
    people.save_cadre(
        staff_no=clerk.staff_no,
        name=clerk.name,
        unit=district.other,
        establishment=clerk.establishment,
        post=clerk.post,
        joined_on=clerk.joined_on,
        effective_on=district.today - timedelta(days=3),
        by=None,
        at=district.now,
    )
    turned = turn(district, found)
    clerk.refresh_from_db()
    assert clerk.unit == district.other
    assert (found.unit, turned.violation.unit) == (district.bureau, district.bureau)


def test_a_finding_becomes_a_violation_without_retyping_and_another_person_decides(district):
    found = finding(district, project=district.project)
    turned = turn(district, found)
    made = turned.violation
    assert (turned.state, made.state) == (FindingState.TURNED_VIOLATION, "LOGGED")
    assert (made.cadre, made.prohibition.key, made.occurred_on) == (
        district.cadres["clerk"],
        "B7",
        found.inspection.on,
    )
    assert (made.place, made.project, made.facts) == ("便民服务大厅", district.project, found.what)
    assert (made.origin_label, made.origin_id) == ("conduct.InspectionFinding", str(found.pk))
    assert made.found_by == "INSPECTION"
    with pytest.raises(NotAllowed, match="登记人不能认定"):
        violations.decide_violation(
            violation_id=made.pk,
            state="CONFIRMED",
            note="",
            by=district.users["discipline"],
            at=district.now,
        )
    with pytest.raises(NotAllowed, match="当前状态"):
        turn(district, found)
    assert Violation.objects.count() == 1


def test_an_accepted_proposal_of_a_letter_leads_to_the_letter(district, as_role):
    found, clerk, head = finding(district), as_role("discipline"), as_role("dhead")
    clerk.post(f"/inspections/findings/{found.pk}/to_letter/")
    proposal = Proposal.objects.get()
    address = f"/letters/new/?about=conduct.InspectionFinding:{found.pk}"
    assert address not in clerk.get("/").content.decode()
    head.post(f"/proposals/{proposal.pk}/answer/", {"state": "ACCEPTED", "answer": "同意"})
    for page in ("/", found.get_absolute_url()):
        assert address in clerk.get(page).content.decode(), page
    assert address in head.get(f"/proposals/{proposal.pk}/").content.decode()
    form = clerk.get(address).context["form"]
    assert found.what in form["matter"].value() and form["unit"].value()
    letter, _ = draft_letter(
        title="关于检查发现问题的督办函",
        unit=district.bureau,
        matter=form["matter"].value(),
        contact="办公室",
        demands=[Demand("整改", "到位", next_workday(district.today + timedelta(days=14), {}))],
        sources=[found],
        submission_key=uuid4(),
        by=district.users["discipline"],
        at=timezone.now(),
    )
    assert address not in clerk.get("/").content.decode()
    assert letter.get_absolute_url() in clerk.get(found.get_absolute_url()).content.decode()


def test_only_what_is_missing_is_asked_for(district, as_role):
    found = finding(district, cadre=None, rule="")
    with pytest.raises(DomainError, match="请选择涉及人员") as refused:
        turn(district, found)
    assert refused.value.field == "cadre"
    with pytest.raises(DomainError, match="请选择条款") as refused:
        turn(district, found, cadre=district.cadres["clerk"])
    assert refused.value.field == "prohibition_key"
    with pytest.raises(DomainError, match="不能登记本人"):
        turn(district, found, cadre=district.cadres["officer"], prohibition_key="B7")
    found.refresh_from_db()
    assert found.state == FindingState.OPEN
    client = as_role("discipline")
    url = f"/inspections/findings/{found.pk}/"
    assert 'name="cadre_text"' in client.get(url).content.decode()
    data = {"cadre_text": "T002", "cadre_id": "", "prohibition_key": "B7"}
    assert client.post(f"{url}to_violation/", data).status_code == 302
    found.refresh_from_db()
    assert (found.cadre, found.unit) == (district.cadres["clerk"], district.bureau)
    whole = finding(district)
    page = client.get(f"/inspections/findings/{whole.pk}/").content.decode()
    assert 'name="cadre_text"' not in page
    again = client.post(f"/inspections/findings/{whole.pk}/to_violation/")
    assert "违反同一条款已有第" in again.content.decode()
    data = {"distinct": "on"}
    assert client.post(f"/inspections/findings/{whole.pk}/to_violation/", data).status_code == 302


def test_a_letter_is_proposed_to_the_unit_it_was_found_in(district):
    found = finding(district, cadre=None, rule="")
    done = services.finding_to_letter(finding_id=found.pk, by=district.users["dhead"], at=district.now)
    proposal = Proposal.objects.get()
    assert done.state == FindingState.TURNED_LETTER
    assert (proposal.kind, proposal.unit, proposal.source_id) == ("LETTER", district.bureau, str(found.pk))


def test_a_word_on_the_spot_needs_what_was_done(district):
    found, user = finding(district), district.users["discipline"]
    with pytest.raises(DomainError, match="请写明现场纠正情况"):
        services.settle_finding(finding_id=found.pk, note=" ", by=user, at=district.now)
    done = services.settle_finding(finding_id=found.pk, note="已纠正", by=user, at=district.now)
    assert done.state == FindingState.NOTED


def test_a_plan_ends_with_everything_done_or_a_reason(district):
    plan, user = running(district, planned_visits=2), district.users["discipline"]
    units = [row.unit for row in queries.drum_of(plan) if row.place]

    def finish(note=""):
        return services.finish_plan(plan_id=plan.pk, note=note, by=user, at=district.now)

    found = finding(district, plan=plan, unit=units[0])
    with pytest.raises(DomainError, match="还有 1 个问题待处理"):
        finish()
    services.settle_finding(finding_id=found.pk, note="已纠正", by=user, at=district.now)
    with pytest.raises(DomainError, match="计划检查 2 次，只完成 1 次") as refused:
        finish()
    assert refused.value.field == "note"
    assert finish("第二个单位放假").state == PlanState.FINISHED
    other = running(district, planned_visits=1)
    visit(district, plan=other, unit=queries.drum_of(other)[0].unit)
    assert services.finish_plan(plan_id=other.pk, note="", by=user, at=district.now).state == "FINISHED"


def test_the_holiday_plan_is_made_once(district, as_role):
    client = as_role("discipline")
    first = client.post("/inspections/plans/holiday/")
    assert client.post("/inspections/plans/holiday/").headers["Location"] == first.headers["Location"]
    as_role("discipline2").post("/inspections/plans/holiday/")
    plan = InspectionPlan.objects.get()
    assert (plan.state, plan.occasion) == ("DRAFT", "HOLIDAY")
    assert plan.last_day >= district.today


def test_the_roster_names_who_is_on_it_already_and_wrong_days(district):
    user = district.users["discipline"]

    def appoint(name="石长青", on=district.today - timedelta(days=3)):
        return services.appoint_supervisor(
            name=name,
            organisation="临江社区",
            phone="13900000001",
            appointed_on=on,
            submission_key=uuid4(),
            by=user,
            at=district.now,
        )

    made = appoint()
    with pytest.raises(DomainError, match="已在名册中"):
        appoint()
    with pytest.raises(DomainError, match="晚于今天"):
        appoint("另一人", district.today + timedelta(days=1))
    with pytest.raises(DomainError, match="不在聘期内"):
        visit(district, supervisors=[made], on=district.today - timedelta(days=4))
    with pytest.raises(DomainError, match="解聘日期应在"):
        services.end_supervisor(
            supervisor_id=made.pk, ended_on=made.appointed_on - timedelta(days=1), by=user, at=district.now
        )
    services.end_supervisor(supervisor_id=made.pk, ended_on=district.today, by=user, at=district.now)
    with pytest.raises(DomainError, match=r"已于 .* 解聘"):
        services.end_supervisor(supervisor_id=made.pk, ended_on=district.today, by=user, at=district.now)
    assert appoint() != made
    assert "13900000001" not in str(list(AuditEvent.objects.values_list("after", flat=True)))


# Who sees what


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


def test_leadership_reads_and_writes_nothing_and_sees_no_phone_number(district, as_role):
    services.appoint_supervisor(
        name="石长青",
        organisation="",
        phone="13900000001",
        appointed_on=district.today,
        submission_key=uuid4(),
        by=district.users["discipline"],
        at=district.now,
    )
    found, plan = finding(district), running(district)
    client = as_role("chief")
    assert "月度暗访" in client.get("/inspections/plans/").content.decode()
    assert client.get("/inspections/new/").status_code == 403
    assert client.post(f"/inspections/plans/{plan.pk}/finish/").status_code == 403
    assert client.post(f"/inspections/findings/{found.pk}/settle/").status_code == 403
    roster = client.get("/inspections/supervisors/").content.decode()
    assert "石长青" in roster
    assert "13900000001" not in roster
    assert "13900000001" in as_role("discipline").get("/inspections/supervisors/").content.decode()


def test_a_finding_about_oneself_is_hidden_until_it_is_a_decided_violation(district, as_role):
    found = finding(district, cadre="officer2")
    client = as_role("discipline2")
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 404
    page = client.get(f"/inspections/{found.inspection_id}/").content.decode()
    assert found.what not in page
    with pytest.raises(InspectionFinding.DoesNotExist):
        turn(district, found, by="discipline2")
    turned = turn(district, found)
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 404
    violations.decide_violation(
        violation_id=turned.violation_id,
        state="CONFIRMED",
        note="",
        by=district.users["dhead"],
        at=district.now,
    )
    assert client.get(f"/inspections/findings/{found.pk}/").status_code == 200


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


# Pages


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


def test_a_plan_in_the_browser_from_draft_to_its_draw(district, as_role):
    client = as_role("discipline")
    data = {
        "title": "换届期间暗访",
        "occasion": "TERM",
        "first_day": district.today.isoformat(),
        "last_day": (district.today + timedelta(days=9)).isoformat(),
        "method": "RISK",
        "planned_visits": "2",
        "project_text": "",
        "project_id": "",
        "officer": "",
        "theme": "",
        "submission_key": str(uuid4()),
    }
    long = client.post("/inspections/plans/new/", {**data, "title": "长" * 1000})
    assert "80" in "".join(long.context["form"].errors["title"])
    url = client.post("/inspections/plans/new/", data).headers["Location"]
    assert client.post(f"{url}edit/", {**data, "title": "换届暗访"}).headers["Location"] == url
    assert client.post(f"{url}start/").headers["Location"] == url
    plan = InspectionPlan.objects.get()
    page = client.get(f"{url}?recheck=1").content.decode()
    assert (plan.title, plan.state) == ("换届暗访", "RUNNING")
    assert f"随机种子 {plan.seed}" in page
    assert rules.FORMULA in page
    assert "结果一致" in page
    assert client.get(f"{url}edit/").status_code == 404
    refused = client.post(f"{url}finish/", {"note": ""})
    assert "计划检查 2 次，只完成 0 次" in refused.content.decode()
    assert client.post(f"{url}cancel/", {"note": "改期"}).status_code == 302
    assert AuditEvent.objects.filter(target_label="conduct.InspectionPlan").count() == 4


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


# The walks


def test_two_thousand_steps_over_both_workflows(district):
    people_ = {name: district.users[name] for name in ("discipline", "dhead", "unithead", "chief")}
    values = {"title": "改名", "theme": "改", "planned_visits": 1}

    def edit(record, user, pick):
        whole = {
            name: getattr(record, name)
            for name in ("occasion", "first_day", "last_day", "project", "officer", "method")
        }
        services.edit_plan(plan_id=record.pk, values=whole | values, units=(), by=user, at=timezone.now())

    def noted(service, name):
        def call(record, user, pick):
            service(**{name: record.pk}, note="理由" * (pick % 2), by=user, at=timezone.now())

        return call

    def start(record, user, pick):
        services.start_plan(plan_id=record.pk, seed=pick, by=user, at=timezone.now())

    def draw_kept(record):
        assert (record.seed is None) is (record.state == "DRAFT" or not record.units.exists())
        assert queries.recheck(record, queries.drum_of(record)) is None or (
            queries.recheck(record, queries.drum_of(record)).agrees
        )

    walk(
        Course(
            workflow=rules.PLAN,
            people=people_,
            make=lambda: draft(district),
            steps={
                "edit": edit,
                "start": start,
                "finish": noted(services.finish_plan, "plan_id"),
                "cancel": noted(services.cancel_plan, "plan_id"),
            },
            parts=queries.plan_parts,
            invariants=[draw_kept],
        )
    )

    def violation(record, user, pick):
        services.finding_to_violation(
            finding_id=record.pk,
            cadre=district.cadres["clerk"] if pick % 3 else None,
            prohibition_key="B6" if pick % 2 else "",
            by=user,
            at=timezone.now(),
        )

    def letter(record, user, pick):
        services.finding_to_letter(finding_id=record.pk, by=user, at=timezone.now())

    def linked(record):
        assert (record.state == FindingState.TURNED_VIOLATION) is (record.violation_id is not None)

    walk(
        Course(
            workflow=rules.FINDING,
            people=people_,
            make=lambda: finding(district, cadre=None, rule=""),
            steps={
                "to_violation": violation,
                "to_letter": letter,
                "settle": noted(services.settle_finding, "finding_id"),
            },
            parts=queries.finding_parts,
            invariants=[linked],
            extra_audit=frozenset({"to_violation", "to_letter"}),
        )
    )
