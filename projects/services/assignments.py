"""Drafting, correcting and issuing 六定 tasks; what happens to an issued one is in `assignment_course`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.services import audit, steps
from projects.choices import AssignmentState, IncentiveKind, PersonRole
from projects.models import Assignment, AssignmentPerson, Incentive, KeyProject, Milestone
from projects.queries import assignments as queries
from projects.rules import assignments as rules

PERSON_FIELD = {PersonRole.ANSWERS: "answers", PersonRole.OWNER: "owner"}
"""The field of a form or of the interface that names who has the role; handlers have several."""


@dataclass(frozen=True)
class Named:
    """定人: a person and the part taken in a task, a `PersonRole`."""

    role: str
    cadre: Cadre


@dataclass(frozen=True)
class Content:
    """What a task says; all of the six may be open while it is a draft."""

    title: str
    duty: str = ""
    standard: str = ""
    lead_unit: Unit | None = None
    co_units: Sequence[Unit] = ()
    start_on: date | None = None
    due_on: date | None = None
    milestone: Milestone | None = None
    reward: Incentive | None = None
    penalty: Incentive | None = None
    people: Sequence[Named] = ()

    def fields(self) -> dict[str, Any]:
        """The values of the task's own fields."""
        return {
            "title": self.title.strip(),
            "duty": self.duty.strip(),
            "standard": self.standard.strip(),
            "lead_unit": self.lead_unit,
            "start_on": self.start_on,
            "due_on": self.due_on,
            "milestone": self.milestone,
            "reward": self.reward,
            "penalty": self.penalty,
        }

    def told(self) -> dict[str, Any]:
        """Everything it says, for the audit row."""
        return {
            **self.fields(),
            "co_units": [unit.pk for unit in self.co_units],
            "people": [f"{PersonRole(named.role).label}：{named.cadre}" for named in self.people],
        }


def content_of(task: Assignment) -> Content:
    """What a task says now."""
    return Content(
        title=task.title,
        duty=task.duty,
        standard=task.standard,
        lead_unit=task.lead_unit,
        co_units=list(task.co_units.all()),
        start_on=task.start_on,
        due_on=task.due_on,
        milestone=task.milestone,
        reward=task.reward,
        penalty=task.penalty,
        people=[Named(person.role, person.cadre) for person in task.people.all()],
    )


def check_unit(unit: Unit, *, today: date, field: str = "lead_unit") -> None:
    """Raises DomainError for a unit that is closed."""
    if unit.closed_on is not None and unit.closed_on <= today:
        raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请选承接其职能的单位。", field=field)


def check_person(cadre: Cadre, *, today: date, field: str = "owner") -> None:
    """Raises DomainError for a person who has left."""
    if cadre.left_on is not None and cadre.left_on < today:
        raise DomainError(f"“{cadre}”已于 {cadre.left_on} 离任，请另选人员。", field=field)


def check_dates(content: Content, *, parent: Assignment | None, issued_on: date | None = None) -> None:
    """Raises DomainError for the first date that cannot stand."""
    before = content.milestone.after if content.milestone else None
    problem = rules.dates_problem(
        start_on=content.start_on,
        due_on=content.due_on,
        parent_start=parent.start_on if parent else None,
        parent_due=parent.due_on if parent else None,
        predecessor=before.name if before else "",
        predecessor_on=before.planned_on if before else None,
        issued_on=issued_on,
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])


def _check_incentive(incentive: Incentive | None, kind: IncentiveKind, *, field: str, today: date) -> None:
    if incentive is None:
        return
    if incentive.kind != kind:
        raise DomainError(f"“{incentive}”不是{kind.label}条款，请另选。", field=field)
    if incentive.effective_from > today or (incentive.retired_on and incentive.retired_on <= today):
        ended = incentive.retired_on if incentive.effective_from <= today else None
        when = f"已于 {ended} 停用" if ended else f"自 {incentive.effective_from} 起才施行"
        raise DomainError(f"{kind.label}条款“{incentive}”{when}，请选现行条款。", field=field)


