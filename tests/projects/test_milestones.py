"""Updating a milestone: scope, versions, and messages that name the next step."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.models import AuditEvent
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from projects.choices import MemberRole, ProjectState
from projects.models import Milestone, MilestoneUpdate
from projects.queries.projects import projects_visible_to
from projects.services import milestones, projects
from tests.support.pages import without_tokens

pytestmark = pytest.mark.django_db


def update(district, *, by="leader", progress="40", version=1, **more):
    return milestones.update_milestone(
        milestone_id=district.milestone().pk,
        progress=Decimal(progress),
        version=version,
        by=district.users[by],
        at=timezone.now(),
        **more,
    )


def test_an_update_keeps_history_and_audit(district):
    update(district, note="主体结构施工")
    row = MilestoneUpdate.objects.get()
    assert (row.progress_before, row.progress_after, row.note) == (20, 40, "主体结构施工")
    event = AuditEvent.objects.first()
    assert (event.action, event.before["progress"], event.after["progress"]) == ("更新节点", "20.00", "40")


def test_a_hundred_percent_without_a_date_is_finished_today(district):
    assert update(district, progress="100").done_on == district.today


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"progress": "10"}, "note", "退回到 10%"),
        ({"progress": "50", "done_on": 0}, "progress", "进度应为 100%"),
        ({"progress": "100", "done_on": 1}, "done_on", "晚于今天"),
        ({"progress": "101"}, "progress", "0 到 100"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(district, values, field, message):
    if "done_on" in values:
        values = {**values, "done_on": district.today + timedelta(days=values["done_on"])}
    with pytest.raises(DomainError, match=message) as caught:
        update(district, **values)
    assert caught.value.field == field
    assert not MilestoneUpdate.objects.exists()


def test_going_back_with_a_reason_is_accepted(district):
    assert update(district, progress="10", note="地质条件变化，基础返工").progress == 10


def test_the_later_of_two_leaders_sees_both_versions(district, as_role):
    client = as_role("leader")
    path = f"/milestones/{district.milestone().pk}/"
    page = client.get(path)
    update(district, progress="60")
    answer = client.post(
        path, {"progress": "45", "note": "我的说明", "version": page.context["form"].initial["version"]}
    )
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "已被更新为 60%" in content
    assert "您填的是 45%" in content
    assert "我的说明" in content
    assert district.milestone().progress == 60
    again = client.post(
        path, {"progress": "65", "note": "", "version": answer.context["form"].data["version"]}
    )
    assert again.status_code == 302
    assert district.milestone().progress == 65


def test_what_the_later_leader_left_alone_is_not_put_back(district, as_role):
    """Two look at the same page: one says when it will be done, the other how far it is. Both stay."""
    client, path = as_role("leader"), f"/milestones/{district.milestone().pk}/"
    form = client.get(path).context["form"]
    read = {f"initial-{name}": form.initial[name] or "" for name in form.REPORTED}
    expected = district.today + timedelta(days=40)
    update(district, progress="60", forecast_on=expected, note="主体封顶")
    typed = {**read, "progress": "45", "forecast_on": "", "note": "我的说明，基础返工", "version": "1"}
    answer = client.post(path, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    told = [(both.label, both.now, both.typed) for both in answer.context["both"]]
    assert told == [("进度（%）", "60", "45"), ("预计完成日期", str(expected), "")]
    assert "主体封顶" in page and "我的说明" in page and "没有改，用现在的" in page
    again = dict(answer.context["form"].data)
    assert (again["forecast_on"], again["progress"], again["version"]) == (str(expected), "45", "2")
    assert client.post(path, again).status_code == 302
    saved = district.milestone()
    assert (saved.progress, saved.forecast_on, saved.version) == (45, expected, 3)


def test_who_may_not_report_reads_the_node_instead_of_filling_in_a_form(district, as_role):
    """No form that would be refused at the end: neither for a member, nor on a closed project."""
    milestone = district.milestone()
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role=MemberRole.MEMBER, on=district.today,
        by=None, at=timezone.now(),
    )  # fmt: skip
    path, node = f"/milestones/{milestone.pk}/", f"/milestones/{milestone.pk}/node/"
    assert as_role("cadre").get(path).headers["Location"] == node
    assert as_role("leader").get(path).status_code == 200
    district.project.closed_on, district.project.state = district.today, ProjectState.CLOSED
    district.project.save()
    assert as_role("leader").get(path).headers["Location"] == node


def test_with_the_version_check_off_the_first_update_would_be_lost(district, monkeypatch):
    """The control: what the check is for."""
    with pytest.raises(StaleVersion):
        update(district, version=7)
    monkeypatch.setattr(
        Milestone, "version", property(lambda self: 7, lambda self, value: None), raising=False
    )
    assert update(district, version=7).progress == 40


@pytest.mark.parametrize(
    ("role", "allowed"), [("unithead", False), ("chief", False), ("assessor", False), ("leader", True)]
)
def test_only_the_projects_leader_updates(district, role, allowed):
    if allowed:
        update(district, by=role)
        return
    with pytest.raises(NotAllowed, match="项目组长"):
        update(district, by=role)


def test_another_project_does_not_exist_for_a_leader(district, as_role):
    client = as_role("leader")
    foreign = district.foreign_project
    milestone = foreign.milestones.first()
    absent = client.get("/projects/999999/")
    assert without_tokens(client.get(f"/projects/{foreign.pk}/")) == without_tokens(absent)
    assert absent.status_code == 404
    assert client.get(f"/milestones/{milestone.pk}/").status_code == 404
    assert client.post(f"/milestones/{milestone.pk}/", {"progress": 50, "version": 1}).status_code == 404
    assert "财政大楼" not in client.get("/projects/").content.decode()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("discipline", {"滨江大道项目", "财政大楼项目"}),
        ("chief", {"滨江大道项目", "财政大楼项目"}),
        ("leader", {"滨江大道项目"}),
        ("unithead", {"滨江大道项目"}),
        ("cadre", set()),
        ("auditor", set()),
    ],
)
def test_who_sees_which_projects(district, role, names):
    assert set(projects_visible_to(district.users[role]).values_list("name", flat=True)) == names


def test_a_closed_project_is_not_updated(district):
    district.project.state, district.project.closed_on = ProjectState.CLOSED, district.today
    district.project.save()
    with pytest.raises(NotAllowed, match="办结"):
        update(district)


def test_a_milestone_update_takes_at_most_12_statements(district, as_role, django_assert_max_num_queries):
    client = as_role("leader")
    path = f"/milestones/{district.milestone().pk}/"
    client.get(path)
    with django_assert_max_num_queries(12) as captured:
        assert client.post(path, {"progress": "35", "note": "", "version": "1"}).status_code == 302
    assert len(captured) >= 6


def test_the_project_list_takes_the_same_statements_for_any_length(
    district, as_role, django_assert_max_num_queries
):
    client = as_role("chief")
    client.get("/")  # the first request of a session notes when it was seen
    taken = []
    for first, last in ((0, 3), (3, 45)):
        for number in range(first, last):
            values = {"name": f"项目{number}", "kind": "KEY", "lead_unit": district.bureau}
            project = projects.save_project(code=f"Z{number}", values=values, by=None, at=timezone.now())
            milestones.save_milestone(
                project=project, name="开工", values={"kind": "START"}, by=None, at=timezone.now()
            )
        with django_assert_max_num_queries(15) as captured:
            assert client.get("/projects/").status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_the_light_filter_agrees_with_the_lights_shown(district, as_role):
    """Two ways to one answer: the database's filter and the rule, over every kind of milestone."""
    today = district.today
    cases = {
        "red": {"planned_on": today - timedelta(days=1), "progress": 40},
        "due": {"planned_on": today, "progress": 40},
        "edge": {"planned_on": today + timedelta(days=15), "progress": 0},
        "far": {"planned_on": today + timedelta(days=16), "progress": 0},
        "done": {"planned_on": today, "progress": 100, "done_on": today},
        "undated": {"progress": 10},
        "full": {"planned_on": today - timedelta(days=9), "progress": 100},
        "held": {"planned_on": today - timedelta(days=9), "progress": 5, "suspended_reason": "待批"},
    }
    for code, values in cases.items():
        project = projects.save_project(
            code=code, values={"name": code, "kind": "KEY"}, by=None, at=timezone.now()
        )
        milestones.save_milestone(
            project=project, name="节点", values={"kind": "OTHER", **values}, by=None, at=timezone.now()
        )
    projects.save_project(code="bare", values={"name": "bare", "kind": "KEY"}, by=None, at=timezone.now())
    client = as_role("chief")
    shown = {line.project.code: line.light for line in client.get("/projects/").context["lines"]}
    assert {shown[code] for code in cases} == {"RED", "YELLOW", "GREEN", "GREY"}
    for light in ("RED", "YELLOW", "GREEN", "GREY"):
        found = {line.project.code for line in client.get("/projects/", {"light": light}).context["lines"]}
        assert found == {code for code, value in shown.items() if value == light}, light


def test_no_change_needs_no_report(district):
    with pytest.raises(DomainError, match="没有变化就不用填报"):
        update(district, progress="20")
    assert not MilestoneUpdate.objects.exists()
