"""Public notices: drawn from records, names masked, a second person approves."""

from datetime import date
from functools import partial
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from docx import Document

from conduct.models import CaseNotice, Handling, Violation
from conduct.queries import notices as queries
from conduct.rules.notices import NOTICE, masked_name, masked_text, outcome_text
from conduct.services import handlings, violations
from conduct.services import notices as services
from core.models import AuditEvent, Proposal
from core.rules.errors import DomainError, NotAllowed
from core.services import proposals
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(district):
    """A record found true and closed, whose facts name the person."""
    violation = district.log("clerk")
    violations.decide_violation(
        violation_id=violation.pk,
        state="CONFIRMED",
        note="",
        by=district.users["discipline2"],
        at=timezone.now(),
    )
    Violation.objects.filter(pk=violation.pk).update(
        facts="曾国平上午九时不在岗，同事称曾国平在外办私事。", state=queries.CLOSED_STATES[0]
    )
    violation.refresh_from_db()
    return violation


def draft(district, *records, by="discipline", **changes):
    values = {"title": "关于典型案例的通报", "violations": list(records), "submission_key": uuid4()}
    return services.draft_notice(by=district.users[by], at=timezone.now(), **{**values, **changes})


@pytest.mark.parametrize(
    ("name", "masked"),
    [("曾国平", "曾某某"), ("任青", "任某"), ("尉迟恭", "尉迟某"), ("令狐大春", "令狐某某"), ("王", "王某")],
)
def test_a_name_keeps_its_surname_only(name, masked):
    assert masked_name(name) == masked


def test_longer_names_are_masked_first():
    assert masked_text("王小、王小川", ["王小", "王小川"]) == "王某、王某某"


def test_the_text_is_written_from_the_record_without_the_name(district, closed):
    notice = draft(district, closed)
    assert "曾某某" in notice.body
    assert "曾国平" not in notice.body
    assert "建设局" in notice.body
    assert closed.prohibition.name in notice.body


@pytest.mark.parametrize(
    ("ways", "has_case", "said"),
    [
        (["TALK"], False, "2026年11月，曾某某被提醒谈话。"),
        (["CRITICISM", "PLEDGE"], True, "2026年11月，曾某某被批评教育、责令公开承诺；已按程序启动问责。"),
        ([], True, "对曾某某已按程序启动问责。"),
        ([], False, ""),
    ],
)
def test_the_outcome_is_one_sentence(ways, has_case, said):
    on = date(2026, 11, 20) if ways else None
    assert outcome_text("曾某某", ways=ways, on=on, has_case=has_case) == said


def test_the_text_says_what_came_of_each(district):
    """Handlings that stand, in words, a revoked one left out; a case that was accepted; names masked."""
    now, office = timezone.now(), district.users["discipline2"]
    today = timezone.localdate(now)

    def decided(cadre):
        violation = district.log(cadre)
        violations.decide_violation(violation_id=violation.pk, state="CONFIRMED", note="", by=office, at=now)
        return violation

    talked, cased = decided("clerk"), decided("worker")
    handle = partial(handlings.handle_violation, violation_id=talked.pk, on=today, by=office, at=now)
    for way in ("CIRCULAR", "CRITICISM", "TALK"):
        handle(way=way, note="曾国平已认识错误")
    Handling.objects.filter(way="CIRCULAR").update(revoked_at=now)
    handlings.escalate_violation(violation_id=cased.pk, note="情节较重", by=office, at=now)
    proposals.answer(
        proposal_id=Proposal.objects.get().pk,
        state="ACCEPTED",
        answer="同意",
        by=district.users["dhead"],
        at=now,
    )
    for violation in (talked, cased):
        handlings.close_violation(violation_id=violation.pk, by=office, at=now)
    lines = draft(district, talked, cased).body.splitlines()
    assert lines[0] == "现将2起违反“八不准”典型案例通报如下："
    assert lines[1].endswith(f"上午九时不在岗。{today.year}年{today.month}月，曾某某被批评教育、提醒谈话。")
    assert lines[2].endswith("对王某某已按程序启动问责。")
    assert "曾国平" not in "".join(lines)
    named = queries.drafted_body([talked], masked=False)
    assert f"{today.month}月，曾国平被" in named


