"""Every write of clues. Identities are sealed before they meet the database, and never told to the audit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import ClueMethod, ClueNoticeHow, ClueNoticeKind, ClueState
from conduct.models import Clue, ClueHandover, ClueNotice, ClueSubject, SealOpening
from conduct.queries import clues as queries
from conduct.rules import clues as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, sealing, steps

REASON_LENGTH = 4


def register_clue(
    *,
    channel: str,
    received_on: date,
    title: str,
    content: str,
    cadres: Sequence[Cadre],
    units: Sequence[Unit] = (),
    names: Sequence[str] = (),
    is_named: bool = False,
    complainant: str = "",
    contact: str = "",
    again: bool = False,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> tuple[Clue, bool]:
    """Register what was heard; (clue, whether it is new): the same form sent twice is one record.

    `again` says that a clue of the same day, title and subject is meant. Raises DomainError for a day in
    the future, no subject, a named report without a name, a twin, oneself as a subject, or subjects that
    leave nobody to approve; NotAllowed without the permission.
    """
    if not may(by, Permission.HANDLE_CLUES):
        raise NotAllowed("您的角色没有登记线索的权限。")
    today = timezone.localdate(at)
    if problem := rules.receipt_problem(received_on=received_on, today=today):
        raise DomainError(problem, field="received_on")
    names = [name.strip() for name in names if name.strip()]
    if not (cadres or units or names):
        raise DomainError(
            "请至少填写一个被反映的人员或单位；花名册中没有的，填在“其他被反映人”。", field="cadre_1"
        )
    cadre_ids = {cadre.pk for cadre in cadres}
    if by.cadre_id in cadre_ids or by.display_name in names:
        raise DomainError("反映本人的线索应当回避，请由其他纪检人员登记。", field="cadre_1")
    if is_named and not complainant.strip():
        raise DomainError("实名举报请填写举报人姓名；不愿具名的，取消勾选“实名举报”。", field="complainant")
    if not is_named and (complainant.strip() or contact.strip()):
        raise DomainError("填了举报人身份，请勾选“实名举报”；匿名线索不保存身份。", field="is_named")
    with transaction.atomic():
        earlier = Clue.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is not None:
            return earlier, False
        if not queries.office(Permission.APPROVE_CLUES, on=today, beside=cadre_ids, names=names).exists():
            raise DomainError(
                "被反映人包括全部有审批权的负责人，区内没有人可以审批，应报上级纪检监察机关。",
                field="cadre_1",
            )
        twin = queries.twin_of(by, title=title, received_on=received_on, cadre_ids=cadre_ids)
        if twin is not None and not again:
            raise DomainError(
                f"同一天已登记过事项、人员都相同的线索 {twin.number}。确属另一件的，勾选“仍要登记”。",
                field="again",
            )
        clue = Clue(
            channel=channel, received_on=received_on, title=title, content=content, is_named=is_named,
            submission_key=submission_key, recorded_by=by, recorded_at=at,
            due_on=rules.disposal_due(received_on, workday_overrides()),
        )  # fmt: skip
        if is_named:
            who = {"name": complainant.strip(), "contact": contact.strip()}
            clue.identity = sealing.seal(
                record=clue, field="identity", text=json.dumps(who, ensure_ascii=False)
            )
            clue.contact_index = next(iter(sealing.contact_indexes(contact)), "")
        try:
            with transaction.atomic():
                clue.save(force_insert=True)
        except IntegrityError:
            earlier = Clue.objects.filter(submission_key=submission_key, recorded_by=by).first()
            if earlier is None:
                raise
            return earlier, False
        ClueSubject.objects.bulk_create(
            [
                *(ClueSubject(clue=clue, cadre_id=pk) for pk in dict.fromkeys(c.pk for c in cadres)),
                *(ClueSubject(clue=clue, unit_id=pk) for pk in dict.fromkeys(u.pk for u in units)),
                *(ClueSubject(clue=clue, name_text=name) for name in dict.fromkeys(names)),
            ]
        )
        if is_named:
            _owe(clue=clue, kind=ClueNoticeKind.ACCEPTANCE, since=received_on)
        facts = {"channel": channel, "received_on": received_on, "is_named": is_named}
        steps.begin(record=clue, workflow=rules.CLUE, facts=facts, by=by, at=at)
    return clue, True


def _owe(*, clue: Clue, kind: ClueNoticeKind, since: date) -> None:
    """A notice to the reporter falls due; only real-name reports have one."""
    if clue.is_named:
        due_on = rules.notice_due(since, workday_overrides())
        ClueNotice.objects.get_or_create(clue=clue, kind=kind, defaults={"due_on": due_on})


def _locked(*, clue_id: UUID, by: User) -> Clue:
    """The clue within the user's scope, locked. Raises Clue.DoesNotExist outside it."""
    return queries.clues_visible_to(by).select_for_update(of=("self",)).get(pk=clue_id)


