"""重用候选 and the person's file: what people achieved on projects, every figure with what it is made of."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conduct.queries import dossier
from core.models import Cadre
from projects.models import (
    Assignment,
    AssignmentPerson,
    Incentive,
    KeyProject,
    Milestone,
    ProjectIssue,
    TaskforceMember,
)
from projects.queries import performance as queries
from projects.services import projects

pytestmark = pytest.mark.django_db


def node(district, name, *, planned, done=None, project=None):
    """A node planned and done so many days ago."""
    return Milestone.objects.create(
        project=project or district.project,
        name=name,
        kind="OTHER",
        planned_on=district.today - timedelta(days=planned),
        baseline_on=district.today - timedelta(days=planned),
        done_on=None if done is None else district.today - timedelta(days=done),
        progress=0 if done is None else 100,
    )


def task(district, title, *, due, done=None, role="OWNER", cadre="clerk"):
    incentives = [
        Incentive.objects.get_or_create(
            key=key, name=key, kind=kind,
            defaults={"points": 1, "order": 0, "basis": "试", "effective_from": district.today},
        )[0]
        for key, kind in (("R", "REWARD"), ("P", "PENALTY"))
    ]  # fmt: skip
    due_on = district.today - timedelta(days=due)
    made = Assignment.objects.create(
        project=district.project, title=title, lead_unit=district.bureau, duty="跟办", standard="完成",
        due_on=due_on, baseline_due_on=due_on, reward=incentives[0], penalty=incentives[1],
        state="SIGNED" if done is None else "ACCEPTED",
        done_on=None if done is None else district.today - timedelta(days=done),
        submission_key=uuid4(), recorded_by=district.users["assessor"], recorded_at=district.now,
    )  # fmt: skip
    AssignmentPerson.objects.create(assignment=made, cadre=district.cadres[cadre], role=role)
    return made


def solved(district, title, *, ago=5, cadre="leader"):
    day = district.today - timedelta(days=ago)
    return ProjectIssue.objects.create(
        project=district.project, kind="LAND", title=title, raised_on=day, owner_unit=district.bureau,
        owner=district.cadres[cadre], due_on=day, state="CLOSED", solved_on=day, solved_how="ON_SITE",
        submission_key=uuid4(), recorded_by=district.users["leader"], recorded_at=district.now,
    )  # fmt: skip


def found(district, cadre="leader", *, span=300, handled=False):
    deeds = queries.deeds(
        since=district.today - timedelta(days=span), until=district.today, today=district.today,
        cadre=district.cadres[cadre], handled=handled,
    )  # fmt: skip
    return sorted((deed.timing, deed.title.split(" · ")[1]) for deed in deeds)


def test_a_leader_has_what_fell_into_the_own_time(district):
    node(district, "早", planned=20, done=60)
    node(district, "按期", planned=20, done=20)
    node(district, "晚", planned=40, done=20)
    node(district, "欠", planned=10)
    node(district, "前任的", planned=150, done=140)
    node(district, "别人的", planned=20, done=20, project=district.foreign_project)
    node(district, "未到期", planned=-10)
    assert found(district) == [("EARLY", "早"), ("LATE", "晚"), ("ON_TIME", "按期"), ("OVERDUE", "欠")]
    assert found(district, span=30) == [("LATE", "晚"), ("ON_TIME", "按期"), ("OVERDUE", "欠")]
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role="LEADER",
        on=district.today - timedelta(days=15), by=None, at=district.now,
    )  # fmt: skip
    assert ("OVERDUE", "欠") not in found(district), "who has left owes nothing any more"
    assert found(district, "clerk") == [("OVERDUE", "欠")]
    KeyProject.objects.filter(pk=district.project.pk).update(state="SUSPENDED", suspended_reason="资金未到位")
    assert found(district, "clerk") == []


def test_who_takes_over_a_late_node_is_not_late(district):
    node(district, "前任拖的", planned=60, done=20)
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role="LEADER",
        on=district.today - timedelta(days=40), by=None, at=district.now,
    )  # fmt: skip
    assert found(district, "clerk") == [], "the day had passed before"
    assert found(district) == [("LATE", "前任拖的")], "it fell into the time of who was there"
    node(district, "自己拖的", planned=30, done=20)
    assert found(district, "clerk") == [("LATE", "自己拖的")]


def test_a_member_of_the_taskforce_is_no_leader(district):
    node(district, "按期", planned=20, done=20)
    TaskforceMember.objects.create(
        project=district.project, cadre=district.cadres["worker"], role="MEMBER",
        start_on=district.today - timedelta(days=90),
    )  # fmt: skip
    assert found(district, "worker") == []


def test_tasks_count_for_who_answers_and_stand_in_the_file_of_who_handles(district):
    task(district, "甲", due=10, done=12)
    task(district, "乙", due=10)
    task(district, "丙", due=10, done=12, role="HANDLER", cadre="worker")
    assert found(district, "clerk") == [("ON_TIME", "甲"), ("OVERDUE", "乙")]
    assert found(district, "worker") == []
    assert found(district, "worker", handled=True) == [("ON_TIME", "丙")]


def test_the_file_of_a_person_has_achievements_and_no_arrears(district, as_role):
    node(district, "按期节点", planned=20, done=20)
    node(district, "迟来的", planned=40, done=20)
    node(district, "欠着的", planned=10)
    task(district, "办证", due=10, done=12, cadre="leader")
    solved(district, "两户签约")
    entries = dossier.file_of(district.cadres["leader"], user=district.users["discipline"])
    sides = {e.title.split(" · ")[-1]: (e.kind, e.side, e.state) for e in entries if " · " in e.title}
    assert sides == {
        "按期节点": ("项目节点", "good", "按期"),
        "迟来的": ("项目节点", "plain", "逾期完成"),
        "办证": ("六定任务", "good", "按期"),
        "两户签约": ("解决问题", "good", "已解决"),
    }
    page = as_role("leader").get("/file/", follow=True).content.decode()
    assert "两户签约" in page


@pytest.mark.parametrize("role", ["leader", "unithead", "cadre", "discipline", "dhead", "auditor"])
def test_who_may_not_compare_people(district, as_role, role):
    assert as_role(role).get("/candidates/").status_code == 403
    assert as_role(role).get(f"/candidates/{district.cadres['leader'].pk}/").status_code == 403


@pytest.mark.parametrize("role", ["chief", "assessor"])
def test_the_page_says_what_it_is_and_every_figure_leads_to_its_records(district, as_role, role):
    for number in range(3):
        node(district, f"节点{number}", planned=20, done=20 + number)
        task(district, f"任务{number}", due=20, done=22, cadre="clerk")
    node(district, "迟", planned=20, done=10)
    solved(district, "签约")
    task(district, "一件", due=10, done=12, cadre="worker")
    client = as_role(role)
    span = {"since": district.today - timedelta(days=99), "until": district.today}
    page = client.get("/candidates/", span)
    ranked = [(c.cadre.name, c.placed.rank, c.placed.record.share) for c in page.context["page"]]
    assert [(name, rank) for name, rank, _ in ranked] == [("曾国平", 1), ("解明远", 2)]
    words = page.content.decode()
    assert "不作决定" in words and "另作资格审查" in words
    assert [c.cadre.name for c in page.context["few"]] == ["王小川"]
    leader = next(c for c in page.context["page"] if c.cadre.name == "解明远")
    detail = client.get(leader.url)
    counts = {timing: len(deeds) for timing, _, deeds in detail.context["sections"]}
    record = leader.placed.record
    assert counts == {
        "EARLY": record.early, "ON_TIME": record.on_time, "LATE": record.late, "OVERDUE": record.overdue,
        "SOLVED": record.issues,
    } == {"EARLY": 0, "ON_TIME": 3, "LATE": 1, "OVERDUE": 0, "SOLVED": 1}  # fmt: skip
    assert detail.context["record"] == record
    assert client.get("/candidates/987654/").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"since": "2026-05-01", "until": "2026-04-01"}, "早于起始日期"),
        ({"since": "昨天", "until": "2026-04-01"}, "有效的日期"),
        ({"since": "", "until": "2026-04-01"}, "必填"),
    ],
)
def test_a_wrong_period_is_told_and_what_was_typed_stays(district, as_role, query, told):
    words = as_role("chief").get("/candidates/", query).content.decode()
    assert told in words and query["since"] in words


def test_the_page_costs_the_same_for_15_and_100_people(district, as_role):
    client, taken = as_role("chief"), []
    client.get("/")  # the first answer of a sign-in also writes its session
    for upto in (15, 100):
        for number in range(KeyProject.objects.count(), upto):
            project = KeyProject.objects.create(
                code=f"K{number:03}", name=f"项目{number}", kind="KEY", recorded_at=district.now
            )
            person = Cadre.objects.create(
                staff_no=f"K{number:03}", name=f"甲{number}", unit=district.bureau, joined_on=district.today
            )
            TaskforceMember.objects.create(
                project=project, cadre=person, role="LEADER", start_on=district.today - timedelta(days=90)
            )
            for name in "abc":
                node(district, name, planned=9, done=9, project=project)
        with CaptureQueriesContext(connection) as captured:
            span = {"since": district.today - timedelta(days=99), "until": district.today}
            page = client.get("/candidates/", span)
        assert page.context["page"].paginator.count == upto - 2, "the two projects of the district have none"
        taken.append(len(captured))
    assert taken[0] == taken[1] <= 15, taken
