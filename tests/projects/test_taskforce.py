"""Taskforces: who is appointed, succeeds and leaves; what is pointed out to who appoints."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, Cadre, User
from core.rules.errors import DomainError, NotAllowed
from projects.choices import MemberRole
from projects.models import TaskforceMember
from projects.queries import taskforce as queries
from projects.queries.projects import projects_visible_to
from projects.rules import taskforce as rules
from projects.services import projects
from projects.services import taskforce as services

pytestmark = pytest.mark.django_db
with (Path(__file__).parent / "data" / "taskforce_remarks.csv").open(encoding="utf-8", newline="") as file:
    REMARKS = list(csv.DictReader(file))


def appoint(district, cadre, role="MEMBER", *, by="assessor", days_ago=0, duty=""):
    return services.appoint_member(
        project_id=district.project.pk, cadre=district.cadres[cadre], role=role, duty=duty,
        on=district.today - timedelta(days=days_ago), by=district.users[by], at=timezone.now(),
    )  # fmt: skip


def end(district, member, *, by="assessor", days_ago=0, reason="工作调动"):
    return services.end_membership(
        project_id=district.project.pk, member_id=member.pk,
        end_on=district.today - timedelta(days=days_ago), reason=reason,
        by=district.users[by], at=timezone.now(),
    )  # fmt: skip


def change(district, member, role, duty="", *, days_ago=0):
    return services.change_member(
        project_id=district.project.pk, member_id=member.pk, role=role, duty=duty,
        on=district.today - timedelta(days=days_ago), by=district.users["assessor"], at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("row", REMARKS, ids=lambda r: f"{r['role']}/{r['left']}/{r['account']}/{r['rank']}")
def test_what_is_pointed_out_about_a_member(row, district):
    today = district.today
    found = rules.remarks(
        role=row["role"],
        left_on=today + timedelta(days=int(row["left"])) if row["left"] else None,
        has_account=row["account"] == "y",
        division=rules.is_division_level(rank=row["rank"], post=row["post"]),
        today=today,
    )
    wanted = row["words"].split("|") if row["words"] else []
    assert all(word in "；".join(found) for word in wanted), found
    assert bool(found) is bool(wanted)


def test_a_new_leader_succeeds_the_old_and_one_audit_row_says_so(district):
    audits = AuditEvent.objects.count()
    appoint(district, "head", MemberRole.LEADER, days_ago=3, duty="统筹推进")
    assert AuditEvent.objects.count() == audits + 1
    (old,) = queries.former_members(district.project)
    assert (old.cadre, old.end_reason) == (district.cadres["leader"], "由单立文接任")
    (line,) = queries.member_lines(district.project, today=district.today)
    assert (line.member.cadre, line.member.duty) == (district.cadres["head"], "统筹推进")


def test_who_is_appointed_sees_the_project_at_once_and_who_ended_no_more(district):
    user = district.users["cadre"]
    assert district.project not in projects_visible_to(user)
    member = appoint(district, "clerk")
    assert district.project in projects_visible_to(User.objects.get(pk=user.pk))
    end(district, member)
    assert district.project not in projects_visible_to(User.objects.get(pk=user.pk))


@pytest.mark.parametrize(
    ("cadre", "role", "days_ago", "words"),
    [("leader", "LEADER", 0, "已是本项目组长"), ("clerk", "MEMBER", -1, "晚于今天"),
     ("clerk", "MEMBER", 2000, "才到岗")],
)  # fmt: skip
def test_appointments_that_cannot_be_are_refused(district, cadre, role, days_ago, words):
    before = TaskforceMember.objects.count()
    with pytest.raises(DomainError, match=words):
        appoint(district, cadre, role, days_ago=days_ago)
    assert TaskforceMember.objects.count() == before


def test_who_has_left_the_district_is_not_appointed_and_pointed_out_where_appointed(district, as_role):
    member = appoint(district, "clerk")
    Cadre.objects.filter(pk__in=(member.cadre_id, district.cadres["worker"].pk)).update(
        left_on=district.today - timedelta(days=1)
    )
    district.cadres["worker"].refresh_from_db()
    with pytest.raises(DomainError, match="离任，不能任命"):
        appoint(district, "worker")
    page = as_role("chief").get(district.project.get_absolute_url()).content.decode()
    assert "曾国平已于" in page and "离任" in page


def test_a_leader_without_a_usable_account_is_told_to_who_appoints(district, as_role):
    client = as_role("assessor")
    path = reverse("projects:member-appoint", args=[district.project.pk])
    sent = {"cadre_text": "王小川", "role": "LEADER", "duty": "", "on": str(district.today)}
    page = client.post(path, sent, follow=True).content.decode()
    assert "已任命“王小川”为组长" in page and "没有可用的账号" in page
    assert "没有可用的账号" in client.get(district.project.get_absolute_url()).content.decode()
    assert "没有可用的账号" not in as_role("chief").get(district.project.get_absolute_url()).content.decode()
    appoint(district, "leader", MemberRole.LEADER)
    User.objects.filter(pk=district.users["leader"].pk).update(is_active=False)
    (line,) = queries.member_lines(district.project, today=district.today)
    assert "没有可用的账号" in line.remarks[0]


def test_another_role_is_a_new_term_and_another_duty_is_not(district):
    member = appoint(district, "clerk", days_ago=9)
    change(district, member, "MEMBER", "手续报批")
    member.refresh_from_db()
    assert (member.duty, member.end_on) == ("手续报批", None)
    with pytest.raises(DomainError, match="没有改动"):
        change(district, member, "MEMBER", "手续报批")
    with pytest.raises(DomainError, match="不能早于"):
        change(district, member, "DEPUTY", days_ago=20)
    change(district, member, "DEPUTY", "征地拆迁")
    assert [(m.role, m.end_reason) for m in queries.former_members(district.project)] == [
        ("MEMBER", "改任副组长")
    ]


@pytest.mark.parametrize(
    ("days_ago", "reason", "field"), [(-1, "调动", "end_on"), (50, "调动", "end_on"), (0, "  ", "reason")]
)
def test_endings_that_cannot_be_are_refused_at_their_field(district, days_ago, reason, field):
    member = appoint(district, "clerk", days_ago=9)
    with pytest.raises(DomainError) as caught:
        end(district, member, days_ago=days_ago, reason=reason)
    assert caught.value.field == field
    member.refresh_from_db()
    assert member.end_on is None
    end(district, member)
    with pytest.raises(TaskforceMember.DoesNotExist):
        end(district, member)


@pytest.mark.parametrize("role", ["leader", "unithead", "discipline", "chief", "cadre"])
def test_only_who_maintains_projects_appoints(district, as_role, role):
    with pytest.raises(NotAllowed):
        appoint(district, "clerk", by=role)
    path = reverse("projects:member-appoint", args=[district.project.pk])
    assert as_role(role).post(path, {}).status_code == 403
    page = as_role(role).get(reverse("projects:project-taskforce", args=[district.project.pk]))
    assert page.status_code == (404 if role == "cadre" else 200)
    assert b"id_cadre" not in page.content


def test_the_page_changes_ends_and_keeps_what_was_typed(district, as_role):
    client, pk = as_role("assessor"), district.project.pk
    member = appoint(district, "clerk", days_ago=9)
    path = reverse("projects:member-appoint", args=[pk])
    wrong = client.post(
        path, {"cadre_text": "没有这人", "role": "DEPUTY", "duty": "征地拆迁", "on": str(district.today)}
    )
    assert "没有找到人员" in wrong.content.decode() and "征地拆迁" in wrong.content.decode()
    changing = reverse("projects:member-change", args=[pk, member.pk, "change"])
    assert "曾国平" in client.get(changing).content.decode()
    client.post(changing, {"role": "MEMBER", "duty": "群众工作", "on": str(district.today)})
    ending = reverse("projects:member-change", args=[pk, member.pk, "end"])
    assert 'id="errors"' in client.post(ending, {"end_on": str(district.today)}).content.decode()
    page = client.post(
        ending, {"end_on": str(district.today), "reason": "退休"}, follow=True
    ).content.decode()
    assert "历任成员 1 人次" in page and "退休" in page and "群众工作" in page
    assert client.get(ending).status_code == 404, "who has left is no member to change"
    other = reverse("projects:member-change", args=[district.foreign_project.pk, member.pk, "end"])
    assert client.get(other).status_code == 404
    history = client.get(reverse("projects:project-history", args=[pk])).content.decode()
    assert "曾国平成员卸任" in history and "退休" in history


def test_a_closed_projects_taskforce_stands_still(district):
    district.project.state, district.project.closed_on = "CLOSED", district.today
    district.project.save()
    with pytest.raises(DomainError, match="重新开启"):
        appoint(district, "clerk")


@pytest.mark.parametrize("members", [3, 40])
def test_the_page_costs_the_same_for_many(district, as_role, members, django_assert_max_num_queries):
    for number in range(members):
        cadre = Cadre.objects.create(
            staff_no=f"M{number:03}", name=f"成员{number}", unit=district.bureau,
            establishment="CIVIL_SERVANT", joined_on=district.today - timedelta(days=900),
        )  # fmt: skip
        projects.appoint(
            project=district.project, cadre=cadre, role=MemberRole.MEMBER, on=district.today, by=None,
            at=timezone.now(),
        )  # fmt: skip
    client = as_role("assessor")
    client.get("/")
    with django_assert_max_num_queries(15):
        assert (
            client.get(reverse("projects:project-taskforce", args=[district.project.pk])).status_code == 200
        )
