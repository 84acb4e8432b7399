"""挂图作战 as its readers meet it: whose projects, in which order, with which conditions, on every medium."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from projects.choices import Light, MemberRole, ProjectState
from projects.models import (
    InvestmentEntry,
    InvestmentPlan,
    KeyProject,
    Milestone,
    ProjectIssue,
    TaskforceMember,
)
from projects.services import milestones, projects

pytestmark = pytest.mark.django_db
WALL, SCREEN = "/projects/wall/", "/projects/wall/screen/"


def make(district, code, *nodes, **more):
    """A project with one milestone per (name, values)."""
    at = timezone.now()
    values = {"name": f"{code}项目", "kind": "KEY", "lead_unit": district.bureau, **more}
    project = projects.save_project(code=code, values=values, by=None, at=at)
    for order, (name, said) in enumerate(nodes, start=1):
        milestones.save_milestone(
            project=project,
            name=name,
            values={"kind": "OTHER", "order": order, "weight": 1, **said},
            by=None,
            at=at,
        )
    return project


def due(district, days, **more):
    return {"planned_on": district.today + timedelta(days=days), "progress": 10, **more}


def problem(district, project, **more):
    return ProjectIssue.objects.create(
        **{
            "project": project,
            "kind": "LAND",
            "title": "地块未交",
            "raised_on": district.today,
            "owner_unit": district.bureau,
            "due_on": district.today + timedelta(days=5),
            "submission_key": uuid4(),
            "recorded_by": district.users["leader"],
            "recorded_at": timezone.now(),
            **more,
        }
    )


def money(district, project, plan, *months):
    """A plan of this year and what its first months took, in yuan."""
    said = {"amount_text": "—", "recorded_by": district.users["leader"], "recorded_at": timezone.now()}
    year = district.today.year
    if plan is not None:
        InvestmentPlan.objects.create(project=project, year=year, amount_yuan=plan, **said)
    for number, amount in enumerate(months, start=1):
        InvestmentEntry.objects.create(
            project=project, month=date(year, number, 1), amount_yuan=amount, **said
        )


def lanes(client, **conditions):
    return client.get(WALL, conditions).context["wall"].lanes


def codes(client, **conditions):
    return [lane.project.code for lane in lanes(client, **conditions)]


class TestWho:
    @pytest.mark.parametrize(
        ("role", "shown"),
        [
            ("chief", {"P1", "P2"}),
            ("discipline", {"P1", "P2"}),
            ("assessor", {"P1", "P2"}),
            ("unithead", {"P1"}),
            ("leader", {"P1"}),
            ("cadre", set()),
        ],
    )
    @pytest.mark.parametrize("path", [WALL, SCREEN])
    def test_each_sees_the_own_projects_on_both_walls(self, district, as_role, role, shown, path):
        answer = as_role(role).get(path)
        assert answer.status_code == 200
        assert {lane.project.code for lane in answer.context["wall"].lanes} == shown
        text = answer.content.decode()
        assert ("财政大楼" in text) is ("P2" in shown)

    @pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor"])
    @pytest.mark.parametrize("path", [WALL, SCREEN])
    def test_the_three_administrators_see_no_wall(self, district, as_role, role, path):
        assert as_role(role).get(path).status_code == 403

    def test_conditions_never_widen_the_scope(self, district, as_role):
        client = as_role("unithead")
        assert codes(client, unit=str(district.other.pk)) == ["P1"]  # a unit out of scope is no condition
        assert codes(client, q="财政大楼") == []

    def test_the_leaders_offered_are_those_of_visible_projects(self, district, as_role):
        projects.appoint(
            project=district.foreign_project,
            cadre=district.cadres["outsider"],
            role=MemberRole.LEADER,
            on=district.today,
            by=None,
            at=timezone.now(),
        )
        assert "任青" in as_role("chief").get(WALL).content.decode()
        assert "任青" not in as_role("unithead").get(WALL).content.decode()

    def test_a_wall_without_projects_says_why(self, district, as_role):
        assert "目前没有项目" in as_role("cadre").get(WALL).content.decode()
        assert "没有符合条件的项目" in as_role("cadre").get(SCREEN).content.decode()


class TestOrder:
    def test_what_hurts_most_comes_first(self, district, as_role):
        make(district, "green", ("竣工", due(district, 90)))
        make(district, "issue", ("竣工", due(district, 90)))
        make(district, "yellow", ("竣工", due(district, 3)))
        make(district, "red-new", ("竣工", due(district, -2)))
        make(district, "red-old", ("交地", due(district, -40)), ("竣工", due(district, -1)))
        make(district, "undated", ("竣工", {"progress": 0}))
        held = make(district, "held", ("竣工", due(district, 90)))
        KeyProject.objects.filter(pk=held.pk).update(
            state=ProjectState.SUSPENDED, suspended_reason="资金未到位"
        )
        closed = make(district, "closed", ("竣工", due(district, -9)))
        KeyProject.objects.filter(pk=closed.pk).update(state=ProjectState.CLOSED, closed_on=district.today)
        problem(district, KeyProject.objects.get(code="issue"))
        order = [code for code in codes(as_role("chief")) if not code.startswith("P")]
        assert order == ["red-old", "red-new", "yellow", "issue", "held", "undated", "green", "closed"]

    def test_the_reason_names_the_node_the_days_and_how_many_more(self, district, as_role):
        make(district, "late", ("交地", due(district, -40)), ("开工", due(district, -1)))
        make(district, "paused", ("开工", due(district, 60, suspended_reason="林地未批")))
        make(district, "full", ("开工", due(district, -5, progress=100)))
        make(district, "today", ("开工", due(district, 0)))
        make(district, "bare")
        why = {lane.project.code: lane.why for lane in lanes(as_role("chief"))}
        assert why["late"] == "交地 逾期 40 天；另有 1 个逾期"
        assert why["paused"] == "开工 已暂停：林地未批"
        assert why["full"] == "开工 进度已 100%，请补填完成日期"
        assert why["today"] == "开工 今天到期"
        assert why["bare"] == "还没有节点"

    def test_only_what_needs_eyes(self, district, as_role):
        make(district, "red", ("竣工", due(district, -2)))
        make(district, "far", ("竣工", due(district, 90)))
        client = as_role("chief")
        assert set(codes(client, eyes="1")) == {"red", "P1", "P2"}  # both of the fixture are due in ten days
        assert client.get(WALL, {"eyes": "1"}).context["wall"].totals.projects == 3


class TestConditions:
    def test_by_leader_light_kind_batch_and_year(self, district, as_role):
        year = district.today.year
        old = make(district, "old", ("竣工", due(district, -2)), year=year - 1, batch="第一批")
        make(district, "next", ("竣工", due(district, 400)), year=year + 1)
        make(district, "folk", ("竣工", due(district, 90)), kind="LIVELIHOOD", year=year)
        client = as_role("chief")
        leader = TaskforceMember.objects.get(project=district.project, role=MemberRole.LEADER).cadre
        assert codes(client, leader=leader.pk) == ["P1"]
        assert codes(client, light=Light.RED) == []  # an earlier year's without a leader is no longer timed
        TaskforceMember.objects.create(
            project=old, cadre=district.users["chief"].cadre, role=MemberRole.LEADER, start_on=district.today
        )
        assert codes(client, light=Light.RED) == ["old"]
        assert codes(client, kind="LIVELIHOOD") == ["folk"]
        assert codes(client, batch="第一批") == ["old"]
        assert "next" not in codes(client)  # not begun
        assert codes(client, year=year - 1) == ["old"]
        assert "old" in codes(client)  # of last year and still running
        KeyProject.objects.filter(pk=old.pk).update(
            state=ProjectState.CLOSED, closed_on=date(year - 1, 12, 31)
        )
        assert "old" not in codes(client)
        assert codes(client, year=year - 1) == ["old"]

    def test_a_former_leader_leads_nothing(self, district, as_role):
        member = TaskforceMember.objects.get(project=district.project, role=MemberRole.LEADER)
        member.end_on = district.today
        member.save()
        client = as_role("chief")
        assert client.get(WALL, {"leader": member.cadre_id}).context["filter"].form.errors
        assert all(lane.line.leader == "" for lane in lanes(client))

    @pytest.mark.parametrize(
        "wrong", [{"year": "abcd"}, {"year": "1850"}, {"light": "PINK"}, {"leader": "x"}]
    )
    def test_a_wrong_condition_is_told_and_the_rest_still_works(self, district, as_role, wrong):
        make(district, "old", ("竣工", due(district, -2)), year=2020)
        answer = as_role("chief").get(WALL, wrong)
        assert answer.status_code == 200
        assert "此条件没有起作用" in answer.content.decode()
        assert len(answer.context["wall"].lanes) == 3

    def test_the_span_reaches_to_the_last_node(self, district, as_role):
        make(district, "long", ("竣工", due(district, 1500)))
        client = as_role("chief")
        assert client.get(WALL).context["wall"].window.last < district.today + timedelta(days=300)
        window = client.get(WALL, {"span": "ALL"}).context["wall"].window
        assert window.last >= district.today + timedelta(days=1500)


class TestMoney:
    def test_share_of_plans_and_months_and_of_the_table_where_nobody_reported(self, district, as_role):
        own, other = district.project, district.foreign_project
        money(district, own, 1000, 100, 150)
        KeyProject.objects.filter(pk=other.pk).update(plan_yuan=1000, invested_yuan=800)
        client = as_role("chief")
        by_code = {lane.project.code: lane.money for lane in lanes(client)}
        assert (by_code["P1"].share, by_code["P1"].imported) == (Decimal(25), False)
        assert (by_code["P2"].share, by_code["P2"].imported) == (Decimal(80), True)
        totals = client.get(WALL).context["wall"].totals
        assert (totals.money.plan, totals.money.done, totals.money_of) == (2000, 1050, 2)
        assert "按导入表的累计完成投资" in client.get(WALL).content.decode()

    def test_other_years_are_left_out(self, district, as_role):
        said = {"amount_text": "—", "recorded_at": timezone.now()}
        year = district.today.year
        InvestmentPlan.objects.create(project=district.project, year=year - 1, amount_yuan=9, **said)
        InvestmentEntry.objects.create(
            project=district.project, month=date(year - 1, 12, 1), amount_yuan=9, **said
        )
        assert {lane.money.plan for lane in lanes(as_role("chief"))} == {None}


class TestTotals:
    def test_what_stands_on_top(self, district, as_role):
        make(
            district,
            "red",
            ("交地", due(district, -30, progress=100, done_on=district.today)),
            ("竣工", due(district, -2)),
            investment_yuan=Decimal("150000000"),
        )
        problem(district, district.project)
        problem(district, district.project, state="ESCALATED", due_on=district.today - timedelta(days=1))
        problem(district, district.project, state="SOLVED", solved_on=district.today)
        client = as_role("chief")
        totals = client.get(WALL).context["wall"].totals
        assert totals.projects == 3
        assert totals.lights == {"GREEN": 0, "YELLOW": 2, "RED": 1, "GREY": 0}
        assert (totals.due_done, totals.due_nodes) == (1, 2)
        assert totals.issues == 2
        text = client.get(WALL).content.decode()
        assert "1.5亿元" in text
        assert "2 个问题未解决（1 个已提级，1 个已超时限）" in text

    def test_the_figures_of_the_start_page_lead_to_the_wall(self, district, as_role):
        make(district, "red", ("竣工", due(district, -2)))
        closed = make(district, "closed", ("竣工", due(district, -2)))
        KeyProject.objects.filter(pk=closed.pk).update(state=ProjectState.CLOSED, closed_on=district.today)
        client = as_role("chief")
        answer = client.get("/")
        page = answer.content.decode()
        (figure,) = [f for f in answer.context["figures"] if f.label == "红灯项目"]
        assert figure.url == f"{WALL}?light=RED"
        assert figure.count == len(lanes(client, light="RED")) == 1
        assert f'href="{WALL}"' in page


class TestDrawing:
    def test_every_node_is_told_in_words_and_no_shape_hangs_on_colour(self, district, as_role):
        make(
            district,
            "mix",
            ("交地", due(district, -60, progress=100, done_on=district.today - timedelta(days=50))),
            ("许可", due(district, -2)),
            ("开工", due(district, 3)),
            ("封顶", due(district, 40)),
            ("验收", due(district, 50, suspended_reason="待审")),
            ("移交", {"progress": 0}),
        )
        text = as_role("chief").get(WALL, {"q": "mix"}).content.decode()
        (told,) = re.findall(r'class="wall-lane" role="img" aria-label="([^"]+)"', text)
        assert "交地 已于" in told and "许可 已逾期 2 天" in told and "验收 已暂停：待审" in told
        assert "1 个节点未定日期" in told
        lane = text.split('class="wall-lane"')[1].split("</svg>")[0]
        for shape in ("done", "red", "yellow", "green", "grey"):
            assert lane.count(f'href="#wall-{shape}"') == 1

    def test_a_name_is_text_and_never_markup(self, district, as_role):
        make(district, "x", ("<b>甲</b>", due(district, 3)), name='"><script>1</script>')
        text = as_role("chief").get(WALL).content.decode()
        assert "<script>1" not in text and "<b>甲" not in text

    def test_every_mark_drawn_is_defined_on_the_page_and_in_each_part_swapped_in(self, district, as_role):
        client = as_role("chief")
        for path in (WALL, SCREEN):
            for headers in ({}, {"HX-Request": "true"}):
                text = client.get(path, headers=headers).content.decode()
                used = set(re.findall(r'href="#(wall-\w+)"', text))
                assert used and used <= set(re.findall(r'<symbol id="(wall-\w+)"', text))

    def test_a_part_swapped_in_is_no_whole_page(self, district, as_role):
        for path in (WALL, SCREEN):
            assert "<html" not in as_role("chief").get(path, headers={"HX-Request": "true"}).content.decode()


class TestScreen:
    def test_pictures_follow_each_other_and_nothing_is_lost(self, district, as_role):
        for number in range(25):
            make(district, f"Z{number}", ("竣工", due(district, 90)))
        answer = as_role("chief").get(SCREEN)
        assert [len(picture) for picture in answer.context["pictures"]] == [13, 13, 1]
        text = answer.content.decode()
        assert text.count("data-picture") == 3
        assert "第 2 页，共 3 页" in text
        assert "暂停翻页" in text

    def test_conditions_go_along_to_the_screen_and_into_each_refresh(self, district, as_role):
        client = as_role("chief")
        assert (
            'href="/projects/wall/screen/?q=%E6%BB%A8%E6%B1%9F"'
            in client.get(WALL, {"q": "滨江"}).content.decode()
        )
        answer = client.get(SCREEN, {"q": "滨江"})
        assert [lane.project.code for lane in answer.context["wall"].lanes] == ["P1"]
        assert 'hx-get="/projects/wall/screen/?q=%E6%BB%A8%E6%B1%9F"' in answer.content.decode()


def fill(district, first, last):
    """Projects of twelve milestones each, with a leader, money and a problem; written in bulk."""
    at, today = timezone.now(), district.today
    made = KeyProject.objects.bulk_create(
        KeyProject(
            code=f"W{n:03}",
            name=f"第{n}号项目",
            kind="KEY",
            lead_unit=district.bureau,
            recorded_at=at,
            year=today.year,
        )
        for n in range(first, last)
    )
    Milestone.objects.bulk_create(
        Milestone(
            project=project,
            kind="OTHER",
            name=f"节点{k}",
            order=k,
            planned_on=today + timedelta(days=30 * k - 200),
        )
        for project in made
        for k in range(12)
    )
    TaskforceMember.objects.bulk_create(
        TaskforceMember(project=p, cadre=district.cadres["worker"], role="LEADER", start_on=today)
        for p in made
    )
    for project in made:
        money(district, project, 1000, 100)
        problem(district, project)


@pytest.mark.parametrize("path", [WALL, SCREEN])
@pytest.mark.parametrize("role", ["chief", "unithead"])
def test_the_wall_takes_the_same_few_statements_for_39_and_400_projects(
    district, as_role, django_assert_max_num_queries, path, role
):
    client = as_role(role)
    client.get("/")  # the first request of a session notes when it was seen
    taken = []
    for first, last in ((0, 39), (39, 400)):
        fill(district, first, last)
        with django_assert_max_num_queries(20) as captured:
            answer = client.get(path)
        assert len(answer.context["wall"].lanes) >= last
        taken.append(len(captured))
    assert taken[0] == taken[1]
    print(f"{path} as {role}: {taken[0]} statements with 39 and with 400 projects × 12 milestones")  # noqa: T201
