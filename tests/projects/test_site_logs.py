"""Site logs: a visit said in six inputs, put right with its old text kept, an issue raised on the spot."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, StepTaken
from core.queries import attachments_of
from core.rules.errors import DomainError, NotAllowed
from core.services import catalogues, people
from projects.choices import MemberRole, ProjectState, SiteLogState
from projects.models import KeyProject, ProjectIssue, SiteLog, SiteScene
from projects.queries import site as queries
from projects.rules import site as rules
from projects.services import projects
from projects.services import site as services
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(district):
    """The seven scenes, a project with a location, and the clerk on its taskforce."""
    catalogues.sync(model=SiteScene, by=None, at=district.now)
    KeyProject.objects.filter(pk=district.project.pk).update(location="临江街道")
    district.project.refresh_from_db()
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role=MemberRole.MEMBER,
        on=district.today - timedelta(days=50), by=None, at=district.now,
    )  # fmt: skip
    return district


def record(district, *, by="cadre", days_ago=0, present=("clerk",), **said):
    values = {
        "project": district.project,
        "scene": "S4",
        "on": district.today - timedelta(days=days_ago),
        "place": "",
        "people": [district.cadres[key] for key in present],
        "what": "协调临时用地。",
        "submission_key": uuid4(),
        **said,
    }
    return services.record_log(**values, by=district.users[by], at=district.now)


def correct(district, log, by="cadre", note="写错", at=None, **said):
    values = {
        "scene": log.scene.key, "on": log.on, "place": log.place, "people": list(log.people.all()),
        "what": log.what, "people_helped": log.people_helped, "problems_solved": log.problems_solved, **said,
    }  # fmt: skip
    return services.correct_log(
        log_id=log.pk, note=note, **values, by=district.users[by], at=at or district.now
    )


def test_a_visit_is_of_the_unit_of_its_day_and_the_place_of_its_project(team):
    before = AuditEvent.objects.count()
    log = record(team, present=("clerk", "leader"))
    assert (log.place, log.unit, log.scene.name) == ("临江街道", team.bureau, "现场解难")
    assert AuditEvent.objects.count() == before + 1
    people.save_cadre(
        staff_no=team.cadres["clerk"].staff_no, name="曾国平", unit=team.other,
        establishment="CIVIL_SERVANT", post="科员", joined_on=team.cadres["clerk"].joined_on,
        effective_on=team.today, by=None, at=team.now,
    )  # fmt: skip
    assert record(team, days_ago=2).unit == team.bureau, "before the move"
    assert record(team).unit == team.other


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"days_ago": -1}, "on", "晚于今天"),
        ({"days_ago": 8}, "late_reason", "补记 7 天以前的请写明原因"),
        ({"present": ()}, "people", "至少一人"),
        ({"project": None}, "place", "请填地点"),
        ({"scene": "S9"}, "scene", "尚未施行或已停用"),
        ({"days_ago": 1000, "late_reason": "补记", "scene": "S1"}, "people", "不在岗"),
    ],
)
def test_what_a_log_cannot_say(team, said, field, told):
    with pytest.raises(DomainError, match=told) as refused:
        record(team, **said)
    assert refused.value.field == field
    assert not SiteLog.objects.exists()


def test_late_with_its_reason_is_taken(team):
    assert record(team, days_ago=8, late_reason="在外出差").late_reason == "在外出差"
    assert record(team, days_ago=7).late_reason == ""


def test_who_left_was_not_there(team):
    people.record_leaving(
        cadre=team.cadres["worker"], on=team.today - timedelta(days=3), by=None, at=team.now
    )
    with pytest.raises(DomainError, match=rf"不在岗：王小川（{team.today - timedelta(days=3)} 离任）"):
        record(team, present=("clerk", "worker"))
    assert record(team, days_ago=3, present=("worker",))


def test_a_project_that_is_over_has_visits_up_to_its_last_day(team):
    team.project.state, team.project.closed_on = ProjectState.CLOSED, team.today - timedelta(days=2)
    team.project.save()
    assert record(team, days_ago=2)
    with pytest.raises(DomainError, match="办结，不能再记") as refused:
        record(team, days_ago=1)
    assert refused.value.field == "project"


def test_only_who_works_there_logs_for_a_project(team):
    with pytest.raises(NotAllowed, match="攻坚小组成员"):
        record(team, by="discipline", present=("officer",))
    assert record(team, by="discipline", present=("officer",), project=None, place="新桥社区").project is None
    assert record(team, by="unithead", present=("head",))


def test_the_same_form_sent_twice_is_one_log_and_one_issue(team):
    key, found = uuid4(), services.Found("LAND", "临时用地未批", team.bureau)
    assert record(team, submission_key=key, found=found) == record(team, submission_key=key, found=found)
    assert (SiteLog.objects.count(), ProjectIssue.objects.count()) == (1, 1)


def test_an_issue_found_at_a_visit_is_of_its_day_and_place(team):
    log = record(team, days_ago=3, place="二号地块", found=services.Found("LAND", "未批", team.other))
    issue = ProjectIssue.objects.get()
    assert (issue.site_log, issue.raised_on, issue.place) == (log, log.on, "二号地块")
    assert issue.due_on > team.today


def test_a_correction_keeps_the_old_text_and_the_people(team):
    log = record(team)
    with pytest.raises(DomainError, match="没有改动"):
        correct(team, log)
    log = correct(team, log, what="议定退让红线。", people=[team.cadres["clerk"], team.cadres["leader"]])
    assert {person.name for person in log.people.all()} == {"曾国平", "解明远"}
    assert StepTaken.objects.get().old == {"做了什么": "协调临时用地。", "到场人员": "曾国平"}
    with pytest.raises(NotAllowed, match="只有记录人"):
        correct(team, log, by="leader", what="别的")
    assert correct(team, log, by="unithead", people_helped=3).people_helped == 3, "the head of the unit"


def test_who_sees_what(team, as_role):
    own = record(team)
    elsewhere = record(team, by="discipline", present=("officer",), project=None, place="新桥社区")
    visited = record(team, by="discipline", present=("officer", "worker"), project=None, place="河湾")
    seen = {
        "discipline": {own, elsewhere, visited}, "chief": {own, elsewhere, visited}, "cadre": {own},
        "leader": {own}, "unithead": {own, visited}, "auditor": set(),
    }  # fmt: skip
    for role, expected in seen.items():
        assert set(queries.sitelogs_visible_to(team.users[role])) == expected, role
    assert as_role("unithead").get(elsewhere.get_absolute_url()).status_code == 404
    step = reverse("projects:sitelog-step", args=[elsewhere.pk, "withdraw"])
    assert as_role("unithead").post(step, {"note": "x"}).status_code == 404
    assert as_role("auditor").get(reverse("projects:sitelog-list")).status_code == 403


def test_through_the_pages_on_six_inputs(team, as_role):
    member = as_role("cadre")
    url = reverse("projects:sitelog-create")
    form = member.get(url, {"project": team.project.pk}).context["form"]
    assert form["place"].value() == "临江街道" and form["people"].value() == "曾国平"
    sent = {
        "project_text": team.project.name, "scene": "S5", "place": "", "people": "曾国平、解明远",
        "what": "为搬迁户办理过渡费", "on": team.today, "submission_key": uuid4(),
    }  # fmt: skip
    wrong = member.post(url, {**sent, "people": "曾国平、任青"}).content.decode()
    assert "没有找到“任青”，请核对姓名" in wrong and "为搬迁户办理过渡费" in wrong
    wrong = member.post(url, {**sent, "on": team.today - timedelta(days=20)}).content.decode()
    assert "补记 7 天以前的请写明原因" in wrong
    wrong = member.post(url, {**sent, "issue_kind": "LAND"}).content.decode()
    assert "请写明是什么问题" in wrong
    wrong = member.post(
        url, {**sent, "project_text": "", "place": "社区", "issue_kind": "LAND", "issue_title": "未批"}
    ).content.decode()
    assert "问题要落到项目上" in wrong
    assert not SiteLog.objects.exists()
    photo = SimpleUploadedFile("现场.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64, content_type="image/png")
    both = {**sent, "issue_kind": "LAND", "issue_title": "临时用地未批", "evidence": [photo]}
    page = member.post(url, both, follow=True).content.decode()
    assert "已记录，问题已同时提出" in page and "现场.png" in page and "临时用地未批" in page
    log = SiteLog.objects.get()
    assert set(log.people.all()) == {team.cadres["clerk"], team.cadres["leader"]}
    file = reverse("projects:sitelog-attachment", args=[log.pk, attachments_of(log).get().pk])
    answer = as_role("unithead").get(file)
    assert answer.status_code == 200 and b"".join(answer.streaming_content).startswith(b"\x89PNG")
    step = reverse("projects:sitelog-step", args=[log.pk, "correct"])
    change = {
        "scene": "S5", "on": log.on, "place": log.place, "people": "T002、T004", "what": "改过的话",
        "people_helped": 5, "problems_solved": 0, "note": "漏记人次",
    }  # fmt: skip
    assert "已更正" in member.post(step, change, follow=True).content.decode()
    assert "更正原因" in member.post(step, {**change, "note": ""}).content.decode()
    gone = member.post(
        reverse("projects:sitelog-step", args=[log.pk, "withdraw"]), {"note": "记重"}, follow=True
    )
    assert "不再计入" in gone.content.decode()
    log.refresh_from_db()
    assert log.state == SiteLogState.WITHDRAWN
    listed = member.get(reverse("projects:sitelog-list"), {"scene": "S5", "state": "WITHDRAWN"})
    assert list(listed.context["page"]) == [log]


def test_ones_own_name_is_oneself_whoever_else_has_it(team, as_role):
    people.save_cadre(
        staff_no="T099", name="曾国平", unit=team.bureau, establishment="CIVIL_SERVANT", post="科员",
        joined_on=team.today - timedelta(days=900), by=None, at=team.now,
    )  # fmt: skip
    sent = {
        "project_text": team.project.name, "scene": "S5", "place": "", "people": "曾国平", "what": "走访",
        "on": team.today, "submission_key": uuid4(),
    }  # fmt: skip
    as_role("cadre").post(reverse("projects:sitelog-create"), sent)
    assert list(SiteLog.objects.get().people.all()) == [team.cadres["clerk"]]
    wrong = (
        as_role("unithead")
        .post(reverse("projects:sitelog-create"), {**sent, "submission_key": uuid4()})
        .content.decode()
    )
    assert "有多个匹配" in wrong


def test_the_picker_offers_whom_one_works_with(team, as_role):
    url = reverse("projects:people-options")
    offered = as_role("cadre").get(url, {"q": "解"}).content.decode()
    assert "解明远" in offered
    assert "任青" not in as_role("cadre").get(url, {"q": "任"}).content.decode()


def test_on_the_overview_and_in_the_history(team):
    user = team.users["leader"]
    record(team, people_helped=4, problems_solved=1)
    gone = record(team, people_helped=90)
    services.withdraw_log(log_id=gone.pk, note="记重", by=team.users["cadre"], at=team.now)
    figures = dict(queries.card(team.project, user, team.today).figures)
    assert figures == {"本月": "1 次", "服务群众和企业": "4 人次", "解决问题": "1 件", "下沉一线": "0 人"}
    details = {event.detail for event in queries.history(team.project, user)}
    assert details == {"协调临时用地。", "已撤回：记重"}


@pytest.mark.parametrize("rows", [15, 100])
def test_the_lists_cost_the_same_for_many(team, as_role, rows, django_assert_max_num_queries):
    scene = SiteScene.objects.get(key="S1")
    logs = SiteLog.objects.bulk_create(
        SiteLog(
            project=team.project, scene=scene, on=team.today, place=f"地点{n}", unit=team.bureau,
            what="走访", submission_key=uuid4(), recorded_by=team.users["cadre"], recorded_at=team.now,
        )
        for n in range(rows)
    )  # fmt: skip
    here = SiteLog.people.through
    here.objects.bulk_create(
        here(sitelog_id=log.pk, cadre_id=team.cadres[key].pk) for log in logs for key in ("clerk", "leader")
    )
    client = as_role("unithead")
    client.get("/")
    taken = []
    for url in (
        reverse("projects:sitelog-list"), reverse("projects:project-site", args=[team.project.pk])
    ):  # fmt: skip
        with django_assert_max_num_queries(15) as captured:
            assert client.get(url).status_code == 200
        taken.append(len(captured))
    assert taken == [COST.setdefault(n, cost) for n, cost in enumerate(taken)], "the same for 15 and 100"


COST: dict[int, int] = {}
"""Statements of each page at the first number of rows."""


def test_many_steps_of_four_roles(team):
    def change(log, user, pick):
        note = "写错" * (pick % 4 > 0)
        present = [team.cadres["clerk"], team.cadres["leader"]][: pick % 3]
        services.correct_log(
            log_id=log.pk, scene="S4", on=log.on, place="地块", what=f"第{pick % 5}稿", people=present,
            people_helped=pick % 2, problems_solved=0, note=note, by=user, at=timezone.now(),
        )  # fmt: skip

    def somebody_there(log):
        assert log.people.exists()

    walk(
        Course(
            examples=SOME,
            workflow=rules.SITE_LOG,
            people={name: team.users[name] for name in ("cadre", "leader", "unithead", "discipline")},
            make=lambda: record(team),
            steps={
                "correct": change,
                "withdraw": lambda log, user, pick: services.withdraw_log(
                    log_id=log.pk, note="记重" * (pick % 3 > 0), by=user, at=timezone.now()
                ),
            },
            parts=queries.log_parts,
            invariants=[somebody_there],
        )
    )