def _take(*, clue: Clue, step: str, by: User, at: datetime, **told: Any) -> Clue:
    steps.take(
        record=clue, workflow=rules.CLUE, step=step, parts=queries.parts_in(clue, by), by=by, at=at, **told
    )
    return clue


def _check(*, clue: Clue, step: str, by: User) -> None:
    """First whether the person may, then whether what was typed will do."""
    steps.check(record=clue, workflow=rules.CLUE, step=step, parts=queries.parts_in(clue, by), by=by)


@transaction.atomic
def assign(*, clue_id: UUID, handler: User, by: User, at: datetime) -> Clue:
    """Give a clue to a handler who is not a subject, leaving somebody else to approve."""
    clue = _locked(clue_id=clue_id, by=by)
    _check(clue=clue, step="assign", by=by)
    today = timezone.localdate(at)
    if not queries.handlers_for(clue, on=today).filter(pk=handler.pk).exists():
        raise DomainError("承办人必须是有办理权限的纪检人员，且不是被反映人，请另选一名。", field="handler")
    approvers = queries.office_for(clue, Permission.APPROVE_CLUES, on=today)
    if not approvers.exclude(pk=handler.pk).exists():
        raise DomainError(
            "承办人与审批人不能是同一人；该负责人是唯一的审批人，请另选承办人。", field="handler"
        )
    return _take(clue=clue, step="assign", changes={"handler": handler}, by=by, at=at)


@transaction.atomic
def dispose(*, clue_id: UUID, method: str, opinion: str, by: User, at: datetime) -> Clue:
    """The handler proposes one of the four ways of handling, with an opinion."""
    clue = _locked(clue_id=clue_id, by=by)
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
    clue = _locked(clue_id=clue_id, by=by)
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
        _owe(clue=clue, kind=ClueNoticeKind.FEEDBACK, since=today)
    return _take(clue=clue, step="approve", to=target, changes=changes, by=by, at=at)


@transaction.atomic
def send_back(*, clue_id: UUID, note: str, by: User, at: datetime) -> Clue:
    """Return a proposal to its handler, with the reason."""
    clue = _locked(clue_id=clue_id, by=by)
    return _take(clue=clue, step="return", note=note, by=by, at=at)


@transaction.atomic
def report(*, clue_id: UUID, result: str, by: User, at: datetime) -> Clue:
    """The handler says what came of it."""
    clue = _locked(clue_id=clue_id, by=by)
    _check(clue=clue, step="report", by=by)
    if not result.strip():
        raise DomainError("请写明办理结果。", field="result")
    return _take(clue=clue, step="report", changes={"result": result.strip()}, by=by, at=at)


@transaction.atomic
def conclude(*, clue_id: UUID, by: User, at: datetime) -> Clue:
    """Another person than the handler closes it; the reporter's feedback falls due."""
    clue = _locked(clue_id=clue_id, by=by)
    today = timezone.localdate(at)
    changes = {"concluded_by": by, "concluded_on": today, "due_on": None}
    _take(clue=clue, step="conclude", changes=changes, by=by, at=at)
    _owe(clue=clue, kind=ClueNoticeKind.FEEDBACK, since=today)
    return clue


