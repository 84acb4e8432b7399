"""Writes of a project's taskforce, each by who maintains projects."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError
from core.services import audit
from projects.choices import MemberRole
from projects.models import KeyProject, TaskforceMember
from projects.queries import projects as queries
from projects.rules import taskforce as rules
from projects.services import projects


def _locked(*, project_id: int, by: User) -> KeyProject:
    """The project within the user's scope, locked: two appointments at once meet here.

    Raises KeyProject.DoesNotExist outside the scope, NotAllowed without the permission, DomainError for a
    closed project.
    """
    demand(by, Permission.MANAGE_PROJECTS)
    project = queries.projects_visible_to(by).select_for_update(of=("self",)).get(pk=project_id)
    if project.closed_on is not None:
        raise DomainError(
            f"“{project}”已于 {project.closed_on} 办结，攻坚小组不再变动；需要时请先重新开启项目。"
        )
    return project


@transaction.atomic
def appoint_member(
    *, project_id: int, cadre: Cadre, role: str, duty: str = "", on: date, by: User, at: datetime
) -> TaskforceMember:
    """Put a cadre on the taskforce, or give a member another role; a new leader succeeds the old one.

    Raises like `_locked`; DomainError for who has left or not yet come, a day to come, or the same role.
    """
    project = _locked(project_id=project_id, by=by)
    problem = rules.appointment_problem(
        name=cadre.name,
        joined_on=cadre.joined_on,
        left_on=cadre.left_on,
        on=on,
        today=timezone.localdate(at),
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    return projects.appoint(
        project=project, cadre=cadre, role=MemberRole(role), duty=duty.strip(), on=on, by=by, at=at
    )


@transaction.atomic
def change_member(
    *, project_id: int, member_id: int, role: str, duty: str, on: date, by: User, at: datetime
) -> TaskforceMember:
    """Give a current member another role from a day on, or only another duty, in place.

    Raises like `_locked`; TaskforceMember.DoesNotExist for who is none now; DomainError for no change or a
    day that cannot be.
    """
    project = _locked(project_id=project_id, by=by)
    member = project.members.select_related("cadre").get(pk=member_id, end_on=None)
    duty = duty.strip()
    if member.role != role:
        if on < member.start_on:
            raise DomainError(f"新角色不能早于任现角色的日期 {member.start_on}。", field="on")
        return appoint_member(
            project_id=project_id, cadre=member.cadre, role=role, duty=duty, on=on, by=by, at=at
        )
    if member.duty == duty:
        raise DomainError("角色和职责都没有改动，不用保存。", field="role")
    before, member.duty = member.duty, duty
    member.save(update_fields=["duty"])
    audit.record(
        action="修改项目组成员职责",
        target=project,
        by=by,
        at=at,
        before={"duty": before},
        after={"cadre": member.cadre, "duty": duty},
    )
    return member


@transaction.atomic
def end_membership(
    *, project_id: int, member_id: int, end_on: date, reason: str, by: User, at: datetime
) -> TaskforceMember:
    """End a membership on a day, with the reason; the row stays in the history.

    Raises like `_locked`; TaskforceMember.DoesNotExist for who is none now; DomainError for a day that
    cannot be or a missing reason.
    """
    project = _locked(project_id=project_id, by=by)
    member = project.members.select_related("cadre").get(pk=member_id, end_on=None)
    problem = rules.ending_problem(start_on=member.start_on, end_on=end_on, today=timezone.localdate(at))
    if problem:
        raise DomainError(problem, field="end_on")
    if not reason.strip():
        raise DomainError("请写明退出原因，例如“工作调动”“退休”。", field="reason")
    member.end_on, member.end_reason = end_on, reason.strip()
    member.save(update_fields=["end_on", "end_reason"])
    audit.record(
        action="项目组成员退出",
        target=project,
        by=by,
        at=at,
        before={"role": member.role},
        after={"cadre": member.cadre, "end_on": end_on, "reason": member.end_reason},
    )
    return member
