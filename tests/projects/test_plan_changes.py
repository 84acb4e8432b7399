"""A planned date moves by approval: asked with a reason, decided by another person; the baseline stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, FactChange
from core.rules.errors import DomainError, NotAllowed
from projects.choices import ChangeState, MilestoneState, PlanChangeKind, ProjectState
from projects.models import KeyProject, Milestone, PlanChange
from projects.queries import overview
from projects.queries import plan_changes as queries
from projects.rules.plan import PLAN_CHANGE
from projects.services import milestones, plan
from projects.services import plan_changes as services
from tests.support.waiting import lines
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


def ask(district, *, days: int | None = 40, by="leader", kind="MOVE", reason="汛期停工", milestone="开工"):
    return services.ask_change(
        milestone_id=district.milestone(milestone).pk,
        kind=kind,
        to_on=None if days is None else district.today + timedelta(days=days),
        reason=reason,
        by=district.users[by],
        at=timezone.now(),
    )


def decide(district, change, step="approve", *, by="assessor", **more):
    service = getattr(services, f"{step}_change")
    return service(change_id=change.pk, by=district.users[by], at=timezone.now(), **more)


def test_asked_approved_and_the_baseline_stays(district):
    old = district.milestone()
    audits = AuditEvent.objects.count()
    change = ask(district)
    assert district.milestone().planned_on == old.planned_on, "asked is not moved"
    decide(district, change)
    new = district.milestone()
    assert (new.planned_on, new.baseline_on) == (district.today + timedelta(days=40), old.baseline_on)
    assert new.version == old.version + 1
    assert AuditEvent.objects.count() == audits + 2
    assert not FactChange.objects.exists(), "both days lie ahead"
    kinds = [e.kind for e in overview.history_of(district.project, district.users["chief"])]
    assert {"申请计划变更", "批准计划变更"} <= set(kinds)


def test_a_date_that_overtakes_the_next_node_is_pointed_out_to_who_asks_and_who_approves(district, as_role):
    """It may be asked for, a slip is not hidden; but nobody approves it unaware of what else must move."""
    start = district.milestone()
    last = Milestone.objects.create(
        project=district.project, kind="COMPLETE", name="全面竣工", after=start, weight=0,
        planned_on=start.planned_on + timedelta(days=10),
    )  # fmt: skip
    path = reverse("projects:milestone-detail", args=[start.pk])
    ask(district, days=(last.planned_on - district.today).days)
    assert "一并调整" not in as_role("assessor").get(path).content.decode(), (
        "the same day is no contradiction"
    )
    PlanChange.objects.update(to_on=last.planned_on + timedelta(days=1))
    told = f"“全面竣工”计划 {last.planned_on}，早于前置节点“开工”的 {last.planned_on + timedelta(days=1)}"
    for role in ("leader", "assessor"):
        assert f"批准后要一并调整：{told}" in as_role(role).get(path).content.decode()
    decide(district, PlanChange.objects.get())
    assert "一并调整" not in as_role("assessor").get(path).content.decode()


def test_a_date_of_the_past_that_moves_is_told_to_the_assessment(district):
    past = district.today - timedelta(days=20)
    Milestone.objects.filter(pk=district.milestone().pk).update(planned_on=past)
    decide(district, ask(district))
    change = FactChange.objects.get()
    assert (change.since, change.unit) == (past, district.bureau) and "计划日期改为" in change.what


def test_an_approved_suspension_stops_the_clock(district):
    decide(district, ask(district, kind=PlanChangeKind.SUSPEND, days=None, reason="用地没有批复"))
    milestone = district.milestone()
    assert (milestone.state, milestone.suspended_reason) == (MilestoneState.SUSPENDED, "用地没有批复")
    assert milestone.suspended_on == district.today
    plan.resume_milestone(
        milestone_id=milestone.pk, note="批复已到", by=district.users["leader"], at=timezone.now()
    )


def test_the_first_date_of_an_undated_node_becomes_its_baseline(district):
    Milestone.objects.filter(pk=district.milestone().pk).update(planned_on=None, baseline_on=None)
    decide(district, ask(district))
    assert district.milestone().baseline_on == district.today + timedelta(days=40)


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"reason": " "}, "reason", "变更理由"),
        ({"days": None}, "to_on", "新的计划日期"),
        ({"days": 10}, "to_on", "相同"),
        ({"milestone": "竣工", "days": 5}, "to_on", "早于前置节点“开工”的"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(district, said, field, message):
    Milestone.objects.filter(pk=district.milestone("竣工").pk).update(after=district.milestone())
    with pytest.raises(DomainError, match=message) as caught:
        ask(district, **said)
    assert caught.value.field == field
    assert not PlanChange.objects.exists()


def test_what_is_done_suspended_or_closed_has_no_plan_to_change(district):
    plan.suspend_milestone(
        milestone_id=district.milestone().pk, note="等批复", by=district.users["assessor"], at=timezone.now()
    )
    with pytest.raises(DomainError, match="先恢复"):
        ask(district)
    Milestone.objects.filter(pk=district.milestone("竣工").pk).update(progress=100, done_on=district.today)
    with pytest.raises(DomainError, match="完成，不用再改计划"):
        ask(district, milestone="竣工")
    KeyProject.objects.filter(pk=district.project.pk).update(
        state=ProjectState.CLOSED, closed_on=district.today
    )
    with pytest.raises(NotAllowed, match="办结"):
        ask(district)


def test_one_request_at_a_time_and_who_waits_is_named(district):
    first = ask(district)
    with pytest.raises(DomainError, match=r"等待审批（开工：.*申请"):
        ask(district, days=60)
    with pytest.raises(DomainError, match="等待审批"):
        plan.suspend_milestone(
            milestone_id=district.milestone().pk, note="x", by=district.users["assessor"], at=timezone.now()
        )
    decide(district, first, "withdraw", by="leader", note="写错日期")
    assert ask(district, days=60).state == ChangeState.PROPOSED


def test_a_plan_that_moved_meanwhile_is_not_moved_again(district):
    change = ask(district)
    milestones.save_milestone(
        project=district.project, name="开工", by=None, at=timezone.now(),
        values={"planned_on": district.today + timedelta(days=12)},
    )  # fmt: skip
    with pytest.raises(DomainError, match="重新申请"):
        decide(district, change)
    decide(district, change, "decline", note="按新计划重报")
    assert PlanChange.objects.get().state == ChangeState.DECLINED


def test_two_people_also_in_the_database(district):
    change = ask(district, by="assessor")
    with pytest.raises(NotAllowed, match="申请人不能批准"):
        decide(district, change)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanChange.objects.filter(pk=change.pk).update(
            state="APPROVED", decided_by=district.users["assessor"], decided_at=timezone.now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanChange.objects.filter(pk=change.pk).update(to_on=None)


@pytest.mark.parametrize("role", ["leader", "unithead", "chief", "discipline", "cadre"])
def test_who_neither_leads_nor_approves(district, role):
    if role != "leader":
        with pytest.raises((NotAllowed, Milestone.DoesNotExist)):
            ask(district, by=role)
    change = ask(district, by="assessor")
    with pytest.raises((NotAllowed, PlanChange.DoesNotExist)):
        decide(district, change, by=role)


def test_what_waits_is_on_the_workbench_of_who_approves(district):
    ask(district)
    for role, waits in (("assessor", 1), ("leader", 0), ("chief", 0)):
        assert len(lines(queries.todos(district.users[role], today=district.today))) == waits


def test_through_the_pages(district, as_role):
    leader, office = as_role("leader"), as_role("assessor")
    pk = district.milestone().pk
    url = reverse("projects:plan-change-create", args=[pk])
    page = reverse("projects:milestone-detail", args=[pk])
    assert leader.get(url).status_code == 302
    wrong = leader.post(url, {"kind": "MOVE", "to_on": "", "reason": "汛期停工一个月"}).content.decode()
    assert "请填新的计划日期" in wrong and "汛期停工一个月" in wrong
    day = district.today + timedelta(days=40)
    told = leader.post(
        url, {"kind": "MOVE", "to_on": day, "reason": "汛期停工"}, follow=True
    ).content.decode()
    assert "等待审批" in told and "申请人不能批准" not in told
    change = PlanChange.objects.get()

    def to(name):
        return reverse("projects:plan-change-step", args=[change.pk, name])

    assert leader.post(to("approve")).status_code == 403
    assert as_role("cadre").post(to("approve")).status_code == 404
    assert 'id="ask"' not in leader.get(page).content.decode(), "one at a time"
    content = office.get(page).content.decode()
    assert "汛期停工" in content and to("approve") in content
    tab = leader.get(reverse("projects:project-milestones", args=[district.project.pk])).content.decode()
    assert f"申请改为 {day}" in tab
    assert office.post(to("decline"), {"note": " "}).status_code == 200
    assert PlanChange.objects.get().state == ChangeState.PROPOSED, "a refusal asks for its reason"
    assert "基准日期保留" in office.post(to("approve"), follow=True).content.decode()
    assert "没有保存" in office.post(to("approve"), follow=True).content.decode()
    listed = office.get(reverse("projects:plan-change-list"), {"state": "APPROVED", "q": "滨江"})
    assert [c.pk for c in listed.context["page"]] == [change.pk]
    table = office.get(reverse("projects:plan-change-list"), headers={"HX-Request": "true"}).content.decode()
    assert "已批准" in table and "<html" not in table


@pytest.mark.parametrize("rows", [15, 100])
def test_the_list_costs_the_same_for_many(district, as_role, rows, django_assert_max_num_queries):
    client = as_role("assessor")
    client.get("/")
    for n in range(rows):
        milestone = Milestone.objects.create(project=district.project, kind="OTHER", name=f"节点{n}")
        PlanChange.objects.create(
            milestone=milestone, to_on=district.today, reason="汛期", recorded_by=district.users["leader"],
            recorded_at=district.now,
        )  # fmt: skip
    with django_assert_max_num_queries(8):
        answer = client.get(reverse("projects:plan-change-list"))
    assert len(answer.context["page"]) == min(rows, 50)


def test_many_steps_of_five_roles(district):
    numbers = iter(range(1_000_000))

    def make():
        milestone = Milestone.objects.create(
            project=district.project, kind="OTHER", name=f"节点{next(numbers)}", planned_on=district.today
        )
        return services.ask_change(
            milestone_id=milestone.pk, kind="MOVE", to_on=district.today + timedelta(days=9), reason="汛期",
            by=district.users["leader" if milestone.pk % 3 else "assessor"], at=district.now,
        )  # fmt: skip

    def baseline_and_plan(change):
        milestone = Milestone.objects.get(pk=change.milestone_id)
        moved = milestone.planned_on == change.to_on
        assert moved == (change.state == ChangeState.APPROVED)

    def noted(service):
        return lambda record, user, pick: service(
            change_id=record.pk, note="" if pick % 7 == 0 else "说明", by=user, at=district.now
        )

    course = Course(
        examples=SOME,
        workflow=PLAN_CHANGE,
        people={n: district.users[n] for n in ("assessor", "leader", "unithead", "chief", "cadre")},
        make=make,
        steps={
            "approve": lambda record, user, pick: services.approve_change(
                change_id=record.pk, by=user, at=district.now
            ),
            "decline": noted(services.decline_change),
            "withdraw": noted(services.withdraw_change),
        },
        parts=queries.parts_in,
        invariants=(baseline_and_plan,),
    )
    assert walk(course)["refused"] > 50


def test_progress_is_reported_while_a_request_waits(district):
    change = ask(district)
    milestones.update_milestone(
        milestone_id=district.milestone().pk, progress=Decimal(30), version=1,
        by=district.users["leader"], at=timezone.now(),
    )  # fmt: skip
    decide(district, change)
    assert district.milestone().progress == 30
