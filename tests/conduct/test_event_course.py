"""What becomes of an event once it is recorded: corrected, people added or taken out, cancelled."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conduct.models import EducationEvent
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import education as services
from core.models import AuditEvent, StepTaken
from core.rules.errors import DomainError, NotAllowed
from core.services import people
from tests.support.educating import hold
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db

FACTS = ("kind", "on", "topic", "host_unit", "speaker", "talker", "note")


def correct(district, event, *, by="discipline", reason="核对签到表", **changes):
    values = {name: getattr(event, name) for name in FACTS} | changes
    return services.correct_event(
        event_id=event.pk, reason=reason, by=district.users[by], at=timezone.now(), **values
    )


def attend(district, event, *, by="discipline", note="核对签到表", **lists):
    named = {
        field: [district.cadres[key] for key in lists.get(field, ())]
        for field in ("present", "absent", "removed")
    }
    return services.change_attendances(
        event_id=event.pk, note=note, by=district.users[by], at=timezone.now(), **named
    )


def cancel(district, event, *, by="discipline", note="与另一场重复"):
    return services.cancel_event(event_id=event.pk, note=note, by=district.users[by], at=timezone.now())


def standing(event):
    return dict(event.attendances.values_list("cadre__name", "present"))


def talk(district, **changes):
    values = {"kind": "HEART_TALK", "note": "家里有难处。", "talker": district.cadres["head"]}
    return hold(district, **{**values, "present": ["clerk"], **changes})


def page(client, event):
    return client.get(event.get_absolute_url()).content.decode()


def send(client, event, step, **sent):
    path = reverse("conduct:event-step", args=[event.pk, step])
    return client.post(path, sent, follow=True).content.decode()


def test_a_correction_keeps_the_old_text_and_says_so_to_the_office(district, as_role):
    event = hold(district, present=["clerk"])
    audits = AuditEvent.objects.count()
    correct(district, event, topic="六个严禁专题党课", speaker="", by="discipline2")
    event.refresh_from_db()
    assert (event.topic, event.speaker, event.state) == ("六个严禁专题党课", "", "RECORDED")
    line = StepTaken.objects.get()
    assert (line.old, line.note) == ({"主题": "作风建设专题党课", "主讲人": "单立文"}, "核对签到表")
    written = AuditEvent.objects.order_by("seq").last()
    assert AuditEvent.objects.count() == audits + 1
    assert (written.action, written.before["topic"]) == ("更正教育活动", "作风建设专题党课")
    shown = page(as_role("discipline"), event)
    assert "原主题" in shown and "作风建设专题党课" in shown and "核对签到表" in shown
    for role in ("unithead", "cadre", "chief"):
        shown = page(as_role(role), event)
        assert "登记教育活动" in shown and "更正" in shown, "the history is for whoever sees the event"
        assert "作风建设专题党课" not in shown and "核对签到表" not in shown


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({}, None, "没有改动任何一栏"),
        ({"topic": "新主题", "reason": " "}, "reason", "请写明更正原因"),
        ({"on": -1}, "on", "发生后登记"),
        ({"on": 2000}, "on", "曾国平在 .* 不在岗"),
        ({"kind": "HEART_TALK"}, "kind", "作废后重新登记"),
    ],
)
def test_a_wrong_correction_is_refused_and_changes_nothing(district, change, field, told):
    event = hold(district, present=["clerk"])
    if "on" in change:
        change = {"on": district.today - timedelta(days=change["on"])}
    with pytest.raises(DomainError, match=told) as refused:
        correct(district, event, **change)
    assert refused.value.field == field
    before = {name: getattr(event, name) for name in FACTS}
    event.refresh_from_db()
    assert {name: getattr(event, name) for name in FACTS} == before
    assert not StepTaken.objects.exists()


def test_a_closed_unit_cannot_become_the_host_but_may_stay_it(district, as_role):
    event = hold(district, host_unit=district.station, present=["worker"], days_ago=3)
    district.station.closed_on = district.today
    district.station.save()
    sent = {
        "kind": "PARTY_CLASS", "on": event.on, "topic": "新主题", "host_unit": district.station.pk,
        "talker_text": "", "reason": "笔误",
    }  # fmt: skip
    assert "已更正" in send(as_role("discipline"), event, "correct", **sent)
    assert "撤销，请选承接" in send(as_role("discipline"), event, "correct", **{**sent, "on": district.today})
    assert EducationEvent.objects.get().topic == "新主题"


def test_another_day_means_the_units_of_that_day(district):
    event, clerk = hold(district, present=["clerk", "head"]), district.cadres["clerk"]
    people.save_cadre(
        staff_no=clerk.staff_no, name=clerk.name, unit=district.other, establishment=clerk.establishment,
        post=clerk.post, joined_on=clerk.joined_on, effective_on=district.today - timedelta(days=3), by=None,
        at=district.now,
    )  # fmt: skip
    correct(district, event, on=district.today - timedelta(days=1))
    units = dict(event.attendances.values_list("cadre__name", "unit__name"))
    assert units == {"曾国平": "财政局", "单立文": "建设局"}
    event.refresh_from_db()
    correct(district, event, on=district.today - timedelta(days=9))
    assert event.attendances.get(cadre=clerk).unit == district.bureau


def test_people_are_added_said_absent_and_taken_out_with_a_reason(district, as_role):
    event = hold(district, present=["clerk", "head"], absent=["leader"])
    attend(district, event, present=["worker", "leader"], absent=["head"], removed=["clerk"])
    assert standing(event) == {"王小川": True, "解明远": True, "单立文": False}
    assert event.attendances.get(cadre=district.cadres["worker"]).unit == district.station
    line = StepTaken.objects.get()
    old = line.old["参加情况"]
    for said in ("王小川（T003）未列入", "解明远（T004）缺席", "单立文（T001）到场", "曾国平（T002）到场"):
        assert said in old
    assert "曾国平" in page(as_role("discipline"), event), "who was taken out stands in the history"
    assert not queries.events_visible_to(district.users["cadre"]).exists()
    assert queries.file_entries(district.cadres["clerk"], user=district.users["discipline"]) == []
    (entry,) = queries.file_entries(district.cadres["head"], user=district.users["discipline"])
    assert entry.state == "缺席"


@pytest.mark.parametrize(
    ("lists", "field", "told"),
    [
        ({}, "present", "没有要改的"),
        ({"present": ["clerk"]}, "present", "没有要改的"),
        ({"removed": ["worker"]}, "removed", "王小川不在参加名单中"),
        ({"removed": ["clerk"]}, "removed", "至少要留一名参加人员；整场活动登记错了的，请作废"),
        ({"present": ["worker"], "removed": ["worker"]}, "removed", "王小川同时填在两处"),
        ({"present": ["head"], "absent": ["head"]}, "absent", "单立文同时填在两处"),
        ({"present": ["head"], "note": ""}, "note", "请写明增减原因"),
    ],
)
def test_a_wrong_list_is_refused_whole(district, lists, field, told):
    event = hold(district, present=["clerk"])
    with pytest.raises(DomainError, match=told) as refused:
        attend(district, event, **lists)
    assert refused.value.field == field
    assert standing(event) == {"曾国平": True}
    assert not StepTaken.objects.exists()


def test_somebody_out_of_service_that_day_is_not_added(district):
    event, worker = hold(district, present=["clerk"], days_ago=5), district.cadres["worker"]
    people.record_leaving(cadre=worker, on=district.today - timedelta(days=9), by=None, at=district.now)
    with pytest.raises(DomainError, match=r"王小川在 .* 不在岗"):
        attend(district, event, present=["worker"])


def test_the_page_names_everybody_it_cannot_settle_and_keeps_what_was_typed(district, as_role):
    event, client = hold(district, present=["clerk"]), as_role("discipline")
    sent = {"present": "单立文\n查无此人", "removed": "T999", "note": "签到表漏了一行"}
    shown = send(client, event, "attend", **sent)
    assert "查无此人" in shown and "T999" in shown and "签到表漏了一行" in shown
    assert "参加人员已更新" in send(client, event, "attend", present="单立文", note="漏记")
    assert standing(event) == {"曾国平": True, "单立文": True}
    assert "80" in send(client, event, "correct", topic="长" * 1000, reason="笔误")


def test_a_cancelled_event_is_kept_marked_and_on_nobodys_file(district, as_role):
    event, clerk = hold(district, present=["clerk"]), district.cadres["clerk"]
    reader, client = district.users["cadre"], as_role("discipline")
    assert len(queries.file_entries(clerk, user=reader)) == 1
    assert "作废原因" in send(client, event, "cancel", note="")
    assert "已作废" in send(client, event, "cancel", note="与另一场重复")
    event.refresh_from_db()
    assert (event.state, event.attendances.count()) == ("CANCELLED", 1)
    assert queries.file_entries(clerk, user=reader) == []
    shown = page(as_role("cadre"), event)
    assert "已作废" in shown and "与另一场重复" in shown
    path = reverse("conduct:event-list")
    lists = [client.get(path, {"state": state}).content.decode() for state in ("", "CANCELLED", "ALL")]
    assert [event.topic in shown for shown in lists] == [False, True, True]
    assert "共 <b>0</b>" in lists[0]
    for again in (correct, attend, cancel):
        with pytest.raises(NotAllowed, match="当前状态是“已作废”"):
            again(district, event)


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "assessor", "leader", "auditor"])
def test_only_the_office_corrects(district, as_role, role):
    event = hold(district, unit=district.bureau)
    for service in (correct, attend, cancel):
        with pytest.raises((NotAllowed, EducationEvent.DoesNotExist)):
            service(district, event, by=role)
    for step in ("correct", "attend", "cancel"):
        answer = as_role(role).post(reverse("conduct:event-step", args=[event.pk, step]), {"note": "想改"})
        assert answer.status_code in {403, 404}
    assert not StepTaken.objects.exists()


def test_a_talk_is_corrected_only_by_who_may_read_its_note(district, as_role):
    """Anybody else could write themselves into it, and read."""
    event = talk(district)
    for service, change in ((correct, {"topic": "改"}), (attend, {"present": ["officer2"]})):
        with pytest.raises(NotAllowed, match="只有谈话双方和登记人可以"):
            service(district, event, by="discipline2", **change)
    shown = page(as_role("discipline2"), event)
    assert "只有谈话双方和登记人可以更正" in shown and "家里有难处。" not in shown
    sent = {"kind": "TOPIC", "topic": "", "reason": "想看看"}
    assert "家里有难处。" not in send(as_role("discipline2"), event, "correct", **sent)
    assert cancel(district, event, by="discipline2").state == "CANCELLED"


def test_what_a_talks_note_said_is_neither_in_the_audit_nor_in_anybody_elses_history(district, as_role):
    event = talk(district)
    correct(district, event, note="家里的难处已解决。", topic="回访")
    event.refresh_from_db()
    assert event.note == "家里的难处已解决。"
    assert "难处" not in str(list(AuditEvent.objects.values_list("before", "after")))
    assert "家里有难处。" in page(as_role("discipline"), event)
    other = page(as_role("discipline2"), event)
    assert "难处" not in other and "原主题" in other


def test_whom_a_talk_was_had_with_stays_out_of_it(district):
    event = talk(district, present=["officer2"])
    for service, change in ((correct, {"topic": "改"}), (attend, {"present": ["clerk"]}), (cancel, {})):
        with pytest.raises(NotAllowed, match="回避"):
            service(district, event, by="discipline2", **change)
    lesson = hold(district, present=["officer2"])
    assert correct(district, lesson, by="discipline2", topic="改").topic == "改"


def test_two_thousand_steps_of_four_roles(district):
    everybody = ("clerk", "worker", "leader", "head")

    def corrected(record, user, pick):
        facts = {name: getattr(record, name) for name in FACTS} | {"topic": f"第{pick % 5}课"}
        services.correct_event(
            event_id=record.pk, reason="笔误" * (pick % 4 > 0), by=user, at=timezone.now(), **facts
        )

    def changed(record, user, pick):
        who = [district.cadres[everybody[pick % 4]]]
        fields = ("present", "absent", "removed")
        lists = {field: who if fields.index(field) == pick % 3 else [] for field in fields}
        services.change_attendances(
            event_id=record.pk, note="核对" * (pick % 5 > 0), by=user, at=timezone.now(), **lists
        )

    def cancelled(record, user, pick):
        services.cancel_event(event_id=record.pk, note="重复" * (pick % 3 > 0), by=user, at=timezone.now())

    def somebody_attends(record):
        assert record.attendances.exists()

    makers = iter((hold, talk) * 10_000)
    walk(
        Course(
            workflow=rules.EVENT,
            people={name: district.users[name] for name in ("discipline", "discipline2", "dhead", "cadre")},
            make=lambda: next(makers)(district, present=["clerk", "head"]),
            steps={"correct": corrected, "attend": changed, "cancel": cancelled},
            parts=queries.event_parts,
            invariants=[somebody_attends],
        )
    )
