"""Every write of clues. Identities are sealed before they meet the database, and never told to the audit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from conduct.choices import ClueMethod, ClueNoticeHow, ClueNoticeKind, ClueState
from conduct.models import Clue, ClueNotice, SealOpening
from conduct.queries import clues as queries
from conduct.rules import clues as rules
from core.models import User
from core.permissions import Permission
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.rules.workflow import SUBJECT
from core.services import attachments, audit, sealing, steps

REASON_LENGTH = 4
FILE = "附件"
"""What files of a clue are called: their own names may say who wrote."""


def owe(*, clue: Clue, kind: ClueNoticeKind, since: date) -> None:
    """A notice to the reporter falls due; only real-name reports have one."""
    if clue.is_named:
        due_on = rules.notice_due(since, workday_overrides())
        ClueNotice.objects.get_or_create(clue=clue, kind=kind, defaults={"due_on": due_on})


def _take(*, clue: Clue, step: str, by: User, at: datetime, **told: Any) -> Clue:
    steps.take(
        record=clue, workflow=rules.CLUE, step=step, parts=queries.parts_in(clue, by), by=by, at=at, **told
    )
    return clue


def _check(*, clue: Clue, step: str, by: User) -> None:
    """First whether the person may, then whether what was typed will do."""
    steps.check(record=clue, workflow=rules.CLUE, step=step, parts=queries.parts_in(clue, by), by=by)


@transaction.atomic
def attach(*, clue_id: UUID, evidence: Sequence[File[bytes]], by: User, at: datetime) -> Clue:
    """Add files to a clue that is not closed."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="attach", by=by)
    stored = attachments.store(owner=clue, files=evidence, called=FILE, by=by, at=at)
    return _take(clue=clue, step="attach", facts=attachments.told(stored), by=by, at=at)


def misfit(*, clue: Clue, handler: User, on: date) -> str:
    """Why somebody cannot handle a clue, "" when nothing stands against it."""
    if SUBJECT in queries.parts_in(clue, handler):
        return "是被反映人"
    if not queries.handlers_for(clue, on=on).filter(pk=handler.pk).exists():
        return "没有办理线索的权限"
    if not queries.office_for(clue, Permission.APPROVE_CLUES, on=on).exclude(pk=handler.pk).exists():
        return "是唯一的审批人，不能审批自己承办的线索"
    return ""


@transaction.atomic
def assign(*, clue_id: UUID, handler: User, by: User, at: datetime) -> Clue:
    """Give a clue to a handler who is not a subject, leaving somebody else to approve."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="assign", by=by)
    if reason := misfit(clue=clue, handler=handler, on=timezone.localdate(at)):
        raise DomainError(f"{handler}{reason}，请另选承办人。", field="handler")
    return _take(clue=clue, step="assign", changes={"handler": handler}, by=by, at=at)


@transaction.atomic
def dispose(*, clue_id: UUID, method: str, opinion: str, by: User, at: datetime) -> Clue:
    """The handler proposes one of the four ways of handling, with an opinion."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="dispose", by=by)
    if method not in ClueMethod.values:
        raise DomainError("请选择四类处置方式之一：谈话函询、初步核实、暂存待查、予以了结。", field="method")
    if not opinion.strip():
        raise DomainError("请写明处置意见。", field="opinion")
    changes = {"method": method, "opinion": opinion.strip(), "approved_by": None, "approved_on": None}
    return _take(clue=clue, step="dispose", changes=changes, by=by, at=at)


@transaction.atomic
def approve(*, clue_id: UUID, due_on: date | None = None, by: User, at: datetime) -> Clue:
    """Approve the proposed way of handling; its clock starts today, or ends on the day given."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="approve", by=by)
    today = timezone.localdate(at)
    target = rules.AFTER_APPROVAL[clue.method]
    if due_on is not None and target != ClueState.IN_HAND:
        raise DomainError("暂存待查、予以了结没有办理期限，请清空期限。", field="due_on")
    if due_on is not None and due_on <= today:
        raise DomainError(f"办理期限应晚于今天（{today}）；不填则按规定计算。", field="due_on")
    due = due_on or rules.handling_due(clue.method, today, workday_overrides())
    changes: dict[str, Any] = {"approved_by": by, "approved_on": today, "due_on": due, "handle_by": due}
    if target == ClueState.CONCLUDED:
        changes |= {"concluded_by": by, "concluded_on": today}
        owe(clue=clue, kind=ClueNoticeKind.FEEDBACK, since=today)
    return _take(clue=clue, step="approve", to=target, changes=changes, by=by, at=at)


@transaction.atomic
def send_back(*, clue_id: UUID, note: str, by: User, at: datetime) -> Clue:
    """Return a proposal to its handler, with the reason."""
    clue = queries.locked(clue_id, by)
    return _take(clue=clue, step="return", note=note, by=by, at=at)


@transaction.atomic
def report(*, clue_id: UUID, result: str, by: User, at: datetime) -> Clue:
    """The handler says what came of it."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="report", by=by)
    if not result.strip():
        raise DomainError("请写明办理结果。", field="result")
    return _take(clue=clue, step="report", changes={"result": result.strip()}, by=by, at=at)


