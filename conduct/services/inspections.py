"""Planning and recording inspections, and what becomes of the findings."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import (
    FindingSeverity,
    FoundBy,
    InspectionOutcome,
    PlanOccasion,
    PlanState,
    SamplingMethod,
)
from conduct.models import (
    Inspection,
    InspectionFinding,
    InspectionPlan,
    PlanUnit,
    Prohibition,
    PublicSupervisor,
)
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services.violations import log_violation
from core.choices import ProposalKind
from core.models import Cadre, Unit, User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, steps
from core.services.proposals import propose
from projects.models import KeyProject

HOLIDAY_VISITS = 5
"""How many units a generated holiday plan means to visit; changed in the draft where it does not fit."""


@dataclass(frozen=True)
class Found:
    """One finding as it is typed on the spot; person and rule may follow later."""

    what: str
    cadre: Cadre | None = None
    prohibition_key: str = ""
    severity: str = FindingSeverity.COMMON


def _may_record(*, by: User) -> None:
    """Raises NotAllowed without the permission."""
    if not may(by, Permission.RECORD_INSPECTIONS):
        raise NotAllowed("您的角色没有记录明察暗访的权限。")


@transaction.atomic
def appoint_supervisor(
    *,
    name: str,
    organisation: str,
    phone: str,
    appointed_on: date,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> PublicSupervisor:
    """Put a 群众监督员 on the roster. Raises DomainError for one who is on it, or a day to come."""
    _may_record(by=by)
    if earlier := PublicSupervisor.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    today = timezone.localdate(at)
    if appointed_on > today:
        raise DomainError(f"聘任日期 {appointed_on} 晚于今天（{today}），请核对。", field="appointed_on")
    if PublicSupervisor.objects.filter(name=name, organisation=organisation, ended_on=None).exists():
        raise DomainError(
            f"“{name}”（{organisation or '未填单位'}）已在名册中，不用再加；同名的请填写不同的单位或社区。",
            field="name",
        )
    made = PublicSupervisor.objects.create(
        name=name,
        organisation=organisation,
        phone=phone,
        appointed_on=appointed_on,
        submission_key=submission_key,
        recorded_by=by,
        recorded_at=at,
    )
    # The phone number stays out of the audit chain: it can never be taken back from there.
    after = {"name": name, "organisation": organisation, "appointed_on": appointed_on}
    audit.record(action="聘任群众监督员", target=made, by=by, at=at, after=after)
    return made


@transaction.atomic
def end_supervisor(*, supervisor_id: int, ended_on: date, by: User, at: datetime) -> PublicSupervisor:
    """End an appointment; the name stays on the visits made. Raises DomainError for a wrong day."""
    _may_record(by=by)
    supervisor = PublicSupervisor.objects.select_for_update().get(pk=supervisor_id)
    if supervisor.ended_on is not None:
        raise DomainError(f"“{supervisor}”已于 {supervisor.ended_on} 解聘，不用重复办理。")
    if not supervisor.appointed_on <= ended_on <= timezone.localdate(at):
        raise DomainError(
            f"解聘日期应在聘任日期 {supervisor.appointed_on} 与今天之间，请核对。", field="ended_on"
        )
    supervisor.ended_on = ended_on
    supervisor.save(update_fields=["ended_on"])
    audit.record(
        action="解聘群众监督员",
        target=supervisor,
        by=by,
        at=at,
        before={"ended_on": None},
        after={"ended_on": ended_on},
    )
    return supervisor


def _plan_checked(*, values: Mapping[str, Any], units: Collection[Unit]) -> None:
    """Raises DomainError, at its field, for a plan that cannot stand."""
    problem = rules.plan_problem(
        occasion=values["occasion"],
        method=values["method"],
        first_day=values["first_day"],
        last_day=values["last_day"],
        has_project=values["project"] is not None,
        has_officer=values["officer"] is not None,
        planned=values["planned_visits"],
        chosen=len(units),
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    for unit in units:
        if unit.closed_on is not None and unit.closed_on <= values["first_day"]:
            raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请另选单位。", field="units")


def _keep_units(*, plan: InspectionPlan, units: Collection[Unit]) -> None:
    """Write the chosen units of a draft anew, in the order of the tree."""
    plan.units.all().delete()
    PlanUnit.objects.bulk_create(
        [
            PlanUnit(plan=plan, unit=unit, place=place)
            for place, unit in enumerate(sorted(units, key=lambda u: (u.order, u.pk)), start=1)
        ]
    )


def plan_inspection(
    *,
    title: str,
    occasion: str,
    first_day: date,
    last_day: date,
    project: KeyProject | None,
    officer: Cadre | None,
    theme: str,
    planned_visits: int,
    method: str,
    units: Collection[Unit] = (),
    key: str = "",
    submission_key: UUID,
    by: User,
    at: datetime,
) -> tuple[InspectionPlan, bool]:
    """Draft a plan; returns (plan, is it new). The same form sent twice is one plan.

    `units` are those of the method 指定单位; `key` names the holiday of a generated plan. Raises
    NotAllowed without the permission, DomainError by `rules.plan_problem` or for a closed unit.
    """
    _may_record(by=by)
    values = {
        "title": title,
        "occasion": occasion,
        "first_day": first_day,
        "last_day": last_day,
        "project": project,
        "officer": officer,
        "theme": theme,
        "planned_visits": planned_visits,
        "method": method,
    }
    _plan_checked(values=values, units=units)
    try:
        with transaction.atomic():
            plan = InspectionPlan.objects.create(
                **values, key=key, submission_key=submission_key, recorded_by=by, recorded_at=at
            )
            _keep_units(plan=plan, units=units)
            facts = {**values, "units": [unit.pk for unit in units]}
            steps.begin(record=plan, workflow=rules.PLAN, facts=facts, by=by, at=at)
    except IntegrityError:
        same = InspectionPlan.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if key:
            same = same or InspectionPlan.objects.filter(key=key).first()
        if same is None:
            raise
        return same, False
    return plan, True


def plan_holiday(*, by: User, at: datetime) -> tuple[InspectionPlan, bool]:
    """Draft the plan of the coming public holiday; returns (plan, is it new): a holiday has one plan."""
    window = rules.coming_window(timezone.localdate(at), workday_overrides())
    return plan_inspection(
        title=f"{window.key[:4]}年{window.name}期间明察暗访",
        occasion=PlanOccasion.HOLIDAY,
        first_day=window.watch_from,
        last_day=window.last_day,
        project=None,
        officer=None,
        theme="值班值守、公车使用、违规吃喝、收送礼品礼金。",
        planned_visits=HOLIDAY_VISITS,
        method=SamplingMethod.RISK,
        key=window.key,
        submission_key=uuid4(),
        by=by,
        at=at,
    )


def _locked_plan(*, plan_id: int, by: User) -> InspectionPlan:
    """The plan within the user's scope, locked. Raises InspectionPlan.DoesNotExist outside it."""
    visible = queries.plans_visible_to(by).values("pk")
    return InspectionPlan.objects.select_for_update().get(pk=plan_id, pk__in=visible)


