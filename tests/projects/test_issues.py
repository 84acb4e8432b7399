"""Project issues: raised by who works there, solved by who answers, closed by somebody else."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, StepTaken
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.rules.workdays import add_workdays, is_workday
from core.services import people
from projects.choices import IssueKind, IssueState, MemberRole, ProjectState
from projects.models import ProjectIssue
from projects.queries import issues as queries
from projects.queries import overview
from projects.rules import issues as rules
from projects.services import issues as services
from projects.services import projects
from tests.support.waiting import lines
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"


def table(name):
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def team(district):
    """The leader's project has a deputy, the assessor, and a member, the clerk."""
    for key, role in (("clerk", MemberRole.MEMBER), ("assessor", MemberRole.DEPUTY)):
        projects.appoint(
            project=district.project, cadre=district.cadres[key], role=role,
            on=district.today - timedelta(days=50), by=None, at=district.now,
        )  # fmt: skip
    return district


def raised(district, *, by="cadre", unit=None, at=None, **said):
    values = {
        "project": district.project,
        "kind": IssueKind.LAND,
        "title": "临时用地批复没有下来",
        "owner_unit": unit or district.bureau,
        "submission_key": uuid4(),
        **said,
    }
    return services.raise_issue(**values, by=district.users[by], at=at or district.now)


def solved(district, issue, by="unithead", **said):
    values = {"solved_on": district.today, "solved_how": "ON_SITE", "solution": "当场协调解决。", **said}
    return services.solve_issue(issue_id=issue.pk, **values, by=district.users[by], at=district.now)


def take(district, issue, step, by, **said):
    service = getattr(services, f"{step}_issue")
    return service(issue_id=issue.pk, **said, by=district.users[by], at=district.now)


@pytest.mark.parametrize("row", table("issue_tally.csv"), ids=lambda row: row["case"])
def test_counts(row):
    outcomes = []
    for each in row["issues"].split():
        state, how, escalated, days = each.split("/")
        outcomes.append(rules.Outcome(state, how, escalated == "y", int(days) if days else None))
    counted = rules.tally(outcomes)
    expected = [int(row[name]) for name in ("raised", "solved", "on_site", "escalated", "live")]
    assert [counted.raised, counted.solved, counted.on_site, counted.escalated, counted.live] == expected
    assert counted.median_days == (Decimal(row["median"]) if row["median"] else None)


@pytest.mark.parametrize("row", table("issue_days.csv"), ids=lambda row: row["case"])
def test_working_days_to_solve(row):
    days = rules.workdays_to_solve(
        raised_on=date.fromisoformat(row["raised"]),
        solved_on=date.fromisoformat(row["solved"]) if row["solved"] else None,
        overrides={},
    )
    assert days == (int(row["days"]) if row["days"] else None)


def test_every_kind_has_a_deadline_of_its_own():
    assert set(rules.SUGGESTED_DAYS) == set(IssueKind)
    for kind, days in rules.SUGGESTED_DAYS.items():
        start = date(2025, 9, 26)
        assert rules.suggested_due(kind, raised_on=start, overrides={}) == add_workdays(start, days, {})


def test_from_raised_to_closed_one_audit_row_each(team):
    before = AuditEvent.objects.count()
    issue = raised(team)
    assert issue.due_on == rules.suggested_due("LAND", raised_on=team.today, overrides=workday_overrides())
    issue = solved(team, issue)
    assert (issue.state, issue.solved_by) == (IssueState.SOLVED, team.users["unithead"])
    issue = take(team, issue, "close", "cadre")
    assert issue.state == IssueState.CLOSED
    assert AuditEvent.objects.count() == before + 3
    assert [step.step for step in StepTaken.objects.order_by("id")] == ["solve", "close"]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("cadre", ""),
        ("leader", ""),
        ("unithead", ""),
        ("discipline", "攻坚小组成员"),
        ("chief", "攻坚小组成员"),
    ],
)
def test_who_works_there_raises(team, by, told):
    if not told:
        assert raised(team, by=by).state == IssueState.OPEN
        return
    with pytest.raises(NotAllowed, match=told):
        raised(team, by=by)


