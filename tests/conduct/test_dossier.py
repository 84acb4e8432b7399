"""一人一档: in date order, within scope, read only with a trace, and the person has a say."""

from uuid import uuid4

import pytest
from django.utils import timezone

from conduct.models import FileStatement
from conduct.queries import dossier as queries
from conduct.rules.dossier import STATEMENT
from conduct.services import dossier as services
from conduct.services import violations
from core.models import AuditEvent
from tests.support.educating import commend, confirm
from tests.support.pages import without_tokens
from tests.support.waiting import lines
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def say(district, *, kind="CORRECTION", text="当天在工地，有签到为证。", by="cadre"):
    user = district.users[by]
    return services.file_statement(
        cadre=user.cadre, kind=kind, text=text, submission_key=uuid4(), by=user, at=timezone.now()
    )


def decided(district, cadre="clerk", state="CONFIRMED"):
    violation = district.log(cadre)
    return violations.decide_violation(
        violation_id=violation.pk,
        state=state,
        note="经核实",
        by=district.users["discipline2"],
        at=timezone.now(),
    )


def path(district, cadre="clerk"):
    return f"/cadres/{district.cadres[cadre].pk}/file/"


def test_everything_stands_in_date_order_on_its_side(district, as_role):
    decided(district)
    district.log()  # undecided: no line in the person's own file
    page = as_role("cadre").get(path(district))
    lines = page.context["lines"]
    assert [line.kind for line in lines] == ["违规记录", "任职"]
    assert [line.on for line in lines] == sorted((line.on for line in lines), reverse=True)
    bad = as_role("cadre").get(path(district), {"side": "bad"}).context["lines"]
    assert [line.kind for line in bad] == ["违规记录"]
    assert as_role("cadre").get(path(district), {"side": "good"}).context["lines"] == []
    leader = as_role("cadre").get("/file/")
    assert leader.headers["Location"] == path(district)


def test_a_dismissed_violation_stands_on_no_bad_side(district, as_role):
    decided(district, state="DISMISSED")
    assert as_role("cadre").get(path(district), {"side": "bad"}).context["lines"] == []


@pytest.mark.parametrize(
    ("role", "readable"),
    [
        ("discipline", {"clerk", "worker", "outsider"}),
        ("chief", {"clerk", "worker", "outsider"}),
        ("unithead", {"clerk", "worker"}),
        ("cadre", {"clerk"}),
    ],
)
def test_who_reads_whose_file(district, as_role, role, readable):
    client = as_role(role)
    for name in ("clerk", "worker", "outsider"):
        answer = client.get(path(district, name))
        assert answer.status_code == (200 if name in readable else 404), name
        if name not in readable:
            assert without_tokens(answer) == without_tokens(client.get("/cadres/987654/file/"))


@pytest.mark.parametrize("role", ["assessor", "sysadmin", "secadmin", "auditor"])
def test_who_reads_no_other_file(district, as_role, role):
    assert as_role(role).get(path(district)).status_code in {403, 404}


def test_reading_somebody_elses_file_leaves_a_row_and_the_own_none(district, as_role):
    def rows():
        return AuditEvent.objects.filter(action="查阅个人档案")

    as_role("cadre").get(path(district))
    assert rows().count() == 0
    as_role("unithead").get(path(district))
    row = rows().get()
    assert (row.target_label, row.target_id) == ("core.Cadre", str(district.cadres["clerk"].pk))
    page = as_role("auditor").get("/audit/", {"action": "查阅个人档案"}).content.decode()
    assert "曾国平" in page.split("<tbody>")[1]


def test_the_person_asks_and_another_answers(district, as_role):
    mine, office = as_role("cadre"), as_role("discipline")
    data = {"kind": "CORRECTION", "text": "地点写错了。", "submission_key": str(uuid4())}
    for _ in range(2):
        assert mine.post(f"{path(district)}statements/", data).status_code == 302
    statement = FileStatement.objects.get()
    assert "地点写错了" in office.get("/").content.decode()
    answer = f"/file-statements/{statement.pk}/answer/"
    assert "必填" in office.post(answer, {"state": "ACCEPTED", "note": ""}).content.decode()
    office.post(answer, {"state": "ACCEPTED", "note": "已核对，另行更正。"})
    statement.refresh_from_db()
    assert statement.state == "ACCEPTED"
    page = mine.get(path(district)).content.decode()
    assert "已核对，另行更正。" in page
    again = office.post(answer, {"state": "DECLINED", "note": "改"}, follow=True).content.decode()
    assert "当前状态是“同意更正，待改正”，不能答复" in again