def _check(
    content: Content,
    *,
    project: KeyProject,
    parent: Assignment | None,
    today: date,
    issued_on: date | None = None,
) -> None:
    """Raises DomainError for the first thing a task cannot say."""
    if project.closed_on is not None:
        raise DomainError(f"“{project}”已于 {project.closed_on} 办结，不能再下达任务。")
    if not content.title.strip():
        raise DomainError("请写明任务名称。", field="title")
    if content.milestone is not None and content.milestone.project_id != project.pk:
        raise DomainError(f"节点“{content.milestone}”不是本项目的节点，请另选。", field="milestone")
    if content.lead_unit is not None:
        check_unit(content.lead_unit, today=today)
    for unit in content.co_units:
        check_unit(unit, today=today, field="co_units")
        if unit == content.lead_unit:
            raise DomainError(f"“{unit}”已是主办单位，不用再列为协办单位。", field="co_units")
    named = [(one.role, f"{one.cadre}（{one.cadre.staff_no}）") for one in content.people]
    if problem := rules.people_problem(named):
        raise DomainError(problem[1], field=problem[0])
    for one in content.people:
        check_person(one.cadre, today=today, field=PERSON_FIELD.get(PersonRole(one.role), "handler_1"))
    _check_incentive(content.reward, IncentiveKind.REWARD, field="reward", today=today)
    _check_incentive(content.penalty, IncentiveKind.PENALTY, field="penalty", today=today)
    check_dates(content, parent=parent, issued_on=issued_on)


def _put_people(task: Assignment, people: Sequence[Named]) -> None:
    task.people.all().delete()
    AssignmentPerson.objects.bulk_create(
        AssignmentPerson(assignment=task, cadre=named.cadre, role=named.role) for named in people
    )