def test_a_former_member_raises_no_more(team):
    team.project.members.filter(cadre=team.cadres["clerk"]).update(end_on=team.today)
    with pytest.raises(NotAllowed):
        raised(team)


def test_the_same_form_sent_twice_is_one_issue(team):
    key = uuid4()
    assert raised(team, submission_key=key) == raised(team, submission_key=key)
    assert ProjectIssue.objects.count() == 1


def test_a_closed_project_takes_no_issue(team):
    team.project.state, team.project.closed_on = ProjectState.CLOSED, team.today
    team.project.save()
    with pytest.raises(DomainError, match="办结，不能再提出问题") as refused:
        raised(team)
    assert refused.value.field == "project"


def test_the_owner_is_of_the_unit_that_answers_today(team):
    clerk = team.cadres["clerk"]
    with pytest.raises(DomainError, match=r"现在“财政局”任职，不属于责任单位“建设局”") as refused:
        raised(team, owner=team.cadres["outsider"])
    assert refused.value.field == "owner"
    assert raised(team, owner=team.cadres["worker"]).owner == team.cadres["worker"], "a unit below is of it"
    people.record_leaving(cadre=clerk, on=team.today - timedelta(days=1), by=None, at=team.now)
    clerk.refresh_from_db()
    with pytest.raises(DomainError, match="离任"):
        raised(team, by="leader", owner=clerk)


def test_a_closed_unit_does_not_answer(team):
    team.other.closed_on = team.today
    team.other.save()
    with pytest.raises(DomainError, match="撤销") as refused:
        raised(team, unit=team.other)
    assert refused.value.field == "owner_unit"


@pytest.mark.parametrize(("days", "told"), [(-1, "早于今天"), (400, "一年以后")])
def test_a_deadline_that_cannot_stand(team, days, told):
    with pytest.raises(DomainError, match=told) as refused:
        raised(team, due_on=team.today + timedelta(days=days))
    assert refused.value.field == "due_on"


def test_a_deadline_on_a_day_off_names_the_next_working_day(team):
    day = next(
        d for n in range(1, 9) if not is_workday(d := team.today + timedelta(days=n), workday_overrides())
    )
    with pytest.raises(DomainError, match="是休息日，请改为工作日，例如"):
        raised(team, due_on=day)


def test_who_solved_does_not_close(team):
    issue = solved(team, raised(team, by="leader"), by="leader")
    with pytest.raises(NotAllowed, match="办结人不能销号"):
        take(team, issue, "close", "leader")
    with pytest.raises(NotAllowed, match="只有"):
        take(team, issue, "close", "cadre")
    assert take(team, issue, "close", "unithead").state == IssueState.CLOSED, "the head of the leading unit"


def test_only_who_answers_or_leads_solves(team):
    with pytest.raises(NotAllowed, match="只有责任人"):
        solved(team, raised(team), by="cadre")
    assert solved(team, raised(team, owner=team.cadres["clerk"]), by="cadre").state == IssueState.SOLVED
    assert solved(team, raised(team), by="leader").state == IssueState.SOLVED


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"solved_on": 1}, "solved_on", "晚于今天"),
        ({"solved_on": -9}, "solved_on", "早于提出日期"),
        ({"solution": " "}, "solution", "怎样解决"),
    ],
)
def test_what_cannot_have_been_solved(team, said, field, told):
    if "solved_on" in said:
        said = {"solved_on": team.today + timedelta(days=said["solved_on"])}
    with pytest.raises(DomainError, match=told) as refused:
        solved(team, raised(team), **said)
    assert refused.value.field == field


def test_a_returned_issue_keeps_what_was_said_of_it(team):
    issue = take(team, solved(team, raised(team)), "return", "cadre", note="现场还不能进车")
    assert (issue.state, issue.solved_on, issue.solution, issue.solved_by) == ("OPEN", None, "", None)
    step = StepTaken.objects.get(step="return")
    assert step.old["解决情况"] == "当场协调解决。" and step.note == "现场还不能进车"


