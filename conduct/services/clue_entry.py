"""Clues registered and corrected. Identities are sealed before they meet the database, and never told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import ClueNoticeKind, ClueState
from conduct.models import Clue, ClueSubject
from conduct.queries import clues as queries
from conduct.rules import clues as rules
from conduct.services import clues as services
from core.models import Cadre, Unit, User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, sealing, steps


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
    evidence: Sequence[File[bytes]] = (),
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
    _check_receipt(received_on=received_on, at=at)
    about = _checked_about(cadres=cadres, units=units, names=names, by=by)
    _check_identity(is_named=is_named, complainant=complainant, contact=contact, texts=(title, content))
    with transaction.atomic():
        earlier = Clue.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is not None:
            return earlier, False
        _check_twin(title=title, received_on=received_on, cadres=cadres, again=again, by=by)
        clue = Clue(
            channel=channel, received_on=received_on, title=title, content=content, is_named=is_named,
            submission_key=submission_key, recorded_by=by, recorded_at=at,
            due_on=rules.disposal_due(received_on, workday_overrides()),
        )  # fmt: skip
        if is_named:
            for name, value in _sealed(clue=clue, complainant=complainant, contact=contact).items():
                setattr(clue, name, value)
        try:
            with transaction.atomic():
                clue.save(force_insert=True)
        except IntegrityError:
            earlier = Clue.objects.filter(submission_key=submission_key, recorded_by=by).first()
            if earlier is None:
                raise
            return earlier, False
        _set_subjects(clue=clue, about=about, on=timezone.localdate(at))
        services.owe(clue=clue, kind=ClueNoticeKind.ACCEPTANCE, since=received_on)
        facts = {"channel": channel, "received_on": received_on, "is_named": is_named}
        stored = attachments.store(owner=clue, files=evidence, called=services.FILE, by=by, at=at)
        facts |= attachments.told(stored)
        steps.begin(record=clue, workflow=rules.CLUE, facts=facts, by=by, at=at)
    return clue, True


About = list[tuple[int | None, int | None, str]]
"""Whom a clue is about, as the three columns of `ClueSubject`."""


def _checked_about(
    *, cadres: Sequence[Cadre], units: Sequence[Unit], names: Sequence[str], by: User
) -> About:
    about: About = [(cadre.pk, None, "") for cadre in cadres]
    about += [(None, unit.pk, "") for unit in units]
    about += [(None, None, name.strip()) for name in names if name.strip()]
    if not about:
        raise DomainError(
            "请至少填写一个被反映的人员或单位；花名册中没有的，填在“其他被反映人”。", field="cadre_1"
        )
    if (by.cadre_id, None, "") in about or (None, None, by.display_name) in about:
        raise DomainError("反映本人的线索应当回避，请由其他纪检人员办理。", field="cadre_1")
    return list(dict.fromkeys(about))


def _check_receipt(*, received_on: date, at: datetime) -> None:
    if problem := rules.receipt_problem(received_on=received_on, today=timezone.localdate(at)):
        raise DomainError(problem, field="received_on")


def _check_identity(
    *, is_named: bool, complainant: str, contact: str, texts: Sequence[str], is_sealed: bool = False
) -> None:
    """`is_sealed`: there is an identity already, which stays where nothing is typed."""
    typed = complainant.strip() or contact.strip()
    if is_named and not complainant.strip() and not (is_sealed and not typed):
        raise DomainError("实名举报请填写举报人姓名；不愿具名的，取消勾选“实名举报”。", field="complainant")
    if not is_named and typed:
        raise DomainError("填了举报人身份，请勾选“实名举报”；匿名线索不保存身份。", field="is_named")
    if problem := rules.leak_problem(complainant=complainant, contact=contact, texts=texts):
        raise DomainError(problem, field="content")


def _check_twin(
    *,
    title: str,
    received_on: date,
    cadres: Sequence[Cadre],
    again: bool,
    by: User,
    unlike: Clue | None = None,
) -> None:
    if again:
        return
    twin = queries.twin_of(
        by, title=title, received_on=received_on, cadre_ids=[cadre.pk for cadre in cadres], unlike=unlike
    )
    if twin is not None:
        raise DomainError(
            f"同一天已登记过事项、人员都相同的线索 {twin.number}。确属另一件的，勾选“确属另一件”。",
            field="again",
        )


def _set_subjects(*, clue: Clue, about: About, on: date) -> bool:
    """Make the clue be about these; whether that changed anything. Somebody must be left to approve."""
    old = {(s.cadre_id, s.unit_id, s.name_text): s.pk for s in ClueSubject.objects.filter(clue=clue)}
    if set(old) == set(about):
        return False
    ClueSubject.objects.filter(pk__in=[pk for whom, pk in old.items() if whom not in about]).delete()
    ClueSubject.objects.bulk_create(
        ClueSubject(clue=clue, cadre_id=cadre, unit_id=unit, name_text=name)
        for cadre, unit, name in about
        if (cadre, unit, name) not in old
    )
    if not queries.office_for(clue, Permission.APPROVE_CLUES, on=on).exists():
        raise DomainError(
            "被反映人包括全部有审批权的负责人，区内没有人可以审批，应报上级纪检监察机关。", field="cadre_1"
        )
    return True


def _sealed(*, clue: Clue, complainant: str, contact: str) -> dict[str, str]:
    """The columns that hold who said it."""
    who = json.dumps({"name": complainant.strip(), "contact": contact.strip()}, ensure_ascii=False)
    return {
        "identity": sealing.seal(record=clue, field="identity", text=who),
        "contact_index": next(iter(sealing.contact_indexes(contact)), ""),
    }


UNSAID = ("title", "content", "opinion", "identity", "contact_index")
"""What the audit learns only the change of."""


@transaction.atomic
def correct(
    *,
    clue_id: UUID,
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
    note: str,
    by: User,
    at: datetime,
) -> tuple[Clue, str]:
    """Correct what was registered, until something is approved; the old text is kept, the identity never.

    A sealed identity stays where none is typed. Returns the clue and, when its handler may not go on with
    whom it is about now, why it went back to be assigned anew. Raises like `register_clue`, DomainError when
    nothing was changed or what the reporter was told would become untrue.
    """
    clue, today = queries.locked(clue_id, by), timezone.localdate(at)
    parts = queries.parts_in(clue, by)
    steps.check(record=clue, workflow=rules.CLUE, step="correct", parts=parts, by=by)
    _check_receipt(received_on=received_on, at=at)
    about = _checked_about(cadres=cadres, units=units, names=names, by=by)
    _check_identity(
        is_named=is_named, complainant=complainant, contact=contact, texts=(title, content),
        is_sealed=clue.is_named,
    )  # fmt: skip
    wanted: dict[str, Any] = {
        "channel": channel, "received_on": received_on, "title": title, "content": content,
        "is_named": is_named,
    }  # fmt: skip
    changes = {name: value for name, value in wanted.items() if getattr(clue, name) != value}
    replaced, old_subjects = steps.in_words(clue, changes), queries.subjects_in_words(clue)
    if moved := _set_subjects(clue=clue, about=about, on=today):
        replaced["被反映对象"] = old_subjects
    if complainant.strip():
        changes |= _sealed(clue=clue, complainant=complainant, contact=contact)
    elif clue.is_named and not is_named:
        changes |= {"identity": "", "contact_index": ""}
    if clue.is_named and "identity" in changes:
        replaced["举报人身份"] = "已密封，更正后不再保留"
    if not (changes or moved):
        raise DomainError("没有改动任何一栏，不用更正；需要更正的，请先改内容再提交。", field="title")
    if moved or {"title", "received_on"} & set(changes):
        _check_twin(title=title, received_on=received_on, cadres=cadres, again=again, by=by, unlike=clue)
    if "received_on" in changes and clue.due_on is not None:
        changes["due_on"] = rules.disposal_due(received_on, workday_overrides())
    left = ""
    if moved and clue.handler and (reason := services.misfit(clue=clue, handler=clue.handler, on=today)):
        left = f"原承办人{reason}，退回重新分派。"
        replaced |= steps.in_words(clue, ("handler", "method", "opinion"))
        changes |= {"handler": None, "method": "", "opinion": ""}
    steps.take(
        record=clue,
        workflow=rules.CLUE,
        step="correct",
        parts=parts,
        to=ClueState.REGISTERED if left else None,
        note=note.strip() and f"{note.strip()}\n{left}",
        changes=changes,
        facts={"subjects": steps.UNSAID} if moved else {},
        unsaid=UNSAID,
        old=replaced,
        by=by,
        at=at,
    )
    _settle_acceptance(clue)
    return clue, left


def _settle_acceptance(clue: Clue) -> None:
    """What is owed to the reporter follows the corrected marking and day; what was told stays true."""
    notice = clue.notices.filter(kind=ClueNoticeKind.ACCEPTANCE).first()
    if notice is None:
        services.owe(clue=clue, kind=ClueNoticeKind.ACCEPTANCE, since=clue.received_on)
    elif notice.done_on is not None and not clue.is_named:
        raise DomainError(f"已于 {notice.done_on} 告知举报人，不能改为匿名。", field="is_named")
    elif notice.done_on is not None and notice.done_on < clue.received_on:
        raise DomainError(f"已于 {notice.done_on} 告知举报人，收到日期不能晚于这一天。", field="received_on")
    elif not clue.is_named:
        notice.delete()
    elif notice.done_on is None:
        notice.due_on = rules.notice_due(clue.received_on, workday_overrides())
        notice.save(update_fields=["due_on"])