@transaction.atomic
def draft_task(
    *,
    project: KeyProject,
    parent: Assignment | None = None,
    content: Content,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> tuple[Assignment, bool]:
    """Draft a task; (task, whether it is new): the same form sent twice is one record.

    Raises NotAllowed for who gives no tasks here; DomainError for a closed project or unit, a whole that is
    over or of another project, a person who left, a date that cannot stand, an incentive not in force.
    """
    # The project's row is the lock: the same form sent twice at once meets here.
    project = KeyProject.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if parent is not None:
        parent = Assignment.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    if not queries.may_assign(by, project=project, parent=parent):
        raise NotAllowed(f"您不能在“{project}”下达这项任务：只有项目组长、副组长或上级任务的负责人可以。")
    if earlier := Assignment.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier, False
    if parent is not None:
        if parent.project_id != project.pk:
            raise DomainError("上级任务不在本项目，请另选。", field="parent")
        if parent.state not in (AssignmentState.DRAFT, *rules.CAN_HAVE_PARTS):
            raise DomainError(f"上级任务“{parent}”{parent.get_state_display()}，不能再分解。", field="parent")
    queries.check_reach(
        project=project,
        units=[unit for unit in (content.lead_unit, *content.co_units) if unit],
        people=[named.cadre for named in content.people],
        user=by,
    )
    _check(content, project=project, parent=parent, today=timezone.localdate(at))
    task = Assignment.objects.create(
        project=project,
        parent=parent,
        **content.fields(),
        submission_key=submission_key,
        recorded_by=by,
        recorded_at=at,
    )
    task.co_units.set(content.co_units)
    _put_people(task, content.people)
    facts = {"project": project, "parent": parent, **content.told()}
    steps.begin(record=task, workflow=rules.ASSIGNMENT, facts=facts, by=by, at=at)
    return task, True


@transaction.atomic
def edit_task(*, assignment_id: int, version: int, content: Content, by: User, at: datetime) -> Assignment:
    """Correct a draft; what it said is kept in its history.

    Raises StaleVersion when it was saved since `version` was read, and what `draft_task` raises.
    """
    task = queries.locked(assignment_id, by)
    parts = queries.parts_in(task, by)
    steps.check(record=task, workflow=rules.ASSIGNMENT, step="edit", parts=parts, by=by)
    if task.version != version:
        raise StaleVersion(
            "这份草稿在您打开之后已被另一人改过，没有覆盖。页面下方列出现在的内容，核对后再次提交。"
        )
    before = content_of(task)
    known = {unit.pk for unit in (before.lead_unit, *before.co_units) if unit}
    named = {one.cadre.pk for one in before.people}
    queries.check_reach(
        project=task.project,
        units=[u for u in (content.lead_unit, *content.co_units) if u and u.pk not in known],
        people=[one.cadre for one in content.people if one.cadre.pk not in named],
        user=by,
    )
    _check(content, project=task.project, parent=task.parent, today=timezone.localdate(at))
    old, new = audit.changes(before.told(), content.told())
    if not new:
        raise DomainError("没有改动任何一栏；需要修改的，请先改内容再提交。")
    kept = steps.in_words(task, [name for name in content.fields() if name in new])
    if "co_units" in new:
        kept["协办单位"] = "、".join(str(unit) for unit in before.co_units)
    if "people" in new:
        kept["责任人员"] = "、".join(old["people"])
    task.co_units.set(content.co_units)
    _put_people(task, content.people)
    steps.take(
        record=task,
        workflow=rules.ASSIGNMENT,
        step="edit",
        parts=parts,
        changes={**content.fields(), "version": version + 1},
        facts={name: new[name] for name in ("co_units", "people") if name in new},
        old=kept,
        by=by,
        at=at,
    )
    return task


@transaction.atomic
def issue_task(*, assignment_id: int, by: User, at: datetime) -> Assignment:
    """Issue a draft that has all six; its time limit becomes the baseline for good.

    Raises DomainError with the list of what is missing, for a whole that is not issued, and for what no
    longer stands: a person who left, a closed unit, a retired incentive, a time limit passed.
    """
    task = queries.locked(assignment_id, by)
    parts = queries.parts_in(task, by)
    steps.check(record=task, workflow=rules.ASSIGNMENT, step="issue", parts=parts, by=by)
    if missing := queries.missing_of(task):
        raise DomainError(f"六定还缺：{'、'.join(missing)}。补齐后才能下达，没想好的可以先存为草稿。")
    parent = None
    if task.parent_id is not None:
        parent = Assignment.objects.select_for_update(of=("self",)).get(pk=task.parent_id)
        if parent.state not in rules.CAN_HAVE_PARTS:
            raise DomainError(
                f"上级任务“{parent}”{parent.get_state_display()}，请先下达或恢复上级任务，再下达这一项。"
            )
    today = timezone.localdate(at)
    _check(content_of(task), project=task.project, parent=parent, today=today, issued_on=today)
    steps.take(
        record=task,
        workflow=rules.ASSIGNMENT,
        step="issue",
        parts=parts,
        changes={"baseline_due_on": task.due_on, "issued_by": by, "issued_at": at},
        by=by,
        at=at,
    )
    return task


@transaction.atomic
def assign_several(
    *,
    project: KeyProject,
    parent: Assignment | None = None,
    content: Content,
    rows: Sequence[tuple[Unit, Cadre | None]],
    issue: bool,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> list[Assignment]:
    """The same task for several units, each with its own owner; with `issue` they are issued at once.

    All or none: an error names the row (1, 2, …) and what is wrong there. Sent twice, they are made once.
    """
    if not rows:
        raise DomainError("请至少填一个单位。")
    units = [unit for unit, _ in rows]
    if twice := next((unit for unit in units if units.count(unit) > 1), None):
        raise DomainError(f"“{twice}”填了不止一次，请去掉重复的一行。")
    made = []
    for number, (unit, owner) in enumerate(rows, start=1):
        people = [Named(PersonRole.OWNER, owner)] if owner else []
        try:
            task, is_new = draft_task(
                project=project,
                parent=parent,
                content=replace(content, lead_unit=unit, people=people),
                submission_key=uuid5(submission_key, str(unit.pk)),
                by=by,
                at=at,
            )
            if issue and is_new:
                task = issue_task(assignment_id=task.pk, by=by, at=at)
        except NotAllowed:
            raise
        except DomainError as error:
            shared = error.field in ("title", "due_on", "start_on", "reward", "penalty", "milestone")
            field = error.field if shared else None
            raise DomainError(f"第 {number} 行（{unit}）：{error.message}", field=field) from error
        made.append(task)
    return made
