"""Demo 六定 tasks: a tree of each state that somebody has to do something about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from config.demo.district import District
from core.models import Cadre, Unit
from projects.choices import IncentiveKind, PersonRole
from projects.models import Assignment, KeyProject
from projects.queries.assignments import incentives_offered
from projects.services import assignment_changes, assignment_course, assignments, projects
from projects.services.assignments import Content, Named

OTHERS = (
    ("完成初步设计批复", "组织评审，取得批复文件。", "本月报审，下月取得批复"),
    ("保障项目用电用水", "协调供电供水，接到红线。", "先接临时用电，再办正式报装"),
    ("落实年度建设资金", "对接金融机构，资金按季到位。", "每季度末核对到位数"),
)
ROOT = (
    "按期开工并完成年度建设任务",
    "统筹征迁、手续、资金和施工，确保年度目标完成。",
    "上半年完成前期，下半年形成实物工作量",
)
PLOTS = (
    ("完成征收补偿签约", "逐户签订补偿协议，不留尾巴。", "每周报签约户数，过半后清表"),
    ("取得施工许可证", "资料一次报齐，全程代办。", "先审图，再报监，后领证"),
    ("完成场地平整", "清表、平整，达到进场条件。", "按标段分三批交付"),
)


def make(d: District) -> None:
    """The demo leader's three projects get a tree each, every third of the others one task."""
    for number, project in enumerate(d.projects[:3]):
        tree(d, project, number)
    for number, project in enumerate(d.projects[3:33:3]):
        unit = project.lead_unit
        assert unit is not None
        said = OTHERS[number % len(OTHERS)]
        give(d, project, None, said, unit, d.staff[unit.pk][0], offset=d.rng.randint(-20, 120), by="assessor")


def tree(d: District, project: KeyProject, number: int) -> None:
    """A project task its leader answers for, with parts of the demo clerk's centre in several states."""
    centre, unit = d.units["征地拆迁服务中心"], project.lead_unit
    leader, clerk = d.users["leader"], d.users["cadre"].cadre
    assert unit is not None
    assert clerk is not None
    assert leader.cadre is not None
    projects.save_project(
        code=project.code, values={}, co_units=[centre], by=d.users["assessor"], at=days_ago(d, 70)
    )
    root = give(d, project, None, ROOT, unit, leader.cadre, offset=150, by="assessor", helping=[centre])
    assignment_course.sign_task(assignment_id=root.pk, by=leader, at=days_ago(d, 58))
    offsets = ((40, 3, 20), (-6, 12, 60), (30, 45, 90))[number]
    parts = [
        give(d, project, root, said, centre, clerk, offset=offset, by="leader")
        for said, offset in zip(PLOTS, offsets, strict=True)
    ]
    if number == 0:  # one to sign for, one soon due, one to accept
        work(d, parts[1], progress=70)
        work(d, parts[2], progress=90, done=True)
    elif number == 1:  # one overdue, one accepted, one whose time limit is asked to be changed
        work(d, parts[0], progress=80)
        work(d, parts[1], progress=95, done=True)
        assignment_course.accept_task(
            assignment_id=parts[1].pk, note="现场核验属实。", by=leader, at=days_ago(d, 2)
        )
        work(d, parts[2], progress=20)
        assignment_changes.ask_change(
            assignment_id=parts[2].pk,
            due_on=d.today + timedelta(days=90),
            reason="汛期延长，场地积水，平整推迟一个月。",
            by=d.users["cadre"],
            at=days_ago(d, 1),
        )
    else:  # one suspended, one returned, one in hand with a person's task of its own
        assignment_course.suspend_task(
            assignment_id=parts[0].pk, note="规划方案调整，待批复后恢复。", by=leader, at=days_ago(d, 9)
        )
        work(d, parts[1], progress=60, done=True)
        assignment_course.return_task(
            assignment_id=parts[1].pk, note="缺消防审查意见，补齐后再报。", by=leader, at=days_ago(d, 1)
        )
        work(d, parts[2], progress=30)
        said = ("三标段清表", "清除地上附着物，报现场照片编号。", "每周报完成亩数")
        give(d, project, parts[2], said, centre, d.staff[centre.pk][2], offset=60, by="leader")


def days_ago(d: District, days: int) -> datetime:
    return d.at(d.today - timedelta(days=days))


def give(
    d: District,
    project: KeyProject,
    parent: Assignment | None,
    said: tuple[str, str, str],
    unit: Unit,
    owner: Cadre,
    *,
    offset: int,
    by: str,
    helping: Sequence[Unit] = (),
) -> Assignment:
    """A task issued two months ago (parts a little later), due `offset` days from today."""
    title, duty, standard = said
    at = days_ago(d, 50 if parent else 60)
    reward = incentives_offered(IncentiveKind.REWARD, at.date())[0]
    penalty = incentives_offered(IncentiveKind.PENALTY, at.date())[d.rng.randint(0, 1)]
    task, _ = assignments.draft_task(
        project=project,
        parent=parent,
        content=Content(
            title=title,
            duty=duty,
            standard=standard,
            lead_unit=unit,
            co_units=list(helping),
            due_on=d.today + timedelta(days=offset),
            reward=reward,
            penalty=penalty,
            people=[Named(PersonRole.OWNER, owner)],
        ),
        submission_key=UUID(int=d.rng.getrandbits(128), version=4),
        by=d.users[by],
        at=at,
    )
    return assignments.issue_task(assignment_id=task.pk, by=d.users[by], at=at)


def work(d: District, task: Assignment, *, progress: int, done: bool = False) -> None:
    """The demo clerk signs for a task and reports on it; `done` hands it in."""
    clerk = d.users["cadre"]
    assignment_course.sign_task(assignment_id=task.pk, by=clerk, at=days_ago(d, 45))
    assignment_course.report_task(
        assignment_id=task.pk,
        progress=Decimal(progress),
        version=task.version,
        by=clerk,
        at=days_ago(d, 12),
    )
    if done:
        assignment_course.submit_task(
            assignment_id=task.pk,
            done_on=d.today - timedelta(days=4),
            note="已全部完成，资料归档。",
            by=clerk,
            at=days_ago(d, 3),
        )
