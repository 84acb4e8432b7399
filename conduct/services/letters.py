"""Drafting, reviewing, issuing, receiving and closing supervision letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from conduct.models import LetterMatter, RectificationItem, SupervisionLetter
from conduct.queries import letters as queries
from conduct.rules import letters as rules
from conduct.rules.rectification import deadline_problem
from core.models import Cadre, Unit, User
from core.permissions import Permission, may
from core.queries import unit_ids_under, workday_overrides
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.services import proposals, steps


@dataclass(frozen=True)
class Demand:
    """One item as it is drafted; without a unit the addressee is responsible."""

    what: str
    standard: str
    due_on: date
    unit: Unit | None = None
    cadre: Cadre | None = None


def _check_draft(*, contact: str, demands: Sequence[Demand], unit: Unit, today: date) -> None:
    """Raises DomainError for a contact nobody can call or no item at all, and, naming the item, for a bad
    deadline or a unit elsewhere."""
    if problem := rules.contact_problem(contact):
        raise DomainError(problem, field="contact")
    if not demands:
        raise DomainError("请至少填写一项整改事项，写明完成标准和时限。")
    overrides = workday_overrides()
    below = unit_ids_under([unit.pk])
    for demand in demands:
        # By its words, not its number: on a form with blank rows it has another one.
        if problem := deadline_problem(demand.due_on, today=today, overrides=overrides):
            raise DomainError(f"整改事项“{demand.what}”：{problem}")
        if demand.unit is not None and demand.unit.pk not in below:
            raise DomainError(
                f"整改事项“{demand.what}”：责任单位“{demand.unit.name}”不属于主送单位“{unit.name}”。"
                "请改选主送单位或其下级单位，其他单位另行发函。"
            )


def _put_items(*, letter: SupervisionLetter, demands: Sequence[Demand], by: User, at: datetime) -> list[str]:
    """Write a draft's items in place of the old ones; returns them in words for the audit row."""
    letter.items.all().delete()
    items = [
        RectificationItem(
            letter=letter,
            order=number,
            what=demand.what,
            unit=demand.unit or letter.unit,
            cadre=demand.cadre,
            standard=demand.standard,
            due_on=demand.due_on,
            recorded_by=by,
            recorded_at=at,
        )
        for number, demand in enumerate(demands, start=1)
    ]
    RectificationItem.objects.bulk_create(items)
    return [f"{item.order} {item.what}；{item.standard}；{item.due_on}" for item in items]


def draft_letter(
    *,
    title: str,
    unit: Unit,
    matter: str,
    contact: str,
    demands: Sequence[Demand],
    submission_key: UUID,
    basis: str = "",
    cc: str = "",
    sources: Sequence[models.Model] = (),
    by: User,
    at: datetime,
) -> tuple[SupervisionLetter, bool]:
    """Draft a letter with its items; returns (letter, is it new). The same form sent twice is one letter.

    `sources` are the records it is about. Raises NotAllowed without the permission, DomainError for a contact
    without a phone, no item, a deadline in the past or on a holiday, a responsible unit elsewhere.
    """
    if not may(by, Permission.DRAFT_LETTERS):
        raise NotAllowed("您的角色没有拟制督办函的权限。")
    _check_draft(contact=contact, demands=demands, unit=unit, today=timezone.localdate(at))
    try:
        with transaction.atomic():
            letter = SupervisionLetter.objects.create(
                title=title,
                unit=unit,
                matter=matter,
                basis=basis,
                cc=cc,
                contact=contact,
                submission_key=submission_key,
                recorded_by=by,
                recorded_at=at,
            )
            items = _put_items(letter=letter, demands=demands, by=by, at=at)
            LetterMatter.objects.bulk_create(
                LetterMatter(
                    letter=letter,
                    source_label=source._meta.label,
                    source_id=str(source.pk),
                    source_name=str(source)[:200],
                )
                for source in sources
            )
            steps.begin(
                record=letter,
                workflow=rules.LETTER,
                facts={
                    "title": title,
                    "unit": unit,
                    "matter": matter,
                    "basis": basis,
                    "cc": cc,
                    "contact": contact,
                    "items": items,
                    "sources": [f"{source._meta.label} {source.pk}" for source in sources],
                },
                by=by,
                at=at,
            )
    except IntegrityError:
        earlier = SupervisionLetter.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is None:
            raise
        return earlier, False
    return letter, True


def _locked(*, letter_id: int, by: User) -> SupervisionLetter:
    """The letter within the user's scope, locked. Raises SupervisionLetter.DoesNotExist outside it."""
    return queries.letters_visible_to(by).select_for_update(of=("self",)).get(pk=letter_id)


def _step(
    *,
    letter: SupervisionLetter,
    step: str,
    note: str = "",
    changes: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    by: User,
    at: datetime,
) -> SupervisionLetter:
    steps.take(
        record=letter,
        workflow=rules.LETTER,
        step=step,
        parts=queries.parts_in(letter, by),
        note=note,
        changes=changes,
        facts=facts,
        by=by,
        at=at,
    )
    return letter