@transaction.atomic
def redo(*, clue_id: UUID, note: str, by: User, at: datetime) -> Clue:
    """Return a result that does not suffice, with the reason."""
    clue = _locked(clue_id=clue_id, by=by)
    return _take(clue=clue, step="redo", note=note, by=by, at=at)


@transaction.atomic
def transfer(*, clue_id: UUID, to: str, note: str, by: User, at: datetime) -> Clue:
    """Pass a clue to whom it concerns, with the reason."""
    clue = _locked(clue_id=clue_id, by=by)
    _check(clue=clue, step="transfer", by=by)
    if not to.strip():
        raise DomainError("请写明移送给哪个单位。", field="to")
    changes = {"transferred_to": to.strip(), "due_on": None}
    return _take(clue=clue, step="transfer", note=note, changes=changes, by=by, at=at)


@transaction.atomic
def merge(*, clue_id: UUID, number: str, note: str, by: User, at: datetime) -> Clue:
    """Handle a clue together with another on the same matter; both are kept."""
    clue = _locked(clue_id=clue_id, by=by)
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
def open_seal(*, clue_id: UUID, reason: str, by: User, at: datetime) -> dict[str, str]:
    """Name and contact of the complainant, for the handler or one who approves, with a reason.

    Every look is a row of its own, here and in the audit. Raises Clue.DoesNotExist outside the scope,
    NotAllowed for others, DomainError for an anonymous clue, a short reason or a broken seal.
    """
    clue = _locked(clue_id=clue_id, by=by)
    if not queries.may_open_seal(clue, by):
        raise NotAllowed("举报人身份只有本线索的承办人或审批人可以查看。")
    if not clue.is_named:
        raise DomainError("这条线索是匿名反映，没有举报人身份。")
    reason = reason.strip()
    if len(reason) < REASON_LENGTH:
        raise DomainError(f"请写明查看理由，至少 {REASON_LENGTH} 个字。", field="reason")
    who: dict[str, str] = json.loads(sealing.unseal(record=clue, field="identity"))
    SealOpening.objects.create(clue=clue, opened_by=by, reason=reason, opened_at=at)
    audit.record(action="查看举报人身份", target=clue, by=by, at=at, after={"reason": reason})
    return who


@transaction.atomic
def count_handover(
    *,
    received_on: date,
    channel: str,
    level: str,
    handed_to: str,
    handed_on: date | None = None,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> ClueHandover:
    """Count a report about somebody under a higher authority; nothing of what it says is taken in."""
    if not may(by, Permission.HANDLE_CLUES):
        raise NotAllowed("您的角色没有登记线索移交的权限。")
    today = timezone.localdate(at)
    if problem := rules.receipt_problem(received_on=received_on, today=today):
        raise DomainError(problem, field="received_on")
    if handed_on is not None and not received_on <= handed_on <= today:
        raise DomainError("移交日期应在收到日期之后、今天之前。", field="handed_on")
    facts = {
        "received_on": received_on, "channel": channel, "level": level, "handed_to": handed_to,
        "handed_on": handed_on,
    }  # fmt: skip
    handover, created = ClueHandover.objects.get_or_create(
        submission_key=submission_key,
        recorded_by=by,
        defaults={**facts, "due_on": rules.handover_due(received_on, workday_overrides()), "recorded_at": at},
    )
    if created:
        audit.record(action="登记线索移交", target=handover, by=by, at=at, after=facts)
    return handover


@transaction.atomic
def hand_over(*, handover_id: int, handed_on: date, by: User, at: datetime) -> ClueHandover:
    """Record the day a counted report left the house; once."""
    handover = queries.handovers_visible_to(by).select_for_update(of=("self",)).get(pk=handover_id)
    if handover.handed_on is not None:
        raise DomainError(f"已于 {handover.handed_on} 移交，不能重复登记。")
    if not handover.received_on <= handed_on <= timezone.localdate(at):
        raise DomainError("移交日期应在收到日期之后、今天之前。", field="handed_on")
    handover.handed_on = handed_on
    handover.save(update_fields=["handed_on"])
    audit.record(
        action="完成线索移交", target=handover, by=by, at=at,
        before={"handed_on": None}, after={"handed_on": handed_on},
    )  # fmt: skip
    return handover
