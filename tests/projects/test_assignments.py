"""六定 tasks: all six or nothing, two people, a baseline that stays, a tree whose parts fit."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import AuditEvent, StepTaken, Unit
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.services import people
from projects.choices import AssignmentState, MemberRole, PersonRole, ProjectState
from projects.models import Assignment, AssignmentPerson, Incentive, KeyProject
from projects.queries import assignments as queries
from projects.queries.projects import projects_visible_to
from projects.rules.assignments import ASSIGNMENT
from projects.services import assignment_course as course
from projects.services import assignments as services
from projects.services import projects
from projects.services.assignments import Named
from tests.support.tasks import (
    accept,
    draft,
    issue,
    issued,
    report,
    said,
    sign,
    submit,
    submitted,
)
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


def step(district, name, task, by="leader", **more):
    service = getattr(course, f"{name}_task")
    return service(assignment_id=task.pk, by=district.users[by], at=timezone.now(), **more)


def test_from_the_draft_to_the_acceptance(district):
    said(district)  # the catalogue's own rows come first
    before = AuditEvent.objects.count()
    task = draft(district)
    task = issue(district, task)
    assert (task.state, task.baseline_due_on, task.issued_by) == (
        "ISSUED", task.due_on, district.users["leader"],
    )  # fmt: skip
    sign(district, task)
    report(district, task, 60, note="签约过半")
    submit(district, task)
    task = accept(district, task)
    assert (task.state, task.progress, task.done_on) == ("ACCEPTED", 100, district.today)
    assert AuditEvent.objects.count() == before + 6, "one row a step"
    taken = StepTaken.objects.filter(owner_label="projects.Assignment").order_by("id")
    assert [one.label for one in taken] == ["下达", "签收", "报进度", "报验", "验收"]
    assert taken[2].note == "进度 0% → 60%：签约过半"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"lead_unit": None}, "定单位"),
        ({"owner": None}, "定人"),
        ({"duty": "  "}, "定责任"),
        ({"due": None}, "定时限"),
        ({"standard": ""}, "定进度"),
        ({"reward": None}, "定奖惩（奖励）"),
        ({"penalty": None}, "定奖惩（惩戒）"),
        ({"reward": None, "owner": None}, "定人（责任人）、定奖惩（奖励）"),
    ],
)
def test_it_is_issued_with_all_six_or_told_what_is_missing(district, changes, missing):
    task = draft(district, **changes)
    with pytest.raises(DomainError, match=f"六定还缺：{missing}"):
        issue(district, task)
    task.refresh_from_db()
    assert task.state == "DRAFT" and task.baseline_due_on is None


def test_the_database_too_refuses_what_is_not_fixed_and_who_accepts_the_own(district):
    task = draft(district, duty="")
    for wrong in ({"state": "ISSUED"}, {"progress": 101}, {"start_on": task.due_on + timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=task.pk).update(**wrong)
    done = submitted(district)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=done.pk).update(accepted_by=done.submitted_by)
    for cadre in ("outsider", "clerk"):  # a second owner; the same person twice
        with pytest.raises(IntegrityError), transaction.atomic():
            AssignmentPerson.objects.create(
                assignment=done, cadre=district.cadres[cadre], role=PersonRole.OWNER
            )


def test_a_person_who_left_is_refused_and_named(district):
    task = draft(district)
    leaving = district.cadres["clerk"]
    people.record_leaving(
        cadre=leaving, on=district.today - timedelta(days=1), by=district.users["assessor"], at=district.now
    )
    leaving.refresh_from_db()
    for attempt in (lambda: issue(district, task), lambda: draft(district)):
        with pytest.raises(DomainError, match=r"“曾国平”已于 .* 离任，请另选人员") as refused:
            attempt()
        assert refused.value.field == "owner"


def test_a_closed_unit_is_refused(district):
    task = draft(district, lead_unit=district.station, owner="leader")
    Unit.objects.filter(pk=district.station.pk).update(closed_on=district.today)
    district.station.refresh_from_db()
    for attempt in (
        lambda: issue(district, task),
        lambda: draft(district, lead_unit=district.station),
        lambda: draft(district, co_units=[district.station]),
    ):
        with pytest.raises(DomainError, match=r"“征迁服务中心”已于 .* 撤销"):
            attempt()


def test_an_incentive_that_is_retired_or_of_the_other_kind_is_refused(district):
    task = draft(district)
    Incentive.objects.filter(key="R1").update(retired_on=district.today)
    with pytest.raises(DomainError, match=r"奖励条款“按期完成”已于 .* 停用，请选现行条款") as refused:
        issue(district, task)
    assert refused.value.field == "reward"
    Incentive.objects.filter(key="R2").update(effective_from=district.today + timedelta(days=1))
    with pytest.raises(DomainError, match="起才施行"):
        draft(district, reward=Incentive.objects.get(key="R2"))
    with pytest.raises(DomainError, match="不是奖励条款"):
        draft(district, reward=Incentive.objects.get(key="P1"))


def test_dates_before_the_predecessor_the_whole_or_the_start_are_refused(district):
    first, last = district.project.milestones.order_by("order")
    last.after = first
    last.save()
    with pytest.raises(DomainError, match="早于前置节点“开工”的计划日期"):
        draft(district, milestone=last, due=9)
    draft(district, milestone=last, due=10)
    root = issued(district, start_on=district.today + timedelta(days=5), due=40)
    for changes, told in (
        ({"due": 41}, "晚于上级任务的时限"),
        ({"due": 4}, "早于上级任务的开始日期"),
        ({"start_on": district.today, "due": 30}, "早于上级任务的开始日期"),
        ({"start_on": district.today + timedelta(days=20), "due": 19}, "早于开始日期"),
    ):
        with pytest.raises(DomainError, match=told):
            draft(district, parent=root, **changes)
    assert draft(district, parent=root, due=40).parent == root
    foreign = district.foreign_project.milestones.first()
    with pytest.raises(DomainError, match="不是本项目的节点"):
        draft(district, milestone=foreign)
    late = draft(district, due=-1)
    with pytest.raises(DomainError, match="已过（今天"):
        issue(district, late)


def test_two_who_answer_or_one_named_twice_are_refused(district):
    clerk, leader = district.cadres["clerk"], district.cadres["leader"]
    two = [Named(PersonRole.ANSWERS, clerk), Named(PersonRole.ANSWERS, leader)]
    twice = [Named(PersonRole.OWNER, clerk), Named(PersonRole.HANDLER, clerk)]
    for named, told in ((two, "责任领导只能有一人"), (twice, "填了不止一次")):
        with pytest.raises(DomainError, match=told):
            draft(district, people=named)


def test_a_unit_leads_or_helps_not_both_and_only_units_of_the_project(district):
    with pytest.raises(DomainError, match="已是主办单位"):
        draft(district, co_units=[district.bureau])
    with pytest.raises(DomainError, match="“财政局”不是本项目的主办、协办单位") as refused:
        draft(district, lead_unit=district.other)
    assert refused.value.field == "lead_unit"
    with pytest.raises(DomainError, match="“任青”不在本项目的单位和攻坚小组里"):
        draft(district, owner="outsider")
    assert draft(district, by="assessor", lead_unit=district.other, owner="outsider").pk
    district.project.co_units.add(district.other)
    assert draft(district, lead_unit=district.other, owner="outsider").pk


@pytest.mark.parametrize("role", ["unithead", "cadre", "chief", "discipline", "auditor"])
def test_only_who_leads_the_project_or_manages_projects_gives_tasks(district, role):
    with pytest.raises(NotAllowed):
        draft(district, by=role)
    task = draft(district)
    with pytest.raises((NotAllowed, Assignment.DoesNotExist)):
        issue(district, task, by=role)


def test_a_leader_does_not_give_tasks_in_another_project(district):
    with pytest.raises(NotAllowed):
        draft(district, project=district.foreign_project, lead_unit=None, owner=None)


def test_a_deputy_gives_and_accepts(district):
    projects.appoint(
        project=district.project, cadre=district.cadres["head"], role=MemberRole.DEPUTY,
        on=district.today, by=None, at=district.now,
    )  # fmt: skip
    task = issued(district, by="unithead")
    sign(district, task)
    submit(district, task)
    assert accept(district, task, by="unithead").state == "ACCEPTED"


def test_within_a_task_its_unit_head_gives_parts_to_the_own_people(district):
    root = issued(district)
    with pytest.raises(NotAllowed):
        draft(district, by="unithead")
    part = issued(district, by="unithead", parent=root, owner="worker", lead_unit=district.station)
    assert part.parent == root
    person = issued(district, by="unithead", parent=part, owner="worker", lead_unit=district.station)
    assert person.issued_by == district.users["unithead"]
    people_named = set(queries.people_offered(district.users["unithead"]).values_list("name", flat=True))
    assert "王小川" in people_named and "任青" not in people_named


def test_a_whole_is_accepted_or_withdrawn_only_without_open_parts(district):
    root = issued(district)
    part = issued(district, parent=root, due=30)
    sign(district, root)
    submit(district, root)
    with pytest.raises(DomainError, match="还有下级任务没有了结：“完成房屋征收”（待签收）"):
        accept(district, root)
    step(district, "return", root, note="下级未了结")
    with pytest.raises(DomainError, match="再撤销"):
        step(district, "withdraw", root, note="不做了")
    step(district, "withdraw", part, note="并入上级任务")
    submit(district, root)
    assert accept(district, root).state == "ACCEPTED"
    with pytest.raises(DomainError, match="不能再分解"):
        draft(district, parent=root)


def test_a_part_is_issued_after_its_whole(district):
    root = draft(district)
    part = draft(district, parent=root)
    with pytest.raises(DomainError, match="请先下达或恢复上级任务"):
        issue(district, part)
    issue(district, root)
    assert issue(district, part).state == "ISSUED"
    with pytest.raises(DomainError, match="上级任务不在本项目"):
        draft(district, parent=root, project=district.foreign_project, by="assessor")


def test_who_signs_reports_and_hands_in(district):
    clerk, leader = district.cadres["clerk"], district.cadres["leader"]
    task = issued(district, people=[Named(PersonRole.OWNER, clerk), Named(PersonRole.HANDLER, leader)])
    for role in ("leader", "assessor", "chief"):
        with pytest.raises(NotAllowed):
            sign(district, task, by=role)
    assert sign(district, task, by="unithead").signed_by == district.users["unithead"]
    assert report(district, task, 30, by="leader").progress == 30, "who handles reports"
    with pytest.raises(NotAllowed, match="只有主办单位负责人、责任领导、责任人可以报验"):
        submit(district, task, by="leader")
    submit(district, task)
    with pytest.raises(NotAllowed, match="经办人不能验收"):
        accept(district, task)
    assert accept(district, task, by="assessor").accepted_by == district.users["assessor"]


def test_who_handed_it_in_does_not_accept_it(district):
    """An issuer who is responsible: also with the right to manage projects, somebody else accepts."""
    task = issued(district, by="assessor", owner="assessor", lead_unit=district.bureau)
    people_names = [p.cadre.name for p in task.people.all()]
    assert people_names == ["林晓雪"]
    sign(district, task, by="unithead")
    submit(district, task, by="unithead")
    with pytest.raises(NotAllowed, match="责任人不能验收"):
        accept(district, task, by="assessor")
    with pytest.raises(NotAllowed):
        accept(district, task, by="unithead")
    assert accept(district, task, by="leader").state == "ACCEPTED"


def test_going_backwards_needs_a_reason_and_the_old_figure_is_kept(district):
    task = sign(district, issued(district))
    report(district, task, 60)
    with pytest.raises(DomainError, match="由 60% 退回到 40%，请在进展说明中写明原因"):
        report(district, task, 40)
    forecast = district.today + timedelta(days=70)
    report(district, task, 40, note="两户反悔", forecast_on=forecast)
    last = StepTaken.objects.order_by("-id").first()
    assert last.old == {"进度（%）": "60.00", "预计完成日期": ""}
    assert last.note == f"进度 60% → 40%，预计 {forecast} 完成：两户反悔"
    with pytest.raises(DomainError, match="没有变化就不用填报"):
        report(district, task, 40, forecast_on=forecast)


def test_the_later_of_two_reports_is_told_and_nothing_is_lost(district, monkeypatch):
    task = sign(district, issued(district))
    report(district, task, 60, version=1)
    with pytest.raises(StaleVersion, match=r"已被更新为 60%.*您填的是 45%"):
        report(district, task, 45, version=1)
    task.refresh_from_db()
    assert task.progress == 60
    monkeypatch.setattr(Assignment, "version", property(lambda _: 1, lambda *_: None), raising=False)
    assert report(district, task, 65, version=1).progress == 65, "the control: what the check is for"


def test_a_draft_is_corrected_by_version_and_keeps_what_it_said(district):
    task = draft(district)
    changed = said(district, title="完成厂房征收", owner="leader", co_units=[district.station])

    def edit(version, content=changed):
        return services.edit_task(
            assignment_id=task.pk, version=version, content=content, by=district.users["leader"],
            at=timezone.now(),
        )  # fmt: skip

    assert edit(1).version == 2
    old = StepTaken.objects.get(step="edit").old
    assert old["任务"] == "完成房屋征收" and old["责任人员"] == "责任人：曾国平" and old["协办单位"] == ""
    with pytest.raises(StaleVersion, match="没有覆盖"):
        edit(1)
    with pytest.raises(DomainError, match="没有改动任何一栏"):
        edit(2)
    issue(district, task)
    with pytest.raises(NotAllowed, match="当前状态是“待签收”，不能修改"):
        edit(2, said(district))


def test_suspended_is_grey_and_says_why_and_goes_on_where_it_was(district):
    for signed, state in ((False, "ISSUED"), (True, "SIGNED")):
        task = issued(district)
        if signed:
            sign(district, task)
        with pytest.raises(DomainError, match="请写明暂停原因"):
            step(district, "suspend", task, note=" ")
        step(district, "suspend", task, note="等规划批复")
        task = queries.with_people(Assignment.objects.filter(pk=task.pk)).get()
        line = queries.lines_of([task], today=district.today + timedelta(days=99))[0]
        assert (line.light.light, line.light.reason) == ("GREY", "已暂停：等规划批复")
        assert step(district, "resume", task).state == state
        assert Assignment.objects.get(pk=task.pk).suspended_reason == ""


def test_returned_it_is_done_no_more(district):
    task = submitted(district)
    with pytest.raises(DomainError, match="请写明退回原因"):
        step(district, "return", task, note="")
    task = step(district, "return", task, note="缺交地单")
    assert (task.state, task.done_on, task.submitted_by) == ("SIGNED", None, None)
    with pytest.raises(DomainError, match="晚于今天"):
        submit(district, task, days_ago=-1)


def test_a_closed_project_gets_no_tasks(district):
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.CLOSED, closed_on=district.today
    )
    with pytest.raises(DomainError, match=r"已于 .* 办结，不能再下达任务"):
        draft(district)


def test_the_same_form_sent_twice_is_one_task(district):
    key = uuid4()
    assert draft(district, key=key) == draft(district, key=key)
    assert Assignment.objects.count() == 1


def test_several_units_at_once_all_or_none(district):
    key = uuid4()

    def several(rows, **more):
        return services.assign_several(
            project=district.project, content=said(district, lead_unit=None, owner=None), rows=rows,
            by=district.users["leader"], at=timezone.now(),
            **{"issue": True, "submission_key": key, **more},
        )  # fmt: skip

    bureau = (district.bureau, district.cadres["clerk"])
    station = (district.station, district.cadres["worker"])
    with pytest.raises(DomainError, match="请至少填一个单位"):
        several([])
    with pytest.raises(DomainError, match="“建设局”填了不止一次"):
        several([bureau, bureau])
    with pytest.raises(DomainError, match="第 2 行（征迁服务中心）：六定还缺：定人"):
        several([bureau, (district.station, None)])
    assert not Assignment.objects.exists()
    made = several([bureau, station])
    assert [(t.lead_unit.name, t.state) for t in made] == [("建设局", "ISSUED"), ("征迁服务中心", "ISSUED")]
    assert several([bureau, station]) == made
    drafts = several([bureau], issue=False, submission_key=uuid4())
    assert [t.state for t in drafts] == ["DRAFT"]


def test_who_sees_a_task_and_through_it_its_project(district):
    foreign = district.foreign_project

    def seen(role):
        user = district.users[role]
        return (
            projects_visible_to(user).filter(pk=foreign.pk).exists(),
            queries.assignments_visible_to(user).filter(project=foreign).exists(),
        )

    task = draft(district, by="assessor", project=foreign, lead_unit=district.other, owner="outsider")
    for role in ("unithead", "cadre", "leader", "auditor"):
        assert seen(role) == (False, False)
    for role in ("chief", "discipline"):
        assert seen(role) == (True, False), "a draft is not told"
    assert seen("assessor") == (True, True)
    issue(district, task, by="assessor")
    assert seen("chief") == (True, True)
    assert seen("cadre") == seen("unithead") == (False, False)
    issued(district, by="assessor", project=foreign, owner="clerk", lead_unit=district.other)
    assert seen("cadre") == (True, True), "named in a task"
    assert seen("unithead") == (False, False)
    issued(
        district, by="assessor", project=foreign, owner="outsider", lead_unit=district.other,
        co_units=[district.station],
    )  # fmt: skip
    assert seen("unithead") == (True, True), "a unit below one's own helps"
    assert seen("leader") == (False, False)


def test_many_steps_of_five_roles(district):
    said(district)  # the catalogue stands before the walk

    def reasoned(service):
        return lambda record, user, pick: service(
            assignment_id=record.pk, note="情况变化" * (pick % 4 > 0), by=user, at=timezone.now()
        )

    def plain(service):
        return lambda record, user, pick: service(assignment_id=record.pk, by=user, at=timezone.now())

    def edit(record, user, pick):
        services.edit_task(
            assignment_id=record.pk, version=record.version, by=user, at=timezone.now(),
            content=said(district, title=f"任务{pick}", duty="责任" * (pick % 5 > 0)),
        )  # fmt: skip

    def sound(record):
        fixed = record.state in ("DRAFT", "WITHDRAWN") or not queries.missing_of(record)
        assert fixed
        assert record.accepted_by_id is None or record.accepted_by_id != record.submitted_by_id
        assert (record.baseline_due_on is None) is (record.issued_at is None)
        assert bool(record.suspended_reason) is (record.state == "SUSPENDED")

    walk(
        Course(
            examples=SOME,
            workflow=ASSIGNMENT,
            people={
                name: district.users[name] for name in ("leader", "assessor", "unithead", "cadre", "chief")
            },
            make=lambda: draft(district),
            steps={
                "edit": edit,
                "issue": plain(services.issue_task),
                "sign": plain(course.sign_task),
                "report": lambda record, user, pick: course.report_task(
                    assignment_id=record.pk, progress=Decimal(pick % 101), note="进展" * (pick % 3),
                    version=record.version, by=user, at=timezone.now(),
                ),
                "submit": lambda record, user, pick: course.submit_task(
                    assignment_id=record.pk, done_on=district.today - timedelta(days=pick % 3), by=user,
                    at=timezone.now(),
                ),
                "accept": plain(course.accept_task),
                "return": reasoned(course.return_task),
                "suspend": reasoned(course.suspend_task),
                "resume": plain(course.resume_task),
                "withdraw": reasoned(course.withdraw_task),
            },
            parts=queries.parts_in,
            invariants=[sound],
        )
    )  # fmt: skip
    assert AssignmentState.ACCEPTED in ASSIGNMENT.final
