"""What the plan of a project says: its nodes side by side with what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.permissions import Permission, may
from core.queries import steps_of, workday_overrides
from core.rules.deadlines import span_in_words
from core.rules.workdays import Overrides
from projects.choices import ChangeState, Light, MemberRole
from projects.models import KeyProject, Milestone, PlanChange
from projects.queries.milestones import updates_of
from projects.queries.overview import Card, Event
from projects.queries.projects import leads, project_line, reading_of, resting_of
from projects.rules import milestones as rules
from projects.rules import plan as courses
from projects.rules import schedule
from projects.rules.schedule import Finding, Forecast, Node


@dataclass(frozen=True)
class PlanLine:
    """A node with its four dates, how far it slipped (in words, "" unknown) and what contradicts what."""

    milestone: Milestone
    predecessor: str
    light: str
    reason: str
    forecast: Forecast
    late_on_baseline: str
    late_on_plan: str
    findings: list[Finding]
    waiting: PlanChange | None
    """The request for another date that nobody has decided yet."""


@dataclass(frozen=True)
class Plan:
    """All nodes of a project; `weights` their sum, `quiet` why the leader should be asked, "" when not."""

    lines: list[PlanLine]
    progress: Decimal | None
    weights: Decimal
    reported_on: date | None
    quiet: str

    @property
    def has_findings(self) -> bool:
        return any(line.findings for line in self.lines)

    @property
    def weights_fit(self) -> bool:
        return self.weights == rules.FULL_WEIGHT


def node_of(milestone: Milestone, *, after: int | None = None) -> Node:
    """A milestone as the rules read it; `after` is its predecessor's place among those judged together."""
    return Node(
        name=milestone.name,
        kind=milestone.kind,
        planned_on=milestone.planned_on,
        started_on=milestone.started_on,
        done_on=milestone.done_on,
        forecast_on=milestone.forecast_on,
        progress=milestone.progress,
        suspended_reason=milestone.suspended_reason,
        suspended_on=milestone.suspended_on,
        after=after,
    )


def nodes_of(milestones: list[Milestone]) -> list[Node]:
    """The milestones of one project as the rules read them, in the same order."""
    places = {milestone.pk: place for place, milestone in enumerate(milestones)}
    return [node_of(m, after=places.get(m.after_id) if m.after_id else None) for m in milestones]


def is_led(project: KeyProject) -> bool:
    """Whether somebody leads the project now; no statement for one loaded by `with_parts`."""
    members = getattr(project, "current_members", None)
    if members is None:
        return bool(project.members.filter(role=MemberRole.LEADER, end_on=None).exists())
    return any(member.role == MemberRole.LEADER for member in members)


def forecast_of(milestone: Milestone, *, today: date, overrides: Overrides) -> Forecast:
    """When a milestone will be done: known, stated by the leader, or from the pace so far."""
    return schedule.forecast(
        stated_on=milestone.forecast_on,
        started_on=milestone.started_on,
        done_on=milestone.done_on,
        progress=milestone.progress,
        is_suspended=bool(milestone.suspended_reason),
        today=today,
        overrides=overrides,
    )


def plan_of(project: KeyProject, *, today: date) -> Plan:
    """The plan of a project loaded by `with_parts`, in three further statements."""
    milestones = list(project.milestones.all())
    nodes, overrides = nodes_of(milestones), workday_overrides()
    findings = schedule.contradictions(nodes, today=today)
    open_changes = PlanChange.objects.filter(milestone__in=milestones, state=ChangeState.PROPOSED)
    waiting = {change.milestone_id: change for change in open_changes}
    resting = resting_of(project, is_led=is_led(project), today=today)
    lines = []
    for milestone, node, found in zip(milestones, nodes, findings, strict=True):
        reading = reading_of(milestone, today=today, resting=resting)
        slipped = partial(
            schedule.slip,
            done_on=milestone.done_on,
            suspended_on=milestone.suspended_on if milestone.suspended_reason else None,
            today=today,
            overrides=overrides,
        )
        lines.append(
            PlanLine(
                milestone=milestone,
                predecessor=nodes[node.after].name if node.after is not None else "",
                light=reading.light,
                reason=reading.reason,
                forecast=forecast_of(milestone, today=today, overrides=overrides),
                late_on_baseline=schedule.slip_in_words(slipped(against=milestone.baseline_on)),
                late_on_plan=schedule.slip_in_words(slipped(against=milestone.planned_on)),
                findings=found,
                waiting=waiting.get(milestone.pk),
            )
        )
    reported_on = reported_last(project)
    return Plan(
        lines=lines,
        progress=rules.rolled_up_progress([(m.weight, m.progress) for m in milestones]),
        weights=sum((m.weight for m in milestones), Decimal(0)),
        reported_on=reported_on,
        quiet=_quiet(project, [line.light for line in lines], reported_on, today=today),
    )


