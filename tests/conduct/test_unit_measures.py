"""Measures against a unit: a period, a basis, two people; expiry is read off the calendar."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.choices import MeasureStanding, UnitMeasureState
from conduct.models import Clause, Regulation, UnitMeasure
from conduct.queries import unit_measures as queries
from conduct.rules import unit_measures as rules
from conduct.services import unit_measures as services
from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues, people
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def propose(
    district, *, unit=None, kind="NO_HONOURS", first=0, last: int | None = 180, by="discipline", key=None
):
    return services.propose_measure(
        unit=unit or district.bureau,
        kind=kind,
        first_day=district.today + timedelta(days=first),
        last_day=None if last is None else district.today + timedelta(days=last),
        basis="区委专题会议",
        reason="督办事项逾期未整改。",
        submission_key=key or uuid4(),
        by=district.users[by],
        at=district.now,
    )


def approve(district, measure, by="dhead"):
    return services.approve_measure(measure_id=measure.pk, by=district.users[by], at=district.now)


def lift(district, measure, by="dhead", note="整改到位"):
    return services.lift_measure(measure_id=measure.pk, note=note, by=district.users[by], at=district.now)


def test_proposed_approved_in_force_lifted(district):
    audits = AuditEvent.objects.count()
    measure = propose(district)
    assert not queries.measures_in_force([district.bureau.pk], district.today).exists()
    approve(district, measure)
    assert list(queries.measures_in_force([district.bureau.pk], district.today)) == [measure]
    measure = lift(district, measure)
    assert (measure.state, measure.lifted_on) == (UnitMeasureState.LIFTED, district.today)
    assert AuditEvent.objects.count() == audits + 3
    assert not queries.measures_in_force([district.bureau.pk], district.today).exists()


def test_one_lifted_applied_until_the_day_before(district):
    measure = approve(district, propose(district, first=-10))
    lift(district, measure)
    yesterday = district.today - timedelta(days=1)
    assert list(queries.measures_in_force([district.bureau.pk], yesterday)) == [measure]
    assert not queries.measures_in_force([district.other.pk], yesterday).exists()


@pytest.mark.parametrize(
    ("first", "last", "kind", "standing"),
    [
        (0, 0, "NO_HONOURS", MeasureStanding.IN_FORCE),
        (-9, -1, "NO_HONOURS", MeasureStanding.EXPIRED),
        (1, 9, "NO_POSTS", MeasureStanding.COMING),
        (-9, None, "CIRCULAR", MeasureStanding.ANNOUNCED),
        (-9, 9, "CIRCULAR", MeasureStanding.IN_FORCE),
    ],
)
def test_what_a_measure_is_today_is_read_off_the_calendar(district, first, last, kind, standing):
    measure = approve(district, propose(district, first=first, last=last, kind=kind))
    assert queries.standing_of(measure, district.today) == standing.label
    in_force = queries.measures_in_force([district.bureau.pk], district.today).exists()
    assert in_force is (standing == MeasureStanding.IN_FORCE)
    if standing in (MeasureStanding.EXPIRED, MeasureStanding.ANNOUNCED):
        with pytest.raises(DomainError, match=r"期满，不需要解除|另行通报更正"):
            lift(district, measure)


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"last": -1}, "last_day", "早于起始日期"),
        ({"last": None}, "last_day", "须有期限"),
    ],
)
def test_a_wrong_period_is_refused(district, change, field, told):
    with pytest.raises(DomainError, match=told) as refused:
        propose(district, **change)
    assert refused.value.field == field


@pytest.mark.parametrize(("first", "last"), [(0, 180), (-5, 0), (180, 300), (-5, 300), (50, 60)])
def test_an_overlapping_measure_of_the_same_kind_is_refused_and_the_earlier_named(district, first, last):
    earlier = propose(district)
    with pytest.raises(DomainError) as refused:
        propose(district, first=first, last=last, by="discipline2")
    assert f"{earlier.first_day} 至 {earlier.last_day}（待批准）" in refused.value.message
    assert "取消评优资格" in refused.value.message and "请改期限" in refused.value.message
    approve(district, earlier)
    with pytest.raises(DomainError, match="生效中"):
        propose(district, first=first, last=last)


def test_what_does_not_overlap_is_taken(district):
    earlier = propose(district)
    propose(district, kind="NO_POSTS")
    propose(district, unit=district.station)
    propose(district, first=181, last=200)
    services.withdraw_measure(
        measure_id=earlier.pk, note="单位写错", by=district.users["discipline"], at=district.now
    )
    lift(district, approve(district, propose(district)))
    propose(district)
    for day in (-3, 3):
        propose(district, kind="CIRCULAR", first=day, last=None)
    with pytest.raises(DomainError, match="当日"):
        propose(district, kind="CIRCULAR", first=3, last=None)


def test_the_same_form_sent_twice_is_one_record(district):
    key = uuid4()
    assert propose(district, key=key) == propose(district, key=key)
    assert UnitMeasure.objects.count() == 1


def test_a_closed_unit_and_the_own_unit_are_refused(district):
    with pytest.raises(DomainError, match="应当回避"):
        propose(district, unit=district.other)
    closing = people.save_unit(
        code="J9", name="旧中心", kind="SECOND_TIER", parent=district.bureau, by=None, at=district.now
    )
    people.close_unit(unit=closing, on=district.today, by=None, at=district.now)
    closing.refresh_from_db()
    with pytest.raises(DomainError, match=r"已于 .* 撤销，请选") as refused:
        propose(district, unit=closing)
    assert refused.value.field == "unit"


def test_two_people_also_in_the_database(district):
    measure = propose(district, by="dhead")
    with pytest.raises(NotAllowed, match="提出人不能批准"):
        approve(district, measure)
    by, at = district.users["dhead"], timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitMeasure.objects.filter(pk=measure.pk).update(state="IN_FORCE", approved_by=by, approved_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitMeasure.objects.filter(pk=measure.pk).update(state="IN_FORCE")
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitMeasure.objects.filter(pk=measure.pk).update(last_day=district.today - timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitMeasure.objects.filter(pk=measure.pk).update(last_day=None)


@pytest.mark.parametrize("role", ["discipline", "unithead", "chief", "assessor", "cadre", "auditor"])
def test_only_heads_approve_and_only_the_office_proposes(district, role):
    measure = propose(district, by="discipline2")
    with pytest.raises((NotAllowed, UnitMeasure.DoesNotExist)):
        approve(district, measure, by=role)
    if role != "discipline":
        with pytest.raises(NotAllowed):
            propose(district, kind="NO_POSTS", by=role)


def test_who_sees_what(district, as_role):
    waiting, foreign = propose(district), propose(district, unit=district.root)
    approve(district, foreign)
    below = approve(district, propose(district, unit=district.station))

    def seen(role):
        return set(queries.unit_measures_visible_to(district.users[role]))

    assert seen("discipline") == seen("dhead") == {waiting, foreign, below}
    assert seen("chief") == {foreign, below}
    assert seen("unithead") == {below}
    for role in ("cadre", "leader", "assessor", "auditor", "sysadmin"):
        assert seen(role) == set()
        assert as_role(role).get(reverse("conduct:unit-measure-list")).status_code == 403
    for measure, status in ((waiting, 404), (foreign, 404), (below, 200)):
        url = reverse("conduct:unit-measure-detail", args=[measure.pk])
        assert as_role("unithead").get(url).status_code == status
    entries = queries.unit_file_entries(district.station, user=district.users["unithead"])
    assert [(e.title, e.state) for e in entries] == [("取消评优资格", "生效中")]
    assert queries.unit_file_entries(district.bureau, user=district.users["discipline"]) == []


def test_what_waits_is_on_the_workbench_of_another_head(district):
    propose(district)
    for role, waits in (("dhead", 1), ("discipline", 0), ("unithead", 0)):
        assert len(lines(queries.todos(district.users[role], today=district.today))) == waits


def test_through_the_pages(district, as_role):
    for model in (Regulation, Clause):
        catalogues.sync(model=model, by=None, at=district.now)
    officer, head = as_role("discipline"), as_role("dhead")
    url = reverse("conduct:unit-measure-create")
    sent = {
        "unit": district.bureau.pk, "kind": "NO_HONOURS", "first_day": district.today,
        "last_day": district.today, "basis": "会议", "reason": "逾期未整改", "submission_key": uuid4(),
    }  # fmt: skip
    assert officer.get(url).status_code == 200
    wrong = officer.post(url, {**sent, "last_day": district.today - timedelta(days=1)}).content.decode()
    assert "早于起始日期" in wrong and "逾期未整改" in wrong
    assert "300" in officer.post(url, {**sent, "basis": "长" * 1000}).content.decode()
    district.other.closed_on = district.today
    district.other.save()
    closed = officer.post(url, {**sent, "unit": district.other.pk}).content.decode()
    assert "已撤销，请另选单位" in closed
    saved = officer.post(url, sent, follow=True).content.decode()
    assert "待另一名负责人批准" in saved and "提出人不能" not in saved
    measure = UnitMeasure.objects.get()

    def to(name):
        return reverse("conduct:unit-measure-step", args=[measure.pk, name])

    clause = Clause.objects.get(key="ZF-WZ-4")
    cite = {"owner_label": "conduct.UnitMeasure", "owner_id": measure.pk, "clause": clause.pk}
    answer = officer.post(reverse("conduct:citation-add"), cite, follow=True).content.decode()
    assert str(clause) in answer
    assert officer.post(to("approve")).status_code == 403
    head.post(to("decline"), {"note": " "})
    assert UnitMeasure.objects.get().state == UnitMeasureState.PROPOSED, "a refusal asks for its reason"
    assert "已批准" in head.post(to("approve"), follow=True).content.decode()
    assert "没有保存" in head.post(to("approve"), follow=True).content.decode()
    assert "已解除" in head.post(to("lift"), {"note": "整改到位"}, follow=True).content.decode()
    table = head.get(reverse("conduct:unit-measure-list"), headers={"HX-Request": "true"}).content.decode()
    assert "已解除" in table and "<html" not in table


@pytest.mark.parametrize("rows", [15, 100])
def test_the_list_costs_the_same_for_many(district, as_role, rows, django_assert_max_num_queries):
    UnitMeasure.objects.bulk_create(
        UnitMeasure(
            unit=district.bureau, kind="CIRCULAR", first_day=district.today - timedelta(days=n), basis="会议",
            reason="逾期", submission_key=uuid4(), recorded_by=district.users["discipline"],
            recorded_at=district.now,
        )
        for n in range(rows)
    )  # fmt: skip
    client = as_role("discipline")
    with django_assert_max_num_queries(8):
        assert len(client.get(reverse("conduct:unit-measure-list")).context["page"]) == min(rows, 50)


def test_two_thousand_steps_of_four_roles(district):
    days = iter(range(0, 1_000_000, 2))

    def make():
        day = next(days)
        return propose(district, first=day, last=day + 1, by=("discipline", "dhead")[day // 2 % 2])

    def reasoned(service):
        def call(record, user, pick):
            service(measure_id=record.pk, note="查清了" * (pick % 3 > 0), by=user, at=timezone.now())

        return call

    def two_people(record):
        assert record.recorded_by_id not in (record.approved_by_id, record.lifted_by_id)
        assert (record.approved_by_id is not None) is (record.state in ("IN_FORCE", "LIFTED"))

    walk(
        Course(
            workflow=rules.UNIT_MEASURE,
            people={name: district.users[name] for name in ("discipline", "dhead", "unithead", "chief")},
            make=make,
            steps={
                "approve": lambda record, user, pick: services.approve_measure(
                    measure_id=record.pk, by=user, at=timezone.now()
                ),
                "decline": reasoned(services.decline_measure),
                "withdraw": reasoned(services.withdraw_measure),
                "lift": reasoned(services.lift_measure),
            },
            parts=queries.parts_in,
            invariants=[two_people],
        )
    )