def test_the_form_comes_first_and_open_the_sending_below(district, as_role, closed):
    notice = draft(district, closed)
    page = as_role("discipline").get(notice.get_absolute_url()).content.decode()
    edit, send = page.index('id="step-edit"'), page.index('id="step-submit"')
    assert edit < send < page.index("已保存的正文")
    assert "<details" not in page[edit:send]
    assert "送审的是已保存的文字" in page
    services.submit_notice(notice_id=notice.pk, by=district.users["discipline"], at=timezone.now())
    page = as_role("dhead").get(notice.get_absolute_url()).content.decode()
    assert page.index("<h2>正文</h2>") < page.index('id="step-approve"')


def published(district, closed):
    notice = draft(district, closed)
    services.submit_notice(notice_id=notice.pk, by=district.users["discipline"], at=timezone.now())
    return services.approve_notice(notice_id=notice.pk, by=district.users["dhead"], at=timezone.now())


def test_published_it_is_an_official_document_for_everybody(district, as_role, closed, settings):
    settings.ISSUING_ORGAN = "测试区纪检监察工作委员会"
    notice = published(district, closed)
    day = notice.published_on
    for role in ("cadre", "dhead"):
        answer = as_role(role).get(f"/notices/{notice.pk}/word/")
        lines = [p.text for p in Document(BytesIO(answer.content)).paragraphs]
        assert lines.count("测试区纪检监察工作委员会") == 2
        assert lines[-1] == f"{day.year}年{day.month}月{day.day}日"
        assert notice.title in lines and notice.body.splitlines()[-1] in lines
        assert not any("{" in line for line in lines)
        assert as_role(role).get(f"/notices/{notice.pk}/pdf/").content.startswith(b"%PDF")
    assert AuditEvent.objects.filter(action="导出典型案例通报").count() == 4
    assert as_role("auditor").get(f"/notices/{notice.pk}/pdf/").status_code == 403


def test_a_draft_is_marked_and_what_was_recalled_is_not_handed_out(district, as_role, closed):
    notice = draft(district, closed)
    assert as_role("cadre").get(f"/notices/{notice.pk}/pdf/").status_code == 404
    answer = as_role("discipline").get(f"/notices/{notice.pk}/word/")
    assert "草稿" in [p.text for p in Document(BytesIO(answer.content)).paragraphs]
    recalled = published(district, closed)
    services.recall_notice(
        notice_id=recalled.pk, note="依据有变", by=district.users["dhead"], at=timezone.now()
    )
    for kind in ("pdf", "word"):
        assert as_role("dhead").get(f"/notices/{recalled.pk}/{kind}/").status_code == 403
    assert "PDF" not in as_role("dhead").get(recalled.get_absolute_url()).content.decode()


def test_the_print_view_keeps_the_course_to_the_office(district, as_role, closed):
    page = as_role("discipline").get(draft(district, closed).get_absolute_url()).content.decode()
    assert '<aside class="card no-print" aria-labelledby="course">' in page


def test_own_drafts_wait_on_ones_own_workbench(district, as_role, closed):
    notice = draft(district, closed)
    [todo] = lines(queries.todos(district.users["discipline"], today=district.today))
    assert (todo.title, todo.action) == (notice.title, "送审")
    assert notice.title in as_role("discipline").get("/").content.decode()
    assert lines(queries.todos(district.users["discipline2"], today=district.today)) == []
    services.submit_notice(notice_id=notice.pk, by=district.users["discipline"], at=timezone.now())
    assert [t.action for t in lines(queries.todos(district.users["dhead"], today=district.today))] == ["审批"]
    services.return_notice(
        notice_id=notice.pk, note="写明结果", by=district.users["dhead"], at=timezone.now()
    )
    [todo] = lines(queries.todos(district.users["discipline"], today=district.today))
    assert (todo.action, todo.detail) == ("修改后送审", "退回修改：写明结果")


