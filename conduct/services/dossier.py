"""What a person says about the own file, and how the office answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from conduct.choices import StatementKind
from conduct.models import FileStatement
from conduct.queries import dossier as queries
from conduct.rules import dossier as rules
from core.models import Cadre, User
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, steps


@transaction.atomic
def file_statement(
    *, cadre: Cadre, kind: str, text: str, about: str = "", submission_key: UUID, by: User, at: datetime
) -> FileStatement:
    """Add a statement to the own file, or ask for a correction; the same form sent twice is one.

    `about` is the reference of the line that is meant. Raises NotAllowed on somebody else's file, DomainError
    without a text or for a line that is not in the file.
    """
    if by.cadre_id != cadre.pk:
        raise NotAllowed("只能对本人的档案作出说明或申请更正。")
    if kind not in StatementKind.values:
        raise DomainError("请选择补充说明或申请更正。", field="kind")
    if not text.strip():
        raise DomainError("请写明内容：哪一条记录，哪里不符，有什么依据。", field="text")
    line = queries.line_of(cadre, about, user=by)
    if about and line is None:
        raise DomainError("所选的记录不在档案中，请重新选择；找不到的，选“不指哪一条”。", field="about")
    label, _, pk = about.partition(":")
    named = {"about_label": label, "about_id": pk, "about_name": line.words} if line else {}
    statement, created = FileStatement.objects.get_or_create(
        submission_key=submission_key,
        recorded_by=by,
        defaults={"cadre": cadre, "kind": kind, "text": text.strip(), "recorded_at": at, **named},
    )
    if created:
        facts = {"cadre": cadre, "kind": kind, "text": statement.text, **named}
        steps.begin(record=statement, workflow=rules.STATEMENT, facts=facts, by=by, at=at)
    return statement


def _locked(*, statement_id: int, by: User) -> FileStatement:
    return queries.statements_visible_to(by).select_for_update(of=("self",)).get(pk=statement_id)


@transaction.atomic
def answer_statement(*, statement_id: int, state: str, note: str, by: User, at: datetime) -> FileStatement:
    """Answer a statement: noted, correction granted, or not, always with words.

    A correction that is granted is then made in the record itself, by who may; `correct_statement` says so.
    Raises FileStatement.DoesNotExist outside the scope, NotAllowed by the workflow, DomainError when a
    statement is answered like a request or the other way round.
    """
    statement = _locked(statement_id=statement_id, by=by)
    asked = statement.kind == StatementKind.CORRECTION
    if asked is (state == "NOTED"):
        fitting = "同意更正或不予更正" if asked else "已阅存档"
        raise DomainError(f"这是{statement.get_kind_display()}，答复只能是{fitting}。", field="state")
    steps.take(
        record=statement,
        workflow=rules.STATEMENT,
        step="answer",
        to=state,
        parts=queries.parts_in(statement, by),
        note=note,
        by=by,
        at=at,
    )
    return statement


@transaction.atomic
def correct_statement(*, statement_id: int, note: str, by: User, at: datetime) -> FileStatement:
    """Say how a granted correction was made; only then is the request done with."""
    statement = _locked(statement_id=statement_id, by=by)
    parts = queries.parts_in(statement, by)
    steps.take(
        record=statement, workflow=rules.STATEMENT, step="correct", parts=parts, note=note, by=by, at=at
    )
    return statement


@transaction.atomic
def withdraw_statement(*, statement_id: int, by: User, at: datetime) -> FileStatement:
    """Take back one's own statement before it is answered; the text stays in the file as withdrawn."""
    statement = _locked(statement_id=statement_id, by=by)
    parts = queries.parts_in(statement, by)
    steps.take(record=statement, workflow=rules.STATEMENT, step="withdraw", parts=parts, by=by, at=at)
    return statement


@transaction.atomic
def note_reading(*, cadre: Cadre, by: User, at: datetime) -> None:
    """Whoever opens another person's file leaves a row in the audit chain."""
    if by.cadre_id != cadre.pk:
        audit.note_read(what="查阅个人档案", target=cadre, detail={}, by=by, at=at)