def test_escalated_goes_up_and_stays_up(team):
    issue = raised(team, unit=team.station)
    with pytest.raises(DomainError, match="只能提级到“征迁服务中心”的上级单位"):
        take(team, issue, "escalate", "unithead", escalated_to=team.other, note="协调不动")
    issue = take(team, issue, "escalate", "unithead", escalated_to=team.bureau, note="协调不动")
    with pytest.raises(DomainError, match="“建设局”的上级"):
        take(team, issue, "escalate", "unithead", escalated_to=team.bureau, note="再提")
    issue = take(team, issue, "escalate", "leader", escalated_to=team.root, note="需区里定")
    assert (issue.state, issue.escalated_to) == (IssueState.ESCALATED, team.root)
    assert StepTaken.objects.order_by("-id")[0].old == {"提级至": "建设局"}
    issue = solved(team, issue, by="leader", solved_how="ESCALATED")
    assert take(team, issue, "return", "cadre", note="还没有落实").state == IssueState.ESCALATED


def test_an_extension_keeps_the_old_deadline(team):
    issue = raised(team, owner=team.cadres["leader"])
    later = add_workdays(issue.due_on, 5, workday_overrides())
    with pytest.raises(NotAllowed, match="责任人本人不能延期"):
        take(team, issue, "extend", "leader", due_on=later, note="等批复")
    with pytest.raises(DomainError, match="须晚于原时限"):
        take(team, issue, "extend", "assessor", due_on=issue.due_on, note="等批复")
    old = issue.due_on
    issue = take(team, issue, "extend", "assessor", due_on=later, note="等批复")
    assert issue.due_on == later and issue.state == IssueState.OPEN
    assert StepTaken.objects.get().old == {"时限": str(old)}


def test_a_correction_gives_it_to_another_and_keeps_the_old_text(team):
    issue = raised(team)
    same = {"kind": "LAND", "title": issue.title, "detail": "", "owner_unit": team.bureau, "owner": None}
    with pytest.raises(DomainError, match="没有改动"):
        take(team, issue, "correct", "cadre", note="写错", **same)
    with pytest.raises(DomainError, match="请写明更正原因"):
        take(team, issue, "correct", "cadre", note=" ", **{**same, "owner_unit": team.other})
    issue = take(team, issue, "correct", "cadre", note="该归财政", **{**same, "owner_unit": team.other})
    assert issue.owner_unit == team.other
    assert StepTaken.objects.get().old == {"责任单位": "建设局"}


def test_who_sees_what(team, as_role):
    own = raised(team)
    foreign = ProjectIssue.objects.create(
        project=team.foreign_project, kind="FINANCE", title="贷款未放", raised_on=team.today,
        owner_unit=team.other, due_on=team.today, submission_key=uuid4(),
        recorded_by=team.users["discipline"], recorded_at=team.now,
    )  # fmt: skip
    answered = ProjectIssue.objects.create(
        project=team.foreign_project, kind="LAND", title="土地未供", raised_on=team.today,
        owner_unit=team.station, due_on=team.today, submission_key=uuid4(),
        recorded_by=team.users["discipline"], recorded_at=team.now,
    )  # fmt: skip
    seen = {
        "discipline": {own, foreign, answered}, "chief": {own, foreign, answered}, "leader": {own},
        "cadre": {own}, "unithead": {own, answered}, "auditor": set(),
    }  # fmt: skip
    for role, expected in seen.items():
        assert set(queries.issues_visible_to(team.users[role])) == expected, role
    for issue, status in ((own, 200), (foreign, 404), (answered, 200)):
        url = reverse("projects:issue-detail", args=[issue.pk])
        assert as_role("unithead").get(url).status_code == status
        step = reverse("projects:issue-step", args=[issue.pk, "close"])
        assert as_role("leader").post(step).status_code == (404 if issue != own else 302)
    for role in ("auditor", "sysadmin", "secadmin"):
        assert as_role(role).get(reverse("projects:issue-list")).status_code == 403
    assert as_role("chief").get(reverse("projects:issue-create")).status_code == 200  # a cadre as well


