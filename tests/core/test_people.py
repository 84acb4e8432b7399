"""Units and cadres: moves are kept, so that a record keeps the unit of its day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.choices import Establishment
from core.models import AuditEvent, Cadre, Posting, Unit
from core.queries import cadres_visible_to, unit_ids_under
from core.rules.errors import DomainError
from core.rules.names import search_keys
from core.services import people

pytestmark = pytest.mark.django_db


def save(district, **changes):
    cadre = district.cadres["clerk"]
    values = {
        "staff_no": cadre.staff_no,
        "name": cadre.name,
        "unit": cadre.unit,
        "establishment": cadre.establishment,
        "post": cadre.post,
        "joined_on": cadre.joined_on,
        "by": None,
        "at": timezone.now(),
    }
    return people.save_cadre(**{**values, **changes})


def test_a_move_closes_the_posting_and_opens_the_next(district):
    day = district.today - timedelta(days=10)
    cadre = save(district, unit=district.other, effective_on=day)
    old, new = Posting.objects.filter(cadre=cadre).order_by("start_on")
    assert (old.unit, old.end_on) == (district.bureau, day - timedelta(days=1))
    assert (new.unit, new.start_on, new.end_on) == (district.other, day, None)
    units = {
        offset: Cadre.objects.with_posting_on(day + timedelta(days=offset)).get(pk=cadre.pk).unit_id_on
        for offset in (-1, 0)
    }
    assert units == {-1: district.bureau.pk, 0: district.other.pk}
    everybody = Cadre.objects.filter(pk__in=[cadre.pk, district.cadres["head"].pk])
    assert everybody.units_on(day) == {
        cadre.pk: district.other.pk,
        district.cadres["head"].pk: district.bureau.pk,
    }
    assert everybody.units_on(day - timedelta(days=1))[cadre.pk] == district.bureau.pk
    assert everybody.units_on(day - timedelta(days=1000)) == {}
    there = Cadre.objects.posted_to(district.bureau, day - timedelta(days=1))
    assert cadre in there and cadre not in Cadre.objects.posted_to(district.bureau, day)


def test_a_violation_keeps_the_unit_of_its_day_after_a_move(district):
    save(district, unit=district.other, effective_on=district.today - timedelta(days=10))
    assert district.log("clerk", days_ago=20).unit == district.bureau
    assert district.log("clerk", days_ago=5).unit == district.other


def test_saving_the_same_again_writes_nothing(district):
    before = AuditEvent.objects.count(), Posting.objects.count()
    save(district)
    assert (AuditEvent.objects.count(), Posting.objects.count()) == before


def test_a_move_before_the_current_posting_is_refused(district):
    with pytest.raises(DomainError, match="早于现任职起始日期"):
        save(district, unit=district.other, effective_on=district.today - timedelta(days=2000))
    assert Cadre.objects.get(pk=district.cadres["clerk"].pk).unit == district.bureau


def test_two_people_cannot_be_each_others_superior(district):
    head, clerk = district.cadres["head"], district.cadres["clerk"]
    save(district, supervisor=head)
    with pytest.raises(DomainError, match="不能互为上级"):
        people.save_cadre(
            staff_no=head.staff_no,
            name=head.name,
            unit=head.unit,
            establishment=Establishment.CIVIL_SERVANT,
            post=head.post,
            supervisor=clerk,
            joined_on=head.joined_on,
            by=None,
            at=timezone.now(),
        )


def test_a_unit_cannot_be_moved_below_itself(district):
    with pytest.raises(DomainError, match="下级"):
        people.save_unit(
            code="J1", name="建设局", kind="ORGAN", parent=district.station, by=None, at=timezone.now()
        )


def test_a_subtree_holds_the_unit_and_everything_below(district):
    assert unit_ids_under([district.bureau.pk]) == {district.bureau.pk, district.station.pk}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            "discipline",
            {"单立文", "曾国平", "王小川", "解明远", "任青", "覃正", "仇磊", "林晓雪", "区健", "宓远"},
        ),
        ("unithead", {"单立文", "曾国平", "王小川", "解明远"}),
        ("cadre", {"曾国平"}),
        ("leader", {"解明远"}),
        ("sysadmin", set()),
        ("secadmin", set()),
        ("auditor", set()),
    ],
)
def test_who_sees_whom(district, role, names):
    assert set(cadres_visible_to(district.users[role]).values_list("name", flat=True)) == names


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("曾国平", ("zengguoping", "zgp")),
        ("单立文", ("shanliwen", "slw")),
        ("解明远", ("xiemingyuan", "xmy")),
        ("仇磊", ("qiulei", "ql")),
        ("区健", ("oujian", "oj")),
        ("查海", ("zhahai", "zh")),
        ("覃正", ("qinzheng", "qz")),
        ("任青", ("renqing", "rq")),
        ("吕布", ("lvbu", "lb")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("王小川", ("wangxiaochuan", "wxc")),
    ],
)
def test_surnames_are_read_as_surnames(name, keys):
    assert search_keys(name) == keys


@pytest.mark.parametrize("typed", ["曾国", "zengguo", "zgp", "ZGP", "T002", "t002", " 曾国平 "])
def test_a_person_is_found_by_name_pinyin_initials_or_number(district, as_role, typed):
    answer = as_role("discipline").get("/cadres/options/", {"q": typed})
    assert "曾国平" in answer.content.decode()


def test_the_picker_offers_nobody_outside_the_scope(district, as_role):
    content = as_role("unithead").get("/cadres/options/", {"q": "任青"}).content.decode()
    assert str(district.cadres["outsider"].staff_no) not in content


class TestUnitsAndLeaving:
    def test_a_unit_is_made_renamed_and_closed_in_the_browser(self, district, as_role):
        client = as_role("assessor")
        values = {"code": "J9", "name": "档案馆", "kind": "ORGAN", "parent": district.root.pk, "order": 9}
        assert client.post("/units/new/", values).status_code == 302
        unit = Unit.objects.get(code="J9")
        client.post(f"/units/{unit.pk}/", {**values, "name": "档案和地方志馆"})
        unit.refresh_from_db()
        assert unit.name == "档案和地方志馆"
        client.post(f"/units/{unit.pk}/close/", {"closed_on": district.today.isoformat()})
        unit.refresh_from_db()
        assert unit.closed_on == district.today
        assert unit not in client.get("/units/").context["page"]

    @pytest.mark.parametrize(
        ("values", "field", "message"),
        [
            ({"code": "J1"}, "code", "已被使用"),
            ({"name": "财政局"}, "name", "同一上级下已有"),
            ({"name": ""}, "name", "必填"),
        ],
    )
    def test_a_bad_unit_is_named_at_its_field(self, district, as_role, values, field, message):
        data = {
            "code": "J9",
            "name": "档案馆",
            "kind": "ORGAN",
            "parent": district.root.pk,
            "order": 0,
            **values,
        }
        answer = as_role("assessor").post("/units/new/", data)
        assert message in "".join(answer.context["form"].errors[field])

    def test_a_unit_with_people_or_units_is_not_closed(self, district, as_role):
        client, day = as_role("assessor"), {"closed_on": district.today.isoformat()}
        assert (
            "还有“征迁服务中心”" in client.post(f"/units/{district.bureau.pk}/close/", day).content.decode()
        )
        assert "1 名在岗人员" in client.post(f"/units/{district.station.pk}/close/", day).content.decode()

    def test_leaving_ends_the_posting_and_the_service(self, district, as_role):
        worker, client = district.cadres["worker"], as_role("assessor")
        client.post(f"/cadres/{worker.pk}/leave/", {"left_on": district.today.isoformat()})
        worker.refresh_from_db()
        assert worker.left_on == district.today
        assert worker.postings.get().end_on == district.today
        again = client.post(f"/cadres/{worker.pk}/leave/", {"left_on": district.today.isoformat()})
        assert "不能重复登记" in again.content.decode()
        assert "王小川" not in client.get("/cadres/options/", {"q": "王小川"}).content.decode().replace(
            "“王小川”", ""
        )

    def test_leaving_in_the_future_is_refused(self, district, as_role):
        day = (district.today + timedelta(days=1)).isoformat()
        answer = as_role("assessor").post(f"/cadres/{district.cadres['worker'].pk}/leave/", {"left_on": day})
        assert "晚于今天" in answer.content.decode()
