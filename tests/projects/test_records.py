"""The record of a project: written by hand, changed by two at once, suspended, closed and taken up again."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, StepTaken
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from projects.choices import AssignmentState, ProjectState
from projects.models import Assignment, KeyProject
from projects.queries.projects import project_line, suggested_code, with_parts
from projects.rules import projects as rules
from projects.services import milestones
from projects.services import projects as services
from projects.services.projects import DoubtfulAmount, ProjectFacts
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db
with (Path(__file__).parent / "data" / "typed_amounts.csv").open(encoding="utf-8", newline="") as file:
    AMOUNTS = list(csv.DictReader(file))


def facts(district, **said):
    return ProjectFacts(**{"name": "河湾大桥", "kind": "KEY", "lead_unit": district.bureau, **said})


def create(district, *, code="ZD2026-01", by="assessor", sure=False, **said):
    return services.create_project(
        code=code, facts=facts(district, **said), amount_sure=sure, by=district.users[by], at=timezone.now()
    )


def edit(district, project, *, by="assessor", version=None, sure=False, **said):
    return services.edit_project(
        project_id=project.pk,
        version=project.version if version is None else version,
        facts=facts(district, **said),
        amount_sure=sure,
        by=district.users[by],
        at=timezone.now(),
    )


def step(district, name, project, *, by="assessor", **said):
    service = getattr(services, f"{name}_project")
    return service(project_id=project.pk, by=district.users[by], at=timezone.now(), **said)


def finish(district, project):
    for milestone in project.milestones.all():
        milestones.save_milestone(
            project=project, name=milestone.name, by=None, at=timezone.now(),
            values={"progress": Decimal(100), "done_on": district.today},
        )  # fmt: skip


# --- rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", AMOUNTS, ids=lambda row: row["text"] or "blank")
def test_what_an_amount_as_typed_means(row):
    found = rules.typed_amount(row["text"])
    answer = "refused" if found.problem else "asked" if found.doubt else "taken"
    assert answer == row["answer"], found
    if answer != "refused":
        assert ("" if found.yuan is None else str(found.yuan)) == row["yuan"]
    else:
        assert found.yuan is None and "。" in found.problem


@pytest.mark.parametrize(
    ("taken", "code"),
    [([], "ZD2026-01"), (["ZD2026-07", "ZD2026-03"], "ZD2026-08"), (["ZD2025-40"], "ZD2026-01"),
     (["ZD2026-99"], "ZD2026-100"), (["ZD2026-9X", "ZD2026-"], "ZD2026-01")],
)  # fmt: skip
def test_the_next_number_follows_the_highest_of_its_year(taken, code):
    assert rules.next_code(2026, taken) == code


# --- recording and changing -------------------------------------------------------------------------


def test_a_project_is_recorded_with_its_amount_as_entered_and_in_yuan(district):
    audits = AuditEvent.objects.count()
    project = create(district, investment_text=" 3.5亿元 ", co_units=[district.other], year=2026)
    assert (project.investment_text, project.investment_yuan) == ("3.5亿元", Decimal(350000000))
    assert list(project.co_units.all()) == [district.other]
    assert AuditEvent.objects.count() == audits + 1
    assert suggested_code(2026) == "ZD2026-02"


def test_a_number_that_is_taken_is_answered_with_the_next_free_one(district):
    create(district)
    with pytest.raises(DomainError, match=r"已用于“河湾大桥”.*ZD2026-02") as caught:
        create(district, name="另一个项目", year=2026)
    assert caught.value.field == "code"


def test_the_same_form_sent_twice_is_one_project(district):
    first = create(district, investment_text="3.5亿元")
    assert create(district, investment_text="3.5亿元") == first
    assert KeyProject.objects.filter(code="ZD2026-01").count() == 1


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"name": "  "}, "name", "项目名称"),
        ({"investment_text": "500"}, "investment_text", "万元还是"),
        ({"site_office_since": 0}, "site_office", "设在哪里"),
        ({"site_office": "桥头", "site_office_since": 1}, "site_office_since", "晚于今天"),
        ({"branch_since": 0}, "temporary_branch", "支部名称"),
        ({"co_units": "own"}, "co_units", "已是主办单位"),
    ],
)
def test_facts_that_cannot_be_so_are_refused_at_their_field(district, said, field, words):
    said = {
        key: district.today + timedelta(days=value) if isinstance(value, int) else value
        for key, value in said.items()
    }
    if said.get("co_units") == "own":
        said["co_units"] = [district.bureau]
    with pytest.raises(DomainError, match=words) as caught:
        create(district, **said)
    assert caught.value.field == field


def test_an_amount_beyond_belief_is_asked_back_and_taken_when_sure(district):
    with pytest.raises(DoubtfulAmount, match="万写成了亿"):
        create(district, investment_text="3500亿元")
    assert not KeyProject.objects.filter(code="ZD2026-01").exists()
    assert create(district, investment_text="3500亿元", sure=True).investment_yuan == Decimal("3.5E11")


def test_what_a_table_said_without_a_unit_stays_until_somebody_changes_it(district):
    project = services.save_project(
        code="T-1", by=None, at=timezone.now(),
        values={"name": "旧表项目", "kind": "KEY", "investment_text": "3500",
                "investment_yuan": Decimal(35000000)},
    )  # fmt: skip
    edit(district, project, name="旧表项目（一期）", investment_text="3500")
    project.refresh_from_db()
    assert project.investment_yuan == Decimal(35000000)
    with pytest.raises(DomainError, match="没有写单位"):
        edit(district, project, investment_text="3600")


def test_a_change_keeps_what_was_said_before(district):
    project = create(district)
    edit(district, project, location="河湾街道", co_units=[district.other])
    taken = StepTaken.objects.get(owner_label="projects.KeyProject", owner_id=str(project.pk))
    assert taken.old == {"建设地点": "", "协办单位": ""}
    project.refresh_from_db()
    with pytest.raises(DomainError, match="没有改动"):
        edit(district, project, location="河湾街道", co_units=[district.other])


def test_the_later_of_two_sees_both_versions_and_loses_nothing(district, as_role):
    project = create(district)
    client, path = as_role("assessor"), reverse("projects:project-edit", args=[project.pk])
    sent = form_data(client.get(path).context["form"])
    edit(district, project, location="东岭镇")
    answer = client.post(path, {**sent, "location": "石塘镇", "content": "双向四车道"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "别人已经保存过" in text and "东岭镇" in text and "石塘镇" in text and "双向四车道" in text
    assert KeyProject.objects.get(pk=project.pk).location == "东岭镇"
    again = client.post(path, form_data(answer.context["form"]))
    assert again.status_code == 302
    project.refresh_from_db()
    assert (project.location, project.content) == ("石塘镇", "双向四车道")


def test_with_the_version_check_off_the_first_change_would_be_lost(district):
    """The control: what the check is for."""
    project = create(district)
    edit(district, project, location="东岭镇")
    with pytest.raises(StaleVersion):
        edit(district, project, version=1, content="双向四车道")
    project.refresh_from_db()
    edit(district, project, content="双向四车道")
    assert KeyProject.objects.get(pk=project.pk).location == ""


def form_data(form):
    """What a browser sends of a form as it is shown."""
    sent = {}
    for field in form:
        value = field.value()
        if field.field.widget.__class__.__name__ == "PickerWidget":
            text, picked = value if isinstance(value, list) else field.field.widget.decompress(value)
            sent |= {f"{field.html_name}_text": text or "", f"{field.html_name}_id": picked or ""}
        elif field.name == "co_units":
            sent[field.html_name] = [getattr(unit, "pk", unit) for unit in value or []]
        elif field.name != "amount_sure":
            sent[field.html_name] = "" if value is None else getattr(value, "pk", value)
    return sent


@pytest.mark.parametrize("role", ["leader", "unithead", "discipline", "chief", "cadre"])
def test_only_who_maintains_projects_records_and_changes_them(district, as_role, role):
    with pytest.raises(NotAllowed):
        create(district, by=role)
    client = as_role(role)
    assert client.get(reverse("projects:project-create")).status_code == 403
    assert client.get(reverse("projects:project-edit", args=[district.project.pk])).status_code == 403
    answer = client.post(
        reverse("projects:project-step", args=[district.project.pk, "suspend"]), {"note": "x"}
    )
    assert answer.status_code in (403, 404)
    district.project.refresh_from_db()
    assert district.project.state == ProjectState.ACTIVE


def test_the_form_keeps_what_was_typed_and_asks_back_about_the_amount(district, as_role):
    client, path = as_role("assessor"), reverse("projects:project-create")
    sent = {
        **form_data(client.get(path).context["form"]),
        "name": "河湾大桥",
        "lead_unit": district.bureau.pk,
    }
    page = client.post(path, {**sent, "investment_text": "3500亿元"}).content.decode()
    assert "金额无误" in page and "3500亿元" in page and "河湾大桥" in page
    assert "金额无误" not in client.get(path).content.decode()
    answer = client.post(path, {**sent, "investment_text": "3500亿元", "amount_sure": "on"})
    project = KeyProject.objects.get(name="河湾大桥")
    assert answer.url == reverse("projects:project-taskforce", args=[project.pk])


def test_the_branch_secretary_is_picked_and_who_has_left_is_not(district, as_role):
    client, path = as_role("assessor"), reverse("projects:project-create")
    sent = {**form_data(client.get(path).context["form"]), "name": "河湾大桥",
            "lead_unit": district.bureau.pk, "temporary_branch": "河湾大桥临时党支部",
            "branch_secretary_text": "解明远"}  # fmt: skip
    client.post(path, sent)
    project = KeyProject.objects.get(name="河湾大桥")
    assert project.branch_secretary == district.cadres["leader"]
    gone = district.cadres["outsider"]
    gone.left_on = district.today - timedelta(days=3)
    gone.save()
    text = client.post(path, {**sent, "code": "ZD2026-77", "branch_secretary_text": "任青"}).content.decode()
    assert "没有找到人员“任青”" in text
    with pytest.raises(DomainError, match="离任"):
        create(district, code="ZD2026-78", temporary_branch="支部", branch_secretary=gone)


# --- the course -------------------------------------------------------------------------------------


def test_a_suspended_project_is_grey_and_says_why(district, as_role):
    with pytest.raises(DomainError, match="请写明暂停原因"):
        step(district, "suspend", district.project, note=" ")
    step(district, "suspend", district.project, note="等待规划批复")
    line = project_line(with_parts(KeyProject.objects).get(pk=district.project.pk), today=district.today)
    assert (line.light, line.reason) == ("GREY", "项目已暂停：等待规划批复")
    client = as_role("chief")
    assert "等待规划批复" in client.get("/projects/").content.decode()
    for light, found in (("GREY", True), ("YELLOW", False)):
        codes = {row.project.code for row in client.get("/projects/", {"light": light}).context["lines"]}
        assert (district.project.code in codes) is found
    step(district, "resume", district.project)
    district.project.refresh_from_db()
    assert (district.project.state, district.project.suspended_reason) == (ProjectState.ACTIVE, "")


def task(district, state=AssignmentState.DRAFT):
    return Assignment.objects.create(
        project=district.project, title="征地补偿", state=state, submission_key="7" * 32,
        recorded_by=district.users["assessor"], recorded_at=district.now,
    )  # fmt: skip


def test_a_project_with_open_milestones_or_tasks_is_not_closed_and_they_are_named(district):
    with pytest.raises(DomainError, match="2 个节点没有完成：“开工”、“竣工”"):
        step(district, "close", district.project, closed_on=district.today)
    finish(district, district.project)
    open_task = task(district)
    with pytest.raises(DomainError, match="1 项任务没有验收：“征地补偿”"):
        step(district, "close", district.project, closed_on=district.today)
    Assignment.objects.filter(pk=open_task.pk).update(state=AssignmentState.WITHDRAWN)
    with pytest.raises(DomainError, match="晚于今天") as caught:
        step(district, "close", district.project, closed_on=district.today + timedelta(days=1))
    assert caught.value.field == "closed_on"
    step(district, "close", district.project, closed_on=district.today)
    district.project.refresh_from_db()
    assert district.project.closed_on == district.today
    with pytest.raises(NotAllowed, match="已办结"):
        edit(district, district.project, location="东岭镇")
    step(district, "reopen", district.project, note="尾工未完")
    district.project.refresh_from_db()
    assert (district.project.state, district.project.closed_on) == (ProjectState.ACTIVE, None)


def test_the_steps_on_the_page(district, as_role):
    client, project = as_role("assessor"), district.project

    def to(name, **said):
        path = reverse("projects:project-step", args=[project.pk, name])
        return client.post(path, said, follow=True).content.decode()

    page = client.get(project.get_absolute_url()).content.decode()
    assert "还有 2 个节点没有完成" in page and "修改" in page
    assert "还有 2 个节点没有完成：“开工”、“竣工”" in re.sub(
        r"\s+", " ", to("close", closed_on=district.today)
    )
    assert 'id="errors"' in to("suspend", note=""), "a suspension asks for its reason"
    assert KeyProject.objects.get(pk=project.pk).state == ProjectState.ACTIVE
    assert "已暂停" in to("suspend", note="等待规划批复")
    assert "项目已暂停" in client.get(project.get_absolute_url()).content.decode()
    assert "已恢复" in to("resume")
    finish(district, project)
    assert "已办结" in to("close", closed_on=district.today)
    edit_page = client.get(reverse("projects:project-edit", args=[project.pk]), follow=True).content.decode()
    assert "请先重新开启" in edit_page
    assert "已重新开启" in to("reopen", note="尾工未完")
    assert client.post(reverse("projects:project-step", args=[project.pk, "explode"])).status_code == 404


def test_many_steps_of_four_roles(district):
    numbers = iter(range(1, 1_000_000))

    def make():
        return create(district, code=f"ZD2026-{next(numbers)}")

    def change(record, user, pick):
        services.edit_project(
            project_id=record.pk, version=record.version - (pick % 5 == 0), by=user, at=timezone.now(),
            facts=facts(district, location=("东岭镇", "石塘镇", "")[pick % 3]),
        )  # fmt: skip

    def noted(service):
        return lambda record, user, pick: service(
            project_id=record.pk, note="情况有变" * (pick % 3 > 0), by=user, at=timezone.now()
        )

    def whole(record):
        assert (record.closed_on is not None) is (record.state == ProjectState.CLOSED)
        assert bool(record.suspended_reason) is (record.state == ProjectState.SUSPENDED)

    walk(
        Course(
            examples=SOME,
            workflow=rules.PROJECT,
            people={name: district.users[name] for name in ("assessor", "leader", "unithead", "chief")},
            make=make,
            steps={
                "edit": change,
                "suspend": noted(services.suspend_project),
                "reopen": noted(services.reopen_project),
                "resume": lambda r, user, _: services.resume_project(
                    project_id=r.pk, by=user, at=timezone.now()
                ),
                "close": lambda r, user, pick: services.close_project(
                    project_id=r.pk,
                    closed_on=district.today + timedelta(days=pick % 2),
                    by=user,
                    at=timezone.now(),
                ),
            },
            parts=lambda record, user: frozenset(),
            invariants=[whole],
        )
    )


# --- list, overview, history ------------------------------------------------------------------------


def test_the_list_begins_with_open_key_projects_red_first_and_leads_to_all(district, as_role):
    client = as_role("chief")
    late = services.save_project(
        code="ZZ", values={"name": "逾期项目", "kind": "KEY"}, by=None, at=timezone.now()
    )
    milestones.save_milestone(
        project=late, name="开工", by=None, at=timezone.now(),
        values={"kind": "START", "planned_on": district.today - timedelta(days=3)},
    )  # fmt: skip
    services.save_project(
        code="M1", values={"name": "民生一", "kind": "LIVELIHOOD"}, by=None, at=timezone.now()
    )
    finish(district, district.foreign_project)
    step(district, "close", district.foreign_project, closed_on=district.today)

    def codes(**query):
        return [line.project.code for line in client.get("/projects/", query).context["lines"]]

    assert codes() == ["ZZ", "P1"]
    assert "看全部项目" in client.get("/projects/").content.decode()
    assert set(codes(scope="open")) == {"ZZ", "P1", "M1"}
    assert codes(scope="all") == ["ZZ", "P1", "M1", "P2"]
    assert codes(scope="all", order="code") == ["M1", "P1", "P2", "ZZ"]
    assert codes(kind="LIVELIHOOD") == ["M1"] and codes(state="CLOSED") == ["P2"]
    assert codes(q="民生") == ["M1"]
    leader = district.cadres["leader"]
    assert codes(leader=leader.pk) == ["P1"] and codes(year=district.today.year) == ["P1"]
    assert codes(source="hand", unit=district.bureau.pk) == ["P1"]
    assert (
        "逾期 3 天" in client.get("/projects/").content.decode()
        or "已逾期 3 天" in client.get("/projects/").content.decode()
    )


def test_a_wrong_condition_is_told_and_others_leaders_are_not_offered(district, as_role):
    client = as_role("leader")
    page = client.get("/projects/", {"light": "PURPLE"})
    assert page.status_code == 200 and "此条件没有起作用" in page.content.decode()
    offered = page.context["filter"].form.fields["leader"].queryset
    assert set(offered) == {district.cadres["leader"]}


def test_overview_and_history_tell_what_happened(district, as_role):
    edit(district, district.project, name="滨江大道项目", year=district.today.year, location="东岭镇")
    client = as_role("chief")
    page = client.get(district.project.get_absolute_url()).content.decode()
    for words in ("定单位", "定奖惩", "攻坚小组", "解明远", "东岭镇"):
        assert words in page
    history = client.get(reverse("projects:project-history", args=[district.project.pk])).content.decode()
    for words in ("新增项目", "修改", "原建设地点：空", "解明远组长到任"):
        assert words in history
    assert client.get(reverse("projects:project-history", args=[987654])).status_code == 404
    assert (
        as_role("leader")
        .get(reverse("projects:project-history", args=[district.foreign_project.pk]))
        .status_code
        == 404
    )


# --- REST -------------------------------------------------------------------------------------------


def test_rest_records_and_changes_through_the_same_services(district, as_role):
    client = as_role("assessor")
    body = {"code": "ZD2026-50", "name": "河湾大桥", "kind": "KEY", "lead_unit": district.bureau.pk,
            "investment_text": "500"}  # fmt: skip
    answer = client.post("/api/v1/projects/", body, content_type="application/json")
    assert answer.status_code == 400 and "investment_text" in answer.json()
    made = client.post(
        "/api/v1/projects/", {**body, "investment_text": "5亿元"}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["investment_yuan"], row["light"], row["progress"], row["version"]) == (
        "500000000.00", "GREY", None, 1,
    )  # fmt: skip
    path = f"/api/v1/projects/{row['id']}/"
    changed = client.patch(path, {"location": "东岭镇", "version": 1}, content_type="application/json")
    assert changed.status_code == 200, changed.content
    assert (changed.json()["location"], changed.json()["name"], changed.json()["version"]) == (
        "东岭镇", "河湾大桥", 2,
    )  # fmt: skip
    assert (
        client.patch(path, {"location": "x", "version": 1}, content_type="application/json").status_code
        == 409
    )
    assert client.patch(path, {"location": "x"}, content_type="application/json").status_code == 400


def test_rest_asks_for_the_pages_permissions_and_hides_nothing_by_default(district, as_role):
    services.save_project(
        code="M1", values={"name": "民生一", "kind": "LIVELIHOOD"}, by=None, at=timezone.now()
    )
    rows = as_role("chief").get("/api/v1/projects/").json()
    codes = {row["code"] for row in rows.get("results", rows)}
    assert codes == {"P1", "P2", "M1"}
    body = {"name": "x", "kind": "KEY", "lead_unit": district.bureau.pk}
    for role in ("leader", "unithead", "chief"):
        client = as_role(role)
        assert client.post("/api/v1/projects/", body, content_type="application/json").status_code == 403
    path = f"/api/v1/projects/{district.project.pk}/"
    assert as_role("leader").patch(path, {"version": 1}, content_type="application/json").status_code == 403