@transaction.atomic
def edit_plan(
    *, plan_id: int, values: Mapping[str, Any], units: Collection[Unit], by: User, at: datetime
) -> InspectionPlan:
    """Change a draft. Raises like `plan_inspection`, and NotAllowed once it has been started."""
    plan = _locked_plan(plan_id=plan_id, by=by)
    steps.check(record=plan, workflow=rules.PLAN, step="edit", parts=queries.plan_parts(plan, by), by=by)
    _plan_checked(values=values, units=units)
    _keep_units(plan=plan, units=units)
    steps.take(
        record=plan,
        workflow=rules.PLAN,
        step="edit",
        parts=queries.plan_parts(plan, by),
        changes=values,
        facts={"units": [unit.pk for unit in units]},
        by=by,
        at=at,
    )
    return plan


@transaction.atomic
def start_plan(*, plan_id: int, seed: int | None = None, by: User, at: datetime) -> InspectionPlan:
    """Start a plan and draw its units; seed, weights and order are kept so that anybody can recompute it.

    Without `seed` the system makes one: who starts a plan cannot choose whom it hits. Raises DomainError
    when the days are over or there are fewer units than visits.
    """
    plan, today = _locked_plan(plan_id=plan_id, by=by), timezone.localdate(at)
    parts = queries.plan_parts(plan, by)
    steps.check(record=plan, workflow=rules.PLAN, step="start", parts=parts, by=by)
    if plan.last_day < today:
        raise DomainError(f"计划已于 {plan.last_day} 到期，请先修改日期，再启动。")
    if plan.method == SamplingMethod.CHOSEN:
        drawn, seed = list(plan.units.values_list("unit_id", flat=True)), None
    else:
        drum = queries.weights(plan.method, today=today)
        if plan.planned_visits > len(drum):
            raise DomainError(
                f"计划检查 {plan.planned_visits} 个单位，多于可抽取的 {len(drum)} 个，请先修改计划检查次数。"
            )
        seed = secrets.randbelow(10**9) if seed is None else seed
        drawn = rules.draw(drum, plan.planned_visits, seed)
        places = {unit: place for place, unit in enumerate(drawn, start=1)}
        PlanUnit.objects.bulk_create(
            [PlanUnit(plan=plan, unit_id=u, weight=weight, place=places.get(u)) for u, weight in drum]
        )
    steps.take(
        record=plan,
        workflow=rules.PLAN,
        step="start",
        parts=parts,
        changes={"seed": seed},
        facts={"units": drawn},
        by=by,
        at=at,
    )
    return plan


