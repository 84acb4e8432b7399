"""Logging, correcting, deciding and reopening violations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.core.files.base import File
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from conduct.choices import Circumstance, ViolationState
from conduct.models import Prohibition, Violation
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from core.choices import ProposalKind
from core.models import Cadre, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, proposals, steps
from projects.models import KeyProject


class SameFinding(DomainError):
    """The same person, rule and day are on record; `earlier` is the number of that record."""

    def __init__(self, earlier: Violation, name: str) -> None:
        super().__init__(
            f"“{name}”{earlier.occurred_on} 违反同一条款已有第 {earlier.pk} 号记录"
            f"（{earlier.get_state_display()}）。同一件事不用再登记；确实是另一件事的，请勾选“确认不是同一件事”。",
            field="distinct",
        )
        self.earlier = earlier.pk


@dataclass(frozen=True)
class FindingRow:
    """One line of a round's findings: who, the unit of that day, which rule, what happened."""

    cadre: Cadre
    unit_id: int | None
    prohibition: Prohibition
    facts: str
    distinct: bool = False


class RowProblems(DomainError):
    """What is wrong with which lines of a round's findings; nothing was saved."""

    def __init__(self, rows: Mapping[int, DomainError]) -> None:
        super().__init__("有的行不能登记，全部没有保存。请改正标出的行后再提交。")
        self.rows = dict(rows)


def log_violation(
    *,
    prohibition: Prohibition,
    cadre: Cadre,
    unit_id: int | None,
    occurred_on: date,
    place: str,
    project: KeyProject | None,
    found_by: str,
    facts: str,
    submission_key: UUID,
    circumstances: Sequence[str] = (),
    distinct: bool = False,
    matter: UUID | None = None,
    origin: models.Model | None = None,
    evidence: Sequence[File[bytes]] = (),
    by: User,
    at: datetime,
) -> tuple[Violation, bool]:
    """Record a violation; returns (record, is it new). The same form sent twice is one record.

    `prohibition` is the version in force on `occurred_on`, `unit_id` the person's unit of that day,
    `matter` the key shared by records of several persons, `origin` the clue or finding it came from,
    `distinct` the word of the recorder that a record of the same person, rule and day is another thing.
    Raises DomainError for a day in the future, a person not in service that day, a rule not in
    force, or oneself; SameFinding for what is on record; NotAllowed without the permission.
    """
    if not may(by, Permission.LOG_VIOLATIONS):
        raise NotAllowed("您的角色没有登记违规的权限。")
    unit_of_day = queries.check_occurrence(
        prohibition=prohibition, cadre=cadre, unit_id=unit_id, on=occurred_on, by=by, at=at
    )
    codes = _checked_circumstances(circumstances)
    try:
        with transaction.atomic():
            violation = Violation.objects.create(
                prohibition=prohibition,
                cadre=cadre,
                unit_id=unit_of_day,
                occurred_on=occurred_on,
                place=place,
                project=project,
                found_by=found_by,
                facts=facts,
                circumstances=codes,
                distinct=distinct,
                matter=matter or submission_key,
                origin_label=origin._meta.label if origin else "",
                origin_id=str(origin.pk) if origin else "",
                submission_key=submission_key,
                recorded_by=by,
                recorded_at=at,
            )
            stored = attachments.store(owner=violation, files=evidence, by=by, at=at)
            steps.begin(
                record=violation,
                workflow=rules.VIOLATION,
                facts={
                    "cadre": cadre,
                    "prohibition": prohibition,
                    "occurred_on": occurred_on,
                    "place": place,
                    "project": project,
                    "found_by": found_by,
                    "facts": facts,
                    "circumstances": codes,
                    **attachments.told(stored),
                },
                by=by,
                at=at,
            )
    except IntegrityError:
        # The database decides, so that two people at once are noticed too. What this very form saved comes
        # first: sent twice is once, not a second finding.
        earlier = Violation.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if earlier is not None:
            return earlier, False
        same = queries.same_finding(cadre=cadre, prohibition=prohibition, on=occurred_on)
        if same is None:
            raise
        raise SameFinding(same, str(cadre)) from None
    return violation, True


def _checked_circumstances(codes: Sequence[str]) -> list[str]:
    unknown = sorted(set(codes) - set(Circumstance.values))
    if unknown:
        raise DomainError(f"没有情节“{'、'.join(unknown)}”，请从列表中选择。", field="circumstances")
    return [code for code in Circumstance.values if code in codes]


