"""Raising a project issue, and taking it to its end: solved, escalated, extended, closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.queries import unit_ids_under, workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import steps
from projects.choices import IssueState
from projects.models import KeyProject, ProjectIssue, SiteLog
from projects.queries import issues as queries
from projects.rules import issues as rules


@transaction.atomic
def raise_issue(
    *,
    project: KeyProject,
    kind: str,
    title: str,
    detail: str = "",
    owner_unit: Unit,
    owner: Cadre | None = None,
    due_on: date | None = None,
    site_log: SiteLog | None = None,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> ProjectIssue:
    """Raise an issue of a project. Without a deadline the kind's own is set; one found at a site visit is of
    that day and place. The same form sent twice is one record.

    Raises NotAllowed for who neither works on the project nor heads a unit of it; DomainError for a closed
    project or unit, somebody who is not of the unit that is to answer, a deadline that cannot stand.
    """
    # The project's row is the lock: a form sent twice at once meets here.
    project = KeyProject.objects.select_for_update().get(pk=project.pk)
    if earlier := ProjectIssue.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if not queries.projects_to_report(by).filter(pk=project.pk).exists():
        raise NotAllowed(f"只有“{project}”攻坚小组成员和主办、协办单位负责人可以提出问题。请联系项目组长。")
    if project.closed_on is not None:
        raise DomainError(f"“{project}”已于 {project.closed_on} 办结，不能再提出问题。", field="project")
    today = timezone.localdate(at)
    _check_owner(owner_unit=owner_unit, owner=owner, on=today)
    overrides = workday_overrides()
    if due_on is None:
        due_on = rules.suggested_due(kind, raised_on=today, overrides=overrides)
    elif problem := rules.due_problem(due_on, today=today, overrides=overrides):
        raise DomainError(problem, field="due_on")
    facts: dict[str, Any] = {
        "project": project,
        "kind": kind,
        "title": title.strip(),
        "detail": detail.strip(),
        "place": site_log.place if site_log is not None else project.location,
        "raised_on": site_log.on if site_log is not None else today,
        "owner_unit": owner_unit,
        "owner": owner,
        "due_on": due_on,
        "site_log": site_log,
    }
    issue = ProjectIssue.objects.create(
        **facts, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=issue, workflow=rules.ISSUE, facts=facts, by=by, at=at)
    return issue


def _check_owner(*, owner_unit: Unit, owner: Cadre | None, on: date) -> None:
    """Raises DomainError for a closed unit, or a person who is not in service there or below on that day."""
    if owner_unit.closed_on is not None and owner_unit.closed_on <= on:
        raise DomainError(
            f"“{owner_unit}”已于 {owner_unit.closed_on} 撤销，请选承接其职能的单位。", field="owner_unit"
        )
    if owner is None:
        return
    if owner.left_on is not None and owner.left_on < on:
        raise DomainError(f"“{owner}”已于 {owner.left_on} 离任，请另选责任人，或留空。", field="owner")
    unit_id = Cadre.objects.filter(pk=owner.pk).units_on(on).get(owner.pk)
    if unit_id not in unit_ids_under([owner_unit.pk]):
        now = Unit.objects.filter(pk=unit_id).first()
        raise DomainError(
            f"“{owner}”{f'现在“{now}”任职' if now else f'{on} 不在岗'}，不属于责任单位“{owner_unit}”。"
            "请改责任单位，或另选责任人。",
            field="owner",
        )


def _locked(*, issue_id: int, by: User) -> ProjectIssue:
    """The record within the user's scope, locked. Raises ProjectIssue.DoesNotExist outside it."""
    return queries.issues_visible_to(by).select_for_update(of=("self",)).get(pk=issue_id)


def _take(issue: ProjectIssue, step: str, *, by: User, at: datetime, **more: Any) -> ProjectIssue:
    steps.take(
        record=issue, workflow=rules.ISSUE, step=step, parts=queries.parts_in(issue, by), by=by, at=at, **more
    )
    return issue


def _check(issue: ProjectIssue, step: str, *, by: User) -> None:
    steps.check(record=issue, workflow=rules.ISSUE, step=step, parts=queries.parts_in(issue, by), by=by)