def test_a_request_points_at_a_line_and_is_done_only_when_the_record_is(district, as_role):
    violation, me, office = decided(district), as_role("cadre"), as_role("dhead")
    about = f"conduct.Violation:{violation.pk}"
    assert about in me.get(path(district)).content.decode()
    sent = {"kind": "CORRECTION", "text": "地点写错，应为三楼。", "about": about}
    statements = f"{path(district)}statements/"
    foreign = {**sent, "about": "conduct.Violation:987654", "submission_key": str(uuid4())}
    assert "有效的选项" in me.post(statements, foreign).content.decode()
    me.post(statements, {**sent, "submission_key": str(uuid4())})

    def waits():
        return [todo.action for todo in lines(queries.todos(district.users["dhead"], today=district.today))]

    statement = FileStatement.objects.get()
    assert statement.about_name.startswith(str(violation.occurred_on))
    assert waits() == ["答复"]
    step = f"/file-statements/{statement.pk}/"
    office.post(f"{step}answer/", {"state": "ACCEPTED", "note": "属实，改正。"})
    assert waits() == ["改正"]
    assert "同意更正，待改正" in me.get(path(district)).content.decode()
    assert "地点写错，应为三楼。" in office.get(violation.get_absolute_url()).content.decode()
    assert "地点写错，应为三楼。" not in me.get(violation.get_absolute_url()).content.decode()
    shown = office.get(path(district)).content.decode()
    assert f'href="{violation.get_absolute_url()}"' in shown and "登记改正" in shown
    office.post(f"{step}correct/", {"note": "已勘误为三楼会议室。"})
    assert waits() == []
    mine = me.get(path(district)).content.decode()
    assert "已改正" in mine and "已勘误为三楼会议室" in mine


def test_nobody_speaks_for_another_or_answers_oneself(district, as_role):
    data = {"kind": "STATEMENT", "text": "代他说明", "submission_key": str(uuid4())}
    page = as_role("unithead").post(f"{path(district)}statements/", data, follow=True)
    assert "只能对本人的档案" in page.content.decode()
    assert not FileStatement.objects.exists()
    own = say(district, by="discipline")
    told = as_role("discipline").post(
        f"/file-statements/{own.pk}/answer/", {"state": "ACCEPTED", "note": "同意"}, follow=True
    )
    assert "提出人不能答复" in told.content.decode()
    assert as_role("cadre").post(f"/file-statements/{own.pk}/withdraw/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": " "}, "必填"),
        ({"text": "长" * 2001}, "2000"),
        ({"kind": "RUMOUR"}, "有效"),
    ],
)
def test_a_bad_statement_is_named_at_its_field(district, as_role, changes, message):
    data = {"kind": "STATEMENT", "text": "说明", "submission_key": str(uuid4()), **changes}
    page = as_role("cadre").post(f"{path(district)}statements/", data)
    assert message in "".join(str(errors) for errors in page.context["statement_form"].errors.values())
    assert not FileStatement.objects.exists()


def test_a_statement_is_not_answered_like_a_request(district, as_role):
    statement = say(district, kind="STATEMENT")
    page = as_role("discipline").post(
        f"/file-statements/{statement.pk}/answer/", {"state": "ACCEPTED", "note": "同意"}
    )
    assert page.status_code == 200
    statement.refresh_from_db()
    assert statement.state == "FILED"


def test_the_file_takes_as_many_statements_for_one_violation_as_for_twenty(
    district, as_role, django_assert_max_num_queries
):
    client = as_role("discipline")
    client.get("/")
    taken = []
    for more in (1, 19):
        for _ in range(more):
            decided(district)
        with django_assert_max_num_queries(22) as captured:
            client.get(path(district))
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_two_thousand_steps_of_four_roles(district):
    def answer(record, user, pick):
        state = STATEMENT.step("answer").targets[pick % 3]
        note = "经研究" * (pick % 2)
        services.answer_statement(statement_id=record.pk, state=state, note=note, by=user, at=timezone.now())

    def correct(record, user, pick):
        services.correct_statement(
            statement_id=record.pk, note="已改" * (pick % 2), by=user, at=timezone.now()
        )

    def withdraw(record, user, pick):
        services.withdraw_statement(statement_id=record.pk, by=user, at=timezone.now())

    walk(
        Course(
            workflow=STATEMENT,
            people={name: district.users[name] for name in ("discipline", "dhead", "unithead", "cadre")},
            make=lambda: say(district),
            steps={"answer": answer, "correct": correct, "withdraw": withdraw},
            parts=queries.parts_in,
        )
    )


def test_the_file_of_a_unit_holds_what_the_unit_itself_was_told(district, as_role, office, commended_unit):
    office.draft()  # a draft is nobody's record yet
    letter = office.issued()
    address = f"/units/{district.bureau.pk}/file/"
    for reader in ("unithead", "discipline", "chief"):
        page = as_role(reader).get(address)
        assert [(line.kind, line.title) for line in page.context["lines"]] == [
            ("督办函", str(letter)),
            ("嘉奖表彰", commended_unit.get_kind_display()),
        ]
        assert f'href="{address}"' in as_role(reader).get("/units/").content.decode()
    good = as_role("unithead").get(address, {"side": "good"}).context["lines"]
    assert [line.kind for line in good] == ["嘉奖表彰"]
    assert as_role("unithead").get(f"/units/{district.other.pk}/file/").status_code == 404
    assert as_role("cadre").get(address).status_code == 404
    assert as_role("sysadmin").get(address).status_code == 403


@pytest.fixture
def commended_unit(district):
    """The bureau was given an honour before its letter."""
    return confirm(district, commend(district, None, unit=district.bureau, kind="HONOUR", days_ago=40))
