"""六定 of a whole project: what is fixed for it, and what is not fixed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from projects.choices import AssignmentState, MemberRole, MilestoneKind
from projects.models import Assignment, KeyProject
from projects.models.assignments import IN_HAND
from projects.queries.projects import project_line

SHOWN = 2
"""Duties and incentives told of the root tasks; the tab of tasks has them all."""


@dataclass(frozen=True)
class Fixed:
    """One of the six of a project: what is said, and what of it is not fixed."""

    label: str
    said: list[str]
    missing: str = ""


def six_of(project: KeyProject, *, today: date) -> list[Fixed]:
    """The six things of a project loaded by `with_parts` and its co-operating units; one statement more.

    Duty and incentives are those of its root tasks that were issued; whatever nobody fixed is said as such.
    """
    roots = list(
        Assignment.objects.filter(project=project, parent=None, state__in=IN_HAND)
        .select_related("reward", "penalty")
        .order_by("due_on", "id")
    )
    return [_unit(project), _people(project), _duty(roots), _time(project, roots),
            _progress(project, roots, today), _incentives(roots)]  # fmt: skip


def _unit(project: KeyProject) -> Fixed:
    said = [f"主办 {project.lead_unit}"] if project.lead_unit else []
    helping = "、".join(str(unit) for unit in project.co_units.all())
    if not said and project.units_text:
        said.append(f"原文 {project.units_text}")
    if helping:
        said.append(f"协办 {helping}")
    return Fixed("定单位", said, "" if project.lead_unit else "主办单位")


def _people(project: KeyProject) -> Fixed:
    members: list[Any] = getattr(project, "current_members", [])
    named = {role: [m.cadre.name for m in members if m.role == role] for role in MemberRole}
    said = [
        f"{role.label} {'、'.join(named[role])}"
        for role in (MemberRole.LEADER, MemberRole.DEPUTY)
        if named[role]
    ]
    if count := len(named[MemberRole.MEMBER]):
        said.append(f"成员 {count} 人")
    return Fixed("定人", said, "" if named[MemberRole.LEADER] else "组长")


def _few(words: list[str]) -> list[str]:
    said = words[:SHOWN]
    return [*said, f"等 {len(words)} 项"] if len(words) > SHOWN else said


def _duty(roots: list[Assignment]) -> Fixed:
    return Fixed("定责任", _few([task.title for task in roots]), "" if roots else "责任任务")


def _time(project: KeyProject, roots: list[Assignment]) -> Fixed:
    """Of the node that completes the project, else of the last node that is planned, else of its tasks."""
    planned = [m for m in project.milestones.all() if m.planned_on]
    ends = [m for m in planned if m.kind == MilestoneKind.COMPLETE] or planned
    last = max(ends, key=lambda m: (m.planned_on, m.pk), default=None)
    if last is not None:
        expected = last.done_on or last.forecast_on
        word = "实际" if last.done_on else "预计"
        said = [f"计划 {last.planned_on} {last.name}"] + ([f"{word} {expected}"] if expected else [])
        return Fixed("定时限", said)
    due = max((task.due_on for task in roots if task.due_on), default=None)
    return Fixed("定时限", [f"任务最晚 {due}"] if due else [], "" if due else "完成时限")


def _progress(project: KeyProject, roots: list[Assignment], today: date) -> Fixed:
    progress = project_line(project, today=today).progress
    said = [] if progress is None else [f"汇总进度 {progress.normalize():f}%"]
    if roots:
        done = sum(task.state == AssignmentState.ACCEPTED for task in roots)
        said.append(f"任务验收 {done}/{len(roots)}")
    return Fixed("定进度", said, "" if progress is not None else "节点")


def _incentives(roots: list[Assignment]) -> Fixed:
    words = []
    for kind, word in (("reward", "奖"), ("penalty", "惩")):
        named = dict.fromkeys(str(getattr(task, kind)) for task in roots if getattr(task, kind))
        if named:
            words.append(f"{word}：{'、'.join(named)}")
    return Fixed("定奖惩", words, "" if words else "奖惩")