@transaction.atomic
def edit_letter(
    *,
    letter_id: int,
    version: int,
    title: str,
    unit: Unit,
    matter: str,
    contact: str,
    demands: Sequence[Demand],
    basis: str = "",
    cc: str = "",
    by: User,
    at: datetime,
) -> SupervisionLetter:
    """Change one's own draft; its items are replaced.

    Raises StaleVersion when it was saved since `version` was read, and what `draft_letter` raises.
    """
    letter = _locked(letter_id=letter_id, by=by)
    steps.check(record=letter, workflow=rules.LETTER, step="edit", parts=queries.parts_in(letter, by), by=by)
    if letter.version != version:
        raise StaleVersion("这份督办函在您打开之后已被保存过，没有覆盖。请打开最新的草稿核对后再改。")
    _check_draft(contact=contact, demands=demands, unit=unit, today=timezone.localdate(at))
    changes = {
        "title": title,
        "unit": unit,
        "matter": matter,
        "basis": basis,
        "cc": cc,
        "contact": contact,
        "version": version + 1,
    }
    letter.unit = unit
    items = _put_items(letter=letter, demands=demands, by=by, at=at)
    return _step(letter=letter, step="edit", changes=changes, facts={"items": items}, by=by, at=at)


def _check_dates(letter: SupervisionLetter, *, today: date) -> None:
    """Deadlines may have passed while the letter waited. Raises DomainError naming the first."""
    overrides = workday_overrides()
    for item in letter.items.order_by("order"):
        if problem := deadline_problem(item.due_on, today=today, overrides=overrides):
            raise DomainError(f"第 {item.order} 项：{problem}请先退回或修改草稿。")


@transaction.atomic
def submit_letter(*, letter_id: int, by: User, at: datetime) -> SupervisionLetter:
    """Send one's own draft to review. Raises DomainError for a deadline passed."""
    letter = _locked(letter_id=letter_id, by=by)
    steps.check(
        record=letter, workflow=rules.LETTER, step="submit", parts=queries.parts_in(letter, by), by=by
    )
    _check_dates(letter, today=timezone.localdate(at))
    return _step(letter=letter, step="submit", by=by, at=at)


@transaction.atomic
def return_letter(*, letter_id: int, note: str, by: User, at: datetime) -> SupervisionLetter:
    """Back to the drafter, with a reason; a review already given is void."""
    letter = _locked(letter_id=letter_id, by=by)
    cleared = {"approved_by": None, "approved_at": None}
    return _step(letter=letter, step="return", note=note, changes=cleared, by=by, at=at)


@transaction.atomic
def approve_letter(*, letter_id: int, note: str = "", by: User, at: datetime) -> SupervisionLetter:
    """Reviewed by another person than the drafter; now it waits for its issue."""
    letter = _locked(letter_id=letter_id, by=by)
    given = {"approved_by": by, "approved_at": at}
    return _step(letter=letter, step="approve", note=note, changes=given, by=by, at=at)


@transaction.atomic
def issue_letter(*, letter_id: int, not_a_repeat: bool = False, by: User, at: datetime) -> SupervisionLetter:
    """Issue and number a letter: the next number of the year, without gaps.

    Raises NotAllowed by the workflow, DomainError for a deadline passed, or for an open letter on the same
    matter when nobody ticked that this is no repeat.
    """
    letter = _locked(letter_id=letter_id, by=by)
    steps.check(record=letter, workflow=rules.LETTER, step="issue", parts=queries.parts_in(letter, by), by=by)
    today = timezone.localdate(at)
    _check_dates(letter, today=today)
    alike = queries.similar_to(letter, today=today)
    if alike and not not_a_repeat:
        named = "、".join(f"“{other}”" for other in alike[:3])
        raise DomainError(
            f"对该单位已有未办结的同类督办函：{named}。请先核对；确不重复的，勾选“已核对，不是重复督办”再签发。",
            field="not_a_repeat",
        )
    series = settings.LETTER_SERIES
    serial = proposals.next_number(series=series, year=today.year)
    given = {
        "number": rules.number_text(series=series, year=today.year, serial=serial),
        "number_year": today.year,
        "serial": serial,
        "issued_by": by,
        "issued_on": today,
    }
    facts = {"alike": [other.pk for other in alike]} if alike else None
    return _step(letter=letter, step="issue", changes=given, facts=facts, by=by, at=at)


@transaction.atomic
def receive_letter(*, letter_id: int, by: User, at: datetime) -> SupervisionLetter:
    """The addressee's head takes it in hand."""
    letter = _locked(letter_id=letter_id, by=by)
    return _step(letter=letter, step="receive", changes={"received_by": by, "received_at": at}, by=by, at=at)


@transaction.atomic
def plan_letter(*, letter_id: int, plan: str, by: User, at: datetime) -> SupervisionLetter:
    """The addressee says how it will mend what is demanded; from now on items can be answered."""
    letter = _locked(letter_id=letter_id, by=by)
    if not plan.strip():
        raise DomainError("请写明整改方案：措施、分工和步骤，可以简短。", field="plan")
    return _step(letter=letter, step="plan", changes={"plan": plan.strip()}, by=by, at=at)


@transaction.atomic
def close_letter(*, letter_id: int, note: str = "", by: User, at: datetime) -> SupervisionLetter:
    """Close a letter all of whose items passed. Raises DomainError naming those that did not."""
    letter = _locked(letter_id=letter_id, by=by)
    steps.check(record=letter, workflow=rules.LETTER, step="close", parts=queries.parts_in(letter, by), by=by)
    if left := queries.items_left(letter):
        named = "、".join(f"第 {item.order} 项（{item.get_state_display()}）" for item in left)
        raise DomainError(f"还有整改项没有通过核验：{named}。全部通过后才能销号。")
    closed = {"closed_on": timezone.localdate(at)}
    return _step(letter=letter, step="close", note=note, changes=closed, by=by, at=at)


@transaction.atomic
def cancel_letter(*, letter_id: int, note: str, by: User, at: datetime) -> SupervisionLetter:
    """Give up a letter before its issue, with a reason; it stays on record without a number."""
    return _step(letter=_locked(letter_id=letter_id, by=by), step="cancel", note=note, by=by, at=at)
