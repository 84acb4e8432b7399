"""What 六定 tasks put on the workbench, on the overview of a project and into its history."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from core.models import StepTaken, User
from core.permissions import Permission, may
from core.queries.todos import Todo, Waiting, waiting
from projects.choices import AssignmentState, ChangeState
from projects.models import Assignment, AssignmentChange, KeyProject
from projects.queries.assignments import (
    RESPONSIBLE,
    assigned_by,
    assignments_visible_to,
    changes_visible_to,
    named_in,
    worked_by,
)
from projects.queries.overview import Card, Event
from projects.rules import assignments as rules

ORDER = 20
"""Of the card on a project's overview."""


def _listed(conditions: str) -> str:
    return f"{reverse('projects:assignment-list')}?{conditions}"


def _tasks(
    rows: QuerySet[Assignment], action: str, *, label: str, url: str, today: date, detail: Any = None
) -> Waiting:
    def line(task: Any) -> Todo:
        return Todo(
            title=task.title,
            who=str(task.lead_unit or ""),
            detail="，".join(filter(None, (task.project.name, detail(task) if detail else ""))),
            url=task.get_absolute_url(),
            action=action,
            due_on=task.due_on,
        )

    soon = today + timedelta(days=rules.WARN_DAYS)
    rows = rows.order_by("due_on", "id")
    return waiting(rows, line, label=label, url=url, today=today, due="due_on", soon=soon)


def _last_step(field: str) -> Subquery:
    """A field of the last step of a task."""
    taken = StepTaken.objects.filter(
        owner_label=Assignment._meta.label, owner_id=Cast(OuterRef("pk"), CharField())
    )
    return Subquery(taken.order_by("-at", "-id").values(field)[:1])


def _workers_todos(user: User, known: QuerySet[Assignment], *, today: date) -> list[Waiting]:
    """What who does the work has to do: sign for it, bring it to its end, mend what came back."""
    unsigned = known.filter(worked_by(user, roles=RESPONSIBLE), state=AssignmentState.ISSUED)
    horizon = today + timedelta(days=rules.WARN_DAYS)
    running = known.filter(worked_by(user), state=AssignmentState.SIGNED).annotate(
        last_step=_last_step("step"), last_note=_last_step("note")
    )
    pressing = running.filter(Q(due_on__lte=horizon) | Q(last_step="return"))

    def detail(task: Any) -> str:
        back = f"退回：{task.last_note}" if task.last_step == "return" else ""
        return "，".join(filter(None, (f"目前 {task.progress.normalize():f}%", back)))

    return [
        _tasks(unsigned, "签收", label="待签收的任务", url=_listed("state=ISSUED"), today=today),
        _tasks(pressing, "办理", label="到期的任务", url=_listed("state=SIGNED"), today=today, detail=detail),
    ]


def _givers_todos(user: User, known: QuerySet[Assignment], *, today: date) -> list[Waiting]:
    """What who gives tasks has to do: issue own drafts, accept what was handed in by somebody else.

    Who manages projects is asked only where the issuer may not: he did or handed in the work himself.
    """
    drafts = known.filter(recorded_by=user, state=AssignmentState.DRAFT)
    handed = known.filter(state=AssignmentState.SUBMITTED).exclude(submitted_by=user)
    if user.cadre_id is not None:
        handed = handed.exclude(named_in(user, task="pk"))
    if may(user, Permission.MANAGE_PROJECTS):
        handed = handed.filter(Q(issued_by=user) | Q(issued_by=F("submitted_by")))
    else:
        handed = handed.filter(Q(issued_by=user) | assigned_by(user))
    return [
        _tasks(
            drafts,
            "下达",
            label="您拟定的任务",
            url=_listed("state=DRAFT"),
            today=today,
            detail=lambda _: "您的草稿，还没有下达",
        ),
        _tasks(
            handed,
            "验收",
            label="待验收的任务",
            url=_listed("state=SUBMITTED"),
            today=today,
            detail=lambda task: f"{task.submitted_by.display_name}报 {task.done_on} 完成",
        ),
    ]


def _change_todos(user: User, *, today: date) -> Waiting:
    asked = changes_visible_to(user).filter(state=ChangeState.PROPOSED).exclude(recorded_by=user)

    def line(change: AssignmentChange) -> Todo:
        return Todo(
            title=f"任务变更：{change.assignment.title}",
            who=str(change.assignment.lead_unit or ""),
            detail=f"{change.recorded_by.display_name}申请{asked_for(change)}，理由：{change.reason}",
            url=change.get_absolute_url(),
            action="审批",
        )

    rows = asked.order_by("recorded_at", "id")
    return waiting(rows, line, label="待审批的任务变更", url=_listed("pressing=open"), today=today)


def asked_for(change: AssignmentChange) -> str:
    """What a request wants, in words."""
    wanted = (
        f"时限改为 {change.due_on}" if change.due_on else "",
        f"主办单位改为{change.lead_unit}" if change.lead_unit else "",
        f"责任人改为{change.owner}" if change.owner else "",
    )
    return "、".join(filter(None, wanted))


def todos(user: User, *, today: date) -> list[Waiting]:
    """What 六定 tasks wait for from this person."""
    found: list[Waiting] = []
    if not may(user, Permission.VIEW_PROJECTS):
        return found
    known = assignments_visible_to(user)
    if may(user, Permission.WORK_TASKS):
        found += _workers_todos(user, known, today=today)
    if may(user, Permission.ASSIGN_TASKS):
        found += _givers_todos(user, known, today=today)
    if may(user, Permission.APPROVE_CHANGES):
        found.append(_change_todos(user, today=today))
    return found


def card(project: KeyProject, user: User, today: date) -> Card | None:
    """How the project's tasks stand; None without any issued."""
    rows = assignments_visible_to(user).filter(project=project, issued_at__isnull=False)
    found = list(rows.order_by().values_list("state", "due_on"))
    if not found:
        return None
    states = Counter(state for state, _ in found)
    running = (AssignmentState.ISSUED, AssignmentState.SIGNED)
    late = sum(state in running and due_on is not None and due_on < today for state, due_on in found)
    total = len(found) - states[AssignmentState.WITHDRAWN]
    return Card(
        title="六定任务",
        figures=[
            ("已验收", f"{states[AssignmentState.ACCEPTED]}/{total}"),
            ("待签收", str(states[AssignmentState.ISSUED])),
            ("待验收", str(states[AssignmentState.SUBMITTED])),
        ],
        url=reverse("projects:project-tasks", args=[project.pk]),
        alarm=f"{late} 项任务逾期未完成" if late else "",
        order=ORDER,
    )


def history(project: KeyProject, user: User) -> list[Event]:
    """What happened to the tasks of a project that were issued, corrections of drafts left out."""
    tasks = {
        str(task.pk): task
        for task in assignments_visible_to(user).filter(project=project, issued_at__isnull=False)
    }
    taken = StepTaken.objects.filter(owner_label=Assignment._meta.label, owner_id__in=list(tasks)).exclude(
        step="edit"
    )
    return [
        Event(
            on=timezone.localdate(step.at),
            at=step.at,
            kind="六定任务",
            title=f"{tasks[step.owner_id].title}：{step.label}",
            detail=step.note,
            who=str(step.by or "系统"),
            url=tasks[step.owner_id].get_absolute_url(),
        )
        for step in taken.select_related("by").order_by("at", "id")
    ]
