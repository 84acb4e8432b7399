"""The plan of a project: its page, the plan as one form, suspension and withdrawal, who may do what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, FactChange
from core.queries import todos as agenda
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.services import people
from projects.choices import MemberRole, MilestoneKind, MilestoneState, ProjectState
from projects.models import KeyProject, Milestone
from projects.queries import overview
from projects.queries import plan as queries
from projects.queries.milestones import leaderless_projects, milestones_visible_to, todos
from projects.queries.projects import projects_visible_to, with_parts
from projects.rules.plan import MILESTONE
from projects.services import milestones, plan, projects
from tests.support.waiting import lines
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


def node(milestone, **changes):
    said = {
        "milestone_id": milestone.pk,
        "version": milestone.version,
        "name": milestone.name,
        "kind": milestone.kind,
        "weight": milestone.weight,
        "planned_on": milestone.planned_on,
        "after": None,
    }
    return plan.PlannedNode(**{**said, **changes})


def new(name, weight, **changes):
    said = {"milestone_id": None, "version": None, "kind": "OTHER", "planned_on": None, "after": None}
    return plan.PlannedNode(name=name, weight=Decimal(weight), **{**said, **changes})


def save(district, *nodes, by="assessor"):
    return plan.save_plan(
        project_id=district.project.pk, nodes=nodes, by=district.users[by], at=timezone.now()
    )


def step(district, name, *, by="assessor", note="征地批复未到", milestone="开工"):
    return getattr(plan, f"{name}_milestone")(
        milestone_id=district.milestone(milestone).pk, note=note, by=district.users[by], at=timezone.now()
    )


def test_the_plan_is_saved_whole_with_one_audit_row(district):
    start, complete = district.milestone("开工"), district.milestone("竣工")
    audits = AuditEvent.objects.count()
    day = district.today + timedelta(days=100)
    save(
        district,
        node(start, weight=Decimal(30)),
        new("主体封顶", 20, planned_on=day, after=0),
        node(complete, name="竣工验收", weight=Decimal(50), after=1),
    )
    found = {m.name: m for m in district.project.milestones.all()}
    assert list(found) == ["开工", "主体封顶", "竣工验收"]
    assert found["竣工验收"].after == found["主体封顶"], "the predecessor is new itself"
    assert (found["主体封顶"].baseline_on, found["主体封顶"].planned_on) == (day, day)
    assert AuditEvent.objects.count() == audits + 1
    event = AuditEvent.objects.first()
    assert set(event.after) == {"节点“开工”", "节点“主体封顶”", "节点“竣工验收”"}
    assert event.before["节点“竣工验收”"]["节点名称"] == "竣工"


def test_two_nodes_may_swap_their_names(district):
    start, complete = district.milestone("开工"), district.milestone("竣工")
    save(
        district,
        node(start, name="竣工", weight=Decimal(50)),
        node(complete, name="开工", weight=Decimal(50)),
    )
    start.refresh_from_db()
    assert start.name == "竣工"


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            lambda s, c: (node(s, weight=Decimal(30)), node(c, weight=Decimal(60))),
            "合计 90，应为 100，还差 10",
        ),
        (lambda s, c: (node(s, weight=Decimal(50)), node(c, weight=Decimal(50), name="开工")), "出现了两次"),
        (
            lambda s, c: (node(s, weight=Decimal(50), after=1), node(c, weight=Decimal(50))),
            "早于前置节点“竣工”",
        ),
        (
            lambda s, c: (node(s, weight=Decimal(50), after=1), node(c, weight=Decimal(50), after=0)),
            "等它自己完成",
        ),
    ],
)
def test_a_plan_that_cannot_stand_is_refused_by_name_and_nothing_is_written(district, nodes, message):
    before = list(Milestone.objects.order_by("id").values())
    audits = AuditEvent.objects.count()
    with pytest.raises(DomainError, match=message):
        save(district, *nodes(district.milestone("开工"), district.milestone("竣工")))
    assert list(Milestone.objects.order_by("id").values()) == before
    assert AuditEvent.objects.count() == audits


def test_a_fixed_date_and_the_baseline_do_not_move_with_the_plan(district):
    start, complete = district.milestone("开工"), district.milestone("竣工")
    old = start.planned_on
    save(
        district,
        node(start, weight=Decimal(40), planned_on=old + timedelta(days=90)),
        node(complete, weight=Decimal(60)),
    )
    start.refresh_from_db()
    assert (start.planned_on, start.baseline_on) == (old, old)


def test_who_saved_first_is_not_overwritten(district):
    read = node(district.milestone("开工"), weight=Decimal(40))
    milestones.update_milestone(
        milestone_id=district.milestone().pk, progress=Decimal(60), version=1,
        by=district.users["leader"], at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(StaleVersion, match="现在进度 60%"):
        save(district, read, node(district.milestone("竣工"), weight=Decimal(60)))
    with pytest.raises(StaleVersion, match="增加或撤销"):
        save(district, node(district.milestone("开工"), weight=Decimal(100)))


def test_no_change_is_no_plan(district):
    shares = {"开工": Decimal(40), "竣工": Decimal(60)}
    nodes = [node(district.milestone(name), weight=weight) for name, weight in shares.items()]
    save(district, *nodes)
    again = [node(district.milestone(n.name), weight=n.weight) for n in nodes]
    with pytest.raises(DomainError, match="没有改动"):
        save(district, *again)


@pytest.mark.parametrize("role", ["leader", "unithead", "chief", "discipline"])
def test_the_fixed_plan_is_the_offices(district, as_role, role):
    with pytest.raises(NotAllowed, match="计划已经确定"):
        save(district, node(district.milestone("开工")), node(district.milestone("竣工")), by=role)
    assert as_role(role).get(reverse("projects:plan-edit", args=[district.project.pk])).status_code == 403


def test_a_leader_plans_as_long_as_no_date_is_fixed(district, as_role):
    Milestone.objects.filter(project=district.project).update(baseline_on=None, planned_on=None)
    client = as_role("leader")
    url = reverse("projects:plan-edit", args=[district.project.pk])
    assert client.get(url).status_code == 200
    save(
        district,
        node(district.milestone("开工"), weight=Decimal(40), planned_on=district.today),
        node(district.milestone("竣工"), weight=Decimal(60)),
        by="leader",
    )
    assert client.get(url).status_code == 403, "now a date is fixed"


def test_outside_the_scope_a_plan_does_not_exist(district, as_role):
    foreign = district.foreign_project
    milestone = foreign.milestones.first()
    client = as_role("leader")
    for name, pk in (
        ("project-milestones", foreign.pk), ("plan-edit", foreign.pk), ("milestone-detail", milestone.pk),
        ("plan-change-create", milestone.pk),
    ):  # fmt: skip
        assert client.get(reverse(f"projects:{name}", args=[pk])).status_code == 404, name
    step_url = reverse("projects:milestone-step", args=[milestone.pk, "suspend"])
    assert client.post(step_url, {"note": "x"}).status_code == 404
    with pytest.raises(KeyProject.DoesNotExist):
        plan.save_plan(project_id=foreign.pk, nodes=[], by=district.users["leader"], at=timezone.now())
    assert as_role("auditor").get(reverse("projects:plan-change-list")).status_code == 403


# --- the form -----------------------------------------------------------------------------------------------


def sent(district, *rows, **more):
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 2, **more}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-{name}": value for name, value in row.items() if value is not None}
    return data


def row(milestone, **changes):
    said = {
        "milestone_id": milestone.pk, "version": milestone.version, "order": milestone.order,
        "name": milestone.name, "kind": milestone.kind, "weight": milestone.weight,
        "planned_on": milestone.planned_on,
    }  # fmt: skip
    return {**said, **changes}


def test_the_plan_through_its_page(district, as_role):
    client = as_role("assessor")
    url = reverse("projects:plan-edit", args=[district.project.pk])
    start, complete = district.milestone("开工"), district.milestone("竣工")
    wrong = client.post(url, sent(district, row(start, weight=30), row(complete, weight=60, name="竣工改名")))
    content = wrong.content.decode()
    assert "合计 90，应为 100，还差 10" in content and "竣工改名" in content
    early = client.post(
        url, sent(district, row(start, weight=40, after=complete.pk), row(complete, weight=60))
    )
    assert "早于前置节点“竣工”" in early.content.decode()
    minus = client.post(url, sent(district, row(start, weight=-5), row(complete, weight=105)))
    assert "权重不能是负数" in minus.content.decode()
    half = client.post(
        url, sent(district, row(start, weight=40), row(complete, weight=60), {"weight": 5, "kind": "OTHER"})
    )
    assert "请补上节点名称" in half.content.decode()
    bad = client.post(url, {"form-TOTAL_FORMS": "x"})
    assert bad.status_code == 200
    assert Milestone.objects.filter(project=district.project, name="竣工").exists()
    scaled = client.post(url, sent(district, row(start, weight=1), row(complete, weight=2), scale="1"))
    assert 'value="33.33"' in scaled.content.decode() and 'value="66.67"' in scaled.content.decode()
    more = client.post(
        url, sent(district, row(start, weight=1, name="改了一半"), row(complete, weight=2), more="1")
    )
    assert "改了一半" in more.content.decode() and 'name="form-4-name"' in more.content.decode()
    saved = client.post(
        url,
        sent(
            district, row(start, weight="33.33", order=2), row(complete, weight="56.67", order=3),
            {"name": "交地", "kind": "LAND", "weight": 10, "order": 1}, {"name": "", "kind": "OTHER"},
        ),
        follow=True,
    )  # fmt: skip
    assert "计划已保存" in saved.content.decode()
    assert [m.name for m in district.project.milestones.all()] == ["交地", "开工", "竣工"]
    stale = client.post(url, sent(district, row(start, weight=50), row(complete, weight=50)))
    assert stale.status_code == 409 and "增加或撤销了节点" in stale.content.decode()


def test_a_new_plan_begins_with_the_four_key_nodes_in_their_order(district, as_role):
    project = projects.save_project(
        code="P9", values={"name": "新项目", "kind": "KEY"}, by=None, at=timezone.now()
    )
    client, url = as_role("assessor"), reverse("projects:plan-edit", args=[project.pk])
    rows = client.get(url).context["rows"]
    assert [form.initial.get("name") for form in rows] == ["交地", "取得施工许可证", "开工", "竣工", None]
    typed = [{**form.initial, "planned_on": district.today + timedelta(days=30)} for form in list(rows)[:4]]
    typed[2]["planned_on"] = district.today + timedelta(days=10)
    refused = client.post(url, sent(district, *typed)).content.decode()
    assert "早于前置节点“取得施工许可证”" in refused, "a slip is told before the date is fixed"
    typed[2]["planned_on"] = district.today + timedelta(days=40)
    typed[3]["planned_on"] = district.today + timedelta(days=50)
    assert client.post(url, sent(district, *typed)).status_code == 302
    found = list(project.milestones.all())
    assert [(m.kind, str(m.after or "")) for m in found] == [
        ("LAND", ""), ("PERMIT", "交地"), ("START", "取得施工许可证"), ("COMPLETE", "开工"),
    ]  # fmt: skip
    assert sum(m.weight for m in found) == 100


def test_the_page_shows_dates_slips_and_contradictions_side_by_side(district, as_role):
    start, complete = district.milestone("开工"), district.milestone("竣工")
    Milestone.objects.filter(pk=start.pk).update(
        planned_on=district.today + timedelta(days=20), forecast_on=district.today + timedelta(days=25)
    )
    Milestone.objects.filter(pk=complete.pk).update(progress=100, done_on=district.today, after=start)
    answer = as_role("chief").get(reverse("projects:project-milestones", args=[district.project.pk]))
    content = answer.content.decode()
    for told in ("基准", "组长预计", "接在“开工”之后", "前置节点“开工”还没有完成", "按各节点所占比例计算"):
        assert told in content, told
    assert "编制计划" not in content and ">更新<" not in content
    (first, second) = answer.context["plan"].lines
    assert (first.late_on_plan, first.forecast.basis.label) == ("按期", "组长预计")
    assert second.late_on_plan.startswith("早 ")


def test_the_page_costs_the_same_for_many_nodes(district, as_role, django_assert_max_num_queries):
    client = as_role("leader")
    url = reverse("projects:project-milestones", args=[district.project.pk])
    client.get(url)
    taken = []
    for first, last in ((0, 13), (13, 98)):
        Milestone.objects.bulk_create(
            Milestone(
                project=district.project, kind="OTHER", name=f"节点{n}", order=n + 9,
                planned_on=district.today - timedelta(days=n), baseline_on=district.today,
            )
            for n in range(first, last)
        )  # fmt: skip
        with django_assert_max_num_queries(15) as captured:
            assert len(client.get(url).context["plan"].lines) == last + 2
        taken.append(len(captured))
    assert taken[0] == taken[1]


# --- suspended, resumed, withdrawn --------------------------------------------------------------------------


def test_suspended_is_grey_and_says_why_until_it_goes_on(district, as_role):
    assert step(district, "suspend").suspended_on == district.today
    line = queries.plan_of(KeyProject.objects.get(pk=district.project.pk), today=district.today).lines[0]
    assert (line.light, line.reason) == ("GREY", "已暂停：征地批复未到")
    assert line.forecast.basis.label == "已暂停，无法推算"
    resumed = step(district, "resume", by="leader", note="批复已到")
    assert (resumed.suspended_reason, resumed.suspended_on, resumed.state) == (
        "",
        None,
        MilestoneState.ACTIVE,
    )
    told = [(e.kind, e.detail) for e in overview.history_of(district.project, district.users["chief"])]
    assert ("暂停节点", "征地批复未到") in told and ("恢复节点", "批复已到") in told


def test_a_leader_does_not_put_out_a_red_light_alone(district):
    with pytest.raises(NotAllowed, match="只有维护重点项目的人员可以暂停"):
        step(district, "suspend", by="leader")


def test_what_moved_in_the_past_is_told_to_the_assessment(district):
    step(district, "suspend")
    assert not FactChange.objects.exists(), "due in ten days: nobody has counted it"
    step(district, "resume")
    Milestone.objects.filter(pk=district.milestone().pk).update(
        planned_on=district.today - timedelta(days=40)
    )
    step(district, "suspend")
    change = FactChange.objects.get()
    assert (change.since, change.unit) == (district.today - timedelta(days=40), district.bureau)
    assert "滨江大道项目" in change.what and "暂停" in change.what


def test_an_import_that_moves_a_past_date_tells_it_and_keeps_the_baseline(district):
    past = district.today - timedelta(days=40)
    for day in (past, past + timedelta(days=20)):
        milestones.save_milestone(
            project=district.project, name="开工", values={"planned_on": day}, by=None, at=timezone.now()
        )
    start = district.milestone()
    assert start.baseline_on == district.today + timedelta(days=10)
    assert [change.since for change in FactChange.objects.order_by("id")] == [past, past]


def test_a_suspension_needs_its_reason_also_in_the_database(district):
    with pytest.raises(DomainError, match="暂停原因"):
        step(district, "suspend", note=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.filter(pk=district.milestone().pk).update(state=MilestoneState.SUSPENDED)


def test_only_an_untouched_node_is_withdrawn_and_it_stays_on_record(district, as_role):
    with pytest.raises(DomainError, match="已有填报的进度"):
        step(district, "withdraw")
    Milestone.objects.filter(project=district.project).update(progress=0)
    start, complete = district.milestone("开工"), district.milestone("竣工")
    Milestone.objects.filter(pk=complete.pk).update(after=start)
    with pytest.raises(DomainError, match="“竣工”以这个节点为前置节点"):
        step(district, "withdraw")
    step(district, "withdraw", milestone="竣工")
    assert [m.name for m in district.project.milestones.all()] == ["开工"]
    assert Milestone.everything.get(pk=complete.pk).state == MilestoneState.WITHDRAWN
    assert not milestones_visible_to(district.users["chief"]).filter(pk=complete.pk).exists()
    assert as_role("chief").get(f"/milestones/{complete.pk}/node/").status_code == 404
    kinds = [e.kind for e in overview.history_of(district.project, district.users["chief"])]
    assert "撤销节点" in kinds
    again = milestones.save_milestone(
        project=district.project, name="竣工", values={"kind": MilestoneKind.COMPLETE}, by=None,
        at=timezone.now(),
    )  # fmt: skip
    assert again.pk != complete.pk, "the name is free again"


def test_a_closed_project_keeps_its_plan(district):
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.CLOSED, closed_on=district.today
    )
    for name in ("suspend", "resume", "withdraw"):
        with pytest.raises(NotAllowed, match="办结"):
            step(district, name)
    with pytest.raises(NotAllowed, match="办结"):
        save(district)


def test_steps_through_the_page(district, as_role):
    office, leader = as_role("assessor"), as_role("leader")
    pk = district.milestone().pk

    def to(name):
        return reverse("projects:milestone-step", args=[pk, name])

    page = reverse("projects:milestone-detail", args=[pk])
    assert "暂停原因" in office.get(page).content.decode()
    assert "暂停原因" not in leader.get(page).content.decode()
    assert "申请变更" in leader.get(page).content.decode()
    assert "没有保存" in leader.post(to("suspend"), {"note": "x"}, follow=True).content.decode()
    assert office.post(to("suspend"), {"note": ""}).status_code == 200
    assert "已暂停，不再计时" in office.post(to("suspend"), {"note": "等批复"}, follow=True).content.decode()
    assert "等批复" in leader.get(page).content.decode()
    assert "已恢复" in leader.post(to("resume"), {"note": "批复已到"}, follow=True).content.decode()
    assert office.get(to("suspend")).status_code == 302
    assert office.post(reverse("projects:milestone-step", args=[pk, "nonsense"])).status_code == 404


def test_many_steps_of_five_roles(district):
    numbers = iter(range(1_000_000))

    def make():
        return Milestone.objects.create(
            project=district.project, kind="OTHER", name=f"节点{next(numbers)}", planned_on=district.today
        )

    def taker(service):
        return lambda record, user, pick: service(
            milestone_id=record.pk, note="" if pick % 7 == 0 else "说明", by=user, at=district.now
        )

    course = Course(
        examples=SOME,
        workflow=MILESTONE,
        people={name: district.users[name] for name in ("assessor", "leader", "unithead", "chief", "cadre")},
        make=make,
        steps={
            "suspend": taker(plan.suspend_milestone),
            "resume": taker(plan.resume_milestone),
            "withdraw": taker(plan.withdraw_milestone),
        },
        parts=queries.parts_in,
        invariants=(
            lambda record: _same(bool(record.suspended_reason), record.state == MilestoneState.SUSPENDED),
        ),
    )
    assert walk(course)["refused"] > 50


def _same(one, other):
    assert one == other


# --- on the workbench ---------------------------------------------------------------------------------------


def titles(user, today):
    return [todo.title for section in agenda.agenda(user, today=today) for todo in section.lines]


def test_who_is_appointed_leads_at_once_without_another_role(district, as_role):
    today = district.today
    assert "滨江大道项目 · 开工" not in titles(district.users["cadre"], today)
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role=MemberRole.LEADER, on=today,
        by=None, at=timezone.now(),
    )  # fmt: skip
    user = type(district.users["cadre"]).objects.get(pk=district.users["cadre"].pk)
    assert "滨江大道项目 · 开工" in titles(user, today)
    assert "滨江大道项目 · 开工" not in titles(district.users["leader"], today)
    client, path = as_role("cadre"), f"/milestones/{district.milestone().pk}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"progress": "30", "version": "1"}).status_code == 302
    assert as_role("leader").post(path, {"progress": "40", "version": "2"}).status_code == 404


def test_many_due_nodes_are_counted_and_the_first_of_each_urgency_shown(district):
    for number in range(60):
        Milestone.objects.create(
            project=district.project, kind="OTHER", name=f"节点{number}",
            planned_on=district.today - timedelta(days=number % 2),
        )  # fmt: skip
    sections = agenda.agenda(district.users["leader"], today=district.today)
    told = {section.urgency.value: (section.total, len(section.lines)) for section in sections}
    assert told == {"已逾期": (30, 10), "今天到期": (30, 10), "即将到期": (1, 1)}


def test_the_card_of_the_overview_says_what_does_not_fit(district):
    Milestone.objects.filter(pk=district.milestone("竣工").pk).update(progress=100, done_on=district.today)
    chief = district.users["chief"]
    project = with_parts(projects_visible_to(chief)).get(pk=district.project.pk)
    (card,) = [c for c in overview.cards_of(project, chief, today=district.today) if c.title == "节点"]
    assert card.alarm.endswith("有 1 处对不上") and ("已完成", "1 / 2") in card.figures


def test_a_project_whose_leader_left_is_on_the_offices_list(district):
    office, today = district.users["assessor"], district.today
    assert not leaderless_projects(office, today=today).exists()
    people.record_leaving(
        cadre=district.cadres["leader"], on=today - timedelta(days=1), by=office, at=timezone.now()
    )
    assert list(leaderless_projects(office, today=today)) == [district.project]
    assert "滨江大道项目" in titles(office, today)
    assert "滨江大道项目" not in titles(district.users["chief"], today)
    projects.appoint(
        project=district.project, cadre=district.cadres["clerk"], role=MemberRole.LEADER, on=today,
        by=None, at=timezone.now(),
    )  # fmt: skip
    assert not leaderless_projects(office, today=today).exists()


def test_a_suspended_project_reminds_nobody(district):
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.SUSPENDED, suspended_reason="资金未到位"
    )
    assert "滨江大道项目 · 开工" not in titles(district.users["leader"], district.today)


def test_how_long_ago_something_was_reported_stands_beside_it(district, as_role):
    then = timezone.now() - timedelta(days=35)
    milestones.update_milestone(
        milestone_id=district.milestone().pk, progress=Decimal(30), version=1,
        by=district.users["leader"], at=then,
    )  # fmt: skip
    (line,) = lines(todos(district.users["leader"], today=district.today))
    assert line.detail == "目前 30%，最近更新 35 天前"
    (card,) = [
        card for card in overview.cards_of(
            with_parts(projects_visible_to(district.users["chief"])).get(pk=district.project.pk),
            district.users["chief"], today=district.today,
        ) if card.title == "节点"
    ]  # fmt: skip
    assert ("最近更新", "35 天前") in card.figures and "最近更新在 35 天前" in card.alarm
    page = as_role("chief").get(reverse("projects:project-milestones", args=[district.project.pk]))
    assert "最近更新在 35 天前" in page.content.decode()


def test_an_old_task_without_a_leader_does_not_shout(district, as_role):
    old = projects.save_project(
        code="OLD", values={"name": "旧任务", "kind": "TASK", "year": 2016}, by=None, at=timezone.now()
    )
    milestones.save_milestone(
        project=old, name="完成", values={"kind": "OTHER", "planned_on": district.today.replace(year=2016)},
        by=None, at=timezone.now(),
    )  # fmt: skip
    client = as_role("chief")
    for light, shown in (("RED", False), ("GREY", True)):
        codes = [
            line.project.code
            for line in client.get("/projects/", {"light": light, "scope": "all"}).context["lines"]
        ]
        assert ("OLD" in codes) is shown, light
    page = client.get(reverse("projects:project-milestones", args=[old.pk])).content.decode()
    assert "2016 年的任务，没有组长，不再计时" in page
