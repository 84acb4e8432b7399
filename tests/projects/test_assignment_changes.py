"""Changing an issued task by approval: two people, the old text stays, the baseline is not touched."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import AuditEvent, StepTaken, Unit
from core.rules.errors import DomainError, NotAllowed
from projects.choices import ChangeState, PersonRole
from projects.models import AssignmentChange
from projects.queries import assignments as queries
from projects.rules.assignments import CHANGE
from projects.services import assignment_changes as services
from projects.services.assignments import Named
from tests.support.tasks import accept, draft, issued, sign, submit
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


def ask(district, task, *, by="cadre", due=None, reason="汛期延长", **wanted):
    return services.ask_change(
        assignment_id=task.pk,
        due_on=None if due is None else district.today + timedelta(days=due),
        reason=reason,
        by=district.users[by],
        at=timezone.now(),
        **wanted,
    )


def approve(district, change, by="assessor"):
    return services.approve_change(change_id=change.pk, by=district.users[by], at=timezone.now())


def test_approved_the_task_changes_and_what_it_said_is_kept(district):
    task = issued(district, co_units=[district.station])
    wanted = {"due": 90, "lead_unit": district.station, "owner": district.cadres["worker"]}
    before = AuditEvent.objects.count()
    change = approve(district, ask(district, task, **wanted))
    assert AuditEvent.objects.count() == before + 2
    old = task.due_on
    task.refresh_from_db()
    assert (task.due_on, task.baseline_due_on) == (district.today + timedelta(days=90), old)
    assert task.lead_unit == district.station and not task.co_units.exists()
    assert [str(p) for p in task.people.all()] == ["责任人：王小川"]
    kept = StepTaken.objects.get(step="approve").old
    assert kept == {
        "时限": str(old), "主办单位": "建设局", "协办单位": "征迁服务中心", "责任人": "曾国平",
    }  # fmt: skip
    assert (change.state, change.decided_by) == ("APPROVED", district.users["assessor"])
    lines = queries.course_with_changes(task, [change])
    assert [line.label for line in lines] == ["拟定六定任务", "下达", "申请任务变更", "任务变更：批准"]
    event = AuditEvent.objects.order_by("-seq").first()
    assert event.action == "批准任务变更" and event.after["due_on"] == str(task.due_on)


def test_declined_the_task_stays_and_another_may_be_asked(district):
    task = issued(district)
    change = ask(district, task, due=90)
    with pytest.raises(DomainError, match="已有一件变更申请待审批"):
        ask(district, task, due=91)
    with pytest.raises(DomainError, match="请写明不予批准的理由"):
        services.decline_change(
            change_id=change.pk, note=" ", by=district.users["assessor"], at=timezone.now()
        )
    services.decline_change(
        change_id=change.pk, note="仍可赶上", by=district.users["assessor"], at=timezone.now()
    )
    old = task.due_on
    task.refresh_from_db()
    assert task.due_on == old
    again = ask(district, task, due=91)
    services.withdraw_change(
        change_id=again.pk, note="不再需要", by=district.users["cadre"], at=timezone.now()
    )
    assert AssignmentChange.objects.get(pk=again.pk).state == ChangeState.WITHDRAWN


def test_who_asked_does_not_decide_also_in_the_database(district):
    task = issued(district, by="assessor")
    change = ask(district, task, due=90, by="assessor")
    with pytest.raises(NotAllowed, match="申请人不能批准"):
        approve(district, change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentChange.objects.filter(pk=change.pk).update(decided_by=change.recorded_by)
    for role in ("leader", "unithead", "cadre"):
        with pytest.raises(NotAllowed, match="没有批准的权限"):
            approve(district, change, by=role)


@pytest.mark.parametrize("role", ["chief", "discipline"])
def test_only_who_has_a_part_in_the_task_asks(district, role):
    with pytest.raises(NotAllowed, match="只有本任务的下达人"):
        ask(district, issued(district), due=90, by=role)


def test_what_cannot_stand_is_refused_when_asked_and_when_decided(district):
    root = issued(district, due=100)
    task = issued(district, parent=root, due=60)
    part = issued(district, parent=task, due=50)
    for wanted, told in (
        ({"due": 101}, "晚于上级任务的时限"),
        ({"due": 49}, f"下级任务“{part}”的时限是"),
        ({"due": -1}, "已过"),
        ({"due": 60}, "没有要变更的内容"),
        ({}, "没有要变更的内容"),
        ({"owner": district.cadres["clerk"]}, "没有要变更的内容"),
        ({"due": 70, "reason": " "}, "请写明变更理由"),
        ({"lead_unit": district.other}, "不是本项目的主办、协办单位"),
        ({"owner": district.cadres["outsider"]}, "不在本项目的单位和攻坚小组里"),
    ):
        with pytest.raises(DomainError, match=told):
            ask(district, task, **wanted)
    change = ask(district, task, lead_unit=district.station)
    Unit.objects.filter(pk=district.station.pk).update(closed_on=district.today)
    with pytest.raises(DomainError, match=r"已于 .* 撤销"):
        approve(district, change)
    task.refresh_from_db()
    assert task.lead_unit == district.bureau


def test_a_draft_and_what_is_handed_in_are_not_changed_by_request(district):
    with pytest.raises(DomainError, match="“拟定中”，不能变更"):
        ask(district, draft(district), due=90, by="leader")
    task = sign(district, issued(district))
    change = ask(district, task, due=90)
    submit(district, task)
    with pytest.raises(DomainError, match="“待验收”，不能变更"):
        approve(district, change)
    accept(district, task)
    with pytest.raises(DomainError, match="“已验收”，不能变更"):
        approve(district, change)


def test_a_handler_becomes_the_owner_and_who_answers_does_not(district):
    clerk, worker, leader = (district.cadres[name] for name in ("clerk", "worker", "leader"))
    task = issued(
        district,
        people=[
            Named(PersonRole.ANSWERS, leader),
            Named(PersonRole.OWNER, clerk),
            Named(PersonRole.HANDLER, worker),
        ],
    )
    with pytest.raises(DomainError, match="已是本任务的责任领导"):
        ask(district, task, owner=leader)
    approve(district, ask(district, task, owner=worker))
    task.refresh_from_db()
    assert {(p.role, p.cadre_id) for p in task.people.all()} == {
        ("ANSWERS", leader.pk), ("OWNER", worker.pk),
    }  # fmt: skip


def test_many_steps_of_four_roles(district):
    askers = iter(("cadre", "assessor", "unithead") * 10_000)

    def make():
        return ask(district, issued(district), due=90, by=next(askers))

    def reasoned(service):
        return lambda record, user, pick: service(
            change_id=record.pk, note="情况属实" * (pick % 3 > 0), by=user, at=timezone.now()
        )

    def two_people(record):
        assert record.decided_by_id != record.recorded_by_id
        assert (record.decided_by_id is not None) is (record.state in ("APPROVED", "DECLINED"))
        task = record.assignment
        task.refresh_from_db()
        assert (task.due_on == record.due_on) is (record.state == "APPROVED")
        assert task.baseline_due_on == district.today + timedelta(days=60)

    walk(
        Course(
            examples=SOME,
            workflow=CHANGE,
            people={name: district.users[name] for name in ("assessor", "cadre", "unithead", "leader")},
            make=make,
            steps={
                "approve": lambda record, user, pick: services.approve_change(
                    change_id=record.pk, by=user, at=timezone.now()
                ),
                "decline": reasoned(services.decline_change),
                "withdraw": reasoned(services.withdraw_change),
            },
            parts=queries.parts_in_change,
            invariants=[two_people],
        )
    )
