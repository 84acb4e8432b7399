"""Pages, workbench, REST and paper of 六定 tasks."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.filters import search
from projects.models import Assignment, AssignmentChange, KeyProject
from projects.queries import assignment_todos
from projects.queries import assignments as queries
from projects.queries.overview import cards_of, history_of
from projects.queries.projects import projects_visible_to, with_parts
from projects.queries.six import six_of
from projects.resources.duties import duties_data, duties_pdf
from projects.services import assignment_changes, assignment_course
from tests.support.pages import without_tokens
from tests.support.tasks import draft, issue, issued, report, said, sign, submit, submitted
from tests.support.waiting import lines

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"projects:{name}", args=args)


def typed(district, **changes):
    content = said(district)
    values = {
        "title": content.title, "duty": content.duty, "standard": content.standard,
        "lead_unit": district.bureau.pk, "due_on": content.due_on.isoformat(), "owner_text": "曾国平",
        "owner_id": "", "reward": content.reward.pk, "penalty": content.penalty.pk,
        "submission_key": str(uuid4()),
    }  # fmt: skip
    return {**values, **changes}


def test_a_task_goes_its_way_through_the_pages(district, as_role):
    leader, clerk = as_role("leader"), as_role("cadre")
    new = url("assignment-create", district.project.pk)
    assert leader.get(new).status_code == 200
    answer = leader.post(new, typed(district, owner_text="曾", due_on="")).content.decode()
    assert "没有找到人员“曾”" in answer or "不够具体" in answer
    assert "完成房屋征收" in answer, "what was typed stays"
    page = leader.post(new, typed(district, due_on="", duty=""), follow=True).content.decode()
    assert "六定缺：定责任、定时限" in page and "时限未定" in page
    task = Assignment.objects.get()

    def take(client, step, **data):
        return client.post(url("assignment-step", task.pk, step), data, follow=True).content.decode()

    assert "六定还缺：定责任、定时限" in take(leader, "issue")
    assert clerk.get(task.get_absolute_url()).status_code == 404, "a draft is not told"
    edit = url("assignment-edit", task.pk)
    assert "完成房屋征收" in leader.get(edit).content.decode()
    saved = leader.post(edit, typed(district, version=1), follow=True).content.decode()
    assert "草稿已保存" in saved and "六定缺" not in saved
    assert "已下达，等待签收" in take(leader, "issue")
    assert "已签收" in take(clerk, "sign")
    back = take(clerk, "report", progress="30", version="2", forecast_on="2000-01-01")
    assert "已过" in back and 'value="30"' in back
    assert "进度已更新" in take(clerk, "report", progress="30", version="2", note="进场")
    assert "已报验" in take(clerk, "submit", done_on=district.today.isoformat())
    mine = leader.get(task.get_absolute_url()).content.decode()
    assert "验收通过" in mine and "按规则应得" not in mine
    assert "已验收" in take(leader, "accept", note="属实")
    assert "按期完成：加 1.00 分" in leader.get(task.get_absolute_url()).content.decode()
    assert "当前状态是“已验收”" in take(leader, "suspend", note="x")


def test_the_later_of_two_sees_both_versions_and_nothing_is_lost(district, as_role):
    leader, assessor = as_role("leader"), as_role("assessor")
    task = draft(district)
    edit = url("assignment-edit", task.pk)
    assessor.post(edit, typed(district, version=1, title="完成厂房征收"))
    answer = leader.post(edit, typed(district, version=1, duty="我写的责任"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "没有覆盖" in page and "我写的责任" in page and "另一人保存的内容" in page
    again = leader.post(
        edit, typed(district, duty="我写的责任", version=answer.context["form"].data["version"])
    )
    assert again.status_code == 302
    task.refresh_from_db()
    assert (task.duty, task.title) == ("我写的责任", "完成房屋征收")
    issue(district, task)
    sign(district, task)
    report(district, task, 60, by="unithead")
    answer = as_role("cadre").post(
        url("assignment-step", task.pk, "report"), {"progress": 45, "note": "我的说明", "version": 3}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "已被更新为 60%" in page and "我的说明" in page and 'value="4"' in page


def test_an_expected_day_that_somebody_else_set_meanwhile_is_not_cleared(district, as_role):
    task = issued(district)
    sign(district, task)
    client, path = as_role("cadre"), url("assignment-step", task.pk, "report")
    task.refresh_from_db()
    typed = {"progress": 70, "forecast_on": "", "forecast_read": "", "note": "", "version": task.version}
    expected = district.today + timedelta(days=9)
    report(district, task, 60, by="unithead", forecast_on=expected)
    answer = client.post(path, typed)
    assert answer.status_code == 409 and f"60%、预计 {expected} 完成" in answer.content.decode()
    again = re.findall(
        r'name="(forecast_on|forecast_read|version|progress)" value="([^"]*)"', answer.content.decode()
    )
    assert dict(again)["forecast_on"] == str(expected)
    assert client.post(path, {**dict(again), "note": ""}).status_code == 302
    task.refresh_from_db()
    assert (task.progress, task.forecast_on) == (70, expected)


def test_several_units_in_one_form(district, as_role):
    leader = as_role("leader")
    several = url("assignment-several", district.project.pk)
    rows = {
        "rows-TOTAL_FORMS": "8", "rows-INITIAL_FORMS": "0", "rows-0-unit": district.bureau.pk,
        "rows-0-owner_text": "曾国平", "rows-1-unit": district.station.pk, "rows-1-owner_text": "",
    }  # fmt: skip
    assert leader.get(several).status_code == 200
    data = {**typed(district), **rows, "issue": "on"}
    wrong = leader.post(several, data).content.decode()
    assert "第 2 行（征迁服务中心）：六定还缺：定人" in wrong and "曾国平" in wrong
    assert not Assignment.objects.exists()
    alone = leader.post(several, {**data, "rows-2-owner_text": "王小川"}).content.decode()
    assert "填了责任人，请选单位" in alone
    done = leader.post(several, {**data, "rows-1-owner_text": "王小川"}, follow=True).content.decode()
    assert "2 项任务已下达" in done
    assert Assignment.objects.filter(state="ISSUED").count() == 2


def test_a_change_through_the_pages(district, as_role):
    task = issued(district)
    clerk, assessor = as_role("cadre"), as_role("assessor")
    ask = url("assignment-change", task.pk)
    wrong = clerk.post(ask, {"reason": "我的理由"}).content.decode()
    assert "没有要变更的内容" in wrong and "我的理由" in wrong
    later = (district.today + timedelta(days=90)).isoformat()
    assert (
        "变更申请已提交" in clerk.post(ask, {"reason": "汛期", "due_on": later}, follow=True).content.decode()
    )
    change = AssignmentChange.objects.get()
    own = clerk.get(task.get_absolute_url()).content.decode()
    assert "申请变更时限" not in own and "撤回" in own
    step = url("assignment-change-step", change.pk, "approve")
    assert clerk.post(step).status_code == 403
    page = assessor.post(step, follow=True).content.decode()
    assert "任务已按申请变更" in page and later in page and "按现行时限" not in page
    assert f'原时限</dt><dd class="longtext">{task.due_on}' in page


@pytest.mark.parametrize(
    ("role", "status"),
    [("leader", 200), ("unithead", 200), ("cadre", 200), ("chief", 200), ("discipline", 200),
     ("assessor", 200), ("auditor", 403), ("sysadmin", 403)],
)  # fmt: skip
def test_who_opens_an_issued_task(district, as_role, role, status):
    task = issued(district)
    client = as_role(role)
    for address in (
        task.get_absolute_url(), url("assignment-list"), url("project-tasks", district.project.pk),
        url("project-duties", district.project.pk),
    ):  # fmt: skip
        assert client.get(address).status_code == status, address


def test_outside_the_scope_it_does_not_exist(district, as_role):
    foreign = district.foreign_project
    task = issued(district, by="assessor", project=foreign, lead_unit=district.other, owner="outsider")
    client = as_role("leader")
    absent = without_tokens(client.get(url("assignment-detail", 987654)))
    assert without_tokens(client.get(task.get_absolute_url())) == absent
    for address in (
        url("assignment-step", task.pk, "sign"), url("assignment-change", task.pk),
        url("assignment-create", foreign.pk), url("assignment-several", foreign.pk),
    ):  # fmt: skip
        assert client.post(address).status_code == 404, address
    for address in (url("project-tasks", foreign.pk), url("project-duties", foreign.pk)):
        assert client.get(address).status_code == 404
    assert task.title not in client.get(url("assignment-list")).content.decode()
    assert client.get(f"/api/v1/assignments/{task.pk}/").status_code == 404
    assert as_role("cadre").get(url("assignment-create", district.project.pk)).status_code == 404


def test_who_may_see_a_project_but_give_no_tasks_is_told(district, as_role):
    issued(district)
    answer = as_role("cadre").get(url("assignment-create", district.project.pk))
    assert answer.status_code == 403 and "由项目组长、副组长下达" in answer.content.decode()
    tree = as_role("cadre").get(url("project-tasks", district.project.pk)).content.decode()
    assert url("assignment-create", district.project.pk) not in tree


def test_the_picker_offers_the_people_of_the_project_only(district, as_role):
    def offered(role, text):
        return as_role(role).get(url("assignment-people"), {"q": text}).content.decode()

    assert "王小川" in offered("leader", "王小川") and "没有找到" in offered("leader", "任青")
    assert "任青" in offered("assessor", "任青")
    assert "没有找到" in offered("cadre", "王小川"), "no task, no people"
    issued(district)
    assert "王小川" in offered("cadre", "王小川")


def many(district, count):
    content = said(district)
    Assignment.objects.bulk_create(
        Assignment(
            project=district.project, **content.fields(), baseline_due_on=content.due_on, state="SIGNED",
            submission_key=uuid4(), recorded_by=district.users["leader"], recorded_at=district.now,
            issued_by=district.users["leader"], issued_at=district.now,
        )
        for _ in range(count)
    )  # fmt: skip
    through = Assignment.co_units.through
    keys = list(Assignment.objects.values_list("pk", flat=True))
    through.objects.bulk_create(through(assignment_id=pk, unit=district.station) for pk in keys)
    person = Assignment.people.rel.related_model
    person.objects.bulk_create(
        person(assignment_id=pk, cadre=district.cadres["clerk"], role="OWNER") for pk in keys
    )


@pytest.mark.parametrize("role", ["chief", "leader", "unithead"])
@pytest.mark.parametrize("page", ["list", "tree"])
def test_list_and_tree_cost_the_same_for_15_and_100(
    district, as_role, role, page, django_assert_max_num_queries
):
    client, taken = as_role(role), []
    client.get("/")
    address = url("assignment-list") if page == "list" else url("project-tasks", district.project.pk)
    for count in (15, 85):
        many(district, count) if not taken else more(district, count)
        with django_assert_max_num_queries(15) as captured:
            assert client.get(address).status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def more(district, count):
    """Another lot beside the first, whose parts and people are there already."""
    first = list(Assignment.objects.values_list("pk", flat=True))
    kept = Assignment.objects.in_bulk(first)
    assert len(kept) == len(first)
    content = said(district)
    for number in range(count):
        task = Assignment.objects.create(
            project=district.project, **content.fields(), baseline_due_on=content.due_on, state="SIGNED",
            submission_key=uuid4(), recorded_by=district.users["leader"], recorded_at=district.now,
            issued_by=district.users["leader"], issued_at=district.now,
            parent_id=first[number % len(first)],
        )  # fmt: skip
        task.people.create(cadre=district.cadres["clerk"], role="OWNER")
        task.co_units.add(district.station)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"近", "晚", "远", "停"}),
        ({"q": "近"}, {"近"}),
        ({"pressing": "overdue"}, {"晚"}),
        ({"pressing": "soon"}, {"近"}),
        ({"pressing": "open"}, {"近", "晚", "远", "停"}),
        ({"state": "SUSPENDED"}, {"停"}),
        ({"person": "zgp"}, {"近", "晚", "停"}),
        ({"person": "王小川"}, {"远"}),
        ({"unit": "station"}, {"远", "停"}),
    ],
)
def test_the_filters_of_the_list(district, as_role, query, found):
    issued(district, title="近", due=7)
    late = issued(district, title="晚", due=1)
    Assignment.objects.filter(pk=late.pk).update(due_on=district.today - timedelta(days=1))
    issued(district, title="远", due=8, owner="worker", lead_unit=district.station)
    held = issued(district, title="停", due=2, co_units=[district.station])
    assignment_course.suspend_task(
        assignment_id=held.pk, note="等批复", by=district.users["leader"], at=timezone.now()
    )
    Assignment.objects.filter(pk=held.pk).update(due_on=district.today - timedelta(days=9))
    if "unit" in query:
        query = {"unit": district.station.pk}
    shown = as_role("chief").get(url("assignment-list"), query).context["lines"]
    assert {line.task.title for line in shown} == found
    lit = {line.task.title: line.light.light for line in shown}
    wanted = {"近": "YELLOW", "晚": "RED", "远": "GREEN", "停": "GREY"}
    assert lit == {title: wanted[title] for title in found}


def test_what_waits_for_whom(district):
    def waits(role):
        found = lines(assignment_todos.todos(district.users[role], today=district.today))
        return [(todo.action, todo.title) for todo in found]

    draft(district, title="草稿")
    issued(district, title="新任务", due=30)
    sign(district, issued(district, title="远", due=30))
    sign(district, issued(district, title="近", due=5))
    returned = submitted(district, title="退回的", due=40)
    assignment_course.return_task(
        assignment_id=returned.pk, note="缺件", by=district.users["leader"], at=timezone.now()
    )
    submitted(district, title="报验的", due=50)
    assert waits("cadre") == [("签收", "新任务"), ("办理", "近"), ("办理", "退回的")]
    assert waits("unithead") == waits("cadre")
    assert waits("leader") == [("下达", "草稿"), ("验收", "报验的")]
    assert waits("assessor") == waits("chief") == waits("auditor") == []
    task = Assignment.objects.get(title="远")
    assignment_changes.ask_change(
        assignment_id=task.pk, due_on=district.today + timedelta(days=31), reason="汛期",
        by=district.users["cadre"], at=timezone.now(),
    )  # fmt: skip
    assert waits("assessor") == [("审批", "任务变更：远")]
    told = lines(assignment_todos.todos(district.users["assessor"], today=district.today))[0]
    assert "曾国平申请时限改为" in told.detail


def test_where_the_issuer_handed_it_in_himself_who_manages_projects_is_asked(district):
    task = issued(district, owner="leader")
    sign(district, task, by="leader")
    submit(district, task, by="leader")

    def waits(role):
        return lines(assignment_todos.todos(district.users[role], today=district.today))

    assert waits("leader") == []
    assert [todo.action for todo in waits("assessor")] == ["验收"]


def test_overview_and_history_of_the_project_show_the_tasks(district):
    user = district.users["leader"]
    assert assignment_todos.card(district.project, user, district.today) is None
    late = issued(district, due=1)
    Assignment.objects.filter(pk=late.pk).update(due_on=district.today - timedelta(days=1))
    submitted(district)
    draft(district)
    card = next(c for c in cards_of(district.project, user, today=district.today) if c.title == "六定任务")
    assert card.figures == [("已验收", "0/2"), ("待签收", "1"), ("待验收", "1")]
    assert card.alarm == "1 项任务逾期未完成"
    told = [e.title for e in history_of(district.project, user) if e.kind == "六定任务"]
    assert [title.rpartition("：")[2] for title in told] == ["报验", "签收", "下达", "下达"], "newest first"
    assert "完成房屋征收：报验" in told


def six(district):
    project = with_parts(KeyProject.objects.prefetch_related("co_units")).get(pk=district.project.pk)
    return {one.label: one for one in six_of(project, today=district.today)}


def test_the_six_of_a_project_say_what_is_not_fixed(district, django_assert_num_queries):
    found = six(district)
    assert list(found) == ["定单位", "定人", "定责任", "定时限", "定进度", "定奖惩"]
    assert found["定单位"].said == ["主办 建设局"] and found["定人"].said == ["组长 解明远"]
    assert {label for label, one in found.items() if one.missing} == {"定责任", "定奖惩"}
    root = issued(district)
    issued(district, parent=root, title="分解")
    found = six(district)
    assert not any(one.missing for one in found.values())
    assert found["定责任"].said == ["完成房屋征收"]
    assert found["定奖惩"].said == ["奖：按期完成", "惩：逾期提醒"]
    assert found["定进度"].said == ["汇总进度 20%", "任务验收 0/1"]
    district.project.milestones.all().delete()
    district.project.members.all().delete()
    KeyProject.objects.filter(pk=district.project.pk).update(lead_unit=None, units_text="区建设局")
    found = six(district)
    assert found["定单位"].said == ["原文 区建设局"] and found["定单位"].missing == "主办单位"
    assert found["定人"].missing == "组长" and found["定进度"].missing == "节点"
    assert found["定时限"].said == [f"任务最晚 {root.due_on}"]
    project = with_parts(KeyProject.objects.prefetch_related("co_units")).get(pk=district.project.pk)
    with django_assert_num_queries(1):
        six_of(project, today=district.today)


def test_what_is_not_fixed_is_amber_on_the_project(district, as_role):
    page = as_role("leader").get(url("project-detail", district.project.pk)).content.decode()
    assert '<span class="state state-unfixed">责任任务未定</span>' in page


def test_the_duty_paper_lists_the_issued_tasks_with_their_six(district, as_role):
    root = issued(district, co_units=[district.station])
    issued(district, parent=root, title="分解的任务")
    draft(district, title="草稿")
    project = with_parts(projects_visible_to(district.users["leader"])).get(pk=district.project.pk)
    tree = queries.tree_of(project, district.users["leader"], today=district.today)
    shown = [line for line in tree if line.task.state != "DRAFT"]
    data = duties_data(project, shown, six_of(project, today=district.today), on=district.today)
    assert [(row["level"], row["title"]) for row in data["rows"]] == [(0, "完成房屋征收"), (1, "分解的任务")]
    assert data["rows"][0]["unit"] == "主办：建设局\n协办：征迁服务中心"
    assert data["rows"][0]["people"] == "责任人：曾国平"
    assert data["rows"][0]["incentives"] == "奖：按期完成\n惩：逾期提醒"
    answer = as_role("leader").get(url("project-duties", district.project.pk))
    assert answer.headers["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert duties_pdf(project, [], [], on=district.today).startswith(b"%PDF"), "also with no task"


def test_the_search_box_finds_tasks(district):
    issued(district)
    found = search.search(district.users["leader"], "房屋征收")
    assert "六定任务" in [group.label for group in found.groups]


def test_over_the_interface(district, as_role):
    leader, clerk = as_role("leader"), as_role("cadre")
    content = said(district)
    body = {
        "project": district.project.pk, "title": content.title, "duty": content.duty,
        "standard": content.standard, "lead_unit": district.bureau.pk, "due_on": str(content.due_on),
        "reward": content.reward.pk, "penalty": content.penalty.pk, "submission_key": str(uuid4()),
        "people": [{"cadre": district.cadres["clerk"].pk, "role": "OWNER"}],
    }  # fmt: skip

    def send(client, path, data=None):
        return client.post(f"/api/v1/assignments/{path}", data or {}, content_type="application/json")

    assert send(leader, "", {**body, "lead_unit": district.other.pk}).json().keys() == {"lead_unit"}
    assert send(leader, "", {**body, "project": district.foreign_project.pk}).status_code == 400
    assert send(as_role("chief"), "", body).status_code == 403
    first, again = send(leader, "", body), send(leader, "", body)
    assert (first.status_code, again.status_code) == (201, 200)
    key = first.json()["id"]
    assert send(leader, f"{key}/issue/").json()["baseline_due_on"] == str(content.due_on)
    assert send(as_role("assessor"), f"{key}/sign/").status_code == 403
    assert send(clerk, f"{key}/sign/").json()["state"] == "SIGNED"
    reported = send(clerk, f"{key}/report/", {"progress": "40", "version": 1})
    assert reported.json()["progress"] == "40.00"
    assert send(clerk, f"{key}/report/", {"progress": "50", "version": 1}).status_code == 409
    assert send(clerk, f"{key}/report/", {"progress": "10", "version": 2}).json().keys() == {"note"}
    done = {"done_on": str(district.today)}
    assert send(clerk, f"{key}/submit/", done).json()["light"] == "GREEN"
    assert send(clerk, f"{key}/accept/").status_code == 403
    assert send(leader, f"{key}/return/", {"note": "缺件"}).json()["done_on"] is None
    send(clerk, f"{key}/submit/", done)
    assert send(leader, f"{key}/accept/").json()["state"] == "ACCEPTED"
    listed = clerk.get("/api/v1/assignments/", {"state": "ACCEPTED"}).json()["results"]
    assert [row["people"][0]["cadre_name"] for row in listed] == ["曾国平"]


def test_the_resource_costs_the_same_for_many(district, as_role, django_assert_max_num_queries):
    client, taken = as_role("leader"), []
    client.get("/")
    for count in (15, 85):
        many(district, count) if not taken else more(district, count)
        with django_assert_max_num_queries(15) as captured:
            assert client.get("/api/v1/assignments/?page_size=100").status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]
