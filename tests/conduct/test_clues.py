"""Clues: what is heard is handled in time by two people, and nobody learns who said it or sees their own."""

from __future__ import annotations

import logging
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conduct.choices import ClueMethod, ClueState
from conduct.forms.clues import CorrectionForm
from conduct.models import Clue, ClueHandover, ClueNotice, ClueSubject, SealOpening
from conduct.queries import clues as queries
from conduct.rules import clues as rules
from conduct.services import clue_entry, handovers
from conduct.services import clues as services
from conduct.services.violations import decide_violation
from core.choices import RoleCode
from core.models import Attachment, AuditEvent, StepTaken
from core.queries import attachments_of, workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.rules.workflow import SUBJECT
from core.services import accounts, people
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db
NAME, CONTACT = "诸葛鸣冤", "139-4242-4242"


def heard(district, *about, by="discipline", **changes):
    """A clue through the service; `about` are keys of the district's cadres."""
    values = {
        "channel": "LETTER",
        "received_on": district.today,
        "title": "反映窗口办件拖延",
        "content": "材料齐全，三周未办结。",
        "cadres": [district.cadres[key] for key in about or ("clerk",)],
        "submission_key": uuid4(),
        "by": district.users[by],
        "at": district.now,
    }
    return clue_entry.register_clue(**{**values, **changes})[0]


def named(district, *about, **changes):
    return heard(district, *about, is_named=True, complainant=NAME, contact=CONTACT, **changes)


def brought_to(district, state, clue=None, method=ClueMethod.CHECK):
    """The clue taken along its course: `discipline` handles, `dhead` approves."""
    clue, at = clue or heard(district), district.now
    officer, head = district.users["discipline"], district.users["dhead"]
    order = [ClueState.REGISTERED, ClueState.ASSIGNED, ClueState.PROPOSED, "APPROVED", ClueState.REPORTED,
             ClueState.CONCLUDED]  # fmt: skip
    steps = [
        lambda: services.assign(clue_id=clue.pk, handler=officer, by=head, at=at),
        lambda: services.dispose(clue_id=clue.pk, method=method, opinion="建议核实。", by=officer, at=at),
        lambda: services.approve(clue_id=clue.pk, by=head, at=at),
        lambda: services.report(clue_id=clue.pk, result="部分属实，已提醒。", by=officer, at=at),
        lambda: services.conclude(clue_id=clue.pk, by=head, at=at),
    ]
    for step in steps[: order.index(state)]:
        step()
    clue.refresh_from_db()
    return clue


def form(district, **changes):
    values = {
        "above": "no",
        "channel": "VISIT",
        "received_on": district.today.isoformat(),
        "cadre_1_text": "曾国平",
        "cadre_1_id": district.cadres["clerk"].pk,
        "title": "反映窗口办件拖延",
        "content": "材料齐全，三周未办结。",
        "submission_key": str(uuid4()),
    }
    return {**values, **changes}


def look(reason="核实具体情况"):
    """A form to look at the identity with: good for one look."""
    return {"reason": reason, "submission_key": uuid4()}


