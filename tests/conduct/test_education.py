"""Education, tests, plans and commendations: the unit of the day is kept, absence is no zero."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.models import Attendance, Commendation, EducationEvent, StudyPlan, Test, TestResult
from conduct.queries import education as queries
from conduct.queries.entries import Side
from conduct.rules import education as rules
from conduct.services import education as services
from conduct.services.education import Marks
from core.models import AuditEvent, Cadre
from core.rules.errors import DomainError, NotAllowed
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def hold(district, *, by="discipline", days_ago=0, unit=None, present=(), absent=(), **other):
    values = {
        "kind": "PARTY_CLASS", "topic": "作风建设专题党课", "host_unit": district.bureau, "speaker": "单立文",
        "talker": None, "note": "全体学习。", "submission_key": uuid4(), **other,
    }  # fmt: skip
    return services.record_event(
        on=district.today - timedelta(days=days_ago),
        whole_unit=unit,
        present=[district.cadres[key] for key in present],
        absent=[district.cadres[key] for key in absent],
        by=district.users[by],
        at=district.now,
        **values,
    )


def exam(district, *, days_ago=0, by="discipline", title="月度考试", pass_mark=60, key=None):
    return services.record_test(
        title=title, on=district.today - timedelta(days=days_ago), full_mark=Decimal(100),
        pass_mark=Decimal(pass_mark), submission_key=key or uuid4(), by=district.users[by], at=district.now,
    )  # fmt: skip


def enter(district, test, marks, *, unit=None, by="discipline"):
    return services.save_results(
        test_id=test.pk,
        unit=unit or district.bureau,
        marks={district.cadres[key].pk: mark for key, mark in marks.items()},
        by=district.users[by],
        at=district.now,
    )


def commend(district, cadre="clerk", *, by="discipline", kind="REWARD", unit=None, days_ago=0, key=None):
    return services.propose_commendation(
        kind=kind, cadre=district.cadres[cadre] if cadre else None, unit=unit,
        on=district.today - timedelta(days=days_ago), reason="抢险一线表现突出。", issuer="区委",
        submission_key=key or uuid4(), by=district.users[by], at=district.now,
    )  # fmt: skip


def confirm(district, commendation, by="discipline2"):
    return services.confirm_commendation(
        commendation_id=commendation.pk, by=district.users[by], at=district.now
    )


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
        services.plan_study(
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


def test_results_makeups_and_the_half_year(district):
    test = exam(district)
    enter(
        district, test,
        {"head": Marks(Decimal("90.5"), reviewed=True), "clerk": Marks(None), "leader": Marks(Decimal(40))},
    )  # fmt: skip
    waiting = queries.waiting_for_makeup(district.users["discipline"], test)
    assert {result.cadre.name for result in waiting} == {"曾国平", "解明远"}
    audits = AuditEvent.objects.count()
    marks = {"clerk": Marks(None, Decimal(75)), "leader": Marks(Decimal(40), Decimal(50))}
    assert enter(district, test, marks) == 2
    assert enter(district, test, marks) == 0
    assert AuditEvent.objects.count() == audits + 1
    assert not queries.waiting_for_makeup(district.users["discipline"], test).exists()
    first_day, last_day = rules.half_year(test.on)
    (line,) = queries.review(district.users["discipline"], first_day=first_day, last_day=last_day)
    assert (line.entered, line.tested, line.absent, line.passed, line.passed_after) == (3, 2, 1, 1, 2)
    assert line.average == Decimal("65.25"), "absence is not a zero"
    (own,) = queries.review(district.users["cadre"], first_day=first_day, last_day=last_day)
    assert (own.entered, own.average) == (1, None)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (Marks(Decimal("100.01")), "0 到 100 分之间"),
        (Marks(Decimal(-1)), "0 到 100 分之间"),
        (Marks(None, Decimal(101)), "0 到 100 分之间"),
        (Marks(Decimal(80), Decimal(90)), "不需要补考"),
    ],
)
def test_a_wrong_mark_is_refused_whole(district, mark, told):
    with pytest.raises(DomainError, match=told) as refused:
        enter(district, exam(district), {"head": Marks(Decimal(70)), "clerk": mark})
    assert "曾国平" in refused.value.message
    assert not TestResult.objects.exists()


def test_nobody_enters_a_result_of_oneself(district):
    test = exam(district)
    with pytest.raises(NotAllowed, match="本人的成绩"):
        enter(district, test, {"officer": Marks(Decimal(100))}, unit=district.other)
    enter(district, test, {"officer": Marks(Decimal(70))}, unit=district.other, by="discipline2")
    kept = {"officer": Marks(Decimal(70)), "officer2": Marks(Decimal(90))}
    assert enter(district, test, kept, unit=district.other) == 1


def test_a_wrong_test_is_refused(district):
    key = uuid4()
    assert exam(district, key=key) == exam(district, key=key)
    with pytest.raises(DomainError, match="已有同名考试"):
        exam(district)
    for mark in (0, 101):
        with pytest.raises(DomainError, match="不超过满分"):
            exam(district, title="另一场", pass_mark=mark)
    with pytest.raises(DomainError, match="还没有考"):
        enter(district, exam(district, days_ago=-1), {"clerk": Marks(None)})


def test_the_sheet_of_a_unit_names_every_wrong_cell(district, as_role):
    test, client = exam(district), as_role("discipline")
    url = reverse("conduct:test-sheet", args=[test.pk]) + f"?unit={district.bureau.pk}"
    head, clerk, leader = (district.cadres[key].pk for key in ("head", "clerk", "leader"))
    assert "曾国平" in client.get(url).content.decode()
    wrong = client.post(url, {f"score-{head}": "120", f"score-{clerk}": "八十", f"makeup-{leader}": "60"})
    page = wrong.content.decode()
    assert "0 到 100 分之间" in page and "不是成绩" in page and "请先填成绩" in page and "八十" in page
    assert not TestResult.objects.exists()
    saved = client.post(
        url, {f"score-{head}": "88.5", f"score-{clerk}": "缺考", f"reviewed-{head}": "on"}, follow=True
    )
    assert "改动 2 人" in saved.content.decode() and "缺考" in saved.content.decode()
    again = client.get(url).content.decode()
    assert 'value="88.50"' in again and 'value="缺考"' in again
    assert "不能清空" in client.post(url, {f"score-{head}": ""}).content.decode()
    assert client.get(reverse("conduct:test-sheet", args=[test.pk]) + "?unit=x").status_code == 404
    for role in ("unithead", "cadre"):
        assert as_role(role).get(url).status_code == 403
        detail = as_role(role).get(reverse("conduct:test-detail", args=[test.pk])).content.decode()
        assert "待补考" in detail
        review = as_role(role).get(reverse("conduct:test-review"), {"on": test.on}).content.decode()
        assert "建设局" in review
    assert "建设局" not in as_role("leader").get(reverse("conduct:test-review")).content.decode()


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
    foreign = services.plan_study(
        unit=district.other, month=district.today, topic="财经纪律", by=district.users["discipline"],
        at=district.now,
    )  # fmt: skip
    shown = as_role("unithead").get(reverse("conduct:plan-list")).content.decode()
    assert "八不准解读" in shown and foreign.topic not in shown
    assert as_role("unithead").post(done, {"done_on": district.today}).status_code == 403


def test_a_commendation_is_on_the_file_once_another_confirmed(district, as_role):
    key = uuid4()
    commendation = commend(district, key=key)
    assert commend(district, key=key) == commendation
    clerk, reader = district.cadres["clerk"], district.users["cadre"]
    assert queries.file_entries(clerk, user=reader) == []
    with pytest.raises(NotAllowed, match="提出人不能确认"):
        confirm(district, commendation, by="discipline")
    confirm(district, commendation)
    hold(district, present=["clerk"])
    enter(district, exam(district), {"clerk": Marks(None, Decimal(70))})
    entries = queries.file_entries(clerk, user=reader)
    assert (entries[0].title, entries[0].side) == ("一事一嘉奖", Side.GOOD)
    assert [e.kind for e in entries] == ["嘉奖表彰", "教育关爱", "考阅炼评"]
    assert entries[2].detail == "缺考，补考 70.00 分"
    assert queries.file_entries(clerk, user=district.users["auditor"]) == []
    unit = confirm(district, commend(district, None, unit=district.bureau, kind="HONOUR"))
    (line,) = queries.unit_file_entries(district.bureau, user=district.users["unithead"])
    assert line.url == reverse("conduct:commendation-detail", args=[unit.pk])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"days_ago": -1}, "发生后登记"),
        ({"cadre": None}, "两者只填一个"),
        ({"cadre": None, "kind": "PROMOTION", "unit": "bureau"}, "对象是个人"),
        ({"unit": "bureau"}, "两者只填一个"),
        ({"cadre": "officer"}, "应当回避"),
        ({"days_ago": 2000}, "不在岗"),
    ],
)
def test_a_wrong_commendation_is_refused(district, change, told):
    unit = district.bureau if change.get("unit") else None
    with pytest.raises(DomainError, match=told):
        commend(district, **{**change, "unit": unit})


def test_who_sees_which_commendation(district, as_role):
    waiting = commend(district)
    own = confirm(district, commend(district))
    foreign = confirm(district, commend(district, "outsider"))

    def seen(role):
        return set(queries.commendations_visible_to(district.users[role]))

    assert seen("discipline") == seen("dhead") == {waiting, own, foreign}
    assert seen("chief") == {own, foreign}
    assert seen("unithead") == seen("cadre") == {own}
    assert seen("auditor") == set()
    assert as_role("cadre").get(reverse("conduct:commendation-detail", args=[waiting.pk])).status_code == 404
    for role, waits in (("discipline", 0), ("discipline2", 1), ("cadre", 0)):
        assert len(lines(queries.todos(district.users[role], today=district.today))) == waits


def test_a_commendation_through_the_pages(district, as_role):
    client, url = as_role("discipline"), reverse("conduct:commendation-create")
    sent = {
        "kind": "REWARD", "cadre_text": "曾国平", "on": district.today, "issuer": "区委",
        "reason": "表现突出",
        "submission_key": uuid4(),
    }  # fmt: skip
    assert client.get(url).status_code == 200
    assert "没有找到人员" in client.post(url, {**sent, "cadre_text": "查无此人"}).content.decode()
    assert "500" in client.post(url, {**sent, "reason": "长" * 1000}).content.decode()
    page = client.post(url, sent, follow=True).content.decode()
    assert "待另一名纪检人员确认" in page and "提出人不能确认" in page
    commendation = Commendation.objects.get()

    def to(name):
        return reverse("conduct:commendation-step", args=[commendation.pk, name])

    assert "没有保存" in client.post(to("confirm"), follow=True).content.decode()
    other = as_role("discipline2")
    assert "不予确认的理由" in other.post(to("decline"), {"note": ""}).content.decode()
    assert "记入档案" in other.post(to("confirm"), follow=True).content.decode()
    listed = as_role("cadre").get(reverse("conduct:commendation-list"), {"q": "建设"}).content.decode()
    assert "曾国平" in listed


def test_the_database_keeps_two_people_and_whole_records(district):
    commendation = commend(district)
    rows = Commendation.objects.filter(pk=commendation.pk)
    for wrong in (
        {"state": "CONFIRMED"},
        {"state": "CONFIRMED", "confirmed_by": district.users["discipline"], "confirmed_at": timezone.now()},
        {"kind": "PROMOTION", "cadre": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Test.objects.filter(pk=exam(district).pk).update(pass_mark=101)


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


def test_two_thousand_steps_of_four_roles(district):
    makers = iter(("discipline", "discipline2", "dhead") * 10_000)

    def reasoned(service):
        def call(record, user, pick):
            note = "查清了" * (pick % 3 > 0)
            service(commendation_id=record.pk, note=note, by=user, at=timezone.now())

        return call

    def two_people(record):
        assert record.confirmed_by_id != record.recorded_by_id
        assert (record.state == "CONFIRMED") is (record.confirmed_by_id is not None)

    walk(
        Course(
            workflow=rules.COMMENDATION,
            people={name: district.users[name] for name in ("discipline", "discipline2", "dhead", "cadre")},
            make=lambda: commend(district, by=next(makers)),
            steps={
                "confirm": lambda record, user, pick: services.confirm_commendation(
                    commendation_id=record.pk, by=user, at=timezone.now()
                ),
                "decline": reasoned(services.decline_commendation),
                "withdraw": reasoned(services.withdraw_commendation),
            },
            parts=queries.parts_in,
            invariants=[two_people],
        )
    )