@transaction.atomic
def finish_plan(*, plan_id: int, note: str, by: User, at: datetime) -> InspectionPlan:
    """End a plan. Raises DomainError with open findings or visits left undone, unless a reason is given."""
    plan = _locked_plan(plan_id=plan_id, by=by)
    parts = queries.plan_parts(plan, by)
    steps.check(record=plan, workflow=rules.PLAN, step="finish", parts=parts, by=by)
    visits = plan.inspections.count()
    problem = rules.finish_problem(
        open_findings=queries.open_findings_of(plan), visits=visits, planned=plan.planned_visits, note=note
    )
    if problem:
        raise DomainError(problem, field="note")
    steps.take(
        record=plan,
        workflow=rules.PLAN,
        step="finish",
        parts=parts,
        note=note,
        facts={"visits": visits},
        by=by,
        at=at,
    )
    return plan


@transaction.atomic
def cancel_plan(*, plan_id: int, note: str, by: User, at: datetime) -> InspectionPlan:
    """Cancel a plan with a reason; the visits already made stay."""
    plan = _locked_plan(plan_id=plan_id, by=by)
    parts = queries.plan_parts(plan, by)
    steps.take(record=plan, workflow=rules.PLAN, step="cancel", parts=parts, note=note, by=by, at=at)
    return plan


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


def _checked_rows(*, rows: Sequence[Found], on: date, by: User) -> list[tuple[Found, int | None]]:
    """(finding, the person's unit of that day). Raises DomainError naming the row that cannot stand."""
    people = Cadre.objects.filter(pk__in=[row.cadre.pk for row in rows if row.cadre]).units_on(on)
    in_force = set(Prohibition.objects.in_force(on).values_list("key", flat=True))
    seen: dict[tuple[Any, ...], int] = {}
    checked = []
    for number, row in enumerate(rows, start=1):
        cadre, rule = row.cadre, row.prohibition_key
        if cadre is not None and by.cadre_id == cadre.pk:
            raise DomainError(f"第 {number} 个问题：不能记录本人的问题，请由其他检查人员记录。")
        if cadre is not None and cadre.pk not in people:
            raise DomainError(f"第 {number} 个问题：“{cadre}”{on} 不在岗，请核对日期或人员。")
        if rule and rule not in in_force:
            raise DomainError(f"第 {number} 个问题：所选条款在 {on} 尚未施行或已停用，请另选条款。")
        same = (cadre.pk, rule) if cadre and rule else (cadre and cadre.pk, rule, row.what)
        if same in seen:
            who = f"“{cadre}”的" if cadre else ""
            raise DomainError(
                f"第 {number} 个问题与第 {seen[same]} 个重复：{who}同一问题在一次检查中只记一条，请合并。"
            )
        seen[same] = number
        checked.append((row, people[cadre.pk] if cadre else None))
    return checked


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
    _may_record(by=by)
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
            after: dict[str, Any] = {
                "plan": plan,
                "unit": unit,
                "project": project,
                "on": on,
                "kind": kind,
                "place": place,
            }
            after |= {"headcount": headcount, "outcome": outcome, "findings": len(checked)}
            audit.record(action="记录检查", target=visit, by=by, at=at, after=after)
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
    except IntegrityError:
        same = Inspection.objects.filter(submission_key=submission_key, recorded_by=by).first()
        if same is None:
            raise
        return same, False
    return visit, True


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