def everything_stored():
    """Every value of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                yield from (f"{table}: {value}" for value in row if value is not None)


def places(*words):
    return [value[:60] for value in everything_stored() if any(word in value for word in words)]


# Registering


def test_registering_in_the_browser_seals_the_identity_and_owes_a_notice(district, as_role):
    client = as_role("discipline")
    answer = client.post(
        "/clues/new/", form(district, is_named="on", complainant=NAME, contact=CONTACT), follow=True
    )
    clue = Clue.objects.get()
    page = answer.content.decode()
    assert f"已登记线索 {clue.number}" in page and NAME not in page and CONTACT not in page
    assert clue.identity and clue.contact_index and clue.due_on == rules.disposal_due(district.today, {})
    notice = clue.notices.get()
    assert (notice.kind, notice.due_on) == ("ACCEPTANCE", rules.notice_due(district.today, {}))


def test_the_identity_is_nowhere_in_the_database_the_audit_the_history_or_the_logs(district, as_role, caplog):
    caplog.set_level(logging.DEBUG)
    client = as_role("discipline")
    client.post("/clues/new/", form(district, is_named="on", complainant=NAME, contact=CONTACT))
    client.post("/clues/similar/", {"contact": CONTACT})
    clue = brought_to(district, ClueState.CONCLUDED, Clue.objects.get())
    client.post(f"/clues/{clue.number}/identity/", look("核对办理情况"))
    client.post("/clues/new/", form(district, complainant=NAME, contact=CONTACT, title=""))
    plain = re.sub(r"\D", "", CONTACT)
    assert places(NAME, CONTACT, plain) == []
    assert NAME not in caplog.text and CONTACT not in caplog.text and plain not in caplog.text
    # The control: what is not sealed is found by the same sweep.
    assert places("材料齐全，三周未办结。") != []


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"received_on": "+1"}, "received_on", "晚于今天"),
        ({"received_on": "2026-02-30"}, "received_on", "有效的日期"),
        ({"cadre_1_text": "", "cadre_1_id": ""}, "cadre_1", "至少填写一个被反映的人员或单位"),
        ({"cadre_1_text": "查无此人", "cadre_1_id": ""}, "cadre_1", "没有找到人员"),
        ({"title": "长" * 81}, "title", "80"),
        ({"title": ""}, "title", "必填"),
        ({"content": "长" * 4001}, "content", "4000"),
        ({"channel": "RUMOUR"}, "channel", "有效"),
        ({"is_named": "on"}, "complainant", "实名举报请填写举报人姓名"),
        ({"complainant": "张某"}, "is_named", "匿名线索不保存身份"),
        ({"names": "长" * 41}, "names", "40"),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_is_lost(district, as_role, changes, field, message):
    if changes.get("received_on") == "+1":
        changes = {"received_on": (district.today + timedelta(days=1)).isoformat()}
    answer = as_role("discipline").post("/clues/new/", form(district, **{"content": "写了很久。", **changes}))
    assert answer.status_code == 200 and Clue.objects.count() == 0
    assert message in "".join(answer.context["form"].errors[field])
    if "content" not in changes:
        assert "写了很久。" in answer.content.decode()


def test_a_double_click_is_one_clue(district, as_role):
    client, data = as_role("discipline"), form(district)
    first, second = client.post("/clues/new/", data), client.post("/clues/new/", data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Clue.objects.count() == 1
    assert AuditEvent.objects.filter(action="登记线索").count() == 1


def test_nobody_registers_a_clue_about_oneself_nor_one_nobody_could_approve(district):
    with pytest.raises(DomainError, match="反映本人的线索应当回避"):
        heard(district, "officer")
    with pytest.raises(DomainError, match="应报上级纪检监察机关"):
        heard(district, "secretary")


def test_the_database_keeps_the_rules_of_sealing_and_of_two_people(district):
    clue = named(district)
    for broken in (
        {"identity": ""}, {"is_named": False}, {"state": ClueState.MERGED},
        {"state": ClueState.TRANSFERRED}, {"state": ClueState.IN_HAND}, {"duplicate_of": clue},
        {"handler": district.users["dhead"], "approved_by": district.users["dhead"]},
        {"handler": district.users["dhead"], "concluded_by": district.users["dhead"]},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Clue.objects.filter(pk=clue.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClueSubject.objects.create(clue=clue)


# The jurisdiction gate


def test_the_question_comes_first_and_no_other_field_with_it(district, as_role):
    client = as_role("discipline")
    for page in (client.get("/clues/new/"), client.post("/clues/new/", {"content": "不应录入"})):
        text = page.content.decode()
        assert "是否反映区管以上干部" in text and 'name="content"' not in text and "不应录入" not in text
    assert 'name="content"' in client.get("/clues/new/?above=no").content.decode()
    above = client.get("/clues/new/?above=yes").content.decode()
    assert 'name="content"' not in above and 'name="title"' not in above


def test_about_a_higher_authority_only_a_count_is_stored_whatever_is_sent_along(district, as_role):
    words = "绝不应存下的内容"
    data = form(
        district, above="yes", title=words, content=words, names=words, complainant=words, contact=words,
        level="PROVINCE", handed_to="PROVINCE",
    )  # fmt: skip
    answer = as_role("discipline").post("/clues/new/", data, follow=True)
    assert Clue.objects.count() == 0
    handover = ClueHandover.objects.get()
    assert (handover.level, handover.due_on) == ("PROVINCE", rules.handover_due(district.today, {}))
    assert places(words) == [] and words not in answer.content.decode()
    bad = as_role("discipline").post("/clues/new/", {**data, "level": "MOON"})
    assert words not in bad.content.decode() and ClueHandover.objects.count() == 1
    text_columns = {f.name for f in ClueHandover._meta.get_fields() if f.get_internal_type() == "TextField"}
    free = {
        f.name for f in ClueHandover._meta.fields if f.get_internal_type() == "CharField" and not f.choices
    }
    assert text_columns | free == set()


def test_a_hand_over_is_done_once_and_counted(district, as_role):
    client = as_role("discipline")
    client.post(
        "/clues/new/",
        form(district, above="yes", level="CITY", handed_to="CITY"),
    )
    row = ClueHandover.objects.get()
    late = (district.today + timedelta(days=1)).isoformat()
    done = f"/clues/handovers/{row.pk}/done/"
    assert "移交日期应在收到日期之后" in client.post(done, {"handed_on": late}, follow=True).content.decode()
    assert "移交日期已登记" in client.post(done, {"handed_on": district.today}, follow=True).content.decode()
    assert "不能重复登记" in client.post(done, {"handed_on": district.today}, follow=True).content.decode()
    assert "市管 1 件" in client.get("/clues/handovers/").content.decode()


def test_what_is_still_to_be_handed_over_comes_first_and_each_button_says_what_it_does(district, as_role):
    client = as_role("discipline")
    done = hand_over_owed(district)
    hand_over_owed(district)
    client.post(f"/clues/handovers/{done.pk}/done/", {"handed_on": district.today})
    page = client.get("/clues/handovers/").content.decode()
    assert page.count("登记一件</a>") == page.count("登记移交日期</button>") == 1 and "登记移交<" not in page
    assert "共 2 件（市管 2 件），待移交 1 件" in page
    assert page.index("登记移交日期</button>") < page.index(f'<span class="nowrap">{district.today}</span>')
    assert "上级管辖线索</a>" in client.get("/clues/").content.decode()


# The course and its clocks


def test_a_clue_goes_from_receipt_to_conclusion_between_two_people(district):
    clue = brought_to(district, ClueState.CONCLUDED, named(district))
    assert (clue.state, clue.concluded_on, clue.due_on) == (ClueState.CONCLUDED, district.today, None)
    feedback = clue.notices.get(kind="FEEDBACK")
    assert feedback.due_on == rules.notice_due(district.today, {})
    taken = AuditEvent.objects.filter(target_label="conduct.Clue", target_id=str(clue.pk))
    assert taken.count() == 6
    assert {event.target_name for event in taken} == {clue.number}


@pytest.mark.parametrize(
    ("method", "state"),
    [("TALK", "IN_HAND"), ("CHECK", "IN_HAND"), ("STORE", "STORED"), ("CONCLUDE", "CONCLUDED")],
)
def test_each_way_of_handling_leads_to_its_state_and_clock(district, method, state):
    clue = brought_to(district, "APPROVED", method=method)
    assert clue.state == state
    assert clue.due_on == rules.handling_due(method, district.today, workday_overrides())


def test_the_clocks_over_spring_festival():
    assert rules.disposal_due(date(2026, 1, 15), {}) == date(2026, 2, 24)
    assert rules.handling_due("TALK", date(2026, 2, 13), {}) == date(2026, 3, 12)
    assert rules.handling_due("CHECK", date(2026, 8, 5), {}) == date(2026, 10, 8)
    assert rules.handling_due("STORE", date(2026, 8, 5), {}) is None
    assert rules.handover_due(date(2026, 2, 13), {}) == date(2026, 2, 27)
    lights = [rules.light(date(2026, 3, d), date(2026, 3, 10)) for d in (9, 10, 15, 16)]
    assert lights == ["RED", "YELLOW", "YELLOW", "GREEN"]


def test_the_approver_may_set_another_limit_but_not_a_past_one(district):
    clue = brought_to(district, ClueState.PROPOSED)
    head, at = district.users["dhead"], district.now
    with pytest.raises(DomainError, match="应晚于今天"):
        services.approve(clue_id=clue.pk, due_on=district.today, by=head, at=at)
    wanted = district.today + timedelta(days=90)
    assert services.approve(clue_id=clue.pk, due_on=wanted, by=head, at=at).due_on == wanted
    stored = brought_to(district, ClueState.PROPOSED, method="STORE", clue=heard(district, "worker"))
    with pytest.raises(DomainError, match="没有办理期限"):
        services.approve(clue_id=stored.pk, due_on=wanted, by=head, at=at)


def test_who_handles_does_not_approve_and_who_approves_alone_does_not_handle(district):
    head, at = district.users["dhead"], district.now
    clue = heard(district)
    with pytest.raises(DomainError, match="宓远是唯一的审批人，不能审批自己承办的线索，请另选"):
        services.assign(clue_id=clue.pk, handler=head, by=head, at=at)
    accounts.grant_role(
        user=district.users["discipline2"], role=RoleCode.DISCIPLINE_HEAD, starts_on=district.today,
        by=None, at=at,
    )  # fmt: skip
    services.assign(clue_id=clue.pk, handler=head, by=head, at=at)
    services.dispose(clue_id=clue.pk, method="TALK", opinion="谈话。", by=head, at=at)
    with pytest.raises(NotAllowed, match="承办人不能批准处置"):
        services.approve(clue_id=clue.pk, by=head, at=at)


def test_only_an_officer_who_is_no_subject_is_offered_and_accepted_as_handler(district, as_role):
    clue = heard(district, "officer2")
    offered = queries.handlers_for(clue, on=district.today)
    assert [user.username for user in offered] == ["dhead", "discipline"]
    for name, reason in (("discipline2", "是被反映人"), ("unithead", "没有办理线索的权限")):
        with pytest.raises(DomainError, match=f"{reason}，请另选承办人"):
            services.assign(
                clue_id=clue.pk, handler=district.users[name], by=district.users["dhead"], at=district.now
            )
    page = as_role("dhead").get(f"/clues/{clue.number}/").content.decode()
    assert "覃正" in page.split("承办人", 2)[-1]


@pytest.mark.parametrize(
    ("state", "service", "who", "values", "message"),
    [
        ("ASSIGNED", "dispose", "discipline", {"method": "GOSSIP", "opinion": "甲"}, "四类处置方式"),
        ("ASSIGNED", "dispose", "discipline", {"method": "TALK", "opinion": " "}, "请写明处置意见"),
        ("ASSIGNED", "dispose", "dhead", {"method": "TALK", "opinion": "甲"}, "只有承办人"),
        ("PROPOSED", "send_back", "dhead", {"note": ""}, "请写明退回理由"),
        ("PROPOSED", "approve", "discipline", {}, "没有批准处置的权限"),
        ("APPROVED", "report", "discipline", {"result": ""}, "请写明办理结果"),
        ("REPORTED", "redo", "dhead", {"note": " "}, "请写明退回理由"),
        ("ASSIGNED", "transfer", "dhead", {"to": "", "note": "甲"}, "移送给哪个单位"),
        ("ASSIGNED", "transfer", "dhead", {"to": "县局", "note": ""}, "请写明移送理由"),
        ("CONCLUDED", "report", "discipline", {"result": "甲"}, "当前状态是“已了结”"),
    ],
)
def test_a_refused_step_names_the_rule(district, state, service, who, values, message):
    clue = brought_to(district, state)
    with pytest.raises(DomainError, match=message):
        getattr(services, service)(clue_id=clue.pk, by=district.users[who], at=district.now, **values)
    clue.refresh_from_db()
    assert clue.state == ("IN_HAND" if state == "APPROVED" else state)


def test_a_transfer_and_a_merge_keep_everything_with_the_reason(district):
    head, at = district.users["dhead"], district.now
    first, second, third = heard(district), heard(district, title="又一件"), heard(district, title="再一件")
    services.transfer(clue_id=third.pk, to="市场监管局", note="不属于作风问题", by=head, at=at)
    for number in (second.number, third.number, "XS0", ""):
        with pytest.raises(DomainError, match="没有可并入的线索"):
            services.merge(clue_id=second.pk, number=number, note="同一件", by=head, at=at)
    services.merge(clue_id=second.pk, number=first.number.lower(), note="同一件", by=head, at=at)
    assert Clue.objects.count() == 3
    assert queries.related_to(first, head) == [second]
    assert queries.related_to(Clue.objects.get(pk=second.pk), head) == [first]


def test_two_thousand_steps_of_four_roles(district):
    at, users = timezone.now(), district.users
    target = heard(district, "outsider", title="并入的那一条")

    def texts(pick):
        return "已经办理" * (pick % 4 > 0)

    def correct(record, user, pick):
        """Others each time: now and then whoever handles it, or all who could."""
        about = (["clerk"], ["worker"], ["officer"], ["clerk", "officer2"], ["outsider"])[pick % 5]
        return correction(
            record, *(district.cadres[key] for key in about), content=f"第 {pick} 稿", note=texts(pick),
            is_named=pick % 3 == 0, complainant=NAME * (pick % 3 == 0), again=True, by=user, at=at,
        )  # fmt: skip

    course = Course(
        workflow=rules.CLUE,
        people={name: users[name] for name in ("discipline", "discipline2", "dhead", "unithead")},
        make=lambda: heard(district, received_on=district.today, submission_key=uuid4(), again=True),
        steps={
            "assign": lambda r, u, p: services.assign(
                clue_id=r.pk, handler=users[("discipline", "discipline2", "unithead")[p % 3]], by=u, at=at
            ),
            "dispose": lambda r, u, p: services.dispose(
                clue_id=r.pk, method=ClueMethod.values[p % 4], opinion=texts(p), by=u, at=at
            ),
            "approve": lambda r, u, p: services.approve(clue_id=r.pk, by=u, at=at),
            "return": lambda r, u, p: services.send_back(clue_id=r.pk, note=texts(p), by=u, at=at),
            "report": lambda r, u, p: services.report(clue_id=r.pk, result=texts(p), by=u, at=at),
            "conclude": lambda r, u, p: services.conclude(clue_id=r.pk, by=u, at=at),
            "redo": lambda r, u, p: services.redo(clue_id=r.pk, note=texts(p), by=u, at=at),
            "transfer": lambda r, u, p: services.transfer(
                clue_id=r.pk, to="市场监管局", note=texts(p), by=u, at=at
            ),
            "merge": lambda r, u, p: services.merge(
                clue_id=r.pk, number=target.number, note=texts(p), by=u, at=at
            ),
            "correct": correct,
            "attach": lambda r, u, p: services.attach(clue_id=r.pk, evidence=[scan()], by=u, at=at),
        },
        parts=queries.parts_in,
        invariants=[two_people, nobody_handles_what_is_about_oneself],
    )
    walk(course)


def two_people(clue):
    assert clue.handler_id is None or clue.handler_id not in (clue.approved_by_id, clue.concluded_by_id)
    assert (clue.state == ClueState.CONCLUDED) is (clue.concluded_by_id is not None)


def nobody_handles_what_is_about_oneself(clue):
    assert clue.handler is None or SUBJECT not in queries.parts_in(clue, clue.handler)


# Correcting what was registered


def correction(clue, *about, by, at, **changes):
    """The correction as the form asks it, with what the clue says wherever nothing else is given."""
    said = {name: getattr(clue, name) for name in ("channel", "received_on", "title", "content", "is_named")}
    about = about or [s.cadre for s in clue.subjects.all() if s.cadre]
    values = {**said, "cadres": about, "note": "选错了同名的人", **changes}
    return clue_entry.correct(clue_id=clue.pk, **values, by=by, at=at)


def namesake(district, key="clerk", staff_no="T901"):
    """Somebody else of that name, in another unit."""
    return people.save_cadre(
        staff_no=staff_no, name=district.cadres[key].name, unit=district.other, establishment="CIVIL_SERVANT",
        post="科员", joined_on=district.today - timedelta(days=900), by=None, at=district.now,
    )  # fmt: skip


def sent_back(district, client, clue, **changes):
    """What the page offers to correct, sent with changes."""
    found = queries.clues_visible_to(district.users["discipline"]).get(pk=clue.pk)
    shown = CorrectionForm(record=found, user=district.users["discipline"])
    values = {name: shown[name].value() for name in shown.fields}
    for name in ("cadre_1", "cadre_2", "cadre_3"):
        who = values.pop(name)
        values |= {f"{name}_text": str(who or ""), f"{name}_id": who.pk if who else ""}
    values = {name: "" if value is None else value for name, value in values.items() if value is not False}
    return client.post(f"{clue.get_absolute_url()}correct/", {**values, **changes}, follow=True)


def test_the_wrong_namesake_is_corrected_on_the_page_and_the_old_one_stays_readable(district, as_role):
    other, clue, client = namesake(district), heard(district), as_role("discipline")
    page = client.get(clue.get_absolute_url()).content.decode()
    assert (
        "曾国平（建设局，T002）" in page
        and "曾国平（建设局，T002）" in client.get("/clues/").content.decode()
    )
    page = sent_back(
        district, client, clue, cadre_1_id=other.pk, title="反映窗口办件拖延两周", note="选错了同名的人"
    ).content.decode()
    assert "已更正，原内容保留在" in page
    clue.refresh_from_db()
    assert (clue.subjects.get().cadre, clue.title, clue.state) == (
        other,
        "反映窗口办件拖延两周",
        "REGISTERED",
    )
    record = page.split("原内容</summary>", 1)[1]
    assert "选错了同名的人" in page and "原被反映对象" in record and "曾国平（建设局，T002）" in record
    assert "反映窗口办件拖延</dd>" in record
    assert "曾国平（财政局，T901）" in page
    for reader in ("discipline2", "dhead"):
        assert "原被反映对象" in as_role(reader).get(clue.get_absolute_url()).content.decode()


def test_a_correction_tells_the_audit_that_it_happened_and_not_what_was_said(district, as_role):
    clue = heard(district)
    correction(
        clue, district.cadres["worker"], title="反映大厅无人值守", content="另一种说法。", channel="CALL",
        by=district.users["discipline"], at=district.now,
    )  # fmt: skip
    event = AuditEvent.objects.get(action="更正线索")
    assert (event.target_name, event.before["channel"], event.after["channel"]) == (
        clue.number,
        "LETTER",
        "CALL",
    )
    told = f"{event.before}{event.after}"
    words = ("反映窗口办件拖延", "反映大厅无人值守", "材料齐全", "另一种说法", "曾国平", "王小川")
    assert not any(word in told for word in words)
    page = as_role("auditor").get("/audit/").content.decode()
    assert "更正线索" in page and "被反映对象" in page and "反映内容" in page
    assert not any(word in page for word in words[:4])


@pytest.mark.parametrize(
    ("who", "state", "answer"),
    [
        ("discipline", "REGISTERED", ""),  # recorder
        ("dhead", "REGISTERED", ""),
        ("discipline2", "REGISTERED", "只有登记人、承办人、负责人可以更正"),
        ("discipline", "PROPOSED", ""),
        ("dhead", "PROPOSED", ""),
        ("discipline", "APPROVED", "当前状态是“办理中”，不能更正"),
        ("dhead", "CONCLUDED", "当前状态是“已了结”，不能更正"),
        ("unithead", "REGISTERED", "DoesNotExist"),
    ],
)
def test_recorder_handler_and_heads_correct_until_something_is_approved(district, who, state, answer):
    clue, by = brought_to(district, state), district.users[who]
    if answer == "":
        correction(clue, content="改后", by=by, at=district.now)
    elif answer == "DoesNotExist":
        with pytest.raises(Clue.DoesNotExist):
            correction(clue, content="改后", by=by, at=district.now)
    else:
        with pytest.raises(NotAllowed, match=answer):
            correction(clue, content="改后", by=by, at=district.now)
    clue.refresh_from_db()
    assert clue.content == ("改后" if answer == "" else "材料齐全，三周未办结。")


def test_the_handler_corrects_what_somebody_else_registered(district):
    clue = heard(district, by="discipline2")
    handler, head = district.users["discipline"], district.users["dhead"]
    services.assign(clue_id=clue.pk, handler=handler, by=head, at=district.now)
    assert correction(clue, content="改后", by=handler, at=district.now)[1] == ""


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({}, "title", "没有改动任何一栏"),
        ({"title": ""}, "title", "必填"),
        ({"title": "长" * 81}, "title", "80"),
        ({"content": "长" * 4001}, "content", "4000"),
        ({"content": "改了", "note": ""}, "note", "必填"),
        ({"content": "改了", "note": "长" * 501}, "note", "500"),
        ({"received_on": "2999-01-01"}, "received_on", "晚于今天"),
        ({"channel": "RUMOUR"}, "channel", "有效"),
        ({"cadre_1_text": "", "cadre_1_id": ""}, "cadre_1", "至少填写一个被反映的人员或单位"),
        ({"cadre_1_text": "查无此人", "cadre_1_id": ""}, "cadre_1", "没有找到人员"),
        ({"cadre_1_text": "覃正", "cadre_1_id": ""}, "cadre_1", "反映本人的线索应当回避"),
        ({"cadre_2_text": "宓远"}, "cadre_1", "应报上级纪检监察机关"),
        ({"names": "宓远"}, "cadre_1", "应报上级纪检监察机关"),
        ({"title": "另一件"}, "again", "勾选“确属另一件”"),
        ({"is_named": "on"}, "complainant", "实名举报请填写举报人姓名"),
        ({"complainant": "张某"}, "is_named", "匿名线索不保存身份"),
    ],
)
def test_a_bad_correction_is_told_at_its_field_and_changes_nothing(
    district, as_role, changes, place, message
):
    heard(district, title="另一件")
    clue = heard(district)
    before = (set(clue.subjects.values_list("pk", "cadre")), StepTaken.objects.count())
    page = sent_back(
        district, as_role("discipline"), clue, **{"note": "核对原件", **changes}
    ).content.decode()
    assert re.search(rf'href="#correct_{place}(_text)?">[^<]*</a>：[^<]*{message}', page)
    assert (set(clue.subjects.values_list("pk", "cadre")), StepTaken.objects.count()) == before
    assert not AuditEvent.objects.filter(action="更正线索").exists()
    stored = Clue.objects.get(pk=clue.pk)
    assert (stored.title, stored.content, stored.is_named) == (clue.title, clue.content, False)


def test_the_same_thing_twice_may_be_confirmed_when_correcting(district, as_role):
    heard(district, title="另一件")
    page = sent_back(
        district, as_role("discipline"), heard(district), title="另一件", again="on", note="核对原件"
    )
    assert "已更正" in page.content.decode()


def test_a_handler_who_turns_out_to_be_the_subject_leaves_and_another_is_sought(district, as_role):
    clue = brought_to(district, ClueState.PROPOSED, heard(district, by="dhead"))
    page = sent_back(
        district, as_role("dhead"), clue, cadre_1_id=district.cadres["officer"].pk, note="反映的是承办人"
    ).content.decode()
    assert "原承办人是被反映人，退回重新分派。" in page
    clue.refresh_from_db()
    assert (clue.state, clue.handler, clue.method, clue.opinion) == ("REGISTERED", None, "", "")
    step = StepTaken.objects.get(step="correct")
    assert (step.from_state, step.to_state) == ("PROPOSED", "REGISTERED")
    assert step.note == "反映的是承办人\n原承办人是被反映人，退回重新分派。"
    assert (step.old["承办人"], step.old["处置意见"]) == ("覃正", "建议核实。")
    assert as_role("discipline").get(clue.get_absolute_url()).status_code == 404
    found = lines(queries.todos(district.users["dhead"], today=district.today))
    assert (clue.title, "分派") in [(todo.title, todo.action) for todo in found]


def test_a_handler_who_would_be_the_only_one_to_approve_leaves_too(district):
    at, head = district.now, district.users["dhead"]
    accounts.grant_role(
        user=district.users["discipline2"], role=RoleCode.DISCIPLINE_HEAD, starts_on=district.today, by=None,
        at=at,
    )  # fmt: skip
    clue = heard(district)
    services.assign(clue_id=clue.pk, handler=head, by=head, at=at)
    _, left = correction(clue, district.cadres["officer2"], by=district.users["discipline"], at=at)
    assert left == "原承办人是唯一的审批人，不能审批自己承办的线索，退回重新分派。"
    clue.refresh_from_db()
    assert (clue.state, clue.handler) == ("REGISTERED", None)


def test_a_corrected_day_moves_the_limits_and_the_unit_of_the_day(district):
    clue, by = named(district), district.users["discipline"]
    people.save_cadre(
        staff_no="T002", name="曾国平", unit=district.other, establishment="CIVIL_SERVANT", post="科员",
        joined_on=district.today - timedelta(days=900), by=None, at=district.now,
    )  # fmt: skip
    day = district.today - timedelta(days=3)
    correction(clue, received_on=day, by=by, at=district.now)
    clue = queries.clues_visible_to(by).get()
    assert clue.due_on == rules.disposal_due(day, workday_overrides())
    assert clue.notices.get().due_on == rules.notice_due(day, workday_overrides())
    assert queries.subjects_in_words(clue) == "曾国平（建设局）"
    assert StepTaken.objects.get().old["收到日期"] == str(district.today)
    correction(clue, received_on=district.today, by=by, at=district.now)
    assert queries.subjects_in_words(queries.clues_visible_to(by).get()) == "曾国平（财政局）"


def test_marking_a_clue_named_seals_the_identity_and_the_other_way_forgets_it(district, as_role):
    clue, client = heard(district), as_role("discipline")
    page = sent_back(
        district, client, clue, is_named="on", complainant=NAME, contact=CONTACT, note="漏勾实名"
    ).content.decode()
    assert "已更正" in page and NAME not in page and CONTACT not in page
    clue.refresh_from_db()
    assert clue.is_named and clue.identity and clue.contact_index
    assert clue.notices.get().due_on == rules.notice_due(clue.received_on, workday_overrides())
    assert NAME in as_role("dhead").post(f"{clue.get_absolute_url()}identity/", look()).content.decode()

    page = sent_back(district, client, clue, content="改一句", note="错字").content.decode()
    assert "已更正" in page and "原举报人身份" not in page  # nothing typed: it stays as it is
    kept, clue = clue.identity, Clue.objects.get(pk=clue.pk)
    assert clue.identity == kept

    page = sent_back(
        district, client, clue, complainant="邱某", contact="138", note="姓名记错"
    ).content.decode()
    assert "原举报人身份" in page and "邱某" not in page
    page = as_role("dhead").post(f"{clue.get_absolute_url()}identity/", look()).content.decode()
    assert "邱某" in page and NAME not in page

    assert "已密封的身份随即删除" in client.get(clue.get_absolute_url()).content.decode()
    found = queries.clues_visible_to(district.users["discipline"]).get()
    shown = CorrectionForm(record=found, user=district.users["discipline"])
    assert shown["is_named"].value() is True and not shown["complainant"].value()
    correction(clue, is_named=False, by=district.users["discipline"], at=district.now)
    clue.refresh_from_db()
    assert (clue.is_named, clue.identity, clue.contact_index) == (False, "", "")
    assert not clue.notices.exists()
    assert places(NAME, CONTACT, "邱某") == []


def test_what_the_reporter_was_told_stays_true(district):
    clue, by = brought_to(district, ClueState.ASSIGNED, named(district)), district.users["discipline"]
    earlier = district.today - timedelta(days=5)
    correction(clue, received_on=earlier, by=by, at=district.now)
    services.fulfil_notice(
        notice_id=clue.notices.get().pk, done_on=earlier, how="PHONE", by=by, at=district.now
    )
    clue.refresh_from_db()
    with pytest.raises(DomainError, match="不能改为匿名") as wrong:
        correction(clue, is_named=False, by=by, at=district.now)
    assert wrong.value.field == "is_named"
    with pytest.raises(DomainError, match="收到日期不能晚于这一天"):
        correction(clue, received_on=district.today, by=by, at=district.now)
    with pytest.raises(DomainError, match="请填写举报人姓名"):
        correction(clue, contact="138", by=by, at=district.now)
    assert Clue.objects.get().received_on == earlier


# Attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


def scan(name=f"{NAME}来信.png"):
    return SimpleUploadedFile(name, PNG)


def test_files_come_with_the_form_and_later_under_names_that_tell_nothing(district, as_role, caplog):
    caplog.set_level(logging.DEBUG)
    client = as_role("discipline")
    page = client.get("/clues/new/?above=no").content.decode()
    assert "multipart/form-data" in page and "不要上传带举报人姓名的页" in page
    data = form(district, is_named="on", complainant=NAME, evidence=[scan(), scan("录音截图.PNG")])
    page = client.post("/clues/new/", data, follow=True).content.decode()
    clue = Clue.objects.get()
    assert "附件1.png" in page and "附件2.png" in page
    answer = client.post(f"{clue.get_absolute_url()}attach/", {"evidence": [scan()]}, follow=True)
    assert "附件已补充" in answer.content.decode() and "附件3.png" in answer.content.decode()
    told = AuditEvent.objects.get(action="补充附件线索").after["files"]
    assert [file["name"] for file in told] == ["附件3.png"]
    assert places(NAME, "来信.png") == [] and NAME not in caplog.text


def test_files_are_for_who_sees_the_clue_and_each_download_is_audited(district, as_role):
    clue = heard(district, "officer2", evidence=[scan()])
    address = f"/clues/{clue.number}/files/{attachments_of(clue).get().pk}/"
    for role in ("discipline", "dhead"):
        answer = as_role(role).get(address)
        assert b"".join(answer.streaming_content) == PNG and "attachment" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="下载附件").count() == 2
    assert as_role("discipline2").get(address).status_code == 404
    for role in ("unithead", "cadre", "auditor"):
        assert as_role(role).get(address).status_code == 403
    other = heard(district, "worker")
    assert as_role("dhead").get(address.replace(clue.number, other.number)).status_code == 404
    assert AuditEvent.objects.filter(action="下载附件").count() == 2


def test_bad_files_are_told_and_nothing_is_saved(district, as_role):
    client = as_role("discipline")
    wrong = client.post("/clues/new/", form(district, evidence=[SimpleUploadedFile("a.exe", b"MZ")]))
    assert wrong.context["form"].errors["evidence"] and Clue.objects.count() == 0
    again = client.post("/clues/new/", form(district, title="", evidence=[scan()])).content.decode()
    assert "附件没有留下，请重新选择" in again and Attachment.objects.count() == 0
    clue = heard(district)
    empty = client.post(f"{clue.get_absolute_url()}attach/", {}).content.decode()
    assert "请先选择要补充的附件" in empty
    assert (
        "只有登记人、承办人、负责人可以补充附件"
        in as_role("discipline2")
        .post(f"{clue.get_absolute_url()}attach/", {"evidence": [scan()]}, follow=True)
        .content.decode()
    )


# The sealed identity


def test_the_identity_is_shown_once_to_the_handler_with_a_reason(district, as_role):
    clue = brought_to(district, ClueState.ASSIGNED, named(district))
    client, address = as_role("discipline"), f"/clues/{clue.number}/identity/"
    before = AuditEvent.objects.count()
    assert "至少 4 个字" in client.post(address, look("看看")).content.decode()
    assert (AuditEvent.objects.count(), SealOpening.objects.count()) == (before, 0)
    answer = client.post(address, look("电话核实细节"))
    page = answer.content.decode()
    assert NAME in page and CONTACT in page and "<form" not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert AuditEvent.objects.count() == before + 1
    opening = SealOpening.objects.get()
    assert (opening.opened_by, opening.reason) == (district.users["discipline"], "电话核实细节")
    assert client.get(address).status_code == 405
    again = client.get(f"/clues/{clue.number}/").content.decode()
    assert NAME not in again and "电话核实细节" in again


def test_the_same_form_sent_again_shows_nothing_and_leaves_no_second_opening(district, as_role):
    clue = brought_to(district, ClueState.ASSIGNED, named(district))
    client, address, sent = as_role("discipline"), f"/clues/{clue.number}/identity/", look("电话核实细节")
    assert NAME in client.post(address, sent).content.decode()
    audits = AuditEvent.objects.count()
    for other in (sent, {**sent, "reason": "另写一个理由"}):
        again = client.post(address, other, follow=True).content.decode()
        assert "身份只显示一次。需要再次查看，请重新写明理由。" in again
        assert NAME not in again and CONTACT not in again
    assert (SealOpening.objects.count(), AuditEvent.objects.count()) == (1, audits)
    for key in ("", "x"):
        assert NAME not in client.post(address, {**sent, "submission_key": key}).content.decode()
    fresh = client.get(clue.get_absolute_url()).context["seal_form"]["submission_key"].value()
    assert NAME in client.post(address, {"reason": "再次核实", "submission_key": fresh}).content.decode()
    assert SealOpening.objects.count() == 2


def test_only_handler_and_approver_open_it(district, as_role):
    clue = brought_to(district, ClueState.ASSIGNED, named(district))
    address = f"/clues/{clue.number}/identity/"
    assert NAME in as_role("dhead").post(address, look()).content.decode()
    other = as_role("discipline2").post(address, look(), follow=True).content.decode()
    assert NAME not in other and "只有本线索的承办人或审批人可以查看" in other
    for role in ("unithead", "cadre", "chief", "assessor", "leader", "sysadmin", "secadmin", "auditor"):
        assert as_role(role).post(address, look()).status_code == 403
    assert SealOpening.objects.count() == 1


def test_a_sealed_text_moved_to_another_row_or_changed_does_not_open(district):
    mine, other = named(district), named(district, "worker")
    head = district.users["dhead"]
    Clue.objects.filter(pk=mine.pk).update(identity=other.identity)
    with pytest.raises(DomainError, match="不属于这条记录。 身份没有打开，请联系系统管理员"):
        services.open_seal(clue_id=mine.pk, **look(), by=head, at=district.now)
    assert SealOpening.objects.count() == 0
    assert services.open_seal(clue_id=other.pk, **look(), by=head, at=district.now) == {
        "name": NAME, "contact": CONTACT,
    }  # fmt: skip
    anonymous = heard(district, title="没有留名的一件")
    with pytest.raises(DomainError, match="匿名反映"):
        services.open_seal(clue_id=anonymous.pk, **look(), by=head, at=district.now)


def test_without_a_key_no_named_clue_is_saved_and_the_page_says_why(district, as_role, settings):
    settings.SEALING_KEYS = ""
    client = as_role("discipline")
    page = client.post("/clues/new/", form(district, is_named="on", complainant=NAME))
    assert "SEALING_KEYS" in page.content.decode() and Clue.objects.count() == 0
    assert client.post("/clues/new/", form(district)).status_code == 302


# Who sees what


def test_the_office_sees_clues_and_nobody_else_does(district, as_role):
    clue = heard(district)
    for role in ("discipline", "discipline2", "dhead"):
        assert clue.title in as_role(role).get("/clues/").content.decode()
        assert as_role(role).get(f"/clues/{clue.number}/").status_code == 200
    for role in ("unithead", "cadre", "chief", "assessor", "leader", "sysadmin", "secadmin", "auditor"):
        assert as_role(role).get("/clues/").status_code == 403
        assert not queries.clues_visible_to(district.users[role]).exists()


def test_the_auditor_sees_the_number_and_nothing_of_what_was_said(district, as_role):
    clue = brought_to(district, ClueState.CONCLUDED, named(district))
    page = as_role("auditor").get("/audit/").content.decode()
    assert str(clue.pk) in page and clue.number not in page
    for words in (clue.title, clue.content, clue.opinion, clue.result, NAME, CONTACT):
        assert words not in page


MASKS = ((r"[A-Za-z0-9]{64}", "token"), (r'nonce="[^"]+"', "nonce"), (r"[0-9a-f-]{36}", "key"))


def seen_by(client, cadre):
    """What one account is answered everywhere a clue could leave a trace; keys and tokens masked."""
    found = {}
    for path in (
        "/", "/clues/", "/clues/?q=反映", "/clues/?state=ASSIGNED", "/clues/?late=1", "/clues/notices/",
        "/clues/handovers/", "/clues/new/?above=no", "/violations/", "/cadres/", f"/cadres/{cadre.pk}/",
        "/cadres/options/?cadre_1_text=" + cadre.name, "/help/", "/statistics/", "/statistics/clues/",
    ):  # fmt: skip
        answer = client.get(path)
        text = answer.content.decode()
        for pattern, mask in MASKS:
            text = re.sub(pattern, mask, text)
        found[path] = (answer.status_code, len(text), text)
    data = {"title": "反映窗口办件拖延", "contact": CONTACT, "cadre_1_id": cadre.pk}
    answer = client.post("/clues/similar/", data)
    found["similar"] = (answer.status_code, 0, re.sub(r"[A-Za-z0-9]{64}", "token", answer.content.decode()))
    return found


SUBJECTS = {
    "discipline2": "officer2", "dhead": "secretary", "unithead": "head", "cadre": "clerk", "chief": "chief",
    "leader": "leader", "assessor": "assessor",
}  # fmt: skip


@pytest.mark.parametrize("who", SUBJECTS)
def test_whom_a_clue_is_about_sees_the_same_world_as_without_it(district, as_role, who):
    """Two worlds: the same pages, counts, numbers and lengths before and after; a bystander's change."""
    at, key = district.now, SUBJECTS[who]
    accounts.grant_role(
        user=district.users["discipline"], role=RoleCode.DISCIPLINE_HEAD, starts_on=district.today,
        by=None, at=at,
    )  # fmt: skip
    heard(district, "outsider", title="另一件事项")
    client, cadre = as_role(who), district.cadres[key]
    client.get("/")
    other = as_role("discipline")
    other.get("/")
    before, beside = seen_by(client, cadre), seen_by(other, cadre)
    clue = named(district, key)
    handler = "dhead" if who != "dhead" else "discipline2"
    services.assign(clue_id=clue.pk, handler=district.users[handler], by=district.users["discipline"], at=at)
    assert seen_by(client, cadre) == before
    assert seen_by(other, cadre) != beside
    for path in ("", "identity/", "dispose/", "correct/", "attach/", "files/1/"):
        office = who in ("discipline2", "dhead")
        expected = client.post("/clues/XSNOSUCHCLUE/" + path, {"reason": "核实具体情况"}).status_code
        assert client.post(f"/clues/{clue.number}/{path}", {"reason": "核实具体情况"}).status_code == expected
        assert expected == (404 if office else 403)