@transaction.atomic
def conclude(*, clue_id: UUID, by: User, at: datetime) -> Clue:
    """Another person than the handler closes it; the reporter's feedback falls due."""
    clue = queries.locked(clue_id, by)
    today = timezone.localdate(at)
    changes = {"concluded_by": by, "concluded_on": today, "due_on": None}
    _take(clue=clue, step="conclude", changes=changes, by=by, at=at)
    owe(clue=clue, kind=ClueNoticeKind.FEEDBACK, since=today)
    return clue


@transaction.atomic
def redo(*, clue_id: UUID, note: str, by: User, at: datetime) -> Clue:
    """Return a result that does not suffice, with the reason."""
    clue = queries.locked(clue_id, by)
    return _take(clue=clue, step="redo", note=note, by=by, at=at)


@transaction.atomic
def transfer(*, clue_id: UUID, to: str, note: str, by: User, at: datetime) -> Clue:
    """Pass a clue to whom it concerns, with the reason."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="transfer", by=by)
    if not to.strip():
        raise DomainError("请写明移送给哪个单位。", field="to")
    changes = {"transferred_to": to.strip(), "due_on": None}
    return _take(clue=clue, step="transfer", note=note, changes=changes, by=by, at=at)


@transaction.atomic
def merge(*, clue_id: UUID, number: str, note: str, by: User, at: datetime) -> Clue:
    """Handle a clue together with another on the same matter; both are kept."""
    clue = queries.locked(clue_id, by)
    _check(clue=clue, step="merge", by=by)
    other = queries.mergeable_into(clue, by).filter(number=number.strip().upper()).first()
    if other is None:
        raise DomainError(
            "没有可并入的线索：请核对线索号，不能并入自身、已移送或已并案的线索。", field="number"
        )
    changes = {"duplicate_of": other, "due_on": None}
    return _take(clue=clue, step="merge", note=note, changes=changes, by=by, at=at)


@transaction.atomic
def fulfil_notice(*, notice_id: int, done_on: date, how: str, by: User, at: datetime) -> ClueNotice:
    """Record that the reporter was told, by the handler or one who approves; once."""
    seen = queries.notices_visible_to(by).filter(pk=notice_id).values("pk")
    notice = ClueNotice.objects.select_for_update(of=("self",)).select_related("clue").get(pk__in=seen)
    if not queries.may_open_seal(notice.clue, by):
        raise NotAllowed("只有本线索的承办人或审批人可以登记告知。")
    if notice.done_on is not None:
        raise NotAllowed(f"{notice}已于 {notice.done_on} 登记，不能重复登记。")
    today = timezone.localdate(at)
    if not notice.clue.received_on <= done_on <= today:
        raise DomainError(
            f"告知日期应在收到线索（{notice.clue.received_on}）之后、今天（{today}）之前。", field="done_on"
        )
    if how not in ClueNoticeHow.values:
        raise DomainError("请选择告知方式。", field="how")
    notice.done_on, notice.how, notice.done_by = done_on, how, by
    notice.save(update_fields=["done_on", "how", "done_by"])
    audit.record(
        action="登记实名告知", target=notice, by=by, at=at,
        before={"done_on": None}, after={"clue": notice.clue, "done_on": done_on, "how": how},
    )  # fmt: skip
    return notice


@transaction.atomic
def open_seal(*, clue_id: UUID, reason: str, submission_key: UUID, by: User, at: datetime) -> dict[str, str]:
    """Name and contact of the complainant, for the handler or one who approves, with a reason.

    Every look is a row of its own, here and in the audit, and every form is good for one. Raises
    Clue.DoesNotExist outside the scope, NotAllowed for others and for a form that was sent before,
    DomainError for an anonymous clue, a short reason or a broken seal.
    """
    clue = queries.locked(clue_id, by)
    if not queries.may_open_seal(clue, by):
        raise NotAllowed("举报人身份只有本线索的承办人或审批人可以查看。")
    if not clue.is_named:
        raise DomainError("这条线索是匿名反映，没有举报人身份。")
    reason = reason.strip()
    if len(reason) < REASON_LENGTH:
        raise DomainError(f"请写明查看理由，至少 {REASON_LENGTH} 个字。", field="reason")
    who: dict[str, str] = json.loads(sealing.unseal(record=clue, field="identity"))
    _, is_first = SealOpening.objects.get_or_create(
        submission_key=submission_key,
        defaults={"clue": clue, "opened_by": by, "reason": reason, "opened_at": at},
    )
    if not is_first:
        raise NotAllowed("身份只显示一次。需要再次查看，请重新写明理由。")
    audit.record(action="查看举报人身份", target=clue, by=by, at=at, after={"reason": reason})
    return who