def log_violations(
    *,
    people: Sequence[tuple[Cadre, int | None]],
    submission_key: UUID,
    evidence: Sequence[File[bytes]] = (),
    by: User,
    at: datetime,
    **shared: Any,
) -> list[tuple[Violation, bool]]:
    """Record what several persons did together: one record each, one `matter`, all or none.

    `people` are (person, unit of that day), `shared` what `log_violation` takes beside them. The first record
    keeps `submission_key` and the files. Raises like `log_violation`; what is wrong with a further person is
    told at `others`.
    """
    if len(people) == 1:  # its record is a transaction already; one more around it costs statements
        cadre, unit_id = people[0]
        return [
            log_violation(
                cadre=cadre,
                unit_id=unit_id,
                submission_key=submission_key,
                evidence=evidence,
                by=by,
                at=at,
                **shared,
            )
        ]
    logged = []
    with transaction.atomic():
        for number, (cadre, unit_id) in enumerate(people):
            key = uuid5(submission_key, str(cadre.pk)) if number else submission_key
            try:
                done = log_violation(
                    cadre=cadre,
                    unit_id=unit_id,
                    submission_key=key,
                    matter=submission_key,
                    evidence=() if number else evidence,
                    by=by,
                    at=at,
                    **shared,
                )
            except DomainError as error:
                if number and error.field in ("cadre", "occurred_on"):
                    raise DomainError(error.message, field="others") from error
                raise
            logged.append(done)
    return logged


@transaction.atomic
def log_findings(
    *,
    rows: Mapping[int, FindingRow],
    occurred_on: date,
    place: str,
    found_by: str,
    submission_key: UUID,
    origin: models.Model | None = None,
    by: User,
    at: datetime,
) -> list[tuple[Violation, bool]]:
    """Record the findings of one round, each a matter of its own; all or none.

    `rows` are keyed by their place in the form; the same form sent twice is recorded once. Raises RowProblems
    with what is wrong at which row.
    """
    logged: list[tuple[Violation, bool]] = []
    wrong: dict[int, DomainError] = {}
    for number, row in sorted(rows.items()):
        try:
            with transaction.atomic():
                done = log_violation(
                    prohibition=row.prohibition,
                    cadre=row.cadre,
                    unit_id=row.unit_id,
                    occurred_on=occurred_on,
                    place=place,
                    project=None,
                    found_by=found_by,
                    facts=row.facts,
                    submission_key=uuid5(submission_key, f"row {number}"),
                    distinct=row.distinct,
                    origin=origin,
                    by=by,
                    at=at,
                )
        except NotAllowed:
            raise
        except DomainError as error:
            wrong[number] = error
        else:
            logged.append(done)
    if wrong:
        raise RowProblems(wrong)
    return logged


@transaction.atomic
def decide_violation(
    *,
    violation_id: int,
    state: str,
    note: str,
    verification: str = "",
    circumstances: Sequence[str] | None = None,
    by: User,
    at: datetime,
) -> Violation:
    """属实, 部分属实 or 不属实, by another person than the recorder; it counts from this day on.

    `verification` is what was found on checking; left blank, the note stands for it (nothing is typed twice).
    `circumstances` None leaves those of the record. 不属实 proposes a clearance. Raises
    Violation.DoesNotExist outside the scope, NotAllowed by the workflow, DomainError when a partial or
    negative finding gives no reason.
    """
    if state not in rules.VIOLATION.step("decide").targets:
        raise DomainError("请选择属实、部分属实或不属实。", field="state")
    checked = verification.strip() or note.strip()
    if problem := rules.finding_problem(finding=state, verification=checked):
        raise DomainError(problem, field="verification")
    violation = queries.locked(violation_id, by)
    found = violation.circumstances if circumstances is None else _checked_circumstances(circumstances)
    repeats = queries.repeats_of(violation).any_rule if Circumstance.TWICE_A_YEAR in found else 0
    if problem := rules.circumstance_problem(codes=found, repeats=repeats, verification=verification):
        raise DomainError(problem, field="circumstances")
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="decide",
        to=state,
        parts=queries.parts_in(violation, by),
        note=note,
        changes={
            "finding": state,
            "decided_by": by,
            "decided_at": at,
            "decided_on": timezone.localdate(at),
            "decision_note": note.strip(),
            "verification": checked,
            "circumstances": found,
        },
        action="认定违规",
        by=by,
        at=at,
    )
    if state == ViolationState.DISMISSED:
        proposals.propose(
            kind=ProposalKind.CLEARANCE,
            source=violation,
            cadre=violation.cadre,
            unit=violation.unit,
            reason=f"经核实不属实：{checked}",
            by=by,
            at=at,
        )
    return violation


@transaction.atomic
def withdraw_violation(*, violation_id: int, note: str, by: User, at: datetime) -> Violation:
    """Take back what one recorded oneself, before a decision; the text stays in the record and the audit."""
    violation = queries.locked(violation_id, by)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="withdraw",
        parts=queries.parts_in(violation, by),
        note=note,
        changes={"decision_note": note.strip()},
        by=by,
        at=at,
    )
    return violation


@transaction.atomic
def add_evidence(*, violation_id: int, evidence: Sequence[File[bytes]], by: User, at: datetime) -> Violation:
    """Add files to a record one logged oneself, until it is decided. Raises like `withdraw_violation`."""
    violation = queries.locked(violation_id, by)
    parts = queries.parts_in(violation, by)
    steps.check(record=violation, workflow=rules.VIOLATION, step="attach", parts=parts, by=by)
    stored = attachments.store(owner=violation, files=evidence, by=by, at=at)
    steps.take(
        record=violation,
        workflow=rules.VIOLATION,
        step="attach",
        parts=parts,
        facts=attachments.told(stored),
        by=by,
        at=at,
    )
    return violation