def test_a_subject_named_in_words_does_not_see_it_either(district):
    heard(district, cadres=[], names=["仇磊"])
    assert not queries.clues_visible_to(district.users["discipline2"]).exists()
    assert queries.clues_visible_to(district.users["dhead"]).count() == 1


def test_when_every_officer_is_a_subject_the_head_still_sees_it(district):
    clue = heard(district, "officer", "officer2", by="dhead")
    assert list(queries.clues_visible_to(district.users["dhead"])) == [clue]
    for name in ("discipline", "discipline2"):
        assert not queries.clues_visible_to(district.users[name]).exists()


def test_numbers_tell_nothing(district):
    numbers = [heard(district, title=f"第{n}件").number for n in range(20)]
    assert len(set(numbers)) == 20 and all(re.fullmatch(r"XS[2-9A-HJ-NP-Z]{12}", n) for n in numbers)
    assert sorted(numbers) != numbers


# While typing, and again on submit


def test_duplicates_and_repeat_writers_are_found_while_typing(district, as_role):
    clue = named(district)
    old = heard(
        district, "worker", title="反映窗口办件拖延", received_on=district.today - timedelta(days=420)
    )
    client = as_role("discipline2")
    page = client.post(
        "/clues/similar/", {"title": "反映窗口办件拖拉", "contact": "１３９ 4242 4242"}
    ).content.decode()
    assert clue.title in page and "此联系方式曾反映 1 次" in page
    assert NAME not in page and CONTACT not in page and old.number not in page
    same = {"title": "完全不同", "cadre_1_id": district.cadres["clerk"].pk}
    assert clue.number in client.post("/clues/similar/", same).content.decode()
    for junk in ({}, {"cadre_1_id": "x"}, {"title": "好", "contact": "--"}, {"cadre_1_id": "9" * 30}):
        assert "曾反映" not in client.post("/clues/similar/", junk).content.decode()