@transaction.atomic
def solve_issue(
    *, issue_id: int, solved_on: date, solved_how: str, solution: str, by: User, at: datetime
) -> ProjectIssue:
    """Say how and on which day the issue was solved; somebody else closes it.

    Raises like `steps.take`, DomainError for a day to come or before it was raised, and for no solution.
    """
    issue = _locked(issue_id=issue_id, by=by)
    _check(issue, "solve", by=by)
    today = timezone.localdate(at)
    if problem := rules.solving_problem(solved_on, raised_on=issue.raised_on, today=today):
        raise DomainError(problem, field="solved_on")
    if not solution.strip():
        raise DomainError("请写明怎样解决的。", field="solution")
    changes = {
        "solved_on": solved_on,
        "solved_how": solved_how,
        "solution": solution.strip(),
        "solved_by": by,
    }
    return _take(issue, "solve", changes=changes, by=by, at=at)


@transaction.atomic
def close_issue(*, issue_id: int, by: User, at: datetime) -> ProjectIssue:
    """Confirm that it is solved; never by who said so."""
    return _take(_locked(issue_id=issue_id, by=by), "close", by=by, at=at)


@transaction.atomic
def return_issue(*, issue_id: int, note: str, by: User, at: datetime) -> ProjectIssue:
    """Give a solved issue back, with the reason; what was said of its solution stays in the history."""
    issue = _locked(issue_id=issue_id, by=by)
    cleared = {"solved_on": None, "solved_how": "", "solution": "", "solved_by": None}
    to = IssueState.ESCALATED if issue.escalated_to_id is not None else IssueState.OPEN
    old = steps.in_words(issue, cleared)
    return _take(issue, "return", to=to, note=note, changes=cleared, old=old, by=by, at=at)


@transaction.atomic
def escalate_issue(*, issue_id: int, escalated_to: Unit, note: str, by: User, at: datetime) -> ProjectIssue:
    """Take the issue to a unit above the one that answers now, with the reason.

    Raises like `steps.take`, and DomainError for a unit that does not stand above it.
    """
    issue = _locked(issue_id=issue_id, by=by)
    _check(issue, "escalate", by=by)
    if not queries.units_above(issue).filter(pk=escalated_to.pk).exists():
        now = issue.escalated_to or issue.owner_unit
        raise DomainError(f"只能提级到“{now}”的上级单位，请另选。", field="escalated_to")
    old = steps.in_words(issue, ["escalated_to"]) if issue.escalated_to_id is not None else None
    changes = {"escalated_to": escalated_to}
    return _take(issue, "escalate", note=note, changes=changes, old=old, by=by, at=at)


@transaction.atomic
def extend_issue(*, issue_id: int, due_on: date, note: str, by: User, at: datetime) -> ProjectIssue:
    """Set a later deadline, with the reason; the old one stays in the history.

    Raises like `steps.take`, and DomainError for a deadline that is not later or cannot stand.
    """
    issue = _locked(issue_id=issue_id, by=by)
    _check(issue, "extend", by=by)
    problem = rules.extension_problem(due_on, old=issue.due_on) or rules.due_problem(
        due_on, today=timezone.localdate(at), overrides=workday_overrides()
    )
    if problem:
        raise DomainError(problem, field="due_on")
    old = steps.in_words(issue, ["due_on"])
    return _take(issue, "extend", note=note, changes={"due_on": due_on}, old=old, by=by, at=at)


@transaction.atomic
def correct_issue(
    *,
    issue_id: int,
    kind: str,
    title: str,
    detail: str,
    owner_unit: Unit,
    owner: Cadre | None,
    note: str,
    by: User,
    at: datetime,
) -> ProjectIssue:
    """Put right what was raised, or give it to another unit or person; the old text stays in the history.

    Raises like `steps.take`, DomainError as in `raise_issue`, and when nothing is changed.
    """
    issue = _locked(issue_id=issue_id, by=by)
    _check(issue, "correct", by=by)
    wanted = {
        "kind": kind,
        "title": title.strip(),
        "detail": detail.strip(),
        "owner_unit": owner_unit,
        "owner": owner,
    }
    changes = steps.changed(issue, wanted)
    if {"owner_unit", "owner"} & set(changes):
        _check_owner(owner_unit=owner_unit, owner=owner, on=timezone.localdate(at))
    old = steps.in_words(issue, changes)
    return _take(issue, "correct", note=note, changes=changes, old=old, by=by, at=at)


@transaction.atomic
def withdraw_issue(*, issue_id: int, note: str, by: User, at: datetime) -> ProjectIssue:
    """Take back what one raised oneself; the text stays."""
    return _take(_locked(issue_id=issue_id, by=by), "withdraw", note=note, by=by, at=at)
