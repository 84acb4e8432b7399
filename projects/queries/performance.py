"""What people achieved on projects, for their files and for the page of 重用候选; three statements each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse

from core.models import Cadre
from projects.choices import AssignmentState, IssueState, PersonRole, ProjectState
from projects.models import AssignmentPerson, Milestone, ProjectIssue, TaskforceMember
from projects.queries.projects import LEADING
from projects.rules import performance as rules

OWNERS = (PersonRole.ANSWERS, PersonRole.OWNER)
"""Whose record a task is; who only handles it has it in the own file."""
WORDS = {"EARLY": "提前一个月以上", "ON_TIME": "按期", "LATE": "逾期完成", "OVERDUE": "逾期未完成"}


@dataclass(frozen=True)
class Deed:
    """One thing a person did or owes on a project. `timing` as `rules.performance.timing` says, "SOLVED" for
    a problem; `route` and `pk` name its page."""

    cadre: int
    on: date
    kind: str
    title: str
    detail: str
    timing: str
    route: str
    pk: int
    key: str
    """The same thing done in two parts counts once: `Milestone:7`."""

    @property
    def word(self) -> str:
        """The timing in words."""
        return WORDS.get(self.timing, "已解决")


def deeds(
    *, since: date, until: date, today: date, cadre: Cadre | None = None, handled: bool = False
) -> Iterator[Deed]:
    """What leaders, deputies and owners of tasks did from one day to another, or still owe that was due then;
    of one person or of everybody. `handled` adds tasks in which one only did the handling."""
    one = Q() if cadre is None else Q(cadre=cadre)
    seen: set[tuple[int, str]] = set()
    for deed in (
        *_led(one, since, until, today),
        *_tasks(one, since, until, today, handled=handled),
        *_issues(cadre, since, until),
    ):
        if (deed.cadre, deed.key) not in seen:
            seen.add((deed.cadre, deed.key))
            yield deed


def _led(one: Q, since: date, until: date, today: date) -> Iterator[Deed]:
    """Milestones whose day fell into somebody's time as leader or deputy: the day done; the day planned where
    it was done late, for who came after it did not let it slip; undone, the day planned and the person still
    there."""
    members = TaskforceMember.objects.filter(one, role__in=LEADING).order_by("start_on", "id")
    by_project: dict[int, list[TaskforceMember]] = defaultdict(list)
    for member in members:
        by_project[member.project_id].append(member)
    done = Q(done_on__range=(since, until))
    owed = Q(done_on=None, suspended_reason="", progress__lt=100, planned_on__range=(since, until))
    owed &= Q(planned_on__lt=today, project__state=ProjectState.ACTIVE)
    # A sub-select rather than a list of numbers: engines limit how many values a statement may carry.
    own = members.order_by().values("project")
    rows = Milestone.objects.filter(done | owed, project__in=own).select_related("project")
    for node in rows.order_by("planned_on", "id"):
        timing = rules.timing(
            due_on=node.planned_on, baseline_on=node.baseline_on, done_on=node.done_on, today=today
        )
        on = node.done_on or node.planned_on
        answered = node.planned_on if timing == "LATE" else on
        if not timing or on is None or answered is None:
            continue
        for member in by_project[node.project_id]:
            ended = member.end_on is not None and (node.done_on is None or member.end_on < answered)
            if member.start_on <= answered and not ended:
                yield Deed(
                    cadre=member.cadre_id,
                    on=on,
                    kind="项目节点",
                    title=f"{node.project} · {node}",
                    detail=_dates(node.planned_on, node.baseline_on, node.done_on),
                    timing=timing,
                    route="projects:project-detail",
                    pk=node.project_id,
                    key=f"Milestone:{node.pk}",
                )


def _tasks(one: Q, since: date, until: date, today: date, *, handled: bool) -> Iterator[Deed]:
    accepted = Q(assignment__state=AssignmentState.ACCEPTED, assignment__done_on__range=(since, until))
    running = (AssignmentState.ISSUED, AssignmentState.SIGNED, AssignmentState.SUBMITTED)
    owed = Q(
        assignment__state__in=running,
        assignment__due_on__range=(since, until),
        assignment__due_on__lt=today,
    )
    roles = Q() if handled else Q(role__in=OWNERS)
    rows = AssignmentPerson.objects.filter(one, roles, accepted | owed)
    for person in rows.select_related("assignment__project").order_by("assignment_id", "id"):
        task = person.assignment
        done_on = task.done_on if task.state == AssignmentState.ACCEPTED else None
        timing = rules.timing(
            due_on=task.due_on, baseline_on=task.baseline_due_on, done_on=done_on, today=today
        )
        on = done_on or task.due_on
        if timing and on is not None:
            yield Deed(
                cadre=person.cadre_id,
                on=on,
                kind="六定任务",
                title=f"{task.project} · {task}",
                detail=f"{person.get_role_display()}，{_dates(task.due_on, task.baseline_due_on, done_on)}",
                timing=timing,
                route="projects:assignment-detail",
                pk=task.pk,
                key=f"Assignment:{task.pk}",
            )


def _issues(cadre: Cadre | None, since: date, until: date) -> Iterator[Deed]:
    solved = ProjectIssue.objects.filter(
        state__in=(IssueState.SOLVED, IssueState.CLOSED), solved_on__range=(since, until)
    )
    solved = solved.exclude(owner=None) if cadre is None else solved.filter(owner=cadre)
    for issue in solved.select_related("project").order_by("solved_on", "id"):
        if issue.owner_id is not None and issue.solved_on is not None:
            yield Deed(
                cadre=issue.owner_id,
                on=issue.solved_on,
                kind="解决问题",
                title=f"{issue.project} · {issue}",
                detail=f"{issue.get_kind_display()}，时限 {issue.due_on}，{issue.get_solved_how_display()}",
                timing="SOLVED",
                route="projects:issue-detail",
                pk=issue.pk,
                key=f"ProjectIssue:{issue.pk}",
            )


def _dates(due_on: date | None, baseline_on: date | None, done_on: date | None) -> str:
    """The dates side by side; a plan that was moved says so."""
    moved = f"（基准 {baseline_on}，经批准调整）" if baseline_on and baseline_on != due_on else ""
    return f"计划 {due_on}{moved}" + (f"，{done_on} 完成" if done_on else "")


@dataclass(frozen=True)
class Candidate:
    """A person with a record, its place and the page that has all of it."""

    cadre: Cadre
    placed: rules.Placed
    url: str


def record_of(key: str, found: Iterable[Deed]) -> rules.Record:
    """A person's record, counted from what it is made of."""
    timings = [deed.timing for deed in found]
    return rules.Record(
        key=key,
        early=timings.count("EARLY"),
        on_time=timings.count("ON_TIME"),
        late=timings.count("LATE"),
        overdue=timings.count("OVERDUE"),
        issues=timings.count("SOLVED"),
    )


def candidates(*, since: date, until: date, today: date) -> list[Candidate]:
    """Everybody in service with something to show of the period, in the order of `rules.performance`."""
    of: dict[int, list[Deed]] = defaultdict(list)
    for deed in deeds(since=since, until=until, today=today):
        of[deed.cadre].append(deed)
    serving = Cadre.objects.filter(left_on=None).select_related("unit").in_bulk(list(of))
    people = {cadre.staff_no: cadre for cadre in serving.values()}
    records = [record_of(number, of[cadre.pk]) for number, cadre in people.items()]
    query = f"?since={since}&until={until}"
    return [
        Candidate(
            cadre=people[placed.record.key],
            placed=placed,
            url=reverse("projects:candidate-detail", args=[people[placed.record.key].pk]) + query,
        )
        for placed in rules.order(records)
    ]