def test_likeness_on_submit_is_a_notice_and_the_same_again_is_refused_unless_ticked(district, as_role):
    client = as_role("discipline")
    client.post("/clues/new/", form(district))
    told = client.post("/clues/new/", form(district, title="反映窗口办件拖延严重"), follow=True)
    assert "近 12 个月有相近线索" in told.content.decode()
    refused = client.post("/clues/new/", form(district))
    assert "勾选“确属另一件”" in "".join(refused.context["form"].errors["again"])
    assert Clue.objects.count() == 2
    assert client.post("/clues/new/", form(district, again="on")).status_code == 302


# Notices


def test_a_notice_is_recorded_once_by_handler_or_approver(district, as_role):
    clue = brought_to(district, ClueState.ASSIGNED, named(district))
    notice, client = clue.notices.get(), as_role("discipline")
    address = f"/clues/{clue.number}/notices/{notice.pk}/"
    for day in (district.today + timedelta(days=1), district.today - timedelta(days=1)):
        page = client.post(address, {"done_on": day, "how": "PHONE"}).content.decode()
        assert "告知日期应在收到线索" in page
    fine = {"done_on": district.today, "how": "PHONE"}
    refused = as_role("discipline2").post(address, fine, follow=True).content.decode()
    assert "只有本线索的承办人或审批人可以登记告知" in refused
    assert "已登记告知" in client.post(address, fine, follow=True).content.decode()
    assert "不能重复登记" in client.post(address, fine, follow=True).content.decode()
    assert ClueNotice.objects.get().done_by == district.users["discipline"]


