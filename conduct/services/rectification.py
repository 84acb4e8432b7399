"""What letters demand: feedback, checks, chasing, and more time asked for and decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from conduct.choices import ChaseKind, CheckResult, ExtensionState, ItemState, LetterState
from conduct.models import Chase, Extension, ItemReport, RectificationItem
from conduct.queries import rectification as queries
from conduct.queries.letters import answers_for, extensions_visible_to, items_visible_to
from conduct.rules import rectification as rules
from conduct.rules.letters import RUNNING
from core.choices import ProposalKind
from core.models import User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, proposals, steps

GROUND = "Z07"
"""对抗监督拒不整改: what follows a talk without effect."""
MENDING = frozenset({LetterState.RECTIFYING.value})
"""States of a letter in which its items are answered and checked."""


def _locked_item(*, item_id: int, by: User) -> RectificationItem:
    """The item within the user's scope, its letter locked with it. Raises RectificationItem.DoesNotExist
    outside it."""
    return items_visible_to(by).select_for_update(of=("self", "letter")).get(pk=item_id)


def _running(item: RectificationItem, *, states: frozenset[str], what: str) -> None:
    """Raises DomainError unless the item's letter is in one of the states."""
    letter = item.letter
    if letter.state not in states:
        hint = {
            LetterState.ISSUED: "请先签收，再报送整改方案。",
            LetterState.RECEIVED: "请先报送整改方案。",
        }.get(LetterState(letter.state), "")
        raise DomainError(f"督办函当前是“{letter.get_state_display()}”，不能{what}。{hint}")


@transaction.atomic
def report_item(
    *, item_id: int, text: str, evidence: Sequence[File[bytes]] = (), by: User, at: datetime
) -> ItemReport:
    """What was done about an item, by the addressee; files are optional.

    Raises DomainError while the letter is not being mended or without a text; NotAllowed by the workflow.
    """
    item = _locked_item(item_id=item_id, by=by)
    parts = queries.parts_in_item(item, by)
    steps.check(record=item, workflow=rules.ITEM, step="report", parts=parts, by=by)
    _running(item, states=MENDING, what="反馈")
    if not text.strip():
        raise DomainError("请写明整改情况：做了什么、结果怎样。", field="text")
    report = ItemReport.objects.create(item=item, text=text.strip(), reported_by=by, reported_at=at)
    stored = attachments.store(owner=item, files=evidence, by=by, at=at)
    steps.take(
        record=item,
        workflow=rules.ITEM,
        step="report",
        parts=parts,
        note=text,
        facts=attachments.told(stored),
        by=by,
        at=at,
    )
    return report


@transaction.atomic
def check_item(*, item_id: int, result: str, note: str, by: User, at: datetime) -> RectificationItem:
    """Pass a feedback or send it back with a reason, by somebody who did not report it."""
    if result not in CheckResult.values:
        raise DomainError("请选择通过或退回。", field="result")
    item = _locked_item(item_id=item_id, by=by)
    _running(item, states=MENDING, what="核验")
    steps.take(
        record=item,
        workflow=rules.ITEM,
        step="pass" if result == CheckResult.PASSED else "return",
        parts=queries.parts_in_item(item, by),
        note=note,
        by=by,
        at=at,
    )
    item.reports.filter(result="").update(
        result=result, check_note=note.strip(), checked_by=by, checked_at=at
    )
    return item