def test_from_draft_to_published_in_the_browser(district, as_role, closed):
    office, head = as_role("discipline"), as_role("dhead")
    data = {"title": "通报一", "violations": [closed.pk], "submission_key": str(uuid4())}
    assert office.post("/notices/new/", data).status_code == 302
    notice = CaseNotice.objects.get()
    path = f"/notices/{notice.pk}/"
    assert as_role("cadre").get(path).status_code == 404
    office.post(f"{path}submit/")
    assert "通报一" in head.get("/").content.decode()
    assert "理由" in head.post(f"{path}return/", {"note": ""}).content.decode()
    head.post(f"{path}approve/")
    notice.refresh_from_db()
    assert (notice.state, notice.approved_by) == ("PUBLISHED", district.users["dhead"])
    for role in ("cadre", "unithead", "chief"):
        assert "曾某某" in as_role(role).get(path).content.decode()
    assert as_role("auditor").get(path).status_code == 403
    head.post(f"{path}recall/", {"note": "依据有变"})
    assert as_role("cadre").get(path).status_code == 404


def test_a_name_left_in_the_text_stops_it(district, closed):
    notice = draft(district, closed)
    for field in ("title", "body"):
        values = {"title": "通报", "body": "正文", field: "曾国平的问题"}
        with pytest.raises(DomainError, match="还有当事人姓名：曾国平"):
            services.edit_notice(
                notice_id=notice.pk, masked=True, by=district.users["discipline"], at=timezone.now(), **values
            )


def test_who_drafted_does_not_approve_and_the_database_says_so_too(district, closed):
    notice = draft(district, closed, by="dhead")
    services.submit_notice(notice_id=notice.pk, by=district.users["dhead"], at=timezone.now())
    with pytest.raises(NotAllowed, match="拟稿人不能批准通报"):
        services.approve_notice(notice_id=notice.pk, by=district.users["dhead"], at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseNotice.objects.filter(pk=notice.pk).update(approved_by=notice.recorded_by)


def test_an_undecided_or_dismissed_record_is_not_published(district, closed):
    with pytest.raises(DomainError, match="还没有办结"):
        draft(district, district.log("worker"))
    with pytest.raises(DomainError, match="至少选一条"):
        draft(district)
    notice = draft(district, closed)
    services.submit_notice(notice_id=notice.pk, by=district.users["discipline"], at=timezone.now())
    Violation.objects.filter(pk=closed.pk).update(finding="DISMISSED", state="DISMISSED")
    with pytest.raises(DomainError, match="不再属实"):
        services.approve_notice(notice_id=notice.pk, by=district.users["dhead"], at=timezone.now())


def test_an_officer_sees_no_draft_about_oneself(district, closed):
    Violation.objects.filter(pk=closed.pk).update(cadre=district.cadres["officer2"])
    notice = draft(district, Violation.objects.get(pk=closed.pk))
    assert notice not in queries.notices_visible_to(district.users["discipline2"])
    assert notice in queries.notices_visible_to(district.users["discipline"])


def test_a_title_of_a_thousand_characters_is_refused_at_its_field(district, as_role, closed):
    data = {"title": "长" * 1000, "violations": [closed.pk], "submission_key": str(uuid4())}
    page = as_role("discipline").post("/notices/new/", data)
    assert "80" in "".join(page.context["form"].errors["title"])
    assert not CaseNotice.objects.exists()


def test_the_list_takes_the_same_statements_for_15_and_for_100(
    district, as_role, closed, django_assert_max_num_queries
):
    client = as_role("discipline")
    client.get("/")
    taken = []
    for more in (15, 85):
        for _ in range(more):
            draft(district, closed)
        with django_assert_max_num_queries(15) as captured:
            client.get("/notices/")
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_two_thousand_steps_of_four_roles(district, closed):
    now = timezone.now

    def edit(record, user, pick):
        services.edit_notice(
            notice_id=record.pk, title=f"通报{pick}", body="正文", masked=True, by=user, at=now()
        )

    def plain(service):
        return lambda record, user, pick: service(notice_id=record.pk, by=user, at=now())

    def reasoned(service):
        return lambda record, user, pick: service(
            notice_id=record.pk, note="理由" * (pick % 2), by=user, at=now()
        )

    walk(
        Course(
            workflow=NOTICE,
            people={name: district.users[name] for name in ("discipline", "discipline2", "dhead", "cadre")},
            make=lambda: draft(district, closed),
            steps={
                "edit": edit,
                "submit": plain(services.submit_notice),
                "approve": plain(services.approve_notice),
                "return": reasoned(services.return_notice),
                "recall": reasoned(services.recall_notice),
                "cancel": reasoned(services.cancel_notice),
            },
            parts=queries.parts_in,
        )
    )