def test_forms_that_are_seldom_wanted_are_folded_until_they_come_back_wrong(district, as_role):
    clue = brought_to(district, ClueState.ASSIGNED, named(district))
    client = as_role("discipline")
    page = client.get(clue.get_absolute_url()).content.decode()
    assert "<details open" not in page
    assert "<summary>登记告知</summary>" in page and "<summary>查看身份</summary>" in page
    wrong = client.post(f"/clues/{clue.number}/notices/{clue.notices.get().pk}/", {}).content.decode()
    assert wrong.split("登记告知</summary>")[0].rstrip().endswith("<details open>\n                <summary>")
    wrong = client.post(f"/clues/{clue.number}/identity/", look("看")).content.decode()
    assert wrong.split("查看身份</summary>")[0].rstrip().endswith("<details open>\n            <summary>")


def test_an_anonymous_clue_owes_no_notice(district):
    assert not brought_to(district, ClueState.CONCLUDED).notices.exists()


# Pages


def test_every_step_works_on_the_page(district, as_role):
    clue, officer, head = named(district), as_role("discipline"), as_role("dhead")
    address = f"/clues/{clue.number}/"

    def step(client, name, **data):
        return client.post(f"{address}{name}/", data, follow=True).content.decode()

    assert "已分派" in step(head, "assign", handler=district.users["discipline"].pk)
    assert "必填" in step(officer, "dispose", method="CHECK", opinion="  ")
    assert "待另一人审批" in step(officer, "dispose", method="CHECK", opinion="建议核实。")
    assert "没有保存" in step(officer, "approve")
    assert "提出的处置方式：初步核实" in head.get(address).content.decode()
    assert "已批准处置意见" in step(head, "approve")
    assert "待另一人审批" in step(officer, "report", result="部分属实。")
    assert "已退回" in step(head, "redo", note="补充证据")
    assert "待另一人审批" in step(officer, "report", result="部分属实，已补充。")
    assert "已批准了结" in step(head, "conclude")
    assert head.post(f"{address}burn/").status_code == 404
    owed = officer.get("/clues/notices/").content.decode()
    assert "结果反馈" in owed and clue.title in owed


