"""Site offices, site logs, issues and frontline postings of the demo district, over two months."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from config.demo.district import District
from core.choices import RoleCode
from core.models import User
from core.queries import unit_ids_under
from projects.choices import IssueKind, SolvedHow
from projects.models import KeyProject
from projects.services import frontline, issues, projects, site

OFFICES = 14
"""Projects whose office has moved to the site."""
WORK = (
    ("S1", "现场会商施工许可资料，当场补齐两项。", 0, 2),
    ("S2", "走访施工单位，核对进度和用工。", 6, 0),
    ("S3", "召集用电、用水单位议定接入时间。", 4, 1),
    ("S4", "协调临时用地，明确退让红线。", 3, 1),
    ("S5", "为搬迁户办理过渡费，答复诉求。", 18, 3),
    ("S6", "核对质量和安全整改情况。", 0, 2),
    ("S7", "听取企业对服务的评议。", 8, 0),
)
PROBLEMS = (
    (IssueKind.CLEARING, "红线内三户补偿协议未签"),
    (IssueKind.LAND, "临时用地批复还没有下来"),
    (IssueKind.APPROVAL, "施工图审查意见两次反复"),
    (IssueKind.FINANCE, "配套贷款还差放款条件"),
    (IssueKind.OTHER, "进场道路雨天不能通车"),
    (IssueKind.APPROVAL, "用水报装资料重复提交"),
)


def make(d: District) -> None:
    """Everything through the services; who heads a unit records for its projects."""
    move_offices(d)
    heads = {
        grant.unit_id: user
        for user in User.objects.filter(grants__role=RoleCode.UNIT_HEAD).distinct().order_by("username")
        for grant in user.grants.filter(role=RoleCode.UNIT_HEAD)
        if grant.unit_id is not None
    }
    number = 0
    for place, project in enumerate(d.projects[:18]):
        lead = project.lead_unit
        assert lead is not None
        by = d.users["leader"] if place < 3 else heads.get(lead.pk)
        if by is None or by.cadre is None:
            continue
        record_visits(d, project, by)
        if place % 2 == 0:
            take_problem(d, project, by, number)
            number += 1
    for unit_id in sorted(heads):
        post_people(d, unit_id, heads[unit_id])


def key(d: District) -> UUID:
    return UUID(int=d.rng.getrandbits(128), version=4)


def move_offices(d: District) -> None:
    since = d.today - timedelta(days=200)
    for project in d.projects[:OFFICES]:
        projects.save_project(
            code=project.code,
            values={"site_office": f"{project.location}项目现场办公室", "site_office_since": since},
            co_units=list(project.co_units.all()),
            by=None,
            at=d.at(since),
        )


def record_visits(d: District, project: KeyProject, by: User) -> None:
    """Three visits in the last weeks, by people of the taskforce."""
    team = [member.cadre for member in project.members.filter(end_on=None).order_by("pk")]
    for back in sorted(d.rng.sample(range(1, 40), k=3), reverse=True):
        day = d.today - timedelta(days=back)
        scene, what, helped, solved = d.rng.choice(WORK)
        site.record_log(
            project=project,
            scene=scene,
            on=day,
            place="",
            people=d.rng.sample(team, k=min(2, len(team))),
            what=what,
            people_helped=helped,
            problems_solved=solved,
            submission_key=key(d),
            by=by,
            at=d.at(day, 17),
        )


def take_problem(d: District, project: KeyProject, by: User, number: int) -> None:
    """Of six in a row: two are solved, one of them on the spot, one is escalated, one is late, two wait."""
    kind, title = PROBLEMS[number % len(PROBLEMS)]
    # The demo head answers for land and clearing: something to solve stands on that workbench.
    bureau = d.units["自然资源和规划建设局"]
    owner = bureau if kind in {IssueKind.LAND, IssueKind.CLEARING} else project.lead_unit
    assert owner is not None
    raised: date = d.today - timedelta(days=(9, 12, 30, 6, 3, 4)[number % 6])
    issue = issues.raise_issue(
        project=project,
        kind=kind,
        title=title,
        owner_unit=owner,
        submission_key=key(d),
        by=by,
        at=d.at(raised, 11),
    )
    if number % 6 in {0, 5}:
        solver = d.users["unithead"] if owner.pk == bureau.pk else by
        day = raised + timedelta(days=2 if number % 6 == 0 else 1)
        issues.solve_issue(
            issue_id=issue.pk,
            solved_on=day,
            solved_how=SolvedHow.ON_SITE if number % 6 == 5 else SolvedHow.OFFICE,
            solution="现场核对后当场办结。" if number % 6 == 5 else "开会议定办法，已落实。",
            by=solver,
            at=d.at(day, 16),
        )
    elif number % 6 == 3:
        issues.escalate_issue(
            issue_id=issue.pk,
            escalated_to=d.units[next(iter(d.units))],
            note="放款条件涉及区级平台公司，需区里协调。",
            by=by,
            at=d.at(raised + timedelta(days=2), 16),
        )


def post_people(d: District, unit_id: int, by: User) -> None:
    """A third of a unit's people, some with part of their time."""
    people = [cadre for pk in sorted(unit_ids_under([unit_id])) for cadre in d.staff.get(pk, [])]
    start = (d.today - timedelta(days=30)).replace(day=1)
    for cadre in people[1::3]:
        first = max(start, cadre.joined_on)
        frontline.post_to_frontline(
            cadre=cadre,
            project=None,
            place=d.rng.choice(["临江社区", "新桥工地", "河湾安置点", "云溪村"]),
            duty=d.rng.choice(["包户征迁", "驻点服务企业", "包村联系"]),
            start_on=first,
            end_on=None,
            share=d.rng.choice([100, 100, 60, 40]),
            submission_key=key(d),
            late_reason="年中集中登记",
            by=by,
            at=d.at(first),
        )
