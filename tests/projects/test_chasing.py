"""Overdue nodes propose a letter, then a case; a person decides, and nothing is proposed twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from conduct.models import LetterMatter, SupervisionLetter
from conduct.queries import links
from core.models import AuditEvent, Proposal
from core.services import proposals, schedule
from projects import tasks
from projects.models import KeyProject, Milestone
from projects.queries import chasing as queries
from projects.queries.overview import history_of
from projects.services import chasing, dispatch, milestones, projects
from tests.support.waiting import lines

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def recorded_long_ago(district):
    """The district's projects were entered before their nodes were due."""
    KeyProject.objects.update(recorded_at=district.now - timedelta(days=200))


def overdue(district, name="开工", days=3):
    return milestones.save_milestone(
        project=district.project, name=name, by=None, at=district.now,
        values={"planned_on": district.today - timedelta(days=days), "kind": "OTHER", "progress": 20},
    )  # fmt: skip


def run(district, *, days=0):
    return chasing.propose_for_red(at=district.now + timedelta(days=days))


def answer(district, proposal, state="ACCEPTED", at=None):
    return proposals.answer(
        proposal_id=proposal.pk, state=state, answer="同意发函督办", by=district.users["dhead"],
        at=at or district.now,
    )  # fmt: skip


def test_the_first_overdue_node_proposes_a_letter_once(district):
    node = overdue(district)
    assert run(district, days=-10) == [], "not overdue then"
    [letter] = run(district)
    assert (letter.kind, letter.unit, letter.cadre, letter.proposed_by) == (
        "LETTER", district.bureau, None, None,
    )  # fmt: skip
    assert (letter.source_label, letter.source_id) == ("projects.Milestone", str(node.pk))
    assert "滨江大道项目（P1）“开工”：计划" in letter.reason and "已逾期 3 天" in letter.reason
    audits = AuditEvent.objects.count()
    assert [run(district), run(district, days=1), run(district, days=30)] == [[], [], []]
    assert AuditEvent.objects.count() == audits, "looking again writes nothing"


def test_a_second_overdue_node_proposes_a_case_about_the_leader(district):
    overdue(district, days=9)
    overdue(district, "竣工", days=3)
    [letter] = run(district, days=-6)
    [case] = run(district)
    assert (letter.kind, letter.source_name) == ("LETTER", "滨江大道项目 · 开工")
    assert (case.kind, case.source_name, case.ground) == ("CASE", "滨江大道项目 · 竣工", "G01")
    assert (case.cadre, case.unit) == (district.cadres["leader"], district.bureau)
    assert run(district, days=40) == []


def test_nodes_found_overdue_together_propose_a_letter_each_and_no_case(district):
    overdue(district, days=9)
    overdue(district, "竣工", days=3)
    made = [(p.kind, p.source_name) for p in run(district)]
    assert made == [("LETTER", "滨江大道项目 · 开工"), ("LETTER", "滨江大道项目 · 竣工")]
    assert run(district, days=40) == []


def test_a_clock_that_was_stopped_is_never_harsher_than_one_that_ran_daily(district):
    def made(moments):
        overdue(district, days=9)
        overdue(district, "竣工", days=3)
        for days in moments:
            run(district, days=days)
        found = list(Proposal.objects.order_by("id").values_list("kind", "source_name"))
        Proposal.objects.all().delete()
        return [(kind, name.split(" · ")[1]) for kind, name in found]

    daily = [("LETTER", "开工"), ("CASE", "竣工")]
    assert made(range(-9, 1)) == daily
    assert made([0]) == made([5]) == [("LETTER", "开工"), ("LETTER", "竣工")], "nobody had been told yet"


def test_a_node_still_overdue_after_an_accepted_letter_proposes_a_case(district):
    overdue(district)
    [letter] = run(district)
    answer(district, letter)
    assert run(district, days=9) == []
    [case] = run(district, days=40)
    assert (case.kind, case.source_name) == ("CASE", "滨江大道项目 · 开工")
    assert "满 10 个工作日仍未完成" in case.reason
    assert run(district, days=80) == []


def test_a_new_leader_is_not_proposed_for_the_same_node_again(district):
    overdue(district)
    answer(district, run(district)[0])
    assert [p.kind for p in run(district, days=40)] == ["CASE"]
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role="LEADER", on=district.today, by=None,
        at=district.now,
    )  # fmt: skip
    assert run(district, days=41) == []


@pytest.mark.parametrize(
    "spared",
    [
        {"state": "SUSPENDED", "suspended_reason": "资金未到位"},
        {"state": "CLOSED", "closed_on": "2026-01-31"},
        {"kind": "TASK"},
        {"lead_unit": None},
        {"recorded_at": None},
    ],
    ids=str,
)
def test_what_is_not_chased(district, spared):
    overdue(district)
    if "recorded_at" in spared:
        spared = {"recorded_at": district.now}
    KeyProject.objects.filter(pk=district.project.pk).update(**spared)
    assert run(district) == []


