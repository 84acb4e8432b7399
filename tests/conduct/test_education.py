"""Lessons, talks and plans: the unit of the day is kept, a talk's note stays with those who talked."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from conduct.models import Attendance, Commendation, EducationEvent, StudyPlan, TestResult
from conduct.queries import education as queries
from conduct.services import education
from conduct.services.testing import Marks
from core.models import AuditEvent, Cadre
from core.rules.errors import DomainError, NotAllowed
from tests.support.educating import commend, enter, exam, hold

pytestmark = pytest.mark.django_db


def test_a_whole_unit_in_one_click_but_for_the_absent(district):
    audits = AuditEvent.objects.count()
    key = uuid4()
    event = hold(district, unit=district.bureau, present=["outsider"], absent=["clerk"], submission_key=key)
    there = dict(event.attendances.values_list("cadre__name", "present"))
    assert there == {"单立文": True, "解明远": True, "任青": True, "曾国平": False}
    assert AuditEvent.objects.count() == audits + 1
    assert hold(district, unit=district.bureau, submission_key=key) == event
    assert Attendance.objects.count() == 4


def test_who_moved_is_kept_with_the_unit_of_that_day(district):
    cadre = district.cadres["clerk"]
    posting = cadre.postings.get()
    posting.end_on = district.today - timedelta(days=10)
    posting.save()
    cadre.postings.create(
        unit=district.other, establishment=cadre.establishment, start_on=district.today - timedelta(days=9)
    )
    Cadre.objects.filter(pk=cadre.pk).update(unit=district.other)
    before, after = hold(district, days_ago=20, present=["clerk"]), hold(district, present=["clerk"])
    assert before.attendances.get().unit == district.bureau
    assert after.attendances.get().unit == district.other
    test = exam(district, days_ago=20)
    enter(district, test, {"clerk": Marks(Decimal(80))})
    assert TestResult.objects.get().unit == district.bureau
    with pytest.raises(DomainError, match="不在“建设局”"):
        enter(district, exam(district), {"clerk": Marks(Decimal(80))})
    assert commend(district, days_ago=20).unit == district.bureau
    assert set(queries.attendances_visible_to(district.users["unithead"])) == {before.attendances.get()}


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"days_ago": -1, "present": ["clerk"]}, "on", "写进学习计划"),
        ({}, "present", "至少填一名"),
        ({"days_ago": 2000, "present": ["clerk", "head"]}, "present", r"曾国平、单立文在 .* 不在岗"),
        ({"present": ["clerk"], "absent": ["clerk"]}, "absent", "请只留一处"),
    ],
)
def test_a_wrong_event_is_refused(district, change, field, told):
    with pytest.raises(DomainError, match=told) as refused:
        hold(district, **change)
    assert refused.value.field == field
    assert not EducationEvent.objects.exists()


def test_a_closed_unit_holds_and_receives_nothing(district):
    district.station.closed_on = district.today
    district.station.save()
    with pytest.raises(DomainError, match="撤销，请选承接"):
        hold(district, host_unit=district.station, present=["clerk"])
    with pytest.raises(DomainError, match="撤销，请选承接"):
        commend(district, None, unit=district.station)
    with pytest.raises(DomainError, match="撤销，请选承接"):
        education.plan_study(
            unit=district.station, month=district.today + timedelta(days=40), topic="学习",
            by=district.users["discipline"], at=district.now,
        )  # fmt: skip


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "assessor", "leader", "auditor"])
def test_only_the_office_records(district, as_role, role):
    for service in (hold, exam, commend):
        with pytest.raises(NotAllowed):
            service(district, by=role)
    with pytest.raises(NotAllowed):
        enter(district, exam(district), {"clerk": Marks(None)}, by=role)
    for name in ("event-create", "test-create", "commendation-create"):
        assert as_role(role).get(reverse(f"conduct:{name}")).status_code == 403


def test_who_sees_which_event_and_whom_in_it(district, as_role):
    class_ = hold(district, unit=district.bureau, present=["outsider"])
    foreign = hold(district, host_unit=district.other, present=["outsider"])

    def seen(role):
        return set(queries.events_visible_to(district.users[role]))

    assert seen("discipline") == seen("dhead") == seen("chief") == {class_, foreign}
    assert seen("unithead") == seen("cadre") == seen("leader") == {class_}
    assert seen("auditor") == set()
    page = as_role("unithead").get(reverse("conduct:event-detail", args=[class_.pk])).content.decode()
    assert "曾国平" in page and "任青" not in page
    assert as_role("cadre").get(reverse("conduct:event-detail", args=[foreign.pk])).status_code == 404
    mine = queries.attendances_visible_to(district.users["cadre"])
    assert {attendance.cadre.name for attendance in mine} == {"曾国平"}


def test_the_note_of_a_talk_is_for_those_who_talked(district, as_role):
    talk = hold(
        district, kind="HEART_TALK", topic="谈心谈话", note="家里有难处。", talker=district.cadres["head"],
        present=["clerk"],
    )  # fmt: skip
    url = reverse("conduct:event-detail", args=[talk.pk])
    for role, reads in (("discipline", True), ("unithead", True), ("cadre", True), ("discipline2", False),
                        ("dhead", False), ("chief", False)):  # fmt: skip
        assert ("家里有难处。" in as_role(role).get(url).content.decode()) is reads, role
    open_note = hold(district, present=["clerk"])
    assert queries.may_read_note(open_note, district.users["chief"])


def test_the_form_names_every_person_it_cannot_settle(district, as_role):
    client, url = as_role("discipline"), reverse("conduct:event-create")
    sent = {
        "kind": "TOPIC", "on": district.today, "topic": "警示教育", "host_unit": district.bureau.pk,
        "present": "曾国平\n查无此人，T999", "submission_key": uuid4(),
    }  # fmt: skip
    assert client.get(url).status_code == 200
    page = client.post(url, sent).content.decode()
    assert "查无此人" in page and "T999" in page and "警示教育" in page
    long = client.post(url, {**sent, "topic": "长" * 1000, "present": "曾国平"}).content.decode()
    assert "80" in long and not EducationEvent.objects.exists()
    unknown = client.post(url, {**sent, "host_unit": "999999"}).content.decode()
    assert "不存在或已撤销" in unknown
    saved = client.post(url, {**sent, "present": "曾国平、T001"}, follow=True).content.decode()
    assert "已登记" in saved and "单立文" in saved
    table = client.get(reverse("conduct:event-list"), {"q": "警示"}, headers={"HX-Request": "1"})
    assert "警示教育" in table.content.decode() and "<html" not in table.content.decode()


def test_study_plans(district, as_role):
    client = as_role("discipline")
    sent = {"unit": district.bureau.pk, "month": district.today, "topic": "八不准解读"}
    assert "已列入" in client.post(reverse("conduct:plan-create"), sent, follow=True).content.decode()
    client.post(reverse("conduct:plan-create"), sent)
    assert (
        "80" in client.post(reverse("conduct:plan-create"), {**sent, "topic": "长" * 1000}).content.decode()
    )
    plan = StudyPlan.objects.get()
    assert plan.month == district.today.replace(day=1)
    done = reverse("conduct:plan-done", args=[plan.pk])
    for day, told in (
        (district.today + timedelta(days=1), "发生后登记"),
        (plan.month - timedelta(days=1), "早于计划月份"),
        ("", "没有保存"),
    ):
        assert told in client.post(done, {"done_on": day}, follow=True).content.decode()
    assert "已记为完成" in client.post(done, {"done_on": district.today}, follow=True).content.decode()
    foreign = education.plan_study(
        unit=district.other, month=district.today, topic="财经纪律", by=district.users["discipline"],
        at=district.now,
    )  # fmt: skip
    shown = as_role("unithead").get(reverse("conduct:plan-list")).content.decode()
    assert "八不准解读" in shown and foreign.topic not in shown
    assert as_role("unithead").post(done, {"done_on": district.today}).status_code == 403


@pytest.mark.parametrize("rows", [15, 100])
def test_the_lists_cost_the_same_for_many(district, as_role, rows, django_assert_max_num_queries):
    author = {"recorded_by": district.users["discipline"], "recorded_at": district.now}
    EducationEvent.objects.bulk_create(
        EducationEvent(
            kind="TOPIC", on=district.today - timedelta(days=n), topic="学习", host_unit=district.bureau,
            submission_key=uuid4(), **author,
        )
        for n in range(rows)
    )  # fmt: skip
    Commendation.objects.bulk_create(
        Commendation(
            kind="HONOUR", unit=district.bureau, on=district.today, reason="好", issuer="区委",
            submission_key=uuid4(), **author,
        )
        for n in range(rows)
    )  # fmt: skip
    StudyPlan.objects.bulk_create(
        StudyPlan(unit=district.bureau, month=district.today.replace(day=1), topic=f"学习{n}", **author)
        for n in range(rows)
    )
    client = as_role("discipline")
    for name in ("event-list", "commendation-list", "plan-list", "test-list"):
        with django_assert_max_num_queries(9):
            assert client.get(reverse(f"conduct:{name}")).status_code == 200
