"""What happens to an issued task: signed for, reported on, handed in, accepted, suspended, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.models import User
from core.rules.errors import DomainError, StaleVersion
from core.services import attachments, steps
from projects.choices import AssignmentState
from projects.models import Assignment
from projects.queries import assignments as queries
from projects.rules import assignments as rules


def _checked(*, assignment_id: int, step: str, by: User) -> tuple[Assignment, frozenset[str]]:
    """The locked task and the parts `by` plays in it. Raises NotAllowed when the step is barred now."""
    task = queries.locked(assignment_id, by)
    parts = queries.parts_in(task, by)
    steps.check(record=task, workflow=rules.ASSIGNMENT, step=step, parts=parts, by=by)
    return task, parts


def _take(
    task: Assignment, step: str, parts: frozenset[str], *, by: User, at: datetime, **said: Any
) -> Assignment:
    steps.take(record=task, workflow=rules.ASSIGNMENT, step=step, parts=parts, by=by, at=at, **said)
    return task


@transaction.atomic
def sign_task(*, assignment_id: int, by: User, at: datetime) -> Assignment:
    """The head of the lead unit, or who is responsible, takes the task in hand."""
    task, parts = _checked(assignment_id=assignment_id, step="sign", by=by)
    return _take(task, "sign", parts, changes={"signed_by": by, "signed_at": at}, by=by, at=at)


@transaction.atomic
def report_task(
    *,
    assignment_id: int,
    progress: Decimal,
    forecast_on: date | None = None,
    note: str = "",
    version: int,
    by: User,
    at: datetime,
) -> Assignment:
    """Report progress (percent) and when the end is expected; the old figures stay in the history.

    Raises StaleVersion when somebody saved since `version` was read, DomainError by
    `rules.progress_problem` and when nothing is new.
    """
    task, parts = _checked(assignment_id=assignment_id, step="report", by=by)
    if task.version != version:
        expected = f"、预计 {task.forecast_on} 完成" if task.forecast_on else ""
        raise StaleVersion(
            f"您打开页面之后，“{task}”已被更新为 {task.progress.normalize():f}%{expected}。"
            f"您填的是 {progress.normalize():f}%，尚未保存。请核对后再次提交。"
        )
    problem = rules.progress_problem(
        before=task.progress, after=progress, forecast_on=forecast_on, note=note, today=timezone.localdate(at)
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    wanted = {"progress": progress, "forecast_on": forecast_on}
    changes: dict[str, Any] = {k: value for k, value in wanted.items() if getattr(task, k) != value}
    if not changes and not note.strip():
        raise DomainError("与现在的进度相同，没有变化就不用填报。", field="progress")
    old = steps.in_words(task, changes)
    told = (
        [f"进度 {task.progress.normalize():f}% → {progress.normalize():f}%"] if "progress" in changes else []
    )
    if "forecast_on" in changes:
        told.append(f"预计 {forecast_on} 完成" if forecast_on else "取消预计完成日期")
    said = "，".join(told) + ("：" if told and note.strip() else "") + note.strip()
    changes["version"] = version + 1
    return _take(task, "report", parts, note=said, changes=changes, old=old, by=by, at=at)


@transaction.atomic
def submit_task(
    *,
    assignment_id: int,
    done_on: date,
    note: str = "",
    evidence: Sequence[File[bytes]] = (),
    by: User,
    at: datetime,
) -> Assignment:
    """Hand a finished task in. Raises DomainError by `rules.done_problem`."""
    task, parts = _checked(assignment_id=assignment_id, step="submit", by=by)
    problem = rules.done_problem(done_on=done_on, start_on=task.start_on, today=timezone.localdate(at))
    if problem:
        raise DomainError(problem[1], field=problem[0])
    facts = attachments.told(attachments.store(owner=task, files=evidence, by=by, at=at))
    changes = {"submitted_by": by, "done_on": done_on}
    return _take(task, "submit", parts, note=note, changes=changes, facts=facts, by=by, at=at)


def _refuse_open_parts(task: Assignment, *, what: str) -> None:
    left = list(queries.open_parts(task)[:6])
    if left:
        named = "、".join(f"“{part}”（{part.get_state_display()}）" for part in left)
        raise DomainError(f"还有下级任务没有了结：{named}。请先验收或撤销下级任务，再{what}。")


@transaction.atomic
def accept_task(*, assignment_id: int, note: str = "", by: User, at: datetime) -> Assignment:
    """Accept what was handed in, by who did not do it. Raises DomainError naming parts still open."""
    task, parts = _checked(assignment_id=assignment_id, step="accept", by=by)
    _refuse_open_parts(task, what="验收")
    changes = {"accepted_by": by, "progress": Decimal(100)}
    return _take(task, "accept", parts, note=note, changes=changes, by=by, at=at)


@transaction.atomic
def return_task(*, assignment_id: int, note: str, by: User, at: datetime) -> Assignment:
    """Back to who handed it in, with a reason; the day it was said to be done is void."""
    task, parts = _checked(assignment_id=assignment_id, step="return", by=by)
    changes = {"submitted_by": None, "done_on": None}
    old = steps.in_words(task, ["done_on"])
    return _take(task, "return", parts, note=note, changes=changes, old=old, by=by, at=at)


@transaction.atomic
def suspend_task(*, assignment_id: int, note: str, by: User, at: datetime) -> Assignment:
    """Stop the clock of a task, with the reason that its grey light tells."""
    task, parts = _checked(assignment_id=assignment_id, step="suspend", by=by)
    return _take(task, "suspend", parts, note=note, changes={"suspended_reason": note.strip()}, by=by, at=at)


@transaction.atomic
def resume_task(*, assignment_id: int, by: User, at: datetime) -> Assignment:
    """Go on where it was stopped: in hand when it was signed for, else waiting for that."""
    task, parts = _checked(assignment_id=assignment_id, step="resume", by=by)
    to = AssignmentState.SIGNED if task.signed_at else AssignmentState.ISSUED
    return _take(task, "resume", parts, to=to, changes={"suspended_reason": ""}, by=by, at=at)


@transaction.atomic
def withdraw_task(*, assignment_id: int, note: str, by: User, at: datetime) -> Assignment:
    """Take a task back, with a reason; it stays on record. Raises DomainError naming parts still open."""
    task, parts = _checked(assignment_id=assignment_id, step="withdraw", by=by)
    _refuse_open_parts(task, what="撤销")
    return _take(task, "withdraw", parts, note=note, changes={"suspended_reason": ""}, by=by, at=at)
