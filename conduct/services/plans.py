"""Plans of inspections: drafted, started with a draw that anybody can recompute, finished or cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from conduct.choices import PlanOccasion, SamplingMethod
from conduct.models import InspectionPlan, PlanUnit
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.queries import workday_overrides
from core.rules.errors import DomainError
from core.services import steps
from projects.models import KeyProject

HOLIDAY_VISITS = 5
"""How many units a generated holiday plan means to visit; changed in the draft where it does not fit."""


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
    demand(by, Permission.RECORD_INSPECTIONS)
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
    steps.check(record=plan, workflow=rules.PLAN, step="edit", parts=(), by=by)
    _plan_checked(values=values, units=units)
    _keep_units(plan=plan, units=units)
    steps.take(
        record=plan,
        workflow=rules.PLAN,
        step="edit",
        parts=(),
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
    steps.check(record=plan, workflow=rules.PLAN, step="start", parts=(), by=by)
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
        parts=(),
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
    steps.check(record=plan, workflow=rules.PLAN, step="finish", parts=(), by=by)
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
        parts=(),
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
    steps.take(record=plan, workflow=rules.PLAN, step="cancel", parts=(), note=note, by=by, at=at)
    return plan
