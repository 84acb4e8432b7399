"""Commendations are on the file once another person has confirmed."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conduct.models import Commendation, Test
from conduct.queries import education as queries
from conduct.queries.entries import Side
from conduct.rules import education as rules
from conduct.services import commendations
from conduct.services.testing import Marks
from core.rules.errors import DomainError, NotAllowed
from tests.support.educating import commend, confirm, enter, exam, hold
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


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
                "confirm": lambda record, user, pick: commendations.confirm_commendation(
                    commendation_id=record.pk, by=user, at=timezone.now()
                ),
                "decline": reasoned(commendations.decline_commendation),
                "withdraw": reasoned(commendations.withdraw_commendation),
            },
            parts=queries.parts_in,
            invariants=[two_people],
        )
    )
