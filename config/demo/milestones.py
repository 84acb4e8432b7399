"""How the milestones of the demo district stand: predecessors, reports, forecasts, a suspension, requests."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from config.demo.district import District
from core.models import User
from projects.choices import MemberRole, PlanChangeKind
from projects.models import KeyProject, Milestone
from projects.services import milestones, plan, plan_changes

CHAIN = ("交地", "取得施工许可证", "开工", "竣工")


def make(d: District) -> None:
    office, leader = d.users["assessor"], d.users["leader"]
    for project in d.projects:
        chain(d, project, office)
    led = [p for p in d.projects if p.members.filter(cadre=leader.cadre, role=MemberRole.LEADER, end_on=None)]
    for project in led:
        report(d, project, leader)
    ask(d, led, leader, office)
    held = Milestone.objects.filter(project=d.projects[8], done_on=None, progress__lt=100).first()
    if held is not None:
        plan.suspend_milestone(
            milestone_id=held.pk,
            note="征地批复还没有下来，先行暂停。",
            by=office,
            at=d.at(d.today - timedelta(days=12)),
        )


def chain(d: District, project: KeyProject, office: User) -> None:
    """Each key node after the one before it, as far as the dates allow."""
    found = {m.name: m for m in project.milestones.all()}
    rows = [found[name] for name in CHAIN if name in found]
    afters: list[int | None] = [None]
    for place, (first, then) in enumerate(pairwise(rows)):
        fits = first.planned_on and then.planned_on and first.planned_on <= then.planned_on
        afters.append(place if fits else None)
    nodes = [
        plan.PlannedNode(
            milestone_id=row.pk,
            version=row.version,
            name=row.name,
            kind=row.kind,
            weight=row.weight,
            planned_on=row.planned_on,
            after=after,
        )
        for row, after in zip(rows, afters, strict=True)
    ]
    if any(after is not None for after in afters):
        at = d.at(d.today - timedelta(days=60))
        plan.save_plan(project_id=project.pk, nodes=nodes, by=office, at=at)


def report(d: District, project: KeyProject, leader: User) -> None:
    """Two reports on the first node that is under way, with the day it began."""
    under_way = project.milestones.filter(done_on=None, progress__gt=0, progress__lt=90).first()
    if under_way is None:
        return
    start = d.today - timedelta(days=d.rng.randint(40, 70))
    for days_ago, step, note in ((18, 4, "围挡和临时设施完成。"), (5, 3, "按周计划推进，人员机械到位。")):
        under_way.refresh_from_db()
        milestones.update_milestone(
            milestone_id=under_way.pk,
            progress=under_way.progress + Decimal(step),
            started_on=start,
            note=note,
            version=under_way.version,
            by=leader,
            at=d.at(d.today - timedelta(days=days_ago)),
        )


def ask(d: District, led: list[KeyProject], leader: User, office: User) -> None:
    """The demo leader asks for later dates that are still far off: the first request waits, the next is
    approved."""
    far = d.today + timedelta(days=40)
    found = [p.milestones.filter(done_on=None, planned_on__gt=far, progress__lt=100).last() for p in led]
    for number, milestone in enumerate([m for m in found if m is not None][:2]):
        assert milestone.planned_on is not None
        change = plan_changes.ask_change(
            milestone_id=milestone.pk,
            kind=PlanChangeKind.MOVE,
            to_on=milestone.planned_on + timedelta(days=30),
            reason="汛期连续降雨，基础施工推迟一个月。",
            by=leader,
            at=d.at(d.today - timedelta(days=2 + number * 7)),
        )
        if number:
            plan_changes.approve_change(change_id=change.pk, by=office, at=d.at(d.today - timedelta(days=7)))
