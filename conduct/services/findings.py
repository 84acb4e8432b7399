"""What becomes of a finding: a violation, a proposed letter, or a word on the spot."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from conduct.choices import FoundBy
from conduct.models import InspectionFinding, Prohibition
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services.violations import log_violation
from core.choices import ProposalKind
from core.models import Cadre, User
from core.rules.errors import DomainError
from core.services import steps
from core.services.proposals import propose


def _locked_finding(*, finding_id: int, by: User) -> InspectionFinding:
    """The finding within the user's scope, locked. Raises InspectionFinding.DoesNotExist outside it."""
    return queries.findings_visible_to(by).select_for_update(of=("self",)).get(pk=finding_id)


@transaction.atomic
def finding_to_violation(
    *,
    finding_id: int,
    cadre: Cadre | None = None,
    prohibition_key: str = "",
    distinct: bool = False,
    by: User,
    at: datetime,
) -> InspectionFinding:
    """Log the violation a finding is, with nothing typed again; person and rule only where still missing.

    Another person decides the violation. Raises DomainError at `cadre` or `prohibition_key` when one is
    missing, and whatever `log_violation` refuses.
    """
    finding = _locked_finding(finding_id=finding_id, by=by)
    parts = queries.finding_parts(finding, by)
    steps.check(record=finding, workflow=rules.FINDING, step="to_violation", parts=parts, by=by)
    visit = finding.inspection
    person, key = finding.cadre or cadre, finding.prohibition_key or prohibition_key
    if person is None:
        raise DomainError("转违规登记须明确人员，请选择涉及人员。", field="cadre")
    rule = Prohibition.objects.in_force(visit.on).filter(key=key).first()
    if rule is None:
        raise DomainError(f"转违规登记须选 {visit.on} 有效的条款，请选择条款。", field="prohibition_key")
    twice = visit.findings.filter(cadre=person, prohibition_key=key).exclude(pk=finding.pk)
    if twice.exists():
        raise DomainError(f"“{person}”违反“{rule}”在本次检查中已有一条，请按教育提醒了结，不要重复登记。")
    unit_id = finding.unit_id
    if unit_id is None:
        unit_id = Cadre.objects.filter(pk=person.pk).units_on(visit.on).get(person.pk)
    violation, _ = log_violation(
        prohibition=rule,
        cadre=person,
        unit_id=unit_id,
        occurred_on=visit.on,
        place=visit.place,
        project=visit.project,
        found_by=FoundBy.INSPECTION,
        facts=finding.what,
        submission_key=uuid4(),
        distinct=distinct,
        origin=finding,
        by=by,
        at=at,
    )
    steps.take(
        record=finding,
        workflow=rules.FINDING,
        step="to_violation",
        parts=parts,
        changes={"cadre": person, "unit_id": unit_id, "prohibition_key": key, "violation": violation},
        by=by,
        at=at,
    )
    return finding


@transaction.atomic
def finding_to_letter(*, finding_id: int, by: User, at: datetime) -> InspectionFinding:
    """Propose a supervision letter because of a finding, to the unit it was found in."""
    finding = _locked_finding(finding_id=finding_id, by=by)
    parts = queries.finding_parts(finding, by)
    steps.check(record=finding, workflow=rules.FINDING, step="to_letter", parts=parts, by=by)
    visit = finding.inspection
    propose(
        kind=ProposalKind.LETTER,
        source=finding,
        reason=f"{visit.on} 在{visit.place}检查发现：{finding.what}",
        cadre=finding.cadre,
        unit=finding.unit or visit.unit,
        by=by,
        at=at,
    )
    steps.take(record=finding, workflow=rules.FINDING, step="to_letter", parts=parts, by=by, at=at)
    return finding


@transaction.atomic
def settle_finding(*, finding_id: int, note: str, by: User, at: datetime) -> InspectionFinding:
    """A word on the spot was enough (教育提醒，现场纠正); what was done is written down."""
    finding = _locked_finding(finding_id=finding_id, by=by)
    parts = queries.finding_parts(finding, by)
    steps.take(record=finding, workflow=rules.FINDING, step="settle", parts=parts, note=note, by=by, at=at)
    return finding
