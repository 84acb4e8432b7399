"""Visits: recorded with what was found on them, added to, corrected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import FindingSeverity, InspectionOutcome, PlanState
from conduct.models import Inspection, InspectionFinding, InspectionPlan, Prohibition, PublicSupervisor
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError
from core.services import steps
from projects.models import KeyProject


@dataclass(frozen=True)
class Found:
    """One finding as it is typed on the spot; person and rule may follow later."""

    what: str
    cadre: Cadre | None = None
    prohibition_key: str = ""
    severity: str = FindingSeverity.COMMON


def _settled_place(
    *, plan: InspectionPlan | None, unit: Unit | None, project: KeyProject | None, on: date, today: date
) -> tuple[Unit | None, KeyProject | None]:
    """What was inspected, filled in from the plan. Raises DomainError for what cannot be."""
    if plan is not None and plan.state != PlanState.RUNNING:
        raise DomainError(
            f"计划“{plan}”的状态是“{plan.get_state_display()}”，只有进行中的计划可以记录检查。", field="plan"
        )
    problem = rules.visit_problem(
        on=on,
        today=today,
        first_day=plan.first_day if plan else None,
        last_day=plan.last_day if plan else None,
    )
    if problem:
        raise DomainError(problem, field="on")
    if plan is not None and plan.project is not None:
        if project not in (None, plan.project):
            raise DomainError(f"计划“{plan}”监督的是“{plan.project}”，请核对项目或计划。", field="project")
        project = plan.project
    if unit is None and project is not None:
        unit = project.lead_unit
    if unit is None and project is None:
        raise DomainError("请选择受检单位，或填写受检项目。", field="unit")
    if unit is not None and unit.closed_on is not None and unit.closed_on <= on:
        raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请核对日期或单位。", field="unit")
    if plan is not None and unit is not None and plan.project is None:
        drawn = plan.units.filter(place__isnull=False)
        if not drawn.filter(unit=unit).exists():
            raise DomainError(
                f"“{unit}”不在计划“{plan}”的检查名单中，请核对单位，或不选计划单独记录。", field="unit"
            )
    return unit, project


def _checked_rows(
    *, rows: Sequence[Found], on: date, earlier: Iterable[InspectionFinding] = (), by: User
) -> list[tuple[Found, int | None]]:
    """(finding, the person's unit of that day). Raises DomainError naming the row that cannot stand.

    `earlier` are the findings the visit has already.
    """
    people = Cadre.objects.filter(pk__in=[row.cadre.pk for row in rows if row.cadre]).units_on(on)
    in_force = set(Prohibition.objects.in_force(on).values_list("key", flat=True))
    seen = {_sameness(finding.cadre_id, finding.prohibition_key, finding.what): 0 for finding in earlier}
    checked = []
    for number, row in enumerate(rows, start=1):
        cadre, rule = row.cadre, row.prohibition_key
        if cadre is not None and by.cadre_id == cadre.pk:
            raise DomainError(f"第 {number} 个问题：不能记录本人的问题，请由其他检查人员记录。")
        if cadre is not None and cadre.pk not in people:
            raise DomainError(f"第 {number} 个问题：“{cadre}”{on} 不在岗，请核对日期或人员。")
        if rule and rule not in in_force:
            raise DomainError(f"第 {number} 个问题：所选条款在 {on} 尚未施行或已停用，请另选条款。")
        same = _sameness(cadre.pk if cadre else None, rule, row.what)
        if same in seen:
            who = f"“{cadre}”的" if cadre else ""
            twin = f"第 {seen[same]} 个" if seen[same] else "本次检查已记的"
            raise DomainError(f"第 {number} 个问题与{twin}重复：{who}同一问题在一次检查中只记一条，请合并。")
        seen[same] = number
        checked.append((row, people[cadre.pk] if cadre else None))
    return checked


def _sameness(cadre_id: int | None, rule: str, what: str) -> tuple[int | None, str, str]:
    """What makes two findings of a visit the same: person and rule, or else the words."""
    return (cadre_id, rule, "" if cadre_id and rule else what)


def _keep(*, visit: Inspection, checked: Sequence[tuple[Found, int | None]], by: User, at: datetime) -> None:
    """Write the findings of a visit, each the beginning of its own course."""
    for row, unit_of_day in checked:
        finding = InspectionFinding.objects.create(
            inspection=visit,
            what=row.what,
            cadre=row.cadre,
            unit_id=unit_of_day,
            prohibition_key=row.prohibition_key,
            severity=row.severity,
            recorded_by=by,
            recorded_at=at,
        )
        facts = {"what": row.what, "cadre": row.cadre, "prohibition": row.prohibition_key}
        steps.begin(record=finding, workflow=rules.FINDING, facts=facts, by=by, at=at)


def record_inspection(
    *,
    plan: InspectionPlan | None,
    unit: Unit | None,
    project: KeyProject | None,
    on: date,
    kind: str,
    place: str,
    inspectors: Collection[Cadre],
    supervisors: Collection[PublicSupervisor] = (),
    headcount: int | None,
    note: str,
    rows: Sequence[Found] = (),
    submission_key: UUID,
    by: User,
    at: datetime,
) -> tuple[Inspection, bool]:
    """Record a visit with everything found, all or none; returns (visit, is it new). No rows: nothing found.

    Raises NotAllowed without the permission; DomainError for a day in the future or outside the plan, a
    unit that is closed or not in the plan, a person not in service that day, a rule not in force, oneself,
    or the same finding twice.
    """
    demand(by, Permission.RECORD_INSPECTIONS)
    earlier = Inspection.objects.filter(submission_key=submission_key, recorded_by=by).first()
    if earlier is not None:
        return earlier, False
    unit, project = _settled_place(plan=plan, unit=unit, project=project, on=on, today=timezone.localdate(at))
    if not inspectors:
        raise DomainError("请至少选一名检查人员。", field="inspectors")
    for supervisor in supervisors:
        if supervisor.appointed_on > on or (supervisor.ended_on is not None and supervisor.ended_on < on):
            raise DomainError(
                f"群众监督员“{supervisor}”{on} 不在聘期内，请核对日期或人员。", field="supervisors"
            )
    checked = _checked_rows(rows=rows, on=on, by=by)
    outcome = InspectionOutcome.FOUND if checked else InspectionOutcome.NOTHING
    try:
        with transaction.atomic():
            visit = Inspection.objects.create(
                plan=plan,
                unit=unit,
                project=project,
                on=on,
                kind=kind,
                place=place,
                headcount=headcount,
                outcome=outcome,
                note=note,
                submission_key=submission_key,
                recorded_by=by,
                recorded_at=at,
            )
            visit.inspectors.set(inspectors)
            visit.supervisors.set(supervisors)
            facts = {
                "plan": plan,
                "unit": unit,
                "project": project,
                "on": on,
                "kind": kind,
                "place": place,
                "headcount": headcount,
                "outcome": outcome,
                "findings": len(checked),
            }
            steps.begin(record=visit, workflow=rules.VISIT, facts=facts, by=by, at=at)
            _keep(visit=visit, checked=checked, by=by, at=at)
    except IntegrityError:
        same = Inspection.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if same is None:
            raise
        return same, False
    return visit, True


def _locked(*, visit_id: int, by: User) -> Inspection:
    """The visit within the user's scope, locked. Raises Inspection.DoesNotExist outside it."""
    visible = queries.inspections_visible_to(by).values("pk")
    return Inspection.objects.select_for_update().get(pk=visit_id, pk__in=visible)


@transaction.atomic
def add_findings(*, visit_id: int, rows: Sequence[Found], by: User, at: datetime) -> Inspection:
    """Add what was found on a visit and not recorded with it, all or none, until its plan has ended.

    Checks the rows as `record_inspection` does, against what the visit has already. Raises like it, and
    DomainError once the plan is finished or cancelled.
    """
    visit = _locked(visit_id=visit_id, by=by)
    steps.check(record=visit, workflow=rules.VISIT, step="add", parts=(), by=by)
    if visit.plan_id is not None:  # who finishes the plan counts its open findings under the same lock
        visit.plan = InspectionPlan.objects.select_for_update().get(pk=visit.plan_id)
    if problem := queries.adding_problem(visit):
        raise DomainError(problem)
    if not rows:
        raise DomainError("请至少填写一个问题。")
    checked = _checked_rows(rows=rows, on=visit.on, earlier=visit.findings.all(), by=by)
    steps.take(
        record=visit,
        workflow=rules.VISIT,
        step="add",
        parts=(),
        facts={"findings": len(checked)},
        action="补记检查问题",
        by=by,
        at=at,
    )
    _keep(visit=visit, checked=checked, by=by, at=at)
    return visit


@transaction.atomic
def correct_inspection(
    *, visit_id: int, place: str, headcount: int | None, note: str, reason: str, by: User, at: datetime
) -> Inspection:
    """Correct where a visit was, how many were checked and what was noted; the old text is kept.

    Violations logged from it keep the place they were logged with. Raises like `steps.take`, DomainError when
    nothing was changed or no reason is given.
    """
    visit = _locked(visit_id=visit_id, by=by)
    steps.check(record=visit, workflow=rules.VISIT, step="correct", parts=(), by=by)
    changes = steps.changed(visit, {"place": place, "headcount": headcount, "note": note})
    steps.take(
        record=visit,
        workflow=rules.VISIT,
        step="correct",
        to=visit.outcome,
        parts=(),
        note=reason,
        note_field="reason",
        changes=changes,
        old=steps.in_words(visit, changes),
        by=by,
        at=at,
    )
    return visit