def test_what_waits_for_whom(team):
    waiting = raised(team, at=team.now - timedelta(days=60))
    done = solved(team, raised(team), by="leader")
    todo = {role: [t.action for t in lines(queries.todos(team.users[role], today=team.today))] for role in
            ("unithead", "cadre", "leader", "assessor", "discipline")}  # fmt: skip
    assert todo == {
        "unithead": ["解决"], "cadre": ["销号"], "leader": ["过问"], "assessor": ["过问", "销号"],
        "discipline": [],
    }  # fmt: skip
    assert waiting.due_on < team.today and done.state == IssueState.SOLVED


def test_the_head_is_asked_to_close_what_its_raiser_solved_alone(team):
    solved(team, raised(team, by="leader"), by="leader")
    found = lines(queries.todos(team.users["unithead"], today=team.today))
    assert [todo.action for todo in found] == ["销号"]


def test_through_the_pages(team, as_role):
    member, head = as_role("cadre"), as_role("unithead")
    tab = member.get(reverse("projects:project-issues", args=[team.project.pk])).content.decode()
    assert "没有提出过问题" in tab and f"?project={team.project.pk}" in tab
    url = reverse("projects:issue-create")
    form = member.get(url, {"project": team.project.pk}).content.decode()
    assert team.project.name in form
    sent = {
        "project_text": team.project.name, "kind": "LAND", "title": "临时用地", "owner_unit": team.other.pk,
        "owner_text": "", "due_on": "", "detail": "等批复", "submission_key": uuid4(),
    }  # fmt: skip
    wrong = member.post(url, {**sent, "title": "", "due_on": "2020-01-01"}).content.decode()
    assert "等批复" in wrong and "没有保存" in wrong
    wrong = member.post(url, {**sent, "due_on": "2020-01-01"}).content.decode()
    assert "早于今天" in wrong and "临时用地" in wrong
    wrong = member.post(url, {**sent, "project_text": team.foreign_project.name}).content.decode()
    assert "没有找到项目" in wrong
    wrong = member.post(url, {**sent, "owner_text": "任青"}).content.decode()
    assert "没有找到人员“任青”" in wrong
    page = member.post(url, {**sent, "owner_unit": team.bureau.pk}, follow=True).content.decode()
    assert "已提出，由“建设局”" in page
    issue = ProjectIssue.objects.get()

    def step(client, name, **data):
        return client.post(
            reverse("projects:issue-step", args=[issue.pk, name]), data, follow=True
        ).content.decode()

    late = step(head, "solve", solved_how="ON_SITE", solved_on="2099-01-01", solution="协调好了")
    assert "晚于今天" in late and "协调好了" in late
    assert "已登记解决" in step(head, "solve", solved_how="ON_SITE", solved_on=team.today, solution="好了")
    assert "没有保存" in step(head, "close"), "who solved it"
    assert "已销号" in step(member, "close")
    listed = head.get(reverse("projects:issue-list"), {"state": "CLOSED"}).content.decode()
    assert "当日" in listed and "临时用地" in listed
    counted = head.get(reverse("projects:issue-statistics")).content.decode()
    assert "计入 <b>1</b> 个问题" in counted


def test_the_filters(team, as_role):
    late = raised(team, at=team.now - timedelta(days=60))
    raised(team, kind="FINANCE", title="放款慢", unit=team.station)
    solved(team, raised(team, kind="OTHER", title="道路不通"))
    client = as_role("chief")

    def shown(**conditions):
        page = client.get(reverse("projects:issue-list"), conditions).context["page"]
        return {issue.title for issue in page}

    assert shown(state="overdue") == {late.title}
    assert shown(state="live") == {late.title, "放款慢"}
    assert shown(state="SOLVED") == {"道路不通"}
    assert shown(kind="FINANCE") == shown(unit=team.station.pk) == {"放款慢"}
    assert shown(q="滨江") == {late.title, "放款慢", "道路不通"}
    assert shown(until=team.today - timedelta(days=30)) == {late.title}
    total = client.get(reverse("projects:issue-statistics"), {"kind": "FINANCE"}).context["found"].total
    assert total.raised == 1