def reported_last(project: KeyProject) -> date | None:
    """The day of the latest report on any milestone of the project."""
    last = updates_of(project).aggregate(last=Max("reported_at"))["last"]
    return None if last is None else timezone.localdate(last)


def _quiet(project: KeyProject, lights: list[str], reported_on: date | None, *, today: date) -> str:
    members = getattr(project, "current_members", [])
    since = next((member.start_on for member in members if member.role == MemberRole.LEADER), None)
    return rules.quiet_words(
        has_work=bool({Light.RED, Light.YELLOW} & set(lights)),
        reported_on=reported_on,
        led_since=since,
        today=today,
    )


def is_planner(user: User, project: KeyProject) -> bool:
    """Who may set the plan: the office; the leader as long as no date is fixed."""
    if may(user, Permission.MANAGE_PROJECTS):
        return True
    fixed = Milestone.objects.filter(project=project, baseline_on__isnull=False)
    return leads(user, project) and not fixed.exists()


def parts_in(milestone: Milestone, user: User) -> frozenset[str]:
    """The parts a person plays in a milestone, by the names of `rules.plan.MILESTONE`."""
    parts = {
        "office": may(user, Permission.MANAGE_PROJECTS),
        "leader": leads(user, milestone.project),
        "planner": is_planner(user, milestone.project),
    }
    return frozenset(part for part, plays in parts.items() if plays)


def card(project: KeyProject, user: User, today: date) -> Card | None:
    """How the milestones of a project stand, for its overview."""
    line, url = project_line(project, today=today), reverse("projects:project-milestones", args=[project.pk])
    if not line.milestones:
        return Card("节点", [("节点", "还没有")], url, order=10)
    lights = [item.light for item in line.milestones]
    done = sum(item.milestone.done_on is not None for item in line.milestones)
    reported_on = reported_last(project)
    figures = [
        ("汇总进度", "—" if line.progress is None else f"{rules.shown(line.progress)}%"),
        ("已完成", f"{done} / {len(lights)}"),
        ("逾期", str(lights.count(Light.RED))),
        ("最近更新", _ago(reported_on, today)),
    ]
    red = next((item for item in line.milestones if item.light == Light.RED), None)
    alarm = f"“{red.milestone.name}”{red.reason}" if red else ""
    nodes = nodes_of([item.milestone for item in line.milestones])
    odd = sum(map(len, schedule.contradictions(nodes, today=today)))
    alarms = (alarm, _quiet(project, lights, reported_on, today=today), f"有 {odd} 处对不上" if odd else "")
    return Card("节点", figures, url, alarm="；".join(part for part in alarms if part), order=10)


def _ago(day: date | None, today: date) -> str:
    if day is None:
        return "从未"
    return f"{span_in_words((today - day).days)}前" if day < today else "今天"


def history(project: KeyProject, user: User) -> list[Event]:
    """What was reported on the milestones, how their plan changed, when they stood still."""
    milestones = list(Milestone.everything.filter(project=project))
    changes = list(
        PlanChange.objects.filter(milestone__in=milestones).select_related("milestone", "recorded_by")
    )
    return [
        *_report_events(project),
        *_change_events(changes),
        *_step_events(milestones, changes),
    ]


def _report_events(project: KeyProject) -> list[Event]:
    return [
        Event(
            on=timezone.localdate(update.reported_at),
            at=update.reported_at,
            kind="节点更新",
            title=f"{update.milestone}：{update}",
            detail=update.note,
            who=str(update.reported_by),
            url=reverse("projects:milestone-detail", args=[update.milestone_id]),
        )
        for update in updates_of(project)
    ]


def _change_events(changes: list[PlanChange]) -> list[Event]:
    return [
        Event(
            on=timezone.localdate(change.recorded_at),
            at=change.recorded_at,
            kind="申请计划变更",
            title=str(change),
            detail=change.reason,
            who=str(change.recorded_by),
            url=change.get_absolute_url(),
        )
        for change in changes
    ]


def _step_events(milestones: list[Milestone], changes: list[PlanChange]) -> list[Event]:
    records: dict[tuple[str, str], Any] = {
        (record._meta.label, str(record.pk)): record for record in (*milestones, *changes)
    }
    words = {Milestone._meta.label: courses.MILESTONE.name, PlanChange._meta.label: courses.PLAN_CHANGE.name}
    return [
        Event(
            on=timezone.localdate(step.at),
            at=step.at,
            kind=step.label + words[step.owner_label],
            title=str(record),
            detail=step.note,
            who=str(step.by or "系统"),
            url=_page_of(record),
        )
        for step in steps_of(records.values())
        for record in [records[step.owner_label, step.owner_id]]
    ]


def _page_of(record: Milestone | PlanChange) -> str:
    if isinstance(record, PlanChange):
        return record.get_absolute_url()
    return reverse("projects:milestone-detail", args=[record.pk])
