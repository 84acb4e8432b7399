"""Reads of 六定 tasks; the row scope comes from `assignments_visible_to` alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from core.models import Cadre, Unit, User
from core.models.people import CadreQuerySet
from core.permissions import Permission, may
from core.queries import (
    CourseLine,
    cadres_visible_to,
    course_of,
    open_units_visible_to,
    steps_of,
    unit_ids_under,
    units_reached,
    workday_overrides,
)
from core.rules.errors import DomainError
from core.rules.workdays import Overrides
from projects.choices import AssignmentState, IncentiveKind, PersonRole
from projects.models import Assignment, AssignmentChange, AssignmentPerson, Incentive, KeyProject
from projects.models.assignments import IN_HAND, OPEN
from projects.queries.projects import LEADING, membership, projects_visible_to
from projects.rules import assignments as rules
from projects.rules.milestones import LightReading

RESPONSIBLE = (PersonRole.ANSWERS, PersonRole.OWNER)
"""Who signs for a task and hands it in, beside the head of its lead unit."""
ROLE_ORDER = {PersonRole.ANSWERS: 0, PersonRole.OWNER: 1, PersonRole.HANDLER: 2}


def named_in(user: User, *, task: str, roles: tuple[str, ...] = ()) -> Exists:
    """Whether the user is among the people of the task that `task` names, in one of the roles."""
    rows = AssignmentPerson.objects.filter(assignment=OuterRef(task), cadre=user.cadre_id)
    return Exists(rows.filter(role__in=roles) if roles else rows)


def assigned_by(user: User) -> Q:
    """Tasks the user gives: of projects one leads, and the parts of tasks one answers for."""
    if not may(user, Permission.ASSIGN_TASKS):
        return Q(pk__in=())
    if may(user, Permission.MANAGE_PROJECTS):
        return Q()
    own = Q(parent__lead_unit__in=units_reached(user, Permission.WORK_TASKS), parent__state__in=IN_HAND)
    if user.cadre_id is not None:
        own |= Q(membership(user, project="project", roles=LEADING))
        own |= Q(named_in(user, task="parent", roles=RESPONSIBLE), parent__state__in=IN_HAND)
    return own


def worked_by(user: User, *, roles: tuple[str, ...] = ()) -> Q:
    """Tasks the user works on: led by one's unit, or oneself named in one of the roles."""
    if not may(user, Permission.WORK_TASKS):
        return Q(pk__in=())
    own = Q(lead_unit__in=units_reached(user, Permission.WORK_TASKS))
    return own | Q(named_in(user, task="pk", roles=roles)) if user.cadre_id is not None else own


def assignments_visible_to(user: User) -> QuerySet[Assignment]:
    """The tasks of visible projects; what was never issued only who gives it, and who wrote it, sees."""
    found = Assignment.objects.filter(project__in=projects_visible_to(user)).select_related(
        "project__lead_unit",
        "parent__lead_unit",
        "lead_unit",
        "milestone__after",
        "reward",
        "penalty",
        "recorded_by",
        "issued_by",
        "signed_by",
        "submitted_by",
        "accepted_by",
    )
    if may(user, Permission.MANAGE_PROJECTS):
        return found
    return found.filter(Q(issued_at__isnull=False) | Q(recorded_by=user) | assigned_by(user))


