"""Whoever does whatever to a violation: no skipped step, no self-confirmation, one audit row a step."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import HandlingWay
from conduct.models import Violation
from conduct.queries.violations import parts_in, violations_visible_to
from conduct.rules.violations import COUNTED, VIOLATION
from conduct.services import corrections, handlings
from conduct.services import violations as services
from core.choices import ProposalState
from core.models import Cadre, FactChange, Proposal, StepTaken
from core.queries import proposals_from
from core.services import proposals
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def test_two_thousand_steps_of_four_roles(district):
    def common(record, user):
        return {"violation_id": record.pk, "by": user, "at": timezone.now()}

    def decide(record, user, pick):
        state = VIOLATION.step("decide").targets[pick % 3]
        services.decide_violation(state=state, note="经核实" * (pick % 2), **common(record, user))

    def withdraw(record, user, pick):
        services.withdraw_violation(note="记错了" * (pick % 3 > 0), **common(record, user))

    def attach(record, user, pick):
        services.add_evidence(evidence=[], **common(record, user))

    def correct(record, user, pick):
        day = record.occurred_on + timedelta(days=pick % 3 - 1)
        person = Cadre.objects.with_posting_on(day).get(pk=record.cadre_id)
        corrections.correct_violation(
            cadre=record.cadre,
            prohibition=record.prohibition,
            unit_id=person.unit_id_on,
            occurred_on=day,
            place=f"{pick % 5} 号窗口",
            project=None,
            found_by=record.found_by,
            facts=record.facts,
            distinct=True,
            note="笔误" * (pick % 2),
            **common(record, user),
        )

    def amend(record, user, pick):
        corrections.amend_violation(
            place=f"{pick % 5} 号窗口",
            project=None,
            facts=record.facts,
            note="笔误" * (pick % 2),
            **common(record, user),
        )

    def handle(record, user, pick):
        ways = [*HandlingWay.values, "JAIL"]
        on = district.today + timedelta(days=pick % 4 // 3)
        handlings.handle_violation(way=ways[pick % 6], on=on, **common(record, user))

    def escalate(record, user, pick):
        handlings.escalate_violation(note="情节较重" * (pick % 2), **common(record, user))

    def complete(record, user, pick):
        rows = list(record.handlings.order_by("id"))
        row = rows[pick % len(rows)].pk if rows else 0
        handlings.complete_handling(handling=row, completed_on=district.today, **common(record, user))

    def close(record, user, pick):
        # In between the head answers what is open, so that records can come to their end.
        for proposal in proposals_from(record).filter(state=ProposalState.OPEN):
            if pick % 2 and proposal.proposed_by_id != district.users["dhead"].pk:
                proposals.answer(
                    proposal_id=proposal.pk,
                    state=(ProposalState.ACCEPTED, ProposalState.DECLINED)[pick % 4 // 2],
                    answer="已研判",
                    by=district.users["dhead"],
                    at=timezone.now(),
                )
        handlings.close_violation(**common(record, user))

    def reopen(record, user, pick):
        corrections.reopen_violation(note="认定有误" * (pick % 2), **common(record, user))

    def two_people(record):
        assert record.decided_by_id is None or record.decided_by_id != record.recorded_by_id

    def finding_complete(record):
        decided = (record.decided_by_id, record.decided_at, record.decided_on)
        assert (record.finding == "") is (decided == (None, None, None))
        assert (record.finding == "") is (record.state in ("LOGGED", "REOPENED", "WITHDRAWN"))
        if record.state == "HANDLED":
            assert record.finding in COUNTED

    def closed_has_nothing_open(record):
        if record.state == "CLOSED":
            assert not any(handling.is_open for handling in record.handlings.all())
            assert not proposals_from(record).filter(state=ProposalState.OPEN).exists()

    def undecided_has_no_standing_handling(record):
        if record.finding == "":
            assert not record.handlings.filter(revoked_at=None).exists()

    names = ("discipline", "discipline2", "dhead", "cadre")
    course = Course(
        workflow=VIOLATION,
        people={name: district.users[name] for name in names},
        make=district.log,
        steps={
            "decide": decide,
            "withdraw": withdraw,
            "attach": attach,
            "correct": correct,
            "handle": handle,
            "escalate": escalate,
            "complete": complete,
            "close": close,
            "reopen": reopen,
            "amend": amend,
        },
        parts=parts_in,
        invariants=[
            two_people,
            finding_complete,
            closed_has_nothing_open,
            undecided_has_no_standing_handling,
        ],
        extra_audit=frozenset({"decide", "escalate", "close"}),
    )
    walk(course)


def decided(district, cadre="clerk", state="CONFIRMED", by="discipline2", **log):
    violation = district.log(cadre, **log)
    return services.decide_violation(
        violation_id=violation.pk, state=state, note="经核实", by=district.users[by], at=timezone.now()
    )


def page(client, violation):
    return client.get(f"/violations/{violation.pk}/").content.decode()


def send(client, violation, step, **data):
    return client.post(f"/violations/{violation.pk}/{step}/", data, follow=True).content.decode()


def test_from_a_finding_to_the_closing_on_the_page(district, as_role):
    violation, client, today = decided(district), as_role("discipline"), district.today.isoformat()
    assert "处理已登记" in send(client, violation, "handle", way="SELF_REVIEW", on=today, note="三日内交")
    refused = send(client, violation, "close")
    assert f"{today} 责令检查尚未完成" in refused
    assert "请先登记完成日期" in refused
    row = violation.handlings.get()
    assert "完成日期已登记" in send(client, violation, "complete", handling=row.pk, completed_on=today)
    assert "已办结" in send(client, violation, "close")
    violation.refresh_from_db()
    assert (violation.state, violation.finding) == ("CLOSED", "CONFIRMED")
    assert "三日内交" in page(as_role("cadre"), violation)


@pytest.mark.parametrize(
    ("step", "data", "message"),
    [
        ("handle", {"way": "JAIL", "on": "+0"}, "JAIL"),
        ("handle", {"way": "TALK", "on": "+1"}, "晚于今天"),
        ("handle", {"way": "TALK", "on": "-9"}, "早于"),
        ("handle", {"way": "TALK", "on": ""}, "必填"),
        ("complete", {"handling": "0", "completed_on": "+0"}, "没有"),
        ("complete", {"handling": "ROW", "completed_on": "+1"}, "晚于今天"),
        ("complete", {"handling": "ROW", "completed_on": "-1"}, "早于"),
        ("escalate", {"note": " "}, "必填"),
        ("handle", {"way": "PLEDGE", "on": "+0"}, "已登记过公开承诺"),
    ],
)
def test_bad_input_of_a_step_is_refused_and_nothing_is_kept(district, as_role, step, data, message):
    violation = decided(district)
    handlings.handle_violation(
        violation_id=violation.pk,
        way="PLEDGE",
        on=district.today,
        by=district.users["discipline"],
        at=timezone.now(),
    )
    row = violation.handlings.get()
    for name, value in data.items():
        if value[:1] in "+-" and value[1:].isdigit():
            data[name] = (district.today + timedelta(days=int(value))).isoformat()
        elif value == "ROW":
            data[name] = row.pk
    assert message in send(as_role("discipline"), violation, step, **data)
    row.refresh_from_db()
    violation.refresh_from_db()
    assert (violation.state, violation.handlings.count(), row.completed_on) == ("HANDLED", 1, None)


@pytest.mark.parametrize("step", ["handle", "escalate", "complete", "close", "reopen", "correct"])
@pytest.mark.parametrize("role", ["leader", "assessor", "unithead", "cadre", "chief", "sysadmin", "auditor"])
def test_only_the_discipline_office_takes_steps(district, as_role, step, role):
    violation = decided(district)
    answer = as_role(role).post(f"/violations/{violation.pk}/{step}/", {"note": "x"})
    assert answer.status_code == (
        404 if role == "leader" else 403
    )  # a leader sees none but those of projects


def test_heavier_is_proposed_and_closing_waits_for_the_answer(district, as_role):
    violation, client = decided(district), as_role("discipline2")
    assert "已建议问责" in send(client, violation, "escalate", note="影响恶劣")
    assert "不重复建议" in send(client, violation, "escalate", note="影响恶劣")
    assert "影响恶劣" in page(client, violation)
    assert "影响恶劣" not in page(as_role("cadre"), violation)
    assert "建议启动问责还在待研判" in send(client, violation, "close")
    head, proposal = as_role("dhead"), Proposal.objects.get()
    assert (proposal.kind, proposal.cadre, proposal.reason) == ("CASE", violation.cadre, "影响恶劣")
    assert f"/proposals/{proposal.pk}/" in head.get("/").content.decode()
    shown = head.get(f"/proposals/{proposal.pk}/").content.decode()
    assert f"/violations/{violation.pk}/" in shown
    answer = head.post(
        f"/proposals/{proposal.pk}/answer/", {"state": "ACCEPTED", "answer": "同意"}, follow=True
    )
    assert "已采纳，待问责程序办理" in answer.content.decode()
    assert "已采纳，待问责程序办理" in page(client, violation)
    assert "已办结" in send(client, violation, "close")


def test_after_a_declined_case_a_handling_is_needed(district, as_role):
    violation, client = decided(district), as_role("discipline2")
    send(client, violation, "escalate", note="影响恶劣")
    path = f"/proposals/{Proposal.objects.get().pk}/answer/"
    as_role("dhead").post(path, {"state": "DECLINED", "answer": "情节轻微"})
    assert "请先登记一项处理" in send(client, violation, "close")
    send(client, violation, "handle", way="TALK", on=district.today.isoformat())
    assert "已办结" in send(client, violation, "close")


def test_a_dismissal_proposes_a_clearance_once_and_closes_after_its_answer(district, as_role):
    violation, client = decided(district, state="DISMISSED"), as_role("discipline")
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.cadre) == ("CLEARANCE", violation.cadre)
    assert "建议澄清正名还在待研判" in send(client, violation, "close")
    assert "当前状态是“不属实”，不能登记处理" in send(
        client, violation, "handle", way="TALK", on=district.today.isoformat()
    )
    send(client, violation, "reopen", note="又有新材料")
    send(as_role("discipline2"), violation, "decide", state="DISMISSED", verification="仍不属实")
    assert Proposal.objects.count() == 1
    path = f"/proposals/{proposal.pk}/answer/"
    as_role("dhead").post(path, {"state": "ACCEPTED", "answer": "书面澄清"})
    assert "已办结" in send(client, violation, "close")


def test_the_decider_does_not_reopen_and_the_old_decision_is_kept(district, as_role):
    violation = decided(district, state="PARTLY")
    handlings.handle_violation(
        violation_id=violation.pk,
        way="PLEDGE",
        on=district.today,
        by=district.users["discipline"],
        at=timezone.now(),
    )
    own = decided(district, "chief", by="dhead")
    assert "认定人不能重新认定" in send(as_role("dhead"), own, "reopen", note="错了")
    assert "已撤销原认定" in send(as_role("dhead"), violation, "reopen", note="事实有出入")
    since = violation.decided_on
    violation.refresh_from_db()
    assert (violation.state, violation.finding, violation.decided_by, violation.verification) == (
        "REOPENED",
        "",
        None,
        "",
    )
    line = StepTaken.objects.get(step="reopen")
    assert (line.old["认定结论"], line.old["核实情况"], line.note) == ("部分属实", "经核实", "事实有出入")
    assert violation.handlings.get().revoked_at is not None
    change = FactChange.objects.get()
    assert (change.since, change.cadre, change.source_id) == (since, violation.cadre, str(violation.pk))
    shown = page(as_role("discipline"), violation)
    assert "事实有出入" in shown and "原认定结论" in shown and "已撤销（重新认定）" in shown
    assert not violations_visible_to(district.users["cadre"]).filter(pk=violation.pk).exists()


def test_reopening_what_never_counted_touches_no_period(district):
    violation = decided(district, state="DISMISSED")
    corrections.reopen_violation(
        violation_id=violation.pk, note="新材料", by=district.users["dhead"], at=timezone.now()
    )
    assert not FactChange.objects.exists()


def correction(violation, **changes):
    return {
        "cadre_text": "",
        "cadre_id": violation.cadre_id,
        "found_by": violation.found_by,
        "prohibition": violation.prohibition.key,
        "occurred_on": violation.occurred_on.isoformat(),
        "place": violation.place,
        "project_text": "",
        "project_id": "",
        "facts": violation.facts,
        "note": "核对原始记录",
        **changes,
    }


def test_the_recorder_corrects_before_a_decision_and_the_old_text_is_shown(district, as_role):
    violation, mine = district.log(), as_role("discipline")
    new = correction(violation, facts="上午十时不在岗。", prohibition="B8")
    assert "只有登记人可以更正" in send(as_role("discipline2"), violation, "correct", **new)
    assert "已更正" in send(mine, violation, "correct", **new)
    violation.refresh_from_db()
    assert (violation.facts, violation.prohibition.key) == ("上午十时不在岗。", "B8")
    old = StepTaken.objects.get(step="correct").old
    assert old["违规事实"] == "上午九时不在岗。"
    assert set(old) == {"违规事实", "违反条款"}
    assert "上午九时不在岗。" in page(as_role("discipline2"), violation)
    decide = {"state": "CONFIRMED"}
    send(as_role("discipline2"), violation, "decide", **decide)
    assert "当前状态是“属实”，不能更正" in send(mine, violation, "correct", **new)
    assert "上午九时不在岗。" not in page(as_role("cadre"), violation)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "没有改动任何一栏"),
        ({"facts": ""}, "必填"),
        ({"facts": "改了", "note": ""}, "必填"),
        ({"occurred_on": "2999-01-01"}, "晚于今天"),
        ({"occurred_on": "2001-01-01"}, "不在岗"),
        ({"prohibition": "B9"}, "尚未施行或已停用"),
        ({"project_text": "没有这个项目"}, "没有找到项目"),
        ({"place": "长" * 121}, "120"),
    ],
)
def test_a_bad_correction_is_refused_and_keeps_the_record(district, as_role, changes, message):
    violation = district.log()
    before = (violation.facts, violation.place, violation.occurred_on)
    if changes.get("occurred_on") == "2001-01-01":
        changes["occurred_on"] = (district.today - timedelta(days=1000)).isoformat()
    assert message in send(as_role("discipline"), violation, "correct", **correction(violation, **changes))
    violation.refresh_from_db()
    assert (violation.facts, violation.place, violation.occurred_on) == before
    assert not StepTaken.objects.exists()


def test_the_wrong_person_is_corrected_too_but_not_into_what_is_on_record(district, as_role):
    violation, other = district.log(), district.log("officer2", distinct=False)
    mine, changes = as_role("discipline"), correction(violation, found_by="DAILY")
    assert "已更正" in send(
        mine, violation, "correct", **{**changes, "cadre_id": district.cadres["chief"].pk}
    )
    violation.refresh_from_db()
    assert (violation.cadre, violation.found_by) == (district.cadres["chief"], "DAILY")
    assert set(StepTaken.objects.get(step="correct").old) == {"违规人员", "时任单位", "发现方式"}
    wrong = {**changes, "cadre_id": other.cadre_id}
    assert f"已有第 {other.pk} 号记录" in send(mine, violation, "correct", **wrong)
    assert "已更正" in send(mine, violation, "correct", **wrong, distinct="on")
    violation.refresh_from_db()
    assert violation.distinct and violation.cadre_id == other.cadre_id


def test_a_slip_of_the_pen_is_mended_after_the_decision_by_another(district, as_role):
    violation = decided(district)
    new = {"place": "三楼会议室", "project_text": "", "project_id": "", "facts": violation.facts}
    assert "已勘误" in send(as_role("dhead"), violation, "amend", **new, note="地点写错")
    violation.refresh_from_db()
    assert (violation.state, violation.place) == ("CONFIRMED", "三楼会议室")
    assert StepTaken.objects.get(step="amend").old == {"发生地点": "便民服务大厅"}
    assert as_role("discipline").post(f"/violations/{violation.pk}/amend/", new).status_code == 403


def test_one_person_alone_cannot_undo_a_decision_and_take_the_record_back(district, as_role):
    violation = decided(district)
    for step, data in (("reopen", {"note": "错了"}), ("withdraw", {"note": "错了"})):
        as_role("discipline").post(f"/violations/{violation.pk}/{step}/", data)
        violation.refresh_from_db()
        assert violation.state == "CONFIRMED", step
    send(as_role("dhead"), violation, "reopen", note="事实有出入")
    assert "不能撤回" in send(as_role("discipline"), violation, "withdraw", note="错了")
    assert "不能更正" in send(
        as_role("discipline"), violation, "correct", **correction(violation, facts="改")
    )


def test_a_repeat_that_no_record_shows_is_explained(district, as_role):
    violation, head = district.log(), as_role("dhead")
    sent = {"state": "CONFIRMED", "circumstances": ["TWICE_A_YEAR"]}
    assert "没有此人近 12 个月内的其他属实记录" in send(head, violation, "decide", **sent)
    assert "已认定属实" in send(head, violation, "decide", **sent, verification="外区转来 2026 年 3 月的记录")


def test_the_circumstances_of_a_decision_taken_back_are_kept_in_words(district, as_role):
    violation = decided(district, circumstances=["CONFESSED"])
    send(as_role("dhead"), violation, "reopen", note="事实有出入")
    assert "从轻：主动交代" in StepTaken.objects.get(step="reopen").old["情节"]


def test_the_address_of_a_step_read_again_leads_to_the_record(district, as_role):
    violation = district.log()
    answer = as_role("dhead").get(f"/violations/{violation.pk}/decide/")
    assert (answer.status_code, answer["Location"]) == (302, f"/violations/{violation.pk}/")


def test_the_database_refuses_the_same_finding_whoever_logs_it(district):
    first = district.log(distinct=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.create(
            **{
                name: getattr(first, name)
                for name in ("prohibition", "cadre", "unit", "occurred_on", "place", "facts", "matter")
            },
            submission_key=uuid4(),
            recorded_by=district.users["discipline2"],
            recorded_at=timezone.now(),
        )
    services.withdraw_violation(
        violation_id=first.pk, note="记错了", by=district.users["discipline"], at=timezone.now()
    )
    assert district.log(by="discipline2", distinct=False).pk != first.pk


def test_a_letter_is_one_click_from_a_record_found_true(district, as_role):
    violation, link = district.log(), "/letters/new/?about="
    client, path = as_role("discipline"), f"/violations/{violation.pk}/"
    assert link not in client.get(path).content.decode()
    services.decide_violation(
        violation_id=violation.pk,
        state="CONFIRMED",
        note="",
        by=district.users["discipline2"],
        at=timezone.now(),
    )
    page = client.get(path).content.decode()
    assert f"{link}conduct.Violation:{violation.pk}" in page
    assert client.get(f"{link}{violation.pk}").status_code == 200
    assert link not in as_role("unithead").get(path).content.decode()
