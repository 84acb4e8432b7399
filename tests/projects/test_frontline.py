"""Postings to the front line, and 双九十: computed from what exists, never a ranking of persons."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, StepTaken
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues, people
from projects.choices import FrontlineState
from projects.models import FrontlinePosting, KeyProject, SiteLog, SiteScene
from projects.queries import frontline as measured
from projects.queries import site as queries
from projects.rules import frontline as rules
from projects.rules import site as periods
from projects.services import frontline as services
from projects.services import site
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"


def table(name):
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def stretch(text):
    days, _, percent = text.partition("@")
    first, _, last = days.partition("..")
    return periods.Share(
        date.fromisoformat(first), date.fromisoformat(last) if last else None, int(percent or 100)
    )


def stretches(text):
    return [stretch(each) for each in text.split()]


@pytest.mark.parametrize("row", table("frontline_people.csv"), ids=lambda row: row["case"])
def test_which_days_of_a_person_count(row):
    year, month = map(int, row["month"].split("-"))
    days = rules.working_days(year, month, until=date.fromisoformat(row["until"]), overrides={})
    facts = rules.Facts(
        service=stretches(row["service"]),
        postings=stretches(row["postings"]),
        taskforces=stretches(row["taskforces"]),
        logged=frozenset(date.fromisoformat(day) for day in row["logs"].split()),
    )
    share = rules.person_share(facts, days=days)
    expected = {
        source: Decimal(row[name])
        for source, name in zip(rules.Source, ("posting", "taskforce", "log"), strict=True)
        if Decimal(row[name])
    }
    assert (share.days, dict(share.by_source)) == (int(row["days"]), expected)


@pytest.mark.parametrize("row", table("frontline_units.csv"), ids=lambda row: row["case"])
def test_the_shares_of_a_unit(row):
    persons = []
    for each in row["people"].split():
        days, _, there = each.partition("/")
        persons.append(rules.PersonShare(int(days), {rules.Source.LOG: Decimal(there)}))
    share = rules.unit_share(persons)
    percent = [Decimal(row[name]) if row[name] else None for name in ("percent_people", "percent_time")]
    assert [share.people, share.there] == [int(row["count"]), int(row["there"])]
    assert [share.people_percent, share.time_percent] == percent


def test_the_tables_reach_every_source_and_every_missing_share():
    people_, units = table("frontline_people.csv"), table("frontline_units.csv")
    assert all(any(Decimal(row[name]) for row in people_) for name in ("posting", "taskforce", "log"))
    assert {(row["percent_people"] == "", row["percent_time"] == "") for row in units} == {
        (True, True), (False, True), (False, False)
    }  # fmt: skip


@pytest.mark.parametrize("row", table("overload.csv"), ids=lambda row: row["case"])
def test_no_more_than_all_of_the_time(row):
    found = periods.overload(stretch(row["new"]), stretches(row["others"]))
    assert found == ((date.fromisoformat(row["day"]), int(row["total"])) if row["day"] else None)


def post(district, *, cadre="clerk", by="unithead", start=0, end: int | None = None, share=100, **said):
    values = {
        "cadre": district.cadres[cadre],
        "project": None,
        "place": "临江社区",
        "start_on": district.today + timedelta(days=start),
        "end_on": None if end is None else district.today + timedelta(days=end),
        "share": share,
        "submission_key": uuid4(),
        **said,
    }
    return services.post_to_frontline(**values, by=district.users[by], at=district.now)


def end(district, posting, on=0, by="unithead"):
    return services.end_posting(
        posting_id=posting.pk, end_on=district.today + timedelta(days=on), by=district.users[by],
        at=district.now,
    )  # fmt: skip


def test_posted_ended_withdrawn_one_audit_row_each(district):
    before = AuditEvent.objects.count()
    posting = post(district, start=-3)
    assert posting.unit == district.bureau
    assert queries.standing_of(posting, district.today) == "在一线"
    posting = end(district, posting, on=-1)
    assert queries.standing_of(posting, district.today) == "已结束"
    assert StepTaken.objects.get().old == {"截止日期": ""}
    posting = services.withdraw_posting(
        posting_id=posting.pk, note="登记错人", by=district.users["assessor"], at=district.now
    )
    assert posting.state == FrontlineState.WITHDRAWN
    assert AuditEvent.objects.count() == before + 3


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"start": 5, "end": 1}, "end_on", "早于起始日期"),
        ({"start": -40}, "late_reason", "写明原因"),
        ({"place": ""}, "place", "请填下沉地点"),
        ({"start": -1000, "late_reason": "补登"}, "start_on", "还没有到岗"),
    ],
)
def test_what_a_posting_cannot_be(district, said, field, told):
    with pytest.raises(DomainError, match=told) as refused:
        post(district, **said)
    assert refused.value.field == field


def test_more_than_all_of_the_time_is_refused_by_name(district):
    first = post(district, share=60, start=-2, place="新桥工地")
    with pytest.raises(DomainError) as refused:
        post(district, share=50)
    assert refused.value.field == "share"
    assert "新桥工地 60%" in refused.value.message and "共 110%" in refused.value.message
    assert "“曾国平”" in refused.value.message
    post(district, share=40)
    post(district, share=100, cadre="worker")
    end(district, first, on=0)
    post(district, share=60, start=1)
    services.withdraw_posting(
        posting_id=first.pk, note="没有去", by=district.users["unithead"], at=district.now
    )
    post(district, share=60, start=-2, end=0)


def test_who_left_is_not_posted(district):
    people.record_leaving(
        cadre=district.cadres["clerk"], on=district.today - timedelta(days=2), by=None, at=district.now
    )
    with pytest.raises(DomainError, match="离任") as refused:
        post(district)
    assert refused.value.field == "cadre"
    with pytest.raises(DomainError, match="离任"):
        post(district, start=-9)
    assert post(district, start=-9, end=-2)


def test_the_unit_is_that_of_the_first_day_and_its_head_posts(district):
    for role in ("cadre", "leader", "discipline", "chief"):
        with pytest.raises(NotAllowed):
            post(district, by=role)
    with pytest.raises(NotAllowed, match="在“财政局”任职，由该单位负责人或考核办安排"):
        post(district, cadre="outsider")
    assert post(district, cadre="outsider", by="assessor").unit == district.other
    assert post(district, cadre="worker").unit == district.station


def test_a_closed_project_takes_nobody(district):
    KeyProject.objects.filter(pk=district.project.pk).update(state="CLOSED", closed_on=district.today)
    district.project.refresh_from_db()
    with pytest.raises(DomainError, match="办结") as refused:
        post(district, project=district.project, start=1)
    assert refused.value.field == "project"


def test_the_same_form_sent_twice_is_one_posting(district):
    key = uuid4()
    assert post(district, submission_key=key) == post(district, submission_key=key)
    assert FrontlinePosting.objects.count() == 1


def test_an_end_only_comes_nearer(district):
    posting = post(district, start=-3, end=10)
    for on, told in ((10, "只能提前"), (11, "只能提前"), (-4, "请改用“撤回”")):
        with pytest.raises(DomainError, match=told):
            end(district, posting, on=on)
    assert end(district, posting, on=2).end_on == district.today + timedelta(days=2)


def test_who_sees_what(district, as_role):
    own, below = post(district), post(district, cadre="worker")
    foreign = post(district, cadre="outsider", by="assessor")
    joined = post(district, cadre="officer", by="assessor", project=district.project)
    seen = {
        "discipline": {own, below, foreign, joined}, "chief": {own, below, foreign, joined},
        "unithead": {own, below}, "cadre": {own}, "leader": {joined}, "auditor": set(),
    }  # fmt: skip
    for role, expected in seen.items():
        assert set(queries.postings_visible_to(district.users[role])) == expected, role
    assert as_role("unithead").get(foreign.get_absolute_url()).status_code == 404
    assert as_role("cadre").get(reverse("projects:frontline-create")).status_code == 403
    step = reverse("projects:frontline-step", args=[foreign.pk, "withdraw"])
    assert as_role("unithead").post(step, {"note": "x"}).status_code == 404


@pytest.fixture
def september(district, time_machine):
    """September 2025 (22 working days and the make-up Sunday 28th): the clerk posted for half of the time,
    the leader on a taskforce at the site since the 15th, the worker logged on one day, the head nowhere."""
    catalogues.sync(model=SiteScene, by=None, at=district.now)
    for cadre in district.cadres.values():
        cadre.joined_on = date(2025, 1, 1)
        cadre.save()
        cadre.postings.update(start_on=date(2025, 1, 1))
    district.project.members.update(start_on=date(2025, 2, 1))
    KeyProject.objects.filter(pk=district.project.pk).update(
        site_office="项目部", site_office_since=date(2025, 9, 15)
    )
    FrontlinePosting.objects.create(
        cadre=district.cadres["clerk"], unit=district.bureau, place="社区", start_on=date(2025, 8, 1),
        share=50, submission_key=uuid4(), recorded_by=district.users["unithead"], recorded_at=district.now,
    )  # fmt: skip
    log = SiteLog.objects.create(
        scene=SiteScene.objects.get(key="S1"), on=date(2025, 9, 10), place="村部", unit=district.station,
        what="走访", submission_key=uuid4(), recorded_by=district.users["unithead"],
        recorded_at=district.now,
    )  # fmt: skip
    log.people.set([district.cadres["worker"], district.cadres["outsider"]])
    return district


def shares(district, role="chief", month=date(2025, 9, 30)):
    days = measured.working_days(month, today=district.today)
    lines, total = measured.unit_lines(district.users[role], days)
    return {line.unit.name: line.share for line in lines}, total, days


def test_the_shares_come_from_what_exists(september):
    found, total, days = shares(september)
    assert len(days) == 23 and date(2025, 9, 28) in days
    bureau = found["建设局"]
    assert (bureau.people, bureau.there, bureau.people_percent) == (3, 2, Decimal("66.7"))
    # 23 days at half the time, and 13 working days from the 15th on at the site.
    assert (bureau.frontline, bureau.days) == (Decimal("11.5") + 13, 46)
    assert bureau.time_percent == Decimal("53.3")
    station = found["征迁服务中心"]
    assert (station.there, station.frontline, station.time_percent) == (1, Decimal("0.5"), Decimal("2.2"))
    assert (found["财政局"].there, found["测试区"].time_percent) == (1, None)
    assert (total.people, total.there) == (10, 4)


def test_a_unit_without_people_has_no_share(september, as_role):
    people.save_unit(code="J9", name="空单位", kind="ORGAN", parent=september.root, by=None, at=september.now)
    found, _, _ = shares(september)
    assert (found["空单位"].people_percent, found["空单位"].time_percent) == (None, None)


def test_who_moved_counts_in_each_unit_with_the_days_there(september):
    clerk = september.cadres["clerk"]
    clerk.postings.update(end_on=date(2025, 9, 12))
    clerk.postings.create(
        unit=september.other, establishment="CIVIL_SERVANT", post="科员", start_on=date(2025, 9, 13)
    )
    found, _, _ = shares(september)
    assert found["建设局"].frontline == Decimal(5) + 13, "ten working days of half the time"
    assert found["财政局"].frontline == Decimal("6.5") + Decimal("0.5")


def test_what_was_withdrawn_counts_for_nothing(september):
    FrontlinePosting.objects.update(state=FrontlineState.WITHDRAWN)
    SiteLog.objects.update(state="WITHDRAWN")
    found, _, _ = shares(september)
    assert (found["建设局"].there, found["征迁服务中心"].there) == (1, 0)


def test_without_a_site_office_a_taskforce_counts_for_nothing(september):
    KeyProject.objects.update(site_office="")
    assert shares(september)[0]["建设局"].there == 1


def test_the_pages_drill_down_to_the_records(september, as_role):
    url = reverse("projects:frontline-share")
    page = as_role("chief").get(url, {"month": "2025-09"})
    assert "66.7%" in page.content.decode() and "23 个工作日" in page.content.decode()
    unit = reverse("projects:frontline-unit", args=[september.bureau.pk])
    behind = as_role("unithead").get(unit, {"month": "2025-09"}).content.decode()
    assert "下沉社区" in behind and "滨江大道项目攻坚小组组长" in behind and "没有记录" in behind
    names = [line.cadre.pinyin for line in as_role("chief").get(unit, {"month": "2025-09"}).context["people"]]
    assert names == sorted(names), "by name, never by share"
    foreign = reverse("projects:frontline-unit", args=[september.other.pk])
    assert as_role("unithead").get(foreign).status_code == 404
    assert as_role("cadre").get(unit).status_code == 404
    own = as_role("cadre").get(url, {"month": "2025-09"})
    assert own.context["lines"] == [] and own.context["own"].share.frontline == Decimal("11.5")
    assert "怎样计算" in own.content.decode()
    for month, told in (("2099-01", "还没有到"), ("abc", "2026-11 的样子")):
        assert told in as_role("chief").get(url, {"month": month}).content.decode()


@pytest.mark.parametrize("units", [15, 100])
def test_the_shares_cost_the_same_for_many_units(september, as_role, units, django_assert_max_num_queries):
    for n in range(units):
        unit = people.save_unit(
            code=f"U{n}", name=f"单位{n}", kind="ORGAN", parent=september.root, by=None, at=september.now
        )
        person = people.save_cadre(
            staff_no=f"U{n:03}", name=f"甲{n}", unit=unit, establishment="CIVIL_SERVANT", post="科员",
            joined_on=date(2025, 1, 1), by=None, at=september.now,
        )  # fmt: skip
        FrontlinePosting.objects.create(
            cadre=person, unit=unit, place="社区", start_on=date(2025, 8, 1), share=50,
            submission_key=uuid4(), recorded_by=september.users["assessor"], recorded_at=september.now,
        )  # fmt: skip
    client = as_role("chief")
    client.get("/")
    with django_assert_max_num_queries(15) as captured:
        page = client.get(reverse("projects:frontline-share"), {"month": "2025-09"})
    assert len(page.context["lines"]) == units + 4
    assert len(captured) == COST.setdefault("share", len(captured)), "the same for 15 and 100"
    with django_assert_max_num_queries(15) as captured:
        client.get(reverse("projects:frontline-list"))
    assert len(captured) == COST.setdefault("list", len(captured))


COST: dict[str, int] = {}
"""Statements of each page at the first number of rows."""


def test_through_the_pages(district, as_role):
    head = as_role("unithead")
    url = reverse("projects:frontline-create")
    sent = {
        "cadre_text": "曾国平", "project_text": district.project.name, "place": "", "duty": "包户",
        "start_on": district.today, "end_on": "", "share": 60, "submission_key": uuid4(),
    }  # fmt: skip
    wrong = head.post(url, sent).content.decode()
    assert f"“{district.project}”没有登记建设地点" in wrong and "包户" in wrong
    wrong = head.post(url, {**sent, "project_text": ""}).content.decode()
    assert "没有选项目的，须写明到了哪里" in wrong and "登记建设地点。" not in wrong
    wrong = head.post(url, {**sent, "place": "工地", "share": 150}).content.decode()
    assert "不能大于 100，请改正。" in wrong
    wrong = head.post(url, {**sent, "place": "工地", "cadre_text": "任青"}).content.decode()
    assert "没有找到人员“任青”" in wrong
    wrong = head.post(url, {**sent, "place": "工地", "share": 130}).content.decode()
    assert "100" in wrong
    page = head.post(url, {**sent, "place": "工地"}, follow=True).content.decode()
    assert "已安排“曾国平”下沉" in page and "60%" in page
    posting = FrontlinePosting.objects.get()
    site_tab = as_role("leader").get(reverse("projects:project-site", args=[district.project.pk]))
    assert "曾国平" in site_tab.content.decode()
    step = reverse("projects:frontline-step", args=[posting.pk, "end"])
    early = district.today - timedelta(days=1)
    assert "请改用“撤回”" in head.post(step, {"end_on": early}).content.decode()
    assert "已登记结束日期" in head.post(step, {"end_on": district.today}, follow=True).content.decode()
    for state, shown in (("now", 1), ("over", 0), ("coming", 0), ("WITHDRAWN", 0)):
        listed = head.get(reverse("projects:frontline-list"), {"state": state})
        assert len(listed.context["page"]) == shown, state


def test_many_steps_of_four_roles(district):
    def finish(posting, user, pick):
        last = posting.end_on or district.today + timedelta(days=30)
        services.end_posting(
            posting_id=posting.pk, end_on=last - timedelta(days=pick % 3), by=user, at=timezone.now()
        )

    def make():
        FrontlinePosting.objects.update(state=FrontlineState.WITHDRAWN)
        return post(district)

    walk(
        Course(
            examples=SOME,
            workflow=periods.FRONTLINE,
            people={name: district.users[name] for name in ("unithead", "assessor", "cadre", "chief")},
            make=make,
            steps={
                "end": finish,
                "withdraw": lambda posting, user, pick: services.withdraw_posting(
                    posting_id=posting.pk, note="登记错" * (pick % 3 > 0), by=user, at=timezone.now()
                ),
            },
            parts=queries.posting_parts,
        )
    )


def test_a_log_recorded_through_the_service_counts_at_once(district):
    catalogues.sync(model=SiteScene, by=None, at=district.now)
    site.record_log(
        project=None, scene="S5", on=district.today, place="社区", people=[district.cadres["clerk"]],
        what="走访", submission_key=uuid4(), by=district.users["cadre"], at=district.now,
    )  # fmt: skip
    line = measured.line_of(district.cadres["clerk"], [district.today])
    assert line.share.frontline == Decimal("0.5") and len(line.behind.logs) == 1