def with_people(tasks: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Tasks with their people and co-operating units, in two statements whatever their number."""
    people = AssignmentPerson.objects.select_related("cadre").order_by("id")
    return tasks.prefetch_related(Prefetch("people", people), "co_units")


def changes_visible_to(user: User) -> QuerySet[AssignmentChange]:
    """Requests to change the tasks a user may see."""
    return AssignmentChange.objects.filter(assignment__in=assignments_visible_to(user)).select_related(
        "assignment__project", "assignment__lead_unit", "lead_unit", "owner", "recorded_by", "decided_by"
    )


def may_assign(user: User, *, project: KeyProject, parent: Assignment | None = None) -> bool:
    """Whether the user may give tasks here: who manages projects, the project's leader or deputy, and within
    a task its unit's head and who answers for it."""
    if not may(user, Permission.ASSIGN_TASKS):
        return False
    if may(user, Permission.MANAGE_PROJECTS):
        return True
    if (
        user.cadre_id is not None
        and project.members.filter(cadre=user.cadre_id, end_on=None, role__in=LEADING).exists()
    ):
        return True
    if parent is None or parent.state not in IN_HAND:
        return False
    return bool(parts_of_worker(parent, user) & {"unit", "responsible"})


def parts_of_worker(task: Assignment, user: User) -> frozenset[str]:
    """The parts of who does the work: head of the lead unit, responsible, handler."""
    mine = {p.role for p in task.people.all() if user.cadre_id is not None and p.cadre_id == user.cadre_id}
    parts = {
        "unit": task.lead_unit_id in units_reached(user, Permission.WORK_TASKS),
        "responsible": bool(mine & set(RESPONSIBLE)),
        "handler": PersonRole.HANDLER in mine,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def parts_in(task: Assignment, user: User) -> frozenset[str]:
    """The parts a person plays in a task, by the names of `rules.assignments.ASSIGNMENT`."""
    parts = {
        "assigner": may_assign(user, project=task.project, parent=task.parent),
        "issuer": task.issued_by_id == user.pk,
        "submitter": task.submitted_by_id == user.pk,
    }
    return frozenset(part for part, plays in parts.items() if plays) | parts_of_worker(task, user)


def parts_in_change(change: AssignmentChange, user: User) -> frozenset[str]:
    """The parts a person plays in a request, by the names of `rules.assignments.CHANGE`."""
    return frozenset({"asker"} if change.recorded_by_id == user.pk else ())


def may_ask_change(parts: frozenset[str], task: Assignment) -> bool:
    """Whether who plays these parts may ask to change the task now; one request at a time."""
    return task.state in rules.CHANGEABLE and bool(
        parts & {"assigner", "issuer", "unit", "responsible", "handler"}
    )


def _assignable_unit_ids(user: User, projects: QuerySet[KeyProject]) -> frozenset[int]:
    """Units with everything below them that work on these projects: lead, co-operating, of the taskforce, of
    the tasks; and those the user is head of."""
    ids = set(projects.order_by().values_list("lead_unit", flat=True))
    ids |= set(projects.order_by().values_list("co_units", flat=True))
    ids |= set(
        projects.order_by().filter(members__end_on=None).values_list("members__cadre__unit", flat=True)
    )
    handed = Assignment.objects.filter(project__in=projects.order_by().values("pk"), state__in=IN_HAND)
    ids |= set(handed.order_by().values_list("lead_unit", flat=True))
    known = unit_ids_under([key for key in ids if key is not None])
    return known | units_reached(user, Permission.WORK_TASKS)


def _worked_projects(user: User) -> QuerySet[KeyProject]:
    """Visible projects in which the user may give tasks anywhere."""
    tasks = Assignment.objects.filter(
        worked_by(user, roles=RESPONSIBLE), project=OuterRef("pk"), state__in=IN_HAND
    )
    led = Q(membership(user, project="pk", roles=LEADING)) if user.cadre_id is not None else Q(pk__in=())
    return projects_visible_to(user).filter(led | Q(Exists(tasks)))


def units_offered(user: User, project: KeyProject) -> QuerySet[Unit]:
    """Open units a task of this project may go to: all for who manages projects, else those on it."""
    if may(user, Permission.MANAGE_PROJECTS):
        return open_units_visible_to(user)
    ids = _assignable_unit_ids(user, KeyProject.objects.filter(pk=project.pk))
    units: QuerySet[Unit] = Unit.objects.filter(pk__in=ids, closed_on=None)
    return units


def people_offered(user: User, project: KeyProject | None = None) -> CadreQuerySet:
    """People in service a task may name: of the units on the project and of its taskforce.

    Without a project, of every project in which the user gives tasks: what the picker searches.
    """
    if may(user, Permission.MANAGE_PROJECTS):
        return cadres_visible_to(user).filter(left_on=None)
    projects = _worked_projects(user) if project is None else KeyProject.objects.filter(pk=project.pk)
    units = _assignable_unit_ids(user, projects)
    team = Q(taskforces__project__in=projects.order_by().values("pk"), taskforces__end_on=None)
    chosen = Cadre.objects.filter(Q(unit__in=units) | team, left_on=None).order_by().values("pk")
    return Cadre.objects.select_related("unit").filter(pk__in=chosen)


def incentives_offered(kind: IncentiveKind, day: date) -> QuerySet[Incentive]:
    """Rewards or penalties in force on a day, in their order."""
    found: QuerySet[Incentive] = Incentive.objects.in_force(day).filter(kind=kind).order_by("order", "id")
    return found


def milestones_offered(project: KeyProject) -> QuerySet[Any]:
    """The nodes of the project a task may serve, in their order."""
    return project.milestones.select_related("after").order_by("order", "id")


@dataclass(frozen=True)
class TaskLine:
    """A task as lists and pages show it: `level` is its place in the tree, `slip` in working days."""

    task: Assignment
    people: list[AssignmentPerson]
    light: LightReading
    expected_on: date | None
    slip: int | None
    level: int = 0

    @property
    def expected_word(self) -> str:
        """What the expected day is: the actual one, a forecast, the limit in force, or only today."""
        if self.task.done_on:
            return "实际"
        if self.expected_on == self.task.forecast_on:
            return "预计"
        return "按现行时限" if self.expected_on == self.task.due_on else "至今"

    @property
    def owner(self) -> str:
        """Who is named first: the owner, else who answers, else anybody."""
        named = {person.role: person.cadre.name for person in reversed(self.people)}
        return named.get(PersonRole.OWNER) or next(iter(named.values()), "")


def line_of(task: Assignment, *, today: date, overrides: Overrides, level: int = 0) -> TaskLine:
    """A task loaded by `with_people` as pages show it on a day."""
    live = task.state in OPEN or task.state == AssignmentState.ACCEPTED
    expected = (
        rules.expected_on(due_on=task.due_on, forecast_on=task.forecast_on, done_on=task.done_on, today=today)
        if live
        else None
    )
    return TaskLine(
        task=task,
        people=sorted(task.people.all(), key=lambda p: (ROLE_ORDER[PersonRole(p.role)], p.pk)),
        light=rules.task_light(
            state=task.state,
            due_on=task.due_on,
            done_on=task.done_on,
            suspended_reason=task.suspended_reason,
            today=today,
        ),
        expected_on=expected,
        slip=rules.slip(task.baseline_due_on, expected, overrides),
        level=level,
    )


def lines_of(tasks: Iterable[Assignment], *, today: date) -> list[TaskLine]:
    """Tasks loaded by `with_people`, in their order; one statement for the calendar."""
    overrides = workday_overrides()
    return [line_of(task, today=today, overrides=overrides) for task in tasks]


def tree_of(project: KeyProject, user: User, *, today: date) -> list[TaskLine]:
    """A project's tasks as a tree, parts below their whole; a fixed number of statements."""
    tasks = with_people(assignments_visible_to(user).filter(project=project)).order_by("due_on", "id")
    known = {task.pk: task for task in tasks}
    overrides = workday_overrides()
    return [
        line_of(known[key], today=today, overrides=overrides, level=level)
        for key, level in rules.outline([(task.pk, task.parent_id) for task in known.values()])
    ]


def open_parts(task: Assignment) -> QuerySet[Assignment]:
    """The parts of a task that are not at their end, drafts included."""
    over = (AssignmentState.ACCEPTED, AssignmentState.WITHDRAWN)
    return task.parts.exclude(state__in=over).order_by("due_on", "id")


def missing_of(task: Assignment) -> list[str]:
    """What of the six a task lacks, in words."""
    return rules.missing_of_six(
        has_unit=task.lead_unit_id is not None,
        has_owner=any(person.role == PersonRole.OWNER for person in task.people.all()),
        duty=task.duty,
        due_on=task.due_on,
        standard=task.standard,
        has_reward=task.reward_id is not None,
        has_penalty=task.penalty_id is not None,
    )


def earned_by(task: Assignment, *, today: date) -> rules.Earned | None:
    """What the rule gives a task on a day: its reward, its penalty, or neither."""
    if task.reward is None or task.penalty is None:
        return None
    return rules.incentive_due(
        state=task.state,
        baseline_due_on=task.baseline_due_on,
        due_on=task.due_on,
        done_on=task.done_on,
        today=today,
        reward_points=task.reward.points,
        reward_days=task.reward.days,
        penalty_points=task.penalty.points,
        penalty_days=task.penalty.days,
    )


def course_with_changes(task: Assignment, changes: Iterable[AssignmentChange]) -> list[CourseLine]:
    """The history of a task and of the requests to change it as one time line, oldest first."""
    asked = list(changes)
    lines = course_of(task, rules.ASSIGNMENT) + [
        CourseLine(rules.CHANGE.begin, change.recorded_by, change.recorded_at, change.reason)
        for change in asked
    ]
    lines += [
        CourseLine(f"任务变更：{step.label}", step.by, step.at, step.note, step.old)
        for step in (steps_of(asked) if asked else ())
    ]
    return sorted(lines, key=lambda line: line.at)


def locked(assignment_id: int, user: User) -> Assignment:
    """A task within the user's scope, locked for a write. Raises Assignment.DoesNotExist outside it."""
    found = with_people(assignments_visible_to(user))
    return found.select_for_update(of=("self",)).get(pk=assignment_id)


def check_reach(
    *, project: KeyProject, units: Sequence[Unit], people: Sequence[Cadre], user: User, field: str = ""
) -> None:
    """Raises DomainError for a unit or person that works neither on the project nor under `user`."""
    offered = set(units_offered(user, project).values_list("pk", flat=True)) if units else set()
    for unit in units:
        if unit.pk not in offered and unit.closed_on is None:
            raise DomainError(
                f"“{unit}”不是本项目的主办、协办单位。请先由项目主管部门把它列为协办单位。",
                field=field or "lead_unit",
            )
    known = set(
        people_offered(user, project).filter(pk__in=[p.pk for p in people]).values_list("pk", flat=True)
    )
    for cadre in people:
        if cadre.pk not in known and cadre.left_on is None:
            raise DomainError(
                f"“{cadre}”不在本项目的单位和攻坚小组里，请另选人员，或先把其单位列为协办单位。",
                field=field or "owner",
            )
