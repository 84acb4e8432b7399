"""Plans of inspections: the draw can be recomputed, a plan ends with everything done or a reason."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import PlanState
from conduct.models import InspectionPlan, Violation
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services import findings, violations
from conduct.services import plans as services
from core.models import AuditEvent
from core.rules.errors import DomainError
from tests.support.inspecting import draft, finding, running, visit
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


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


def test_a_plan_ends_with_everything_done_or_a_reason(district):
    plan, user = running(district, planned_visits=2), district.users["discipline"]
    units = [row.unit for row in queries.drum_of(plan) if row.place]

    def finish(note=""):
        return services.finish_plan(plan_id=plan.pk, note=note, by=user, at=district.now)

    found = finding(district, plan=plan, unit=units[0])
    with pytest.raises(DomainError, match="还有 1 个问题待处理"):
        finish()
    findings.settle_finding(finding_id=found.pk, note="已纠正", by=user, at=district.now)
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


def test_two_thousand_steps_of_a_plan(district):
    people_ = {name: district.users[name] for name in ("discipline", "dhead", "unithead", "chief")}
    values = {"title": "改名", "theme": "改", "planned_visits": 1}

    def edit(record, user, pick):
        whole = {
            name: getattr(record, name)
            for name in ("occasion", "first_day", "last_day", "project", "officer", "method")
        }
        services.edit_plan(plan_id=record.pk, values=whole | values, units=(), by=user, at=timezone.now())

    def noted(service):
        def call(record, user, pick):
            service(plan_id=record.pk, note="理由" * (pick % 2), by=user, at=timezone.now())

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
                "finish": noted(services.finish_plan),
                "cancel": noted(services.cancel_plan),
            },
            invariants=[draw_kept],
        )
    )
