"""What a dispatch meeting is told of each project, in a fixed number of statements; kept when it is held.

What happened on the day of the meeting before is told again: nothing is lost between the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import User
from projects.choices import AssignmentState, ChangeState, DispatchState, IssueState, Light, ProjectKind
from projects.models import (
    Assignment,
    DispatchDecision,
    DispatchMeeting,
    InvestmentEntry,
    KeyProject,
    MilestoneUpdate,
    PlanChange,
    ProjectIssue,
)
from projects.queries.dispatch import kept, last_before, today_of
from projects.queries.projects import ProjectLine, project_line, projects_visible_to, with_parts
from projects.rules.dispatch import Block, Line, Promised, in_order

Lines = dict[int, list[Line]]
"""Project → what is told of it."""
RUNNING = (AssignmentState.ISSUED, AssignmentState.SIGNED, AssignmentState.SUBMITTED)
ISSUE, TASK = "projects:issue-detail", "projects:assignment-detail"


def paper_for(meeting: DispatchMeeting, user: User) -> list[Block]:
    """The paper within what a reader may see: as it was kept, or before the meeting as things stand."""
    mine = projects_visible_to(user)
    if meeting.state == DispatchState.PREPARED:
        return paper_of(meeting, mine)
    seen = set(mine.order_by().values_list("pk", flat=True))
    return [block for kept_ in meeting.paper if (block := Block.read(kept_)).project in seen]


def paper_of(meeting: DispatchMeeting, projects: QuerySet[KeyProject]) -> list[Block]:
    """The key projects that were not finished before, and all others of which something was promised, those
    with trouble first."""
    day, since = today_of(meeting), meeting.since_on
    promised = _promised(meeting, day)
    wanted = Q(kind=ProjectKind.KEY) & (Q(closed_on=None) | Q(closed_on__gte=since))
    found = with_parts(projects.filter(wanted | Q(pk__in=promised)).select_related("lead_unit"))
    lines = [project_line(project, today=day) for project in found.order_by("code")]
    red, changes = _overdue(day), _changes(since, day)
    return in_order([_block(line, red, changes, promised) for line in lines])


def _block(line: ProjectLine, red: Lines, changes: Lines, promised: dict[int, list[Promised]]) -> Block:
    project = line.project
    nodes: dict[str, list[Line]] = {Light.RED: [], Light.YELLOW: []}
    for item in line.milestones if project.closed_on is None else ():
        if item.light in nodes:
            progress = f"进度 {item.milestone.progress.normalize():f}%"
            told = Line("节点", f"{item.milestone.name}：{item.reason}，{progress}")
            nodes[item.light].append(told)
    return Block(
        project=project.pk,
        code=project.code,
        name=project.name,
        unit=str(project.lead_unit or project.units_text),
        leader=line.leader,
        light=line.light,
        progress="" if line.progress is None else f"{line.progress.normalize():f}%",
        red=[*nodes[Light.RED], *red[project.pk]],
        soon=nodes[Light.YELLOW],
        changes=changes[project.pk],
        promises=promised.get(project.pk, []),
    )


def _promised(meeting: DispatchMeeting, day: date) -> dict[int, list[Promised]]:
    """What the meeting before promised, and what earlier ones did that is still open."""
    last = last_before(kind=meeting.kind, day=meeting.held_on)
    held = Q(meeting__state=DispatchState.HELD, meeting__held_on__lt=meeting.held_on)
    still_open = held & Q(state="OPEN") & ~Q(assignment__state=AssignmentState.ACCEPTED)
    rows = DispatchDecision.objects.filter(still_open | Q(meeting=last) if last else still_open)
    found: dict[int, list[Promised]] = defaultdict(list)
    for decision in rows.select_related("unit", "cadre", "assignment").order_by("due_on", "id"):
        now = kept(decision, today=day)
        who = f"{decision.unit} {decision.cadre}" if decision.cadre else str(decision.unit)
        due = decision.due_on.isoformat()
        found[decision.project_id].append(
            Promised(decision.what, who, due, now.verdict, now.reason, decision.pk)
        )
    return found


def _overdue(day: date) -> Lines:
    """Problems and tasks past their time limit; the milestones come with their projects."""
    found: Lines = defaultdict(list)
    issues = ProjectIssue.objects.filter(state__in=(IssueState.OPEN, IssueState.ESCALATED), due_on__lt=day)
    for issue in issues.select_related("owner_unit").order_by("due_on", "id"):
        text = f"{issue.title}：{issue.owner_unit}，逾期 {(day - issue.due_on).days} 天"
        found[issue.project_id].append(Line(issue.get_kind_display(), text, ISSUE, issue.pk))
    tasks = Assignment.objects.filter(state__in=RUNNING, due_on__lt=day)
    for task in tasks.select_related("lead_unit").order_by("due_on", "id"):
        assert task.due_on is not None
        text = f"{task.title}：{task.lead_unit}，逾期 {(day - task.due_on).days} 天"
        found[task.project_id].append(Line("任务", text, TASK, task.pk))
    return found


def _changes(since: date, day: date) -> Lines:
    """What happened from one day to another, both included, in the order a meeting asks for it."""
    first = timezone.make_aware(datetime.combine(since, time.min))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    found: Lines = defaultdict(list)
    for project, line in (
        *_milestones(first, end),
        *_plans(first, end),
        *_issues(since, day),
        *_money(first, end),
        *_tasks(since, day),
    ):
        found[project].append(line)
    return found


def _milestones(first: datetime, end: datetime) -> Iterable[tuple[int, Line]]:
    """One line a milestone: from where to where, with the last word said."""
    rows = MilestoneUpdate.objects.filter(reported_at__gte=first, reported_at__lt=end)
    of: dict[int, list[MilestoneUpdate]] = defaultdict(list)
    for update in rows.select_related("milestone").order_by("reported_at", "id"):
        of[update.milestone_id].append(update)
    for updates in of.values():
        start, last = updates[0], updates[-1]
        text = (
            f"{last.milestone.name}：{start.progress_before.normalize():f}% → "
            f"{last.progress_after.normalize():f}%"
        )
        text += f"，{last.done_on} 完成" if last.done_on else ""
        note = next((u.note for u in reversed(updates) if u.note), "")
        yield last.milestone.project_id, Line("节点", f"{text}；{note}" if note else text)


def _plans(first: datetime, end: datetime) -> Iterable[tuple[int, Line]]:
    asked = Q(state=ChangeState.PROPOSED, recorded_at__lt=end)
    decided = Q(
        state__in=(ChangeState.APPROVED, ChangeState.DECLINED), decided_at__gte=first, decided_at__lt=end
    )
    rows = PlanChange.objects.filter(asked | decided).select_related("milestone").order_by("id")
    for change in rows:
        text = f"{change}（{change.get_state_display()}）：{change.reason}"
        yield change.milestone.project_id, Line("计划变更", text)


def _issues(since: date, day: date) -> Iterable[tuple[int, Line]]:
    raised, solved = Q(raised_on__range=(since, day)), Q(solved_on__range=(since, day))
    rows = ProjectIssue.objects.filter(raised | solved).exclude(state=IssueState.WITHDRAWN)
    for issue in rows.select_related("owner_unit").order_by("raised_on", "id"):
        if issue.solved_on is not None and since <= issue.solved_on <= day:
            text = f"{issue.title}：{issue.solved_on} {issue.get_solved_how_display()}"
            yield issue.project_id, Line("问题解决", text, ISSUE, issue.pk)
        else:
            text = f"{issue.title}（{issue.get_kind_display()}）：{issue.owner_unit}，时限 {issue.due_on}"
            yield issue.project_id, Line("新问题", text, ISSUE, issue.pk)


def _money(first: datetime, end: datetime) -> Iterable[tuple[int, Line]]:
    rows = InvestmentEntry.objects.filter(recorded_at__gte=first, recorded_at__lt=end)
    for entry in rows.order_by("month", "id"):
        yield entry.project_id, Line("投资", f"{entry.month:%Y-%m} 完成 {entry.amount_text}")


def _tasks(since: date, day: date) -> Iterable[tuple[int, Line]]:
    rows = Assignment.objects.filter(state=AssignmentState.ACCEPTED, done_on__range=(since, day))
    for task in rows.select_related("lead_unit").order_by("done_on", "id"):
        yield task.project_id, Line("任务验收", f"{task.title}：{task.lead_unit}", TASK, task.pk)