def test_the_workbench_says_what_each_has_to_do(district, as_role):
    clue = named(district)
    assert ">分派</a>" in as_role("dhead").get("/").content.decode()
    assert (
        "线索" not in as_role("discipline").get("/").content.decode().split("常用入口")[0].split("<main")[1]
    )
    brought_to(district, ClueState.ASSIGNED, clue)
    page = as_role("discipline").get("/").content.decode()
    assert f">{clue.title}</a>" in page and f">受理告知：{clue.title}</a>" in page and ">告知</a>" in page
    other = as_role("discipline2").get("/").content.decode()
    assert clue.number not in other and clue.title not in other


def test_the_list_filters_and_swaps_only_its_table(district, as_role):
    heard(district, title="滨江路保洁")
    heard(
        district, "worker", title="窗口态度", channel="CALL", received_on=district.today - timedelta(days=60)
    )
    client = as_role("discipline")

    def listed(**query):
        page = client.get("/clues/", query, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        return ["滨江路保洁" in page, "窗口态度" in page]

    assert listed() == [True, True]
    assert listed(q="滨江") == [True, False]
    assert listed(channel="CALL") == [False, True]
    assert listed(state="CONCLUDED") == [False, False]
    assert listed(late="1") == [False, True]
    assert listed(since=district.today.isoformat()) == [True, False]
    assert listed(until=(district.today - timedelta(days=1)).isoformat()) == [False, True]
    assert listed(handler=str(district.users["discipline"].pk)) == [False, False]
    assert client.get("/clues/", {"order": "id; DROP", "handler": "x"}).status_code == 200


def test_complainant_fields_are_not_kept_by_the_browser_nor_the_title_by_its_history(district, as_role):
    client = as_role("discipline")
    page = client.get("/clues/new/?above=no").content.decode()
    for name in ("complainant", "contact"):
        assert 'autocomplete="off"' in re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group()
    clue = heard(district)
    head = client.get(f"/clues/{clue.number}/").content.decode().split("</head>")[0]
    assert clue.number in head and clue.title not in head


def test_the_list_takes_at_most_15_statements_the_same_for_15_and_for_100(
    district, as_role, django_assert_max_num_queries
):
    client = as_role("discipline")
    client.get("/")
    taken, made = [], 0
    for more in (15, 85):
        for _ in range(more):
            made += 1
            clue = Clue.objects.create(
                channel="LETTER", received_on=district.today, title=f"第 {made} 件", content="内容",
                submission_key=uuid4(), recorded_by=district.users["discipline2"], recorded_at=district.now,
            )  # fmt: skip
            ClueSubject.objects.create(clue=clue, cadre=district.cadres["clerk"])
        with django_assert_max_num_queries(15) as captured:
            page = client.get("/clues/")
        taken.append((page.context["page"].paginator.count, len(captured)))
    assert [count for count, _ in taken] == [15, 100]
    assert taken[0][1] == taken[1][1]


def test_notices_hand_overs_and_the_page_cost_the_same_for_many(district, as_role):
    """The page grows by its files, notices and corrections, never by statements."""
    client, by, head = as_role("discipline"), district.users["discipline"], district.users["dhead"]
    client.get("/")

    def cost(path):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    clue = named(district)
    taken = []
    for more in (1, 12):
        for _ in range(more):
            other = named(district, title=f"第 {uuid4()} 件"[:80])
            services.assign(clue_id=other.pk, handler=by, by=head, at=district.now)
            hand_over_owed(district)
            services.attach(clue_id=clue.pk, evidence=[scan()], by=by, at=district.now)
            correction(clue, content=f"第 {uuid4()} 稿", by=by, at=district.now)
        taken.append(
            [cost(path) for path in ("/clues/notices/", "/clues/handovers/", clue.get_absolute_url())]
        )
    assert taken[0] == taken[1] and max(taken[1][:2]) <= 15, taken


def hand_over_owed(district):
    return handovers.count_handover(
        received_on=district.today, channel="LETTER", level="CITY", handed_to="CITY",
        submission_key=uuid4(), by=district.users["discipline"], at=district.now,
    )  # fmt: skip


# What comes of a clue


def test_a_violation_and_a_letter_come_of_a_clue_without_typing_it_again(district, as_role):
    clue = brought_to(district, ClueState.REPORTED, heard(district, "clerk", channel="PATROL"))
    client, about = as_role("discipline"), f"?about=conduct.Clue:{clue.pk}"
    page = client.get(clue.get_absolute_url()).content.decode()
    assert f"/violations/new/{about}" in page and f"/letters/new/{about}" in page
    form = client.get(f"/violations/new/{about}").context["form"]
    assert form["cadre"].value() == district.cadres["clerk"]
    assert (form["facts"].value(), form["found_by"].value()) == ("部分属实，已提醒。", "ASSIGNED")
    letter = client.get(f"/letters/new/{about}").context["form"]
    assert letter["unit"].value() == district.bureau.pk
    assert clue.content not in str(letter) and clue.title not in str(letter)
    sent = {
        "cadre_text": "", "cadre_id": district.cadres["clerk"].pk, "prohibition": "B7",
        "occurred_on": district.today.isoformat(), "place": "大厅", "found_by": "ASSIGNED", "facts": "脱岗",
        "about": f"conduct.Clue:{clue.pk}", "submission_key": str(uuid4()),
    }  # fmt: skip
    logged = client.post("/violations/new/", sent, follow=True).content.decode()
    violation = district.cadres["clerk"].violations.get()
    assert (violation.origin_label, violation.origin_id) == ("conduct.Clue", str(clue.pk))
    assert clue.number in logged
    assert violation.get_absolute_url() in client.get(clue.get_absolute_url()).content.decode()


@pytest.mark.parametrize("state", [ClueState.REGISTERED, ClueState.ASSIGNED, ClueState.PROPOSED])
def test_nothing_comes_of_a_clue_nobody_has_looked_into(district, as_role, state):
    clue = brought_to(district, state)
    assert "?about=" not in as_role("discipline").get(clue.get_absolute_url()).content.decode()


def test_whom_a_clue_is_about_learns_nothing_of_it_from_what_came_of_it(district, as_role):
    clue = brought_to(district, ClueState.REPORTED, heard(district, "clerk"))
    violation = district.log("clerk")
    type(violation).objects.filter(pk=violation.pk).update(
        origin_label="conduct.Clue", origin_id=str(clue.pk)
    )
    decide_violation(
        violation_id=violation.pk, state="CONFIRMED", note="", by=district.users["dhead"], at=district.now
    )
    page = as_role("cadre").get(violation.get_absolute_url())
    assert page.status_code == 200 and clue.number not in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"content": f"{NAME}来电反映窗口办件拖延。"}, "举报人姓名"),
        ({"title": f"{NAME}反映办件拖延"}, "举报人姓名"),
        ({"content": "回电 13942424242。"}, "联系方式"),
    ],
)
def test_who_reported_is_not_said_beside_the_sealed_identity(district, as_role, changes, said):
    data = form(district, is_named="on", complainant=NAME, contact=CONTACT, **changes)
    assert said in as_role("discipline").post("/clues/new/", data).content.decode()
    assert not Clue.objects.exists()
