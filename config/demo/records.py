"""Demo data of the projects' records: sites and branches, at the end one suspended and one closed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from config.demo.district import District
from core.choices import RoleCode
from core.models import Cadre, User
from core.services import accounts
from projects.choices import MemberRole
from projects.models import KeyProject
from projects.services import milestones, projects, taskforce

OWNERS = ("城市建设投资公司", "产业园区开发公司", "交通投资公司", "水务投资公司")
DUTIES = ("征地拆迁", "手续报批", "质量安全", "群众工作", "资金保障")
SUSPENDED, CLOSED, CHANGED, WITHOUT_ACCOUNT = 16, 37, 5, 9
"""Places of the projects that are suspended, closed, whose taskforce changed, whose leader has no account."""


def make(d: District) -> None:
    officers = d.staff[d.units["纪检监察工作委员会"].pk]
    for number, project in enumerate(d.projects):
        _site(d, project, number, officer=officers[number % len(officers)])
    _accounts(d)
    _duties(d)


def end(d: District) -> None:
    """After everything else was recorded: on a closed project nothing is."""
    assessor = d.users["assessor"]
    projects.suspend_project(
        project_id=d.projects[SUSPENDED].pk,
        note="规划选线调整，等待自然资源部门批复",
        by=assessor,
        at=d.at(d.today - timedelta(days=20)),
    )
    _close(d, d.projects[CLOSED])


def _site(d: District, project: KeyProject, number: int, *, officer: Cadre) -> None:
    """Two of three projects have an office on the site and a branch led by the taskforce's leader."""
    started = d.today - timedelta(days=380)
    leader = project.members.get(role=MemberRole.LEADER, end_on=None).cadre
    values: dict[str, Any] = {
        "owner_enterprise": OWNERS[number % len(OWNERS)],
        "batch": "第一批" if number < 20 else "第二批",
        "discipline_officer": officer,
    }
    if number % 3 != 2:
        values |= {
            "site_office": f"{project.location}项目指挥部",
            "site_office_since": started,
            "temporary_branch": f"{project.name}临时党支部",
            "branch_secretary": leader,
            "branch_since": started + timedelta(days=15),
        }
    helping = [d.units["财政局"]] if number % 2 else []
    projects.save_project(
        code=project.code, values=values, co_units=helping, by=None, at=d.at(started + timedelta(days=15))
    )


def _accounts(d: District) -> None:
    """Who leads a project can sign in once somebody sets a password; one leader has no account yet."""
    for project in d.projects[:WITHOUT_ACCOUNT] + d.projects[WITHOUT_ACCOUNT + 1 :]:
        leader = project.members.get(role=MemberRole.LEADER, end_on=None).cadre
        if User.objects.filter(cadre=leader).exists():
            continue
        at = d.at(d.today - timedelta(days=90))
        user = accounts.create_account(
            username=f"zz-{leader.staff_no.lower()}",
            display_name=leader.name,
            password=None,
            cadre=leader,
            by=None,
            at=at,
        )
        accounts.grant_role(user=user, role=RoleCode.CADRE, starts_on=at.date(), by=None, at=at)


def _duties(d: District) -> None:
    """What the members of the first projects do; one was called away and somebody took over."""
    assessor, when = d.users["assessor"], d.today - timedelta(days=60)
    for project in d.projects[: CHANGED + 1]:
        for place, member in enumerate(project.members.filter(end_on=None).exclude(role=MemberRole.LEADER)):
            taskforce.change_member(
                project_id=project.pk,
                member_id=member.pk,
                role=member.role,
                duty=DUTIES[place % len(DUTIES)],
                on=when,
                by=assessor,
                at=d.at(when),
            )
    project = d.projects[CHANGED]
    gone = project.members.filter(role=MemberRole.MEMBER, end_on=None).order_by("pk").first()
    if gone is not None:
        taskforce.end_membership(
            project_id=project.pk,
            member_id=gone.pk,
            end_on=when,
            reason="抽调参加信访专班",
            by=assessor,
            at=d.at(when),
        )


def _close(d: District, project: KeyProject) -> None:
    """All nodes done in their order, then closed."""
    day = d.today - timedelta(days=240)
    for milestone in project.milestones.order_by("order"):
        milestones.save_milestone(
            project=project,
            name=milestone.name,
            values={"planned_on": day, "done_on": day + timedelta(days=4), "progress": Decimal(100)},
            by=None,
            at=d.at(day + timedelta(days=5)),
        )
        day += timedelta(days=60)
    closed = d.today - timedelta(days=30)
    projects.close_project(project_id=project.pk, closed_on=closed, by=d.users["assessor"], at=d.at(closed))
