"""Campaigns: rounds by the working calendar, reports within the own units, no invented zero."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from conduct.choices import RoundKind
from conduct.models import Campaign, ProblemTag, RoundCheck, RoundReport
from conduct.queries import campaigns as queries
from conduct.rules.campaigns import CAMPAIGN, period_problem, rounds, standing
from conduct.services import campaigns as services
from core.choices import RoleCode
from core.models import AuditEvent, User
from core.permissions import Permission
from core.rules.errors import DomainError, NotAllowed
from core.services import accounts, catalogues
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tags(district):
    catalogues.sync(model=ProblemTag, by=None, at=timezone.now())


def make(district, *, units=None, start=True, **changes):
    values = {
        "title": "六型机关创建",
        "kind": "SIX_TYPES",
        "goal": "解决突出问题。",
        "first_day": district.today.replace(day=1),
        "last_day": district.today.replace(day=1).replace(year=district.today.year + 1),
        "units": units or [district.bureau, district.other],
        "items": [("首问负责", Decimal(60)), ("在岗情况", Decimal(40))],
        "submission_key": uuid4(),
        **changes,
    }
    campaign = services.create_campaign(by=district.users["discipline"], at=timezone.now(), **values)
    if start:
        services.start_campaign(campaign_id=campaign.pk, by=district.users["discipline"], at=timezone.now())
    return campaign


def entry(campaign, kind=RoundKind.CHECK):
    return campaign.rounds.filter(kind=kind).order_by("due_on").first()


def check(district, campaign, unit, *points):
    items = list(campaign.items.order_by("order"))
    return services.record_check(
        round_id=entry(campaign).pk,
        unit=unit,
        points={item.pk: Decimal(p) for item, p in zip(items, points, strict=True)},
        by=district.users["discipline"],
        at=timezone.now(),
    )


def test_rounds_of_february_2026_avoid_the_spring_festival():
    """15 to 23 February 2026 are the holiday; 28 February is a make-up Saturday."""
    assert rounds(date(2026, 2, 1), date(2026, 3, 31), {}) == [
        ("DISPATCH", date(2026, 2, 24)),
        ("CHECK", date(2026, 2, 28)),
        ("DISPATCH", date(2026, 2, 28)),
        ("DISPATCH", date(2026, 3, 16)),
        ("CHECK", date(2026, 3, 31)),
        ("DISPATCH", date(2026, 3, 31)),
    ]


def test_a_short_campaign_still_has_its_check():
    assert rounds(date(2026, 11, 2), date(2026, 11, 10), {}) == [("CHECK", date(2026, 11, 10))]


def test_an_override_moves_a_round():
    closed = {date(2026, 11, 30): False}
    assert ("CHECK", date(2026, 11, 27)) in rounds(date(2026, 11, 1), date(2026, 11, 30), closed)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 5, 2), date(2026, 5, 1), "早于开始日期"),
        (date(2026, 1, 1), date(2027, 1, 3), "最长一年"),
        (date(2026, 1, 1), date(2026, 1, 1), None),
        (date(2026, 1, 1), date(2027, 1, 2), None),
    ],
)
def test_how_long_a_campaign_may_last(first, last, problem):
    found = period_problem(first, last)
    assert found is None if problem is None else problem in found


def test_not_checked_is_no_zero():
    assert standing([], checks=0, reported=0, due=3).rate is None
    points = [(Decimal(50), Decimal(60)), (Decimal(40), Decimal(40))]
    assert standing(points, checks=1, reported=0, due=3).rate == Decimal("90.0")


def test_the_result_table_tells_checked_from_unchecked(district):
    campaign = make(district)
    check(district, campaign, district.bureau, 50, 40)
    lines = queries.result_table(campaign, district.users["discipline"], today=district.today)
    rates = {line.unit: line.standing.rate for line in lines}
    assert rates == {district.bureau: Decimal("90.0"), district.other: None}
    first, last = campaign.first_day, campaign.last_day
    ids = [district.bureau.pk, district.other.pk]
    assert queries.check_rates(first=first, last=last, unit_ids=ids) == {
        district.bureau.pk: (Decimal(90), Decimal(100))
    }


def test_a_check_made_again_replaces_the_earlier_and_the_audit_keeps_it(district):
    campaign = make(district)
    for points in ((50, 40), (30, 40)):
        check(district, campaign, district.bureau, *points)
    assert RoundCheck.objects.count() == 1
    last = AuditEvent.objects.filter(action="记录检查").order_by("-seq").first()
    first_item = str(campaign.items.order_by("order").first().pk)
    assert Decimal(last.before[first_item]) == 50
    assert Decimal(last.after[first_item]) == 30


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"items": []}, "items", "至少写一项"),
        ({"items": [("空", Decimal(0))]}, "items", "大于 0"),
        ({"last_day": date(2000, 1, 1)}, "last_day", "早于"),
    ],
)
def test_a_bad_campaign_is_refused_at_its_field(district, changes, field, message):
    with pytest.raises(DomainError, match=message) as caught:
        make(district, **changes)
    assert caught.value.field == field
    assert not Campaign.objects.exists()


def test_a_closed_unit_takes_no_part(district):
    district.other.closed_on = district.today
    district.other.save()
    with pytest.raises(DomainError, match="撤销"):
        make(district)


def test_more_than_the_full_points_or_an_item_left_out_is_refused_at_its_item(district, as_role):
    campaign = make(district)
    with pytest.raises(DomainError, match="0 到 60"):
        check(district, campaign, district.bureau, 61, 40)
    page = as_role("discipline").post(
        f"/campaigns/{campaign.pk}/rounds/{entry(campaign).pk}/units/{district.bureau.pk}/check/",
        {f"item-{campaign.items.first().pk}": "50"},
    )
    assert "必填" in page.content.decode()
    assert not RoundCheck.objects.exists()


def test_from_the_form_to_a_report_in_the_browser(district, as_role):
    office, head = as_role("discipline"), as_role("unithead")
    data = {
        "title": "集中整治",
        "kind": "RECTIFY",
        "first_day": district.today.replace(day=1).isoformat(),
        "last_day": (district.today + timedelta(days=60)).isoformat(),
        "goal": "整治",
        "items": "首问负责 60\n\n在岗情况，40分",
        "units": [district.bureau.pk],
        "submission_key": str(uuid4()),
    }
    wrong = office.post("/campaigns/new/", {**data, "items": "没有满分"})
    assert "第 1 行" in "".join(wrong.context["form"].errors["items"])
    for _ in range(2):
        assert office.post("/campaigns/new/", data).status_code == 302
    campaign = Campaign.objects.get()
    assert [(i.text, i.full_points) for i in campaign.items.order_by("order")] == [
        ("首问负责", 60),
        ("在岗情况", 40),
    ]
    assert head.get(f"/campaigns/{campaign.pk}/").status_code == 404  # not started
    changed = {**data, "title": "集中整治行动", "items": "首问负责 100", "units": [district.bureau.pk]}
    assert "已保存" in office.post(f"/campaigns/{campaign.pk}/edit/", changed, follow=True).content.decode()
    campaign.refresh_from_db()
    assert (campaign.title, campaign.items.get().full_points) == ("集中整治行动", 100)
    office.post(f"/campaigns/{campaign.pk}/start/")
    assert min(campaign.rounds.values_list("due_on", flat=True)) >= district.today  # nobody is late at once
    assert "不能修改" in office.post(f"/campaigns/{campaign.pk}/edit/", changed, follow=True).content.decode()
    dispatch = entry(campaign, RoundKind.DISPATCH)
    path = f"/campaigns/{campaign.pk}/rounds/{dispatch.pk}/units/"
    assert head.post(f"{path}{district.bureau.pk}/report/", {"text": "无变化"}).status_code == 302
    assert RoundReport.objects.get().unit == district.bureau
    assert "无变化" in head.get(f"/campaigns/{campaign.pk}/rounds/{dispatch.pk}/").content.decode()


def test_a_unit_head_sees_and_answers_for_the_own_units_only(district, as_role):
    campaign, foreign = make(district), make(district, units=[district.other])
    head = as_role("unithead")
    assert head.get(f"/campaigns/{foreign.pk}/").status_code == 404
    page = head.get(f"/campaigns/{campaign.pk}/")
    assert [line.unit for line in page.context["lines"]] == [district.bureau]
    dispatch = entry(campaign, RoundKind.DISPATCH)
    path = f"/campaigns/{campaign.pk}/rounds/{dispatch.pk}/units/{district.other.pk}/report/"
    assert head.post(path, {"text": "代填"}).status_code == 404
    with pytest.raises(NotAllowed, match="本单位"):
        services.report_round(
            round_id=dispatch.pk,
            unit=district.other,
            text="代填",
            by=district.users["unithead"],
            at=timezone.now(),
        )
    assert not RoundReport.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [("chief", 200), ("cadre", 403), ("leader", 403), ("auditor", 403), ("sysadmin", 403)],
)
def test_who_may_look(district, as_role, role, status):
    campaign = make(district)
    assert as_role(role).get(f"/campaigns/{campaign.pk}/").status_code == status
    assert as_role(role).post(f"/campaigns/{campaign.pk}/cancel/", {"note": "x"}).status_code == 403


def test_an_ended_campaign_takes_no_more(district):
    campaign = make(district)
    services.finish_campaign(
        campaign_id=campaign.pk, note="已见成效", by=district.users["discipline"], at=timezone.now()
    )
    with pytest.raises(DomainError, match="已结束"):
        check(district, campaign, district.bureau, 50, 40)


def test_due_rounds_stand_on_the_workbench(district, as_role):
    campaign = make(district, units=[district.bureau])
    for kind in RoundKind:
        campaign.rounds.filter(pk=entry(campaign, kind).pk).update(due_on=district.today)
    day = f"{district.today:%-m月%-d日}"
    (dispatch,) = lines(queries.todos(district.users["unithead"], today=district.today))
    (monthly,) = lines(queries.todos(district.users["discipline"], today=district.today))
    assert (dispatch.title, dispatch.who, dispatch.action) == (
        f"{campaign} · {day}半月调度",
        "建设局",
        "填报",
    )
    assert (monthly.title, monthly.who, monthly.action) == (f"{campaign} · {day}月检查", "建设局", "检查")
    assert dispatch.title in as_role("unithead").get("/").content.decode()
    check(district, campaign, district.bureau, 50, 40)
    assert lines(queries.todos(district.users["discipline"], today=district.today)) == []


def test_a_unit_head_who_is_also_an_officer_answers_for_the_own_unit_only(district):
    """The reach of reporting counts, not that of reading."""
    make(district, units=[district.other])
    soon = district.today + timedelta(days=365)
    accounts.grant_role(
        user=district.users["discipline"], role=RoleCode.UNIT_HEAD, unit=district.bureau,
        starts_on=district.today, by=None, at=district.now,
    )  # fmt: skip
    officer = User.objects.get(pk=district.users["discipline"].pk)
    assert list(queries.open_rounds(officer, Permission.REPORT_CAMPAIGNS, due_by=soon)) == []
    assert queries.open_rounds(officer, Permission.VIEW_CAMPAIGNS, due_by=soon).count() > 0


def test_pages_take_the_same_statements_however_many(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/")
    taken = []
    for more in (15, 85):
        for _ in range(more):
            make(district, start=False)
        with django_assert_max_num_queries(15) as captured:
            client.get("/campaigns/")
        taken.append(len(captured))
    assert taken[0] == taken[1]
    details = []
    for units in ([district.bureau], [district.bureau, district.other, district.station]):
        campaign = make(district, units=units)
        for unit in units:
            check(district, campaign, unit, 50, 40)
        with django_assert_max_num_queries(20) as captured:
            client.get(f"/campaigns/{campaign.pk}/")
        details.append(len(captured))
    assert details[0] == details[1]


def test_two_thousand_steps_of_four_roles(district):
    now = timezone.now

    def reasoned(service):
        return lambda record, user, pick: service(
            campaign_id=record.pk, note="小结" * (pick % 2), by=user, at=now()
        )

    def edited(record, user, pick):
        return services.edit_campaign(
            campaign_id=record.pk, title=f"六型机关创建{pick}", kind=record.kind, goal=record.goal,
            first_day=record.first_day, last_day=record.last_day, units=list(record.units.all()),
            items=[("首问负责", Decimal(100))], by=user, at=now(),
        )  # fmt: skip

    walk(
        Course(
            workflow=CAMPAIGN,
            people={name: district.users[name] for name in ("discipline", "dhead", "unithead", "cadre")},
            make=lambda: make(district, start=False),
            steps={
                "edit": edited,
                "start": lambda r, user, pick: services.start_campaign(campaign_id=r.pk, by=user, at=now()),
                "finish": reasoned(services.finish_campaign),
                "cancel": reasoned(services.cancel_campaign),
            },
            parts=lambda record, user: frozenset(),
        )
    )