def test_on_the_overview_and_in_the_history_of_the_project(team):
    user = team.users["leader"]
    issue = raised(team, at=team.now - timedelta(days=60))
    solved(team, raised(team, title="道路不通"))
    card = queries.card(team.project, user, team.today)
    assert dict(card.figures) == {"待解决": "1", "已解决": "1"} and "1 个问题已过时限" in card.alarm
    assert queries.card in overview.KINDS.cards and queries.history in overview.KINDS.history
    events = queries.history(team.project, user)
    assert {event.title for event in events} == {
        f"提出用地难问题：{issue.title}", "提出用地难问题：道路不通", "登记解决：道路不通"
    }  # fmt: skip


@pytest.mark.parametrize("rows", [15, 100])
def test_lists_and_counts_cost_the_same_for_many(team, as_role, rows, django_assert_max_num_queries):
    ProjectIssue.objects.bulk_create(
        ProjectIssue(
            project=team.project, kind=IssueKind.values[n % 5], title=f"问题{n}", raised_on=team.today,
            owner_unit=(team.bureau, team.station)[n % 2], owner=team.cadres["clerk"],
            escalated_to=team.root, due_on=team.today, submission_key=uuid4(),
            recorded_by=team.users["cadre"], recorded_at=team.now,
        )
        for n in range(rows)
    )  # fmt: skip
    client = as_role("unithead")
    client.get("/")
    taken = []
    for url in (
        reverse("projects:issue-list"),
        reverse("projects:issue-statistics"),
        reverse("projects:project-issues", args=[team.project.pk]),
    ):
        with django_assert_max_num_queries(15) as captured:
            assert client.get(url).status_code == 200
        taken.append(len(captured))
    assert taken == [COST.setdefault(n, cost) for n, cost in enumerate(taken)], "the same for 15 and 100"


COST: dict[int, int] = {}
"""Statements of each page at the first number of rows."""


def test_many_steps_of_five_roles(team):
    def told(record, user, pick):
        return "说明" * (pick % 4 > 0)

    def solve(record, user, pick):
        services.solve_issue(
            issue_id=record.pk, solved_on=team.today, solved_how="OFFICE", solution="好了" * (pick % 3 > 0),
            by=user, at=timezone.now(),
        )  # fmt: skip

    def extend(record, user, pick):
        later = add_workdays(record.due_on, pick % 3, {})
        services.extend_issue(
            issue_id=record.pk, due_on=later, note=told(record, user, pick), by=user, at=timezone.now()
        )

    def correct(record, user, pick):
        services.correct_issue(
            issue_id=record.pk, kind="OTHER", title=f"第{pick % 5}号", detail="", owner=None,
            owner_unit=(team.bureau, team.station)[pick % 2], note=told(record, user, pick), by=user,
            at=timezone.now(),
        )  # fmt: skip

    def escalate(record, user, pick):
        services.escalate_issue(
            issue_id=record.pk, escalated_to=(team.bureau, team.root)[pick % 2],
            note=told(record, user, pick), by=user, at=timezone.now(),
        )  # fmt: skip

    def noted(service):
        return lambda record, user, pick: service(
            issue_id=record.pk, note=told(record, user, pick), by=user, at=timezone.now()
        )

    def complete(record):
        is_solved = record.state in (IssueState.SOLVED, IssueState.CLOSED)
        assert (record.solved_on is not None) is is_solved and (record.solved_by_id is not None) is is_solved
        assert (record.state == IssueState.ESCALATED) <= (record.escalated_to_id is not None)

    walk(
        Course(
            examples=SOME,
            workflow=rules.ISSUE,
            people={name: team.users[name] for name in ("cadre", "leader", "assessor", "unithead", "chief")},
            make=lambda: raised(team, unit=team.station),
            steps={
                "solve": solve,
                "close": lambda record, user, pick: services.close_issue(
                    issue_id=record.pk, by=user, at=timezone.now()
                ),
                "return": noted(services.return_issue),
                "escalate": escalate,
                "extend": extend,
                "correct": correct,
                "withdraw": noted(services.withdraw_issue),
            },
            parts=queries.parts_in,
            invariants=[complete],
        )
    )
