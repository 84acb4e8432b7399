"""半月调度 and 月检查: what lies on the table, what is decided, and whether it is kept."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, Proposal
from core.queries import todos as workbench
from core.rules.errors import DomainError, NotAllowed
from projects.models import (
    Assignment,
    DispatchDecision,
    DispatchMeeting,
    Incentive,
    InvestmentEntry,
    KeyProject,
    PlanChange,
    ProjectIssue,
)
from projects.queries import dispatch as queries
from projects.queries.dispatch_paper import paper_for
from projects.queries.overview import cards_of, history_of
from projects.rules import dispatch as rules
from projects.services import dispatch as services
from projects.services import milestones, projects
from tests.support.pages import without_tokens
from tests.support.waiting import lines
from tests.support.walking import SOME, Course, walk

pytestmark = pytest.mark.django_db


def prepare(district, *, kind="FORTNIGHT", ago=0, by="assessor"):
    held_on = district.today - timedelta(days=ago)
    return services.prepare_meeting(kind=kind, held_on=held_on, by=district.users[by], at=district.now)


def hold(district, meeting=None, *, by="assessor", minutes="", **when):
    meeting = meeting or prepare(district, **when)
    return services.hold_meeting(
        meeting_id=meeting.pk,
        place="指挥部",
        chair=None,
        minutes=minutes,
        by=district.users[by],
        at=district.now,
    )


def decide(district, meeting, *, by="assessor", days=7, what="三日内补齐用地材料", becomes="NOTE", **said):
    return services.record_decision(
        **{
            "meeting_id": meeting.pk,
            "project": district.project,
            "what": what,
            "unit": district.bureau,
            "cadre": None,
            "due_on": meeting.held_on + timedelta(days=days),
            "becomes": becomes,
            "submission_key": uuid4(),
            **said,
        },
        by=district.users[by],
        at=district.now,
    )


def finish(district, decision, *, by="assessor", note="材料已补齐", done_on=None):
    return services.finish_decision(
        decision_id=decision.pk,
        note=note,
        done_on=done_on or district.today,
        by=district.users[by],
        at=district.now,
    )


def red(district, name="开工", days=3):
    """The node of that name, overdue by so many days."""
    node = district.milestone(name)
    return milestones.save_milestone(
        project=district.project, name=name, by=None, at=district.now,
        values={"planned_on": district.today - timedelta(days=days), "kind": node.kind},
    )  # fmt: skip


def block_of(district, meeting, role="assessor", project=None):
    blocks = paper_for(meeting, district.users[role])
    return next(b for b in blocks if b.project == (project or district.project).pk)


def test_a_meeting_begins_where_the_last_one_of_its_kind_ended(district):
    first = prepare(district, ago=20)
    assert first.since_on == first.held_on - timedelta(days=14)
    hold(district, first)
    hold(district, kind="MONTHLY", ago=5)
    later = prepare(district, ago=6)
    assert later.since_on == first.held_on
    assert prepare(district, ago=6) == later, "one click twice is one meeting"
    hold(district, later)
    with pytest.raises(DomainError, match=r"已经召开，请打开") as refused:
        prepare(district, ago=6)
    assert refused.value.field == "held_on"


def test_a_cancelled_meeting_leaves_its_day_free_and_is_no_last_time(district):
    gone = prepare(district, ago=6)
    services.cancel_meeting(
        meeting_id=gone.pk, note="领导出差", by=district.users["assessor"], at=district.now
    )
    again = prepare(district, ago=6)
    assert again != gone and again.since_on == again.held_on - timedelta(days=14)
    with pytest.raises(IntegrityError), transaction.atomic():
        DispatchMeeting.objects.filter(pk=gone.pk).update(state="PREPARED")


def test_what_changed_and_what_is_red_lies_on_the_table(district):
    node, by = red(district), district.users["leader"]
    hold(district, ago=10)
    milestones.update_milestone(
        milestone_id=node.pk, progress=Decimal(35), note="基础完成", version=node.version, by=by,
        at=timezone.now(),
    )  # fmt: skip
    common = {"project": district.project, "recorded_by": by, "recorded_at": district.now}
    yesterday = district.today - timedelta(days=1)
    PlanChange.objects.create(
        milestone=district.milestone("竣工"), from_on=district.today, reason="设计变更",
        to_on=district.today + timedelta(days=30), recorded_by=by, recorded_at=district.now,
    )  # fmt: skip
    raised = district.today - timedelta(days=40)
    issue = {"kind": "LAND", "owner_unit": district.bureau, "raised_on": raised, **common}
    ProjectIssue.objects.create(
        **issue, title="两户未签约", due_on=yesterday, submission_key=uuid4()
    )  # fmt: skip
    ProjectIssue.objects.create(
        **issue, title="临时用地", due_on=district.today, state="SOLVED", solved_on=yesterday,
        solved_how="ON_SITE", submission_key=uuid4(),
    )  # fmt: skip
    InvestmentEntry.objects.create(
        month=district.today.replace(day=1), amount_yuan=Decimal(12_000_000), amount_text="1200万元", **common
    )
    reward, penalty = (
        Incentive.objects.create(
            key=key, name=key, kind=kind, points=1, order=0, basis="试", effective_from=district.today
        )
        for key, kind in (("R", "REWARD"), ("P", "PENALTY"))
    )
    task = {
        "lead_unit": district.bureau, "duty": "跟办", "standard": "完成", "reward": reward,
        "penalty": penalty, "due_on": yesterday, "baseline_due_on": yesterday, **common,
    }  # fmt: skip
    Assignment.objects.create(**task, title="迁改电力", state="SIGNED", submission_key=uuid4())
    Assignment.objects.create(
        **task, title="办理许可", state="ACCEPTED", done_on=yesterday, submission_key=uuid4()
    )
    meeting = prepare(district)
    block = block_of(district, meeting)
    assert [(line.kind, line.text.split("：")[0]) for line in block.red] == [
        ("节点", "开工"), ("用地难", "两户未签约"), ("任务", "迁改电力"),
    ]  # fmt: skip
    assert "已逾期 3 天" in block.red[0].text and "逾期 1 天" in block.red[1].text
    assert [line.kind for line in block.changes] == ["节点", "计划变更", "问题解决", "投资", "任务验收"]
    told = " ".join(line.text for line in block.changes)
    for words in ("20% → 35%", "基础完成", "待审批", "现场解决", "1200万元", "办理许可"):
        assert words in told
    assert paper_for(meeting, district.users["assessor"])[0] == block, "trouble stands first"


def test_what_was_promised_comes_back_until_it_is_kept(district):
    first = hold(district, ago=30)
    kept = decide(district, first, what="甲", days=5)
    broken = decide(district, first, what="乙", days=6)
    finish(district, kept, done_on=first.held_on + timedelta(days=8))
    second = hold(district, ago=16)
    promised = {p.what: (p.verdict, p.reason) for p in block_of(district, second).promises}
    assert promised["甲"] == ("LATE", f"{kept.meeting.held_on + timedelta(days=8)} 已落实，晚 3 天")
    assert promised["乙"][0] == "BROKEN"
    third = block_of(district, prepare(district, ago=2))
    assert [p.what for p in third.promises] == ["乙"], "what is still open follows to the next meeting"
    services.drop_decision(
        decision_id=broken.pk, note="项目调整", by=district.users["assessor"], at=district.now
    )
    assert block_of(district, prepare(district, ago=2)).promises == []


def test_what_lay_on_the_table_is_kept_as_it_was(district):
    red(district)
    meeting = hold(district, ago=1)
    before = block_of(district, meeting)
    assert before.light == "RED"
    milestones.save_milestone(
        project=district.project, name="开工", by=None, at=district.now,
        values={"planned_on": district.today + timedelta(days=90)},
    )  # fmt: skip
    projects.save_project(code="P1", values={"name": "改了名的项目"}, by=None, at=district.now)
    meeting.refresh_from_db()
    assert block_of(district, meeting) == before
    held = AuditEvent.objects.get(action="记录召开调度会")
    assert "滨江大道" not in str(held.after), "the paper itself is not repeated in the audit"


def test_a_meeting_is_held_not_before_its_day_and_moved_within_reason(district):
    meeting = services.prepare_meeting(
        kind="MONTHLY",
        held_on=district.today + timedelta(days=3),
        by=district.users["assessor"],
        at=district.now,
    )
    with pytest.raises(DomainError, match="还没有到。提前召开的，请先改期"):
        hold(district, meeting)

    def move(day):
        return services.move_meeting(
            meeting_id=meeting.pk, held_on=day, by=district.users["assessor"], at=district.now
        )

    with pytest.raises(DomainError, match="没有改期就不用提交"):
        move(meeting.held_on)
    with pytest.raises(DomainError, match="请核对年份"):
        move(district.today + timedelta(days=400))
    taken = prepare(district, kind="MONTHLY", ago=2)
    with pytest.raises(DomainError, match="请另选日期"):
        move(taken.held_on)
    hold(district, taken)
    assert move(district.today).since_on == taken.held_on
    hold(district, meeting, minutes="按期召开")
    said = {
        "place": "指挥部",
        "chair": None,
        "note": "漏记",
        "by": district.users["assessor"],
        "at": district.now,
    }
    with pytest.raises(DomainError, match="没有改动"):
        services.correct_minutes(meeting_id=meeting.pk, minutes="按期召开", **said)
    services.correct_minutes(meeting_id=meeting.pk, minutes="推迟一天召开", **said)


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"days": -1}, "due_on", "早于会议日期"),
        ({"unit": "closed"}, "unit", "请选承接其职能的单位"),
        ({"project": "closed"}, "project", "办结，不能再议定事项"),
    ],
)
def test_what_cannot_be_decided_is_refused_at_its_field(district, change, field, told):
    meeting = prepare(district)
    if change.get("unit"):
        district.station.closed_on = district.today
        change = {"unit": district.station}
    if change.get("project"):
        KeyProject.objects.filter(pk=district.project.pk).update(state="CLOSED", closed_on=district.today)
        district.project.refresh_from_db()
        change = {}
    with pytest.raises(DomainError, match=told) as refused:
        decide(district, meeting, **change)
    assert refused.value.field == field
    assert not DispatchDecision.objects.exists()


def test_a_decision_sent_twice_is_one_and_a_cancelled_meeting_takes_none(district):
    meeting, key = prepare(district), uuid4()
    one = decide(district, meeting, submission_key=key, becomes="LETTER")
    assert decide(district, meeting, submission_key=key, becomes="LETTER") == one
    assert DispatchDecision.objects.count() == 1
    with pytest.raises(DomainError, match="已记下 1 件议定事项，不能取消"):
        services.cancel_meeting(
            meeting_id=meeting.pk, note="改期", by=district.users["assessor"], at=district.now
        )
    other = prepare(district, kind="MONTHLY")
    services.cancel_meeting(meeting_id=other.pk, note="改期", by=district.users["assessor"], at=district.now)
    with pytest.raises(DomainError, match="这次会议已取消"):
        decide(district, other)


def test_a_decision_becomes_a_task_with_what_the_meeting_fixed(district):
    meeting = hold(district)
    owner = district.cadres["clerk"]
    decision = decide(district, meeting, becomes="TASK", cadre=owner, what="完成三户签约")
    task = decision.assignment
    assert (task.title, task.lead_unit, task.due_on, task.state) == (
        "完成三户签约", district.bureau, decision.due_on, "DRAFT",
    )  # fmt: skip
    assert [(p.cadre, p.role) for p in task.people.all()] == [(owner, "OWNER")]
    with pytest.raises(DomainError, match="以任务验收为准"):
        finish(district, decision)
    today = district.today
    assert lines(queries.todos(district.users["unithead"], today=today)) == []
    Assignment.objects.filter(pk=task.pk).update(state="WITHDRAWN")
    decision.refresh_from_db()
    assert [todo.title for todo in lines(queries.todos(district.users["unithead"], today=today))] == [
        "完成三户签约"
    ], "without its task the promise stands by itself again"
    finish(district, decision)


def test_a_decision_proposes_a_letter_to_the_unit(district):
    decision = decide(district, hold(district), becomes="LETTER")
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.unit, proposal.source_id) == ("LETTER", district.bureau, str(decision.pk))
    assert "三日内补齐用地材料" in proposal.reason and proposal.proposed_by == district.users["assessor"]


def test_a_letter_is_proposed_when_the_meeting_was_held_and_not_for_what_was_dropped(district, as_role):
    meeting = prepare(district)
    kept = decide(district, meeting, becomes="LETTER")
    dropped = decide(district, meeting, becomes="LETTER", what="不再需要的")
    assert not Proposal.objects.exists(), "nothing is decided before the meeting; it may still be cancelled"
    services.drop_decision(
        decision_id=dropped.pk, note="会前已办", by=district.users["assessor"], at=district.now
    )
    assert "（召开后提出）" in as_role("assessor").get(meeting.get_absolute_url()).content.decode()
    hold(district, meeting)
    proposal = Proposal.objects.get()
    assert proposal.source_id == str(kept.pk)
    assert proposal.source_name == "滨江大道项目 · 三日内补齐用地材料", "a task alone does not say of what"


def test_what_is_due_soon_is_told_and_not_among_the_quiet(district):
    block = block_of(district, prepare(district))
    assert (block.light, block.red, block.is_quiet) == ("YELLOW", [], False)
    assert all(line.text.split("：")[1].startswith("还有 10 天") for line in block.soon) and block.soon
    old = asdict(block)
    del old["soon"]
    assert rules.Block.read(old).soon == [], "papers kept before said nothing of it"


def test_a_decision_without_a_unit_is_for_the_projects_own(district, as_role):
    meeting = hold(district)
    client = as_role("assessor")
    page = client.get(f"{meeting.get_absolute_url()}?project={district.project.pk}").content.decode()
    assert "autofocus" in page.split('name="what"')[1].split(">")[0]
    sent = {
        "project_text": "P1", "project_id": district.project.pk, "what": "报送进度", "unit": "",
        "due_on": district.today + timedelta(days=5), "becomes": "NOTE", "submission_key": uuid4(),
    }  # fmt: skip
    url = reverse("projects:dispatch-decide", args=[meeting.pk])
    assert client.post(url, sent).status_code == 302
    assert DispatchDecision.objects.get().unit == district.bureau
    KeyProject.objects.filter(pk=district.project.pk).update(lead_unit=None)
    refused = client.post(url, {**sent, "submission_key": uuid4()}).content.decode()
    assert "没有主办单位，请选择责任单位" in refused and "报送进度" in refused


def test_a_meeting_that_is_prepared_is_not_offered_once_more(district, as_role):
    page = as_role("assessor").get("/dispatch/").content.decode()
    assert "半月调度召开日期" in page and "月检查召开日期" in page
    prepare(district)
    page = as_role("assessor").get("/dispatch/").content.decode()
    assert "半月调度已筹备" in page and "半月调度召开日期" not in page and "月检查召开日期" in page


@pytest.mark.parametrize("role", ["leader", "unithead", "chief", "cadre", "discipline", "auditor"])
def test_only_who_holds_dispatch_prepares_and_decides(district, role):
    meeting = hold(district)
    with pytest.raises(NotAllowed, match="组织调度"):
        prepare(district, kind="MONTHLY", by=role)
    with pytest.raises(NotAllowed, match="组织调度"):
        decide(district, meeting, by=role)


def test_who_answers_says_it_is_done_and_the_office_may_send_it_back(district, as_role):
    meeting = hold(district)
    decision = decide(district, meeting, cadre=district.cadres["clerk"])
    foreign = decide(district, meeting, project=district.foreign_project, unit=district.other)
    for role in ("unithead", "cadre"):
        mine = [todo.title for todo in lines(queries.todos(district.users[role], today=district.today))]
        assert mine == [decision.what]
    with pytest.raises(NotAllowed, match="只有调度组织人、责任单位负责人"):
        finish(district, decision, by="chief")
    for wrong, told in ((1, "晚于今天"), (-1, "早于会议日期")):
        with pytest.raises(DomainError, match=told):
            finish(district, decision, by="cadre", done_on=district.today + timedelta(days=wrong))
    with pytest.raises(DispatchDecision.DoesNotExist):
        finish(district, foreign, by="unithead")
    done = finish(district, decision, by="unithead")
    assert (done.state, done.done_by, done.result) == ("DONE", district.users["unithead"], "材料已补齐")
    page = as_role("assessor").get(meeting.get_absolute_url()).content.decode()
    assert "材料已补齐" in page and "已兑现" in page
    back = services.reopen_decision(
        decision_id=decision.pk, note="现场核对不实", by=district.users["assessor"], at=district.now
    )
    assert (back.state, back.done_on, back.result) == ("OPEN", None, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        DispatchDecision.objects.filter(pk=decision.pk).update(state="DONE")


def test_who_sees_which_meeting_and_what_of_it(district, as_role):
    meeting, waiting = (
        hold(district, minutes="逐个研究，财政大楼进度滞后。"),
        prepare(district, kind="MONTHLY"),
    )
    decide(district, meeting, project=district.foreign_project, unit=district.other, what="别处的事")
    url = meeting.get_absolute_url()
    absent = as_role("unithead").get("/dispatch/987654/")
    assert absent.status_code == 404
    assert without_tokens(as_role("unithead").get(url)) == without_tokens(absent)
    mine = decide(district, meeting)
    for role in ("unithead", "leader"):
        page = as_role(role).get(url).content.decode()
        assert mine.what in page and "滨江大道" in page
        assert "财政大楼" not in page and "别处的事" not in page and "逐个研究" not in page
        assert as_role(role).get(waiting.get_absolute_url()).status_code == 404
        assert mine.what in as_role(role).get("/dispatch/decisions/").content.decode()
    for role in ("assessor", "chief", "discipline"):
        assert "财政大楼" in as_role(role).get(url).content.decode()
    assert as_role("auditor").get(url).status_code == 403
    assert as_role("cadre").get(url).status_code == 404
    tab = reverse("projects:project-dispatch", args=[district.project.pk])
    assert mine.what in as_role("leader").get(tab).content.decode()
    foreign = reverse("projects:project-dispatch", args=[district.foreign_project.pk])
    assert as_role("leader").get(foreign).status_code == 404


def test_the_overview_and_the_history_of_a_project_tell_it(district):
    meeting, user = hold(district, ago=20), district.users["leader"]

    def mine():
        return [
            c for c in cards_of(district.project, user, today=district.today) if c.title == "调度议定事项"
        ]

    assert mine() == []
    decide(district, meeting, days=3)
    [card] = mine()
    assert (dict(card.figures)["待落实"], card.alarm) == ("1", "1 件逾期未落实")
    told = [event for event in history_of(district.project, user) if event.kind == "调度议定"]
    assert [(event.on, event.title) for event in told] == [(meeting.held_on, "三日内补齐用地材料")]


def test_the_next_meeting_is_told_and_nothing_is_made_silently(district):
    def told(role="assessor"):
        found = lines(queries.meeting_todos(district.users[role], today=district.today))
        return [(todo.title, todo.action) for todo in found]

    assert told() == [], "a kind that never met is nobody's duty"
    hold(district, ago=10)
    assert told() == [], "not yet"
    hold(district, kind="MONTHLY", ago=40)
    assert told() == [("月检查该开了", "筹备")]
    assert told("chief") == told("unithead") == []
    meeting = prepare(district, kind="MONTHLY")
    assert told() == [(str(meeting), "召开")]
    assert DispatchMeeting.objects.count() == 3
    labels = [s.urgency.name for s in workbench.agenda(district.users["assessor"], today=district.today)]
    assert labels == ["TODAY"]


def test_a_meeting_from_the_first_click_to_the_minutes(district, as_role):
    red(district)
    client = as_role("assessor")
    listed = client.get("/dispatch/").content.decode()
    assert "筹备半月调度" in listed and "筹备月检查" in listed
    wrong = client.post("/dispatch/new/", {"kind": "FORTNIGHT", "held_on": "1926-11-25"}).content.decode()
    assert "请核对年份" in wrong and "1926-11-25" in wrong
    page = client.post("/dispatch/new/", {"kind": "FORTNIGHT", "held_on": district.today}, follow=True)
    meeting = DispatchMeeting.objects.get()
    assert "先议：有逾期或未兑现的项目" in page.content.decode()
    prefilled = client.get(meeting.get_absolute_url(), {"project": district.project.pk}).context["decide"]
    assert prefilled.initial["project"] == district.project
    assert prefilled.initial["unit"] == district.bureau.pk
    url = reverse("projects:dispatch-decide", args=[meeting.pk])
    names = {
        "project_text": "滨江大道项目", "project_id": district.project.pk, "what": "三日内补齐用地材料",
        "unit": district.bureau.pk, "cadre_text": "", "cadre_id": "", "due_on": district.today,
        "becomes": "NOTE", "submission_key": uuid4(),
    }  # fmt: skip
    early = client.post(url, {**names, "due_on": district.today - timedelta(days=1)}).content.decode()
    assert "早于会议日期" in early and "三日内补齐用地材料" in early
    assert (
        "没有找到项目"
        in client.post(url, {**names, "project_text": "没有的", "project_id": ""}).content.decode()
    )
    assert "已记下" in client.post(url, names, follow=True).content.decode()
    step = reverse("projects:dispatch-step", args=[meeting.pk, "hold"])
    unknown = client.post(step, {"chair_text": "查无此人", "minutes": "研究三件事"}).content.decode()
    assert "没有找到干部" in unknown and "研究三件事" in unknown
    done = client.post(step, {"place": "指挥部", "minutes": "研究三件事"}, follow=True).content.decode()
    assert "会议材料按当时的情况留存" in done and "研究三件事" in done
    decision = DispatchDecision.objects.get()
    to = reverse("projects:dispatch-decision-step", args=[decision.pk, "done"])
    bad = as_role("unithead").post(to, {"note": "", "done_on": district.today}).content.decode()
    assert "必填" in bad
    ok = as_role("unithead").post(to, {"note": "办完了", "done_on": district.today}, follow=True)
    assert "已办结" in ok.content.decode()
    partial = client.get("/dispatch/", headers={"HX-Request": "true"}).content.decode()
    assert "半月调度" in partial and "<html" not in partial


def many(district, count):
    KeyProject.objects.bulk_create(
        KeyProject(
            code=f"M{n:03}", name=f"项目{n}", kind="KEY", lead_unit=district.bureau, recorded_at=district.now
        )
        for n in range(count)
    )


@pytest.mark.parametrize("held", [False, True])
def test_the_paper_costs_the_same_for_39_and_400_projects(district, as_role, held):
    client, taken = as_role("assessor"), []
    earlier = hold(district, ago=20)
    client.get("/dispatch/")  # the first answer of a sign-in also writes its session
    for total in (39, 400):
        KeyProject.objects.filter(code__startswith="M").delete()
        many(district, total)
        for project in KeyProject.objects.filter(code__startswith="M")[:30]:
            decide(district, earlier, project=project, submission_key=uuid4())
        meeting = prepare(district, ago=total // 100)
        if held:
            hold(district, meeting)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(meeting.get_absolute_url()).status_code == 200
        taken.append(len(captured))
        DispatchDecision.objects.filter(project__code__startswith="M").delete()
    assert taken[0] == taken[1] <= 20, taken


@pytest.mark.parametrize("path", ["/dispatch/", "/dispatch/decisions/"])
@pytest.mark.parametrize("role", ["assessor", "unithead"])
def test_the_lists_cost_the_same_for_15_and_100(district, as_role, path, role):
    client, taken = as_role(role), []
    client.get("/")  # the first answer of a sign-in also writes its session
    for upto in (15, 100):
        for number in range(DispatchMeeting.objects.count(), upto):
            meeting = DispatchMeeting.objects.create(
                kind="MONTHLY", held_on=district.today - timedelta(days=number),
                since_on=district.today - timedelta(days=number + 30), state="HELD",
                recorded_by=district.users["assessor"], recorded_at=district.now,
            )  # fmt: skip
            decide(district, meeting)
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(path).context["page"]) == min(upto, 50)
        taken.append(len(captured))
    assert taken[0] == taken[1] <= 15, taken


PEOPLE = ("assessor", "unithead", "chief", "leader")


def test_many_steps_of_a_meeting(district):
    days = iter(range(1, 1_000_000))

    def make():
        meeting = prepare(district, ago=next(days) % 180 + 1)  # moved ones go to days further back
        meeting.refresh_from_db()
        return meeting

    def said(pick):
        return {"place": f"{pick}号楼", "chair": None, "minutes": "议了三件事"}

    def at():
        return {"at": timezone.now()}

    walk(
        Course(
            examples=SOME,
            workflow=rules.DISPATCH,
            people={name: district.users[name] for name in PEOPLE},
            make=make,
            steps={
                "hold": lambda r, by, pick: services.hold_meeting(
                    meeting_id=r.pk, **said(pick), by=by, **at()
                ),
                "move": lambda r, by, pick: services.move_meeting(
                    meeting_id=r.pk, held_on=district.today - timedelta(days=181 + pick % 180), by=by, **at()
                ),
                "correct": lambda r, by, pick: services.correct_minutes(
                    meeting_id=r.pk, **said(pick), note="更正", by=by, **at()
                ),
                "cancel": lambda r, by, pick: services.cancel_meeting(
                    meeting_id=r.pk, note="不开了" * (pick % 3 > 0), by=by, **at()
                ),
            },
            parts=lambda record, user: frozenset(),
            beyond=frozenset({"correct"}),  # the walk leaves a meeting that is held: nothing leads on from it
        )
    )


def test_many_steps_of_a_decision(district):
    meeting = hold(district)

    def reasoned(service):
        return lambda r, by, pick: service(
            decision_id=r.pk, note="已经办好" * (pick % 3 > 0), by=by, at=timezone.now()
        )

    def complete(record):
        assert (record.state == "DONE") is (record.done_on is not None) is (record.done_by is not None)

    walk(
        Course(
            examples=SOME,
            workflow=rules.DECISION,
            people={name: district.users[name] for name in PEOPLE},
            make=lambda: decide(district, meeting),
            steps={
                "done": lambda r, by, pick: services.finish_decision(
                    decision_id=r.pk, note="办好了", done_on=district.today, by=by, at=timezone.now()
                ),
                "drop": reasoned(services.drop_decision),
                "reopen": reasoned(services.reopen_decision),
            },
            parts=queries.parts_in,
            invariants=[complete],
        )
    )