def test_a_suspended_node_and_a_project_without_a_leader_are_not_chased(district):
    node = overdue(district)
    Milestone.objects.filter(pk=node.pk).update(suspended_reason="等待用地批复")
    assert run(district) == []
    Milestone.objects.filter(pk=node.pk).update(suspended_reason="")
    district.project.members.update(end_on=district.today)
    assert run(district) == []


def test_an_imported_table_of_old_projects_floods_nobody(district, django_assert_num_queries):
    """Forty projects whose nodes were overdue when they were entered: none is chased."""
    made = KeyProject.objects.bulk_create(
        KeyProject(
            code=f"O{n}", name=f"旧项目{n}", kind="KEY", lead_unit=district.bureau, recorded_at=district.now
        )
        for n in range(40)
    )
    Milestone.objects.bulk_create(
        Milestone(
            project=project, name="竣工", kind="COMPLETE", planned_on=district.today - timedelta(days=400 + n)
        )
        for n, project in enumerate(made)
    )
    with django_assert_num_queries(5):
        assert run(district) == []


def test_it_costs_the_same_when_everything_was_proposed_before(district):
    overdue(district)
    run(district)
    with CaptureQueriesContext(connection) as captured:
        run(district)
    assert len(captured) == 5


def test_the_tick_and_the_command_do_the_same_work(district, capsys):
    overdue(district)
    schedule.ensure_ticks()
    assert PeriodicTask.objects.get(task="projects.chase_red").interval.every == 3600
    call_command("chase_red")
    assert "建议发督办函：滨江大道项目" in capsys.readouterr().out
    assert tasks.chase_red() == 0
    call_command("chase_red")
    assert "没有需要新提出的建议" in capsys.readouterr().out


def test_an_accepted_proposal_leads_to_a_letter_that_says_what_is_late(district, as_role):
    node = overdue(district)
    [letter] = run(district)
    user, client = district.users["discipline"], as_role("discipline")
    assert links.letter_about(node) is None, "nobody has accepted it yet"
    answer(district, letter)
    [todo] = lines(links.todos(user, today=district.today))
    assert (todo.title, todo.action) == ("滨江大道项目 · 开工", "拟督办函")
    form = client.get(todo.url).context["form"]
    assert form.initial["unit"] == district.bureau.pk
    assert form.initial["title"] == "关于滨江大道项目“开工”节点滞后的督办函"
    assert "已逾期3天" in form.initial["matter"] and "目前进度20%" in form.initial["matter"]
    made = SupervisionLetter.objects.create(
        title="督办", unit=district.bureau, matter="节点滞后", contact="覃正", recorded_by=user,
        recorded_at=district.now, submission_key=uuid4(),
    )  # fmt: skip
    LetterMatter.objects.create(letter=made, source_label="projects.Milestone", source_id=str(node.pk))
    assert lines(links.todos(user, today=district.today)) == []
    assert [record for _, record in links.outcome_of(node, user).records] == [made]


def test_a_decision_of_a_meeting_leads_to_a_letter(district, as_role):
    office, at = district.users["assessor"], district.now
    meeting = dispatch.prepare_meeting(kind="FORTNIGHT", held_on=district.today, by=office, at=at)
    decision = dispatch.record_decision(
        meeting_id=meeting.pk, project=district.project, what="限期完成电力迁改", unit=district.other,
        cadre=None, due_on=district.today, becomes="LETTER", submission_key=uuid4(), by=office, at=at,
    )  # fmt: skip
    dispatch.hold_meeting(meeting_id=meeting.pk, place="", chair=None, minutes="", by=office, at=at)
    answer(district, Proposal.objects.get())
    form = (
        as_role("discipline")
        .get(reverse("conduct:letter-create"), {"about": f"projects.DispatchDecision:{decision.pk}"})
        .context["form"]
    )
    assert form.initial["unit"] == district.other.pk
    assert "半月调度议定：滨江大道项目，限期完成电力迁改，由财政局于" in form.initial["matter"]


def test_unit_heads_see_their_units_overdue_nodes(district):
    overdue(district)

    def seen(role):
        return [todo.title for todo in lines(queries.todos(district.users[role], today=district.today))]

    assert seen("unithead") == ["滨江大道项目 · 开工"]
    for role in ("leader", "assessor", "chief", "cadre", "auditor"):
        assert seen(role) == []
    KeyProject.objects.filter(pk=district.project.pk).update(state="SUSPENDED", suspended_reason="资金未到位")
    assert seen("unithead") == []


def test_who_reads_which_proposal_on_the_page_of_the_project(district, as_role):
    overdue(district, days=9)
    overdue(district, "竣工", days=3)
    run(district, days=-6)
    run(district)
    url = reverse("projects:project-dispatch", args=[district.project.pk])
    for role, sees_case in (("dhead", True), ("chief", True), ("unithead", False), ("leader", False)):
        page = as_role(role).get(url).content.decode()
        assert "建议发督办函" in page, role
        assert ("建议启动问责" in page) is sees_case, role
    kinds = {event.kind for event in history_of(district.project, district.users["leader"])}
    assert "建议发督办函" in kinds and "建议启动问责" not in kinds