@transaction.atomic
def chase_item(*, item_id: int, note: str = "", by: User, at: datetime) -> Chase:
    """The next rung for an overdue item: first chase, second, talk, then a proposal under Z07.

    Raises DomainError before the deadline has passed, twice on a day, or after the last rung.
    """
    item = _locked_item(item_id=item_id, by=by)
    parts = queries.parts_in_item(item, by)
    steps.check(record=item, workflow=rules.ITEM, step="chase", parts=parts, by=by)
    _running(item, states=RUNNING, what="催办")
    today = timezone.localdate(at)
    before = list(item.chases.order_by("id"))
    problem = rules.chase_problem(
        taken=[chase.kind for chase in before],
        last_on=before[-1].on if before else None,
        due_on=item.due_on,
        today=today,
    )
    if problem:
        raise DomainError(problem)
    kind = ChaseKind(rules.next_rung([chase.kind for chase in before]) or "")
    if kind in (ChaseKind.TALK, ChaseKind.PROPOSAL) and not note.strip():
        raise DomainError(f"请写明{kind.label}的情况或理由。", field="note")
    chase = Chase.objects.create(item=item, kind=kind, note=note.strip(), on=today, by=by, at=at)
    steps.take(
        record=item,
        workflow=rules.ITEM,
        step="chase",
        parts=parts,
        note=f"{kind.label}：{note.strip()}" if note.strip() else kind.label,
        facts={"kind": kind},
        by=by,
        at=at,
    )
    if kind == ChaseKind.PROPOSAL:
        proposals.propose(
            kind=ProposalKind.CASE,
            source=item,
            reason=f"{item.letter.number}第{item.order}项逾期（时限 {item.due_on}），"
            f"两次催办、约谈后仍未整改。{note}",
            unit=item.unit,
            ground=GROUND,
            by=by,
            at=at,
        )
    return chase


@transaction.atomic
def ask_extension(*, item_id: int, due_on: date, reason: str, by: User, at: datetime) -> Extension:
    """Ask for more time on an item, before its deadline has passed.

    Raises NotAllowed for anybody but the addressee, DomainError when it is too late, not later than the old
    deadline, on a holiday, or while another request waits.
    """
    item = _locked_item(item_id=item_id, by=by)
    if not (may(by, Permission.ANSWER_LETTERS) and answers_for(by, item.letter.unit_id)):
        raise NotAllowed("只有收文单位负责人可以申请延期。")
    _running(
        item, states=frozenset({LetterState.RECEIVED.value, LetterState.RECTIFYING.value}), what="申请延期"
    )
    if item.state != ItemState.OPEN:
        raise DomainError(f"整改项当前是“{item.get_state_display()}”，不需要延期。")
    if item.extensions.filter(state=ExtensionState.ASKED).exists():
        raise DomainError("已有一份延期申请待审批，请等待结果。")
    problem = rules.extension_problem(
        old_due_on=item.due_on, asked=due_on, today=timezone.localdate(at), overrides=workday_overrides()
    )
    if problem:
        raise DomainError(problem[1], field=problem[0] or None)
    if not reason.strip():
        raise DomainError("请写明延期理由。", field="reason")
    extension = Extension.objects.create(
        item=item,
        old_due_on=item.due_on,
        due_on=due_on,
        reason=reason.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    steps.begin(
        record=extension,
        workflow=rules.EXTENSION,
        facts={"item": item.pk, "due_on": due_on, "reason": reason.strip()},
        by=by,
        at=at,
    )
    return extension


@transaction.atomic
def decide_extension(*, extension_id: int, grant: bool, note: str = "", by: User, at: datetime) -> Extension:
    """Grant or refuse more time, by somebody who did not ask; granted, the item has the new deadline."""
    found = extensions_visible_to(by).get(pk=extension_id)
    item = _locked_item(item_id=found.item_id, by=by)
    extension = (
        Extension.objects.select_related("item", "recorded_by")
        .select_for_update(of=("self",))
        .get(pk=found.pk)
    )
    steps.take(
        record=extension,
        workflow=rules.EXTENSION,
        step="grant" if grant else "refuse",
        parts=queries.parts_in_extension(extension, by),
        note=note,
        changes={"decided_by": by, "decided_at": at, "decision_note": note.strip()},
        facts={"item": item.pk, "new_due_on": extension.due_on} if grant else None,
        by=by,
        at=at,
    )
    if grant:
        item.due_on = extension.due_on
        item.save(update_fields=["due_on"])
    return extension
