"""Demo dispatch: two meetings held, one that is due next, what they decided, and what was chased."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from config.demo.district import District
from core.models import Unit, User
from projects.choices import DecisionBecomes, DispatchKind
from projects.models import DispatchDecision, DispatchMeeting, KeyProject
from projects.services import chasing, dispatch

DECIDED = (
    ("三日内补齐用地预审材料，专人跟办", DecisionBecomes.NOTE, 5),
    ("落实两支施工队伍，恢复夜间作业", DecisionBecomes.NOTE, 12),
    ("会同属地街道完成剩余三户签约", DecisionBecomes.TASK, 20),
)


def make(d: District) -> None:
    """A 月检查 with promises kept and broken, a 半月调度 with some running, and the next one prepared."""
    by = d.users["assessor"]
    month = _held(d, DispatchKind.MONTHLY, d.today - timedelta(days=24), by)
    first, *_ = [
        _decide(d, month, d.projects[number], what, becomes, days, by)
        for number, (what, becomes, days) in enumerate(DECIDED)
    ]
    dispatch.finish_decision(
        decision_id=first.pk,
        note="材料已补齐，受理回执已取得。",
        done_on=month.held_on + timedelta(days=4),
        by=by,
        at=d.at(month.held_on + timedelta(days=4), 16),
    )
    half = _held(d, DispatchKind.FORTNIGHT, d.today - timedelta(days=13), by)
    _decide(d, half, d.projects[1], "倒排工期，每周报一次形象进度", DecisionBecomes.NOTE, 14, by)
    construction = d.units["自然资源和规划建设局"]
    own = next(project for project in d.projects if project.lead_unit_id == construction.pk)
    _decide(d, half, own, "现场核对管线图，当月完成迁改交底", DecisionBecomes.NOTE, 16, by)
    _decide(d, half, d.projects[4], "电力迁改滞后，函告有关单位限期完成", DecisionBecomes.LETTER, 10, by)
    chasing.propose_for_red(at=d.at(d.today - timedelta(days=1), 8))
    dispatch.prepare_meeting(
        kind=DispatchKind.FORTNIGHT, held_on=d.today + timedelta(days=1), by=by, at=d.at(d.today, 8)
    )


def _held(d: District, kind: str, day: date, by: User) -> DispatchMeeting:
    """A meeting under the district's leader that took place on a day."""
    meeting = dispatch.prepare_meeting(kind=kind, held_on=day, by=by, at=d.at(day - timedelta(days=1), 9))
    return dispatch.hold_meeting(
        meeting_id=meeting.pk,
        place="区项目指挥部会议室",
        chair=d.users["chief"].cadre,
        minutes="通报各项目进展，逐个研究逾期节点。",
        by=by,
        at=d.at(day, 17),
    )


def _decide(
    d: District, meeting: DispatchMeeting, project: KeyProject, what: str, becomes: str, days: int, by: User
) -> DispatchDecision:
    unit = project.lead_unit
    assert isinstance(unit, Unit)
    return dispatch.record_decision(
        meeting_id=meeting.pk,
        project=project,
        what=what,
        unit=unit,
        cadre=None,
        due_on=meeting.held_on + timedelta(days=days),
        becomes=becomes,
        submission_key=UUID(int=d.rng.getrandbits(128), version=4),
        by=by,
        at=d.at(meeting.held_on, 18),
    )
