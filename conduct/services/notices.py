"""Drafting, approving and recalling public notices of typical cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.models import CaseNotice, Violation
from conduct.queries import notices as queries
from conduct.rules import notices as rules
from conduct.rules.violations import COUNTED
from core.models import User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import steps


@transaction.atomic
def draft_notice(
    *,
    title: str,
    violations: Sequence[Violation],
    masked: bool = True,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> CaseNotice:
    """Draft a notice from closed records; its text is written from them, names masked unless told otherwise.

    Raises NotAllowed without the permission, DomainError without records or for one that is not closed.
    """
    if not may(by, Permission.DRAFT_NOTICES):
        raise NotAllowed("您的角色没有拟制典型案例通报的权限。")
    if not violations:
        raise DomainError("请至少选一条认定属实的记录。", field="violations")
    usable = set(queries.citable(by).filter(pk__in=[v.pk for v in violations]).values_list("pk", flat=True))
    for violation in violations:
        if violation.pk not in usable:
            raise DomainError(
                f"“{violation}”还没有办结或不属实，不能通报；请先办结再拟稿。", field="violations"
            )
    notice, created = CaseNotice.objects.get_or_create(
        submission_key=submission_key,
        recorded_by=by,
        defaults={
            "title": title.strip(),
            "body": queries.drafted_body(violations, masked=masked),
            "masked": masked,
            "recorded_at": at,
        },
    )
    if created:
        notice.violations.set(violations)
        facts = {"title": notice.title, "masked": masked, "violations": [v.pk for v in violations]}
        steps.begin(record=notice, workflow=rules.NOTICE, facts=facts, by=by, at=at)
    return notice


def _take(
    *,
    notice: CaseNotice,
    step: str,
    note: str = "",
    changes: dict[str, Any] | None = None,
    by: User,
    at: datetime,
) -> CaseNotice:
    steps.take(
        record=notice,
        workflow=rules.NOTICE,
        step=step,
        parts=queries.parts_in(notice, by),
        note=note,
        changes=changes,
        by=by,
        at=at,
    )
    return notice


def _locked(*, notice_id: int, by: User) -> CaseNotice:
    return queries.notices_visible_to(by).select_for_update(of=("self",)).get(pk=notice_id)


def _check_masked(*, notice: CaseNotice, title: str, body: str, masked: bool) -> None:
    left = rules.names_left(title + body, queries.subject_names(notice)) if masked else []
    if left:
        raise DomainError(
            f"正文或标题中还有当事人姓名：{'、'.join(left)}。请改为{rules.masked_name(left[0])}这样的写法，"
            "或取消“隐去姓名”并说明依据。",
            field="body",
        )


@transaction.atomic
def edit_notice(*, notice_id: int, title: str, body: str, masked: bool, by: User, at: datetime) -> CaseNotice:
    """Change the text of one's own draft. Raises DomainError while a name stands in a masked text."""
    notice = _locked(notice_id=notice_id, by=by)
    steps.check(record=notice, workflow=rules.NOTICE, step="edit", parts=queries.parts_in(notice, by), by=by)
    _check_masked(notice=notice, title=title, body=body, masked=masked)
    changes = {"title": title.strip(), "body": body.strip(), "masked": masked}
    return _take(notice=notice, step="edit", changes=changes, by=by, at=at)


@transaction.atomic
def submit_notice(*, notice_id: int, by: User, at: datetime) -> CaseNotice:
    """Hand the draft to whoever approves."""
    notice = _locked(notice_id=notice_id, by=by)
    _check_masked(notice=notice, title=notice.title, body=notice.body, masked=notice.masked)
    return _take(notice=notice, step="submit", by=by, at=at)


@transaction.atomic
def return_notice(*, notice_id: int, note: str, by: User, at: datetime) -> CaseNotice:
    """Give the draft back with a reason."""
    return _take(notice=_locked(notice_id=notice_id, by=by), step="return", note=note, by=by, at=at)


@transaction.atomic
def approve_notice(*, notice_id: int, by: User, at: datetime) -> CaseNotice:
    """Publish, by another person than the drafter.

    Raises DomainError when a record it is drawn from is no longer found true, or a name is left unmasked.
    """
    notice = _locked(notice_id=notice_id, by=by)
    parts = queries.parts_in(notice, by)
    steps.check(record=notice, workflow=rules.NOTICE, step="approve", parts=parts, by=by)
    _check_masked(notice=notice, title=notice.title, body=notice.body, masked=notice.masked)
    drawn = notice.violations.count()
    still = notice.violations.filter(finding__in=COUNTED, state__in=queries.CLOSED_STATES).count()
    if still != drawn:
        raise DomainError("所依据的记录已重新核实或不再属实，不能通报；请退回拟稿人修改。")
    changes = {"approved_by": by, "published_on": timezone.localdate(at)}
    return _take(notice=notice, step="approve", changes=changes, by=by, at=at)


@transaction.atomic
def recall_notice(*, notice_id: int, note: str, by: User, at: datetime) -> CaseNotice:
    """Take a published notice back; it is kept, but read by the office only."""
    return _take(notice=_locked(notice_id=notice_id, by=by), step="recall", note=note, by=by, at=at)


@transaction.atomic
def cancel_notice(*, notice_id: int, note: str, by: User, at: datetime) -> CaseNotice:
    """Drop one's own draft, with a reason."""
    return _take(notice=_locked(notice_id=notice_id, by=by), step="cancel", note=note, by=by, at=at)
