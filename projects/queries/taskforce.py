"""Reads of taskforces: members now and before, what is pointed out about them, their part of the history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from core.models import Cadre, RoleGrant, User
from core.permissions import ROLES, Permission, may
from core.queries import course_of
from projects.choices import MemberRole
from projects.models import KeyProject, TaskforceMember
from projects.queries.overview import Card, Event
from projects.rules import taskforce as rules
from projects.rules.projects import PROJECT

IN_ORDER = {MemberRole.LEADER: 0, MemberRole.DEPUTY: 1, MemberRole.MEMBER: 2}
UPDATING = [code for code, role in ROLES.items() if Permission.UPDATE_MILESTONES in role.permissions]


@dataclass(frozen=True)
class MemberLine:
    """A current member and what is pointed out about the person; `level` says the rank in words."""

    member: TaskforceMember
    remarks: list[str]

    @property
    def level(self) -> str:
        cadre = self.member.cadre
        return cadre.rank or cadre.post


def with_usable_account(cadre_ids: Collection[int], *, today: date) -> frozenset[int]:
    """Those who can sign in today with a role that updates milestones."""
    grants = RoleGrant.objects.in_force(today).filter(
        role__in=UPDATING, user__is_active=True, user__cadre__in=cadre_ids
    )
    return frozenset(grants.values_list("user__cadre", flat=True))


def current_members(project: KeyProject) -> list[TaskforceMember]:
    """Leader, deputies, members, each with the person and the unit."""
    found = project.members.filter(end_on=None).select_related("cadre__unit")
    return sorted(found, key=lambda m: (IN_ORDER[MemberRole(m.role)], m.start_on, m.pk))


def member_lines(project: KeyProject, *, today: date) -> list[MemberLine]:
    """Current members with what is pointed out about each; two statements."""
    members = current_members(project)
    usable = with_usable_account([member.cadre_id for member in members], today=today)
    return [
        MemberLine(
            member,
            rules.remarks(
                role=member.role,
                left_on=member.cadre.left_on,
                has_account=member.cadre_id in usable,
                division=rules.is_division_level(rank=member.cadre.rank, post=member.cadre.post),
                today=today,
            ),
        )
        for member in members
    ]


def former_members(project: KeyProject) -> list[TaskforceMember]:
    """Whose membership has ended, the last to leave first."""
    ended = project.members.exclude(end_on=None).select_related("cadre__unit")
    return list(ended.order_by("-end_on", "-id"))


def account_remark(cadre: Cadre, *, role: str, today: date) -> str:
    """What to say after an appointment about the person appointed, "" when all is well."""
    found = rules.remarks(
        role=role,
        left_on=cadre.left_on,
        has_account=bool(with_usable_account([cadre.pk], today=today)),
        division=rules.is_division_level(rank=cadre.rank, post=cadre.post),
        today=today,
    )
    return "；".join(found)


def card(project: KeyProject, user: User, today: date) -> Card:
    """The taskforce on the overview: who leads, how many, where the office stands; what is wrong."""
    lines = member_lines(project, today=today)
    leader = next((line.member for line in lines if line.member.role == MemberRole.LEADER), None)
    alarm = "还没有组长" if leader is None and project.closed_on is None else ""
    # A leader's account and rank are the business of who appoints; that somebody has left is everybody's.
    appoints = may(user, Permission.MANAGE_PROJECTS)
    told = [
        f"{line.member.cadre}{line.remarks[0]}"
        for line in lines
        if line.remarks
        and (
            (appoints and line.member.role == MemberRole.LEADER)
            or rules.has_left(line.member.cadre.left_on, today)
        )
    ]
    return Card(
        title="攻坚小组",
        figures=[
            ("组长", str(leader.cadre) if leader else "未任命"),
            ("成员", f"{len(lines)} 人"),
            ("现场办公室", project.site_office or "未设"),
            ("临时党支部", project.temporary_branch or "未设"),
        ],
        url=reverse("projects:project-taskforce", args=[project.pk]),
        alarm="；".join([alarm] if alarm else told),
        order=20,
    )


def history(project: KeyProject, user: User) -> list[Event]:
    """The steps of the project itself, and who joined and left its taskforce."""
    url = reverse("projects:project-taskforce", args=[project.pk])
    events = [
        Event(
            on=timezone.localdate(line.at),
            at=line.at,
            kind="项目",
            title=line.label,
            detail=line.note
            or "；".join(f"原{label}：{text or '空'}" for label, text in list(line.old.items())[:6]),
            who=str(line.by or ""),
        )
        for line in course_of(project, PROJECT)
    ]
    for member in project.members.select_related("cadre"):
        word = f"{member.cadre}{member.get_role_display()}"
        events.append(Event(member.start_on, "攻坚小组", f"{word}到任", detail=member.duty, url=url))
        if member.end_on is not None:
            events.append(Event(member.end_on, "攻坚小组", f"{word}卸任", detail=member.end_reason, url=url))
    return events
