"""Logging and deciding violations: quick to enter, impossible to misuse."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.models import Prohibition, Violation
from conduct.queries.violations import violations_visible_to, waiting_for_decision
from conduct.services import violations as services
from core.models import Attachment, AuditEvent, Cadre
from core.rules.errors import DomainError, NotAllowed
from tests.support.pages import without_tokens

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def form(district, **changes):
    values = {
        "cadre_text": "曾国平",
        "cadre_id": district.cadres["clerk"].pk,
        "prohibition": "B7",
        "occurred_on": district.today.isoformat(),
        "place": "便民服务大厅",
        "project_text": "",
        "project_id": "",
        "found_by": "INSPECTION",
        "facts": "上午九时不在岗。",
        "submission_key": str(uuid4()),
    }
    return {**values, **changes}


def post(client, district, **changes):
    return client.post("/violations/new/", form(district, **changes))


def test_a_logged_violation_appears_in_the_list(district, as_role):
    client = as_role("discipline")
    answer = post(client, district, project_text="滨江大道项目", project_id=district.project.pk)
    assert answer.status_code == 302
    violation = Violation.objects.get()
    assert (violation.unit, violation.prohibition.key, violation.project) == (
        district.bureau,
        "B7",
        district.project,
    )
    assert "曾国平" in client.get("/violations/", {"q": "zgp", "state": "LOGGED"}).content.decode()
    assert (
        "曾国平"
        not in client.get("/violations/", {"q": "zgp", "state": "CONFIRMED"})
        .content.decode()
        .split("<tbody")[-1]
    )


def test_logging_takes_at_most_11_statements(district, as_role, django_assert_max_num_queries):
    client = as_role("discipline")
    client.get("/violations/new/")
    data = form(district, project_text="滨江大道项目", project_id=district.project.pk)
    with django_assert_max_num_queries(10) as captured:
        assert client.post("/violations/new/", data).status_code == 302
    assert any("core_auditevent" in query["sql"] for query in captured)


def test_the_list_takes_at_most_15_statements_the_same_for_15_and_for_100(
    district, as_role, django_assert_max_num_queries
):
    client = as_role("discipline")
    client.get("/")  # the first request of a session notes when it was seen
    taken = []
    for more in (15, 85):
        for _ in range(more):
            district.log("clerk")
        with django_assert_max_num_queries(15) as captured:
            page = client.get("/violations/")
        taken.append((page.context["page"].paginator.count, len(captured)))
    assert [count for count, _ in taken] == [15, 100]
    assert taken[0][1] == taken[1][1]


def test_a_double_click_is_one_record(district, as_role):
    client = as_role("discipline")
    data = form(district)
    first, second = client.post("/violations/new/", data), client.post("/violations/new/", data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Violation.objects.count() == 1
    assert AuditEvent.objects.filter(action="登记违规").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"cadre_text": "", "cadre_id": ""}, "cadre", "必填"),
        ({"cadre_text": "查无此人", "cadre_id": ""}, "cadre", "没有找到人员“查无此人”"),
        ({"cadre_id": "999999", "cadre_text": "查无此人"}, "cadre", "没有找到人员"),
        ({"prohibition": "B9"}, "prohibition", "尚未施行或已停用"),
        ({"prohibition": ""}, "prohibition", "必填"),
        ({"occurred_on": "2026-02-30"}, "occurred_on", "有效的日期"),
        ({"occurred_on": "+1"}, "occurred_on", "晚于今天"),
        ({"occurred_on": "-1000"}, "occurred_on", "不在岗"),
        ({"place": ""}, "place", "必填"),
        ({"place": "长" * 121}, "place", "120"),
        ({"project_text": "不存在的项目"}, "project", "没有找到项目"),
        ({"facts": "长" * 2001}, "facts", "2000"),
        ({"found_by": "GOSSIP"}, "found_by", "有效"),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_typed_is_lost(
    district, as_role, changes, field, message
):
    if changes.get("occurred_on", "").lstrip("+-").isdigit():
        day = district.today + timedelta(days=int(changes["occurred_on"]))
        changes = {"occurred_on": day.isoformat()}
    answer = post(as_role("discipline"), district, **{"facts": "我写了很久的事实。", **changes})
    assert answer.status_code == 200
    assert message in "".join(answer.context["form"].errors[field])
    assert changes.get("facts", "我写了很久的事实。") in answer.content.decode()
    assert not Violation.objects.exists()


def test_two_people_of_one_name_are_told_apart(district, as_role):
    twin = district.cadres["worker"]
    Cadre.objects.filter(pk=twin.pk).update(name="曾国平")
    answer = post(as_role("discipline"), district, cadre_id="")
    errors = "".join(answer.context["form"].errors["cadre"])
    assert "T002" in errors
    assert "T003" in errors
    assert post(as_role("discipline"), district, cadre_id="", cadre_text="T003").status_code == 302
    assert Violation.objects.get().cadre == twin


def test_a_rule_is_judged_by_the_version_of_its_day(district, as_role):
    old = district.prohibitions["B7"]
    change = district.today - timedelta(days=30)
    Prohibition.objects.filter(pk=old.pk).update(retired_on=change)
    new = Prohibition.objects.create(
        key="B7",
        name="不准迟到早退（2026修订）",
        effective_from=change,
        basis="修订",
        order=7,
        deduct_points=3,
    )
    client = as_role("discipline")
    post(client, district, occurred_on=(change - timedelta(days=1)).isoformat())
    post(client, district, occurred_on=change.isoformat())
    assert list(Violation.objects.order_by("occurred_on").values_list("prohibition", flat=True)) == [
        old.pk,
        new.pk,
    ]


class TestTwoPeople:
    def test_the_recorder_cannot_decide(self, district, as_role):
        violation = district.log()
        with pytest.raises(NotAllowed, match="另一名"):
            services.decide_violation(
                violation_id=violation.pk,
                state="CONFIRMED",
                note="",
                by=district.users["discipline"],
                at=timezone.now(),
            )
        page = as_role("discipline").get(f"/violations/{violation.pk}/").content.decode()
        assert "登记人不能认定，请由另一名" in page

    def test_the_database_refuses_it_too(self, district):
        violation = district.log()
        with pytest.raises(IntegrityError), transaction.atomic():
            Violation.objects.filter(pk=violation.pk).update(
                state="CONFIRMED",
                decided_by=violation.recorded_by,
                decided_at=timezone.now(),
                decided_on=district.today,
            )

    def test_a_second_officer_decides(self, district, as_role):
        violation = district.log()
        client = as_role("discipline2")
        assert (
            client.post(f"/violations/{violation.pk}/decide/", {"state": "CONFIRMED", "note": ""}).status_code
            == 302
        )
        violation.refresh_from_db()
        assert (violation.state, violation.decided_by) == ("CONFIRMED", district.users["discipline2"])
        with pytest.raises(NotAllowed, match="当前状态"):
            services.decide_violation(
                violation_id=violation.pk,
                state="DISMISSED",
                note="改判",
                by=district.users["discipline2"],
                at=timezone.now(),
            )

    def test_a_dismissal_needs_a_reason(self, district, as_role):
        violation = district.log()
        answer = as_role("discipline2").post(
            f"/violations/{violation.pk}/decide/", {"state": "DISMISSED", "note": " "}
        )
        assert "请写明理由" in answer.content.decode()
        violation.refresh_from_db()
        assert violation.state == "LOGGED"

    def test_an_officer_learns_of_a_record_about_oneself_with_everybody_else(self, district, as_role):
        violation = district.log("officer2")
        officer = district.users["discipline2"]
        assert violation not in violations_visible_to(officer)
        assert violation not in waiting_for_decision(officer)
        assert as_role("discipline2").get(f"/violations/{violation.pk}/").status_code == 404

    def test_nobody_logs_oneself(self, district):
        with pytest.raises(DomainError, match="本人"):
            district.log("officer")


def test_withdrawing_keeps_the_text(district, as_role):
    violation = district.log()
    other = as_role("discipline2").post(
        f"/violations/{violation.pk}/withdraw/", {"note": "记错了"}, follow=True
    )
    assert "只有登记人可以撤回" in other.content.decode()
    as_role("discipline").post(f"/violations/{violation.pk}/withdraw/", {"note": "记错了人"})
    violation.refresh_from_db()
    assert (violation.state, violation.facts, violation.decision_note) == (
        "WITHDRAWN",
        "上午九时不在岗。",
        "记错了人",
    )


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("discipline", {"clerk", "worker", "outsider", "undecided"}),
        ("chief", {"clerk", "worker", "outsider"}),
        ("unithead", {"clerk", "worker"}),
        ("cadre", {"clerk"}),
        ("leader", set()),
        ("assessor", {"clerk", "worker", "outsider"}),
        ("sysadmin", set()),
        ("auditor", set()),
    ],
)
def test_who_sees_which_records(district, as_role, role, sees):
    records = {}
    for name in ("clerk", "worker", "outsider"):
        records[name] = district.log(name)
        services.decide_violation(
            violation_id=records[name].pk,
            state="CONFIRMED",
            note="",
            by=district.users["discipline2"],
            at=timezone.now(),
        )
    records["undecided"] = district.log("clerk")
    user = district.users[role]
    visible = set(violations_visible_to(user).values_list("pk", flat=True))
    assert visible == {records[name].pk for name in sees}
    hidden = next((v for name, v in records.items() if name not in sees), None)
    if hidden is not None:
        client = as_role(role)
        answers = [client.get(f"/violations/{pk}/") for pk in (hidden.pk, 999_999)]
        assert answers[0].status_code == answers[1].status_code
        assert without_tokens(answers[0]) == without_tokens(answers[1])


@pytest.mark.parametrize(
    "role", ["leader", "assessor", "unithead", "cadre", "chief", "sysadmin", "secadmin", "auditor"]
)
def test_only_the_discipline_office_logs(district, as_role, role):
    assert post(as_role(role), district).status_code == 403
    assert not Violation.objects.exists()


def test_evidence_is_optional_checked_and_served_only_with_its_record(district, as_role):
    client = as_role("discipline")
    files = [SimpleUploadedFile("../../现场.png", PNG, "text/html")]
    client.post("/violations/new/", {**form(district), "evidence": files})
    violation, attachment = Violation.objects.get(), Attachment.objects.get()
    assert (attachment.name, attachment.content_type) == ("现场.png", "image/png")
    answer = client.get(f"/violations/{violation.pk}/files/{attachment.pk}/")
    assert b"".join(answer.streaming_content) == PNG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert as_role("cadre").get(f"/violations/{violation.pk}/files/{attachment.pk}/").status_code == 404
    with attachment.file.open("r+b") as stored:
        stored.seek(20)
        stored.write(b"\x01")
    assert client.get(f"/violations/{violation.pk}/files/{attachment.pk}/").status_code == 400


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", b"<html>", "不符"),
        ("a.svg", b"<svg/>", "不能上传"),
        ("a.html", b"<script>", "不能上传"),
        ("a.pdf", b"MZ\x90", "不符"),
        ("a.docx", b"\xd0\xcf\x11\xe0", "不符"),
        ("无扩展名", PNG, "不能上传"),
        ("big.png", PNG + b"\0" * (10 * 1024 * 1024), "超过 10 MB"),
    ],
)
def test_a_bad_attachment_is_refused_by_name_and_nothing_is_saved(district, as_role, name, content, message):
    data = {**form(district), "evidence": [SimpleUploadedFile(name, content)]}
    answer = as_role("discipline").post("/violations/new/", data)
    assert message in "".join(answer.context["form"].errors["evidence"])
    assert not Violation.objects.exists()
    assert not Attachment.objects.exists()


def test_the_list_filters_and_orders_only_as_offered(district, as_role):
    for days in (1, 2, 3):
        district.log("clerk", days_ago=days)
    client = as_role("discipline")
    plain = [v.pk for v in client.get("/violations/").context["page"]]
    for name, value in (
        ("recorded_by__password__startswith", "a"),
        ("_connector", "OR"),
        ("_negated", "1"),
        ("order", "cadre__unit"),
        ("search", "x"),
        ("page", "abc"),
        ("page", "-4"),
        ("state", "'"),
    ):
        answer = client.get("/violations/", {name: value})
        assert answer.status_code == 200
        assert [v.pk for v in answer.context["page"]] == plain, name
    assert [v.pk for v in client.get("/violations/", {"order": "occurred_on"}).context["page"]] == plain[::-1]


def test_evidence_is_added_later_by_the_recorder_until_it_is_decided(district, as_role):
    violation, path = district.log(), "/violations/{}/attach/"
    mine, other = as_role("discipline"), as_role("discipline2")

    def send(client):
        return client.post(
            path.format(violation.pk), {"evidence": [SimpleUploadedFile("补充.png", PNG)]}, follow=True
        ).content.decode()

    assert "附件已补充" in send(mine)
    assert "只有登记人可以补充附件" in send(other)
    assert "请先选择" in mine.post(path.format(violation.pk)).content.decode()
    other.post(f"/violations/{violation.pk}/decide/", {"state": "CONFIRMED", "note": ""})
    assert "当前状态是“属实”，不能补充附件" in send(mine)
    assert Attachment.objects.count() == 1


def test_a_second_decision_is_refused_aloud(district, as_role):
    violation, client = district.log(), as_role("discipline2")
    path = f"/violations/{violation.pk}/decide/"
    first = client.post(path, {"state": "DISMISSED", "note": "查无此事"}, follow=True).content.decode()
    assert "不计入考核" in first
    second = client.post(path, {"state": "CONFIRMED", "note": ""}, follow=True).content.decode()
    assert "没有保存：当前状态是“不属实”，不能认定" in second
    violation.refresh_from_db()
    assert violation.state == "DISMISSED"


def test_an_error_on_the_decision_keeps_the_evidence_in_sight(district, as_role):
    client = as_role("discipline")
    client.post("/violations/new/", {**form(district), "evidence": [SimpleUploadedFile("现场.png", PNG)]})
    violation = Violation.objects.get()
    page = as_role("discipline2").post(f"/violations/{violation.pk}/decide/", {"state": "PARTLY", "note": ""})
    assert "现场.png" in page.content.decode()


def test_everything_wrong_is_told_at_once(district, as_role):
    data = form(district, cadre_id="", cadre_text="王", occurred_on="x", place="")
    answer = as_role("discipline").post(
        "/violations/new/", data | {"evidence": [SimpleUploadedFile("a.png", PNG)]}
    )
    errors = answer.context["form"].errors
    assert set(errors) == {"cadre", "occurred_on", "place"}
    assert "不够具体" in "".join(errors["cadre"])
    assert "附件没有留下，请重新选择" in answer.content.decode()
