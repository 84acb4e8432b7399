"""Reads of inspections; the row scope comes from the `…_visible_to` functions alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse

from conduct.choices import FindingState, InspectionOutcome, PlanState, SamplingMethod
from conduct.models import (
    Inspection,
    InspectionFinding,
    InspectionPlan,
    PlanUnit,
    Prohibition,
    PublicSupervisor,
    Violation,
)
from conduct.rules import inspections as rules
from conduct.rules.statistics import share
from conduct.rules.violations import COUNTED
from core.choices import RoleCode, UnitKind
from core.models import Cadre, Unit, User
from core.permissions import Permission, reach
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workflow import SUBJECT

INSPECTING = (RoleCode.DISCIPLINE_OFFICER, RoleCode.DISCIPLINE_HEAD)


def _sees_all(user: User) -> bool:
    """Only who answers for the whole district: a unit that could read plans would know of the visit."""
    return reach(user, Permission.VIEW_INSPECTIONS).everywhere


def plans_visible_to(user: User) -> QuerySet[InspectionPlan]:
    """Plans with `visits` made; all of them, or none."""
    found = InspectionPlan.objects.select_related("project", "officer", "recorded_by")
    if not _sees_all(user):
        return found.none()
    # Grouping drops the model's own order.
    return found.annotate(visits=Count("inspections")).order_by("-first_day", "-id")


def findings_visible_to(user: User) -> QuerySet[InspectionFinding]:
    """What was found; about oneself only what has become a violation and was decided."""
    found = InspectionFinding.objects.select_related(
        "inspection__unit", "inspection__project", "cadre", "unit", "violation", "recorded_by"
    )
    if not _sees_all(user):
        return found.none()
    return found if user.cadre_id is None else found.filter(_open_to(user))


def _open_to(user: User) -> Q:
    """Findings that are not an undecided matter about the reader."""
    return Q(cadre=None) | ~Q(cadre=user.cadre_id) | Q(violation__finding__gt="")


def inspections_visible_to(user: User) -> QuerySet[Inspection]:
    """Visits with `found` findings the reader may see; all of them, or none."""
    found = Inspection.objects.select_related("plan", "unit", "project", "recorded_by")
    if not _sees_all(user):
        return found.none()
    seen = findings_visible_to(user).order_by().values("pk")
    return found.annotate(found=Count("findings", filter=Q(findings__in=seen))).order_by("-on", "-id")


def supervisors_visible_to(user: User) -> QuerySet[PublicSupervisor]:
    """The roster with `visits` gone along; those serving come first by who is still appointed."""
    found = PublicSupervisor.objects.annotate(visits=Count("inspections"))
    return found.order_by("ended_on", "name", "id") if _sees_all(user) else found.none()


def inspecting_cadres(day: date) -> QuerySet[Cadre]:
    """People of the discipline office by the roles they hold on a day."""
    held = Q(
        user__grants__role__in=INSPECTING,
        user__grants__revoked_at=None,
        user__grants__starts_on__lte=day,
    )
    open_ended = Q(user__grants__ends_on=None) | Q(user__grants__ends_on__gte=day)
    found: QuerySet[Cadre] = Cadre.objects.filter(held & open_ended).distinct().order_by("pinyin", "id")
    return found


def candidate_units(day: date) -> QuerySet[Unit]:
    """Units that can be drawn: every one that is open on the day, but the district itself."""
    open_units: QuerySet[Unit] = Unit.objects.exclude(kind=UnitKind.DISTRICT).filter(
        Q(closed_on=None) | Q(closed_on__gt=day)
    )
    return open_units.order_by("pk")


def weights(method: str, *, today: date) -> list[tuple[int, int]]:
    """(unit, weight) of every unit in the drum; equal weights for a plain random draw."""
    ids = list(candidate_units(today).values_list("pk", flat=True))
    if method != SamplingMethod.RISK:
        return [(pk, 1) for pk in ids]
    counted = Violation.objects.filter(
        finding__in=COUNTED, decided_on__gt=today - timedelta(days=365), decided_on__lte=today
    )
    broken = dict(counted.values_list("unit").annotate(n=Count("pk")).order_by())
    visits = Inspection.objects.filter(unit__isnull=False, on__lte=today)
    last = dict(visits.values_list("unit").annotate(day=Max("on")).order_by())
    return [
        (pk, rules.risk_weight(violations=broken.get(pk, 0), last_on=last.get(pk), today=today)) for pk in ids
    ]


def drum_of(plan: InspectionPlan) -> list[PlanUnit]:
    """The units of a plan: those drawn in their order, then the others; `visits` are those of this plan."""
    made = dict(
        Inspection.objects.filter(plan=plan, unit__isnull=False)
        .values_list("unit")
        .annotate(n=Count("pk"))
        .order_by()
    )
    rows = list(plan.units.select_related("unit"))
    for row in rows:
        row.visits = made.get(row.unit_id, 0)  # type: ignore[attr-defined]
    return rows


@dataclass(frozen=True)
class Recheck:
    """A draw computed again from what is kept; `agrees` when it is the one that was kept."""

    agrees: bool
    names: tuple[str, ...]


def recheck(plan: InspectionPlan, drum: list[PlanUnit]) -> Recheck | None:
    """None for a plan that drew nothing."""
    if plan.seed is None:
        return None
    kept = [row.unit_id for row in drum if row.place is not None]
    again = rules.draw([(row.unit_id, row.weight) for row in drum], plan.planned_visits, plan.seed)
    names = {row.unit_id: row.unit.name for row in drum}
    return Recheck(agrees=kept == again, names=tuple(names[pk] for pk in again))


def running_plans(user: User) -> QuerySet[InspectionPlan]:
    return plans_visible_to(user).filter(state=PlanState.RUNNING)


def plan_choices(user: User) -> list[tuple[str, str]]:
    """Plans a visit can belong to now, for a select."""
    return [(str(plan.pk), plan.title) for plan in running_plans(user).order_by("first_day", "id")]


def plan_choices_all(user: User) -> QuerySet[InspectionPlan]:
    """Plans for the filter of the list."""
    return plans_visible_to(user).exclude(state=PlanState.DRAFT)


def open_findings_of(plan: InspectionPlan) -> int:
    return InspectionFinding.objects.filter(inspection__plan=plan, state=FindingState.OPEN).count()


def rule_name(finding: InspectionFinding) -> str:
    """What the rule a finding points at was called on the day of the visit; "" where it points at none."""
    if not finding.prohibition_key:
        return ""
    return rule_names(finding.inspection.on).get(finding.prohibition_key, finding.prohibition_key)


def rule_names(day: date) -> dict[str, str]:
    """Key → name of the rules in force on a day."""
    return dict(Prohibition.objects.in_force(day).order_by("id").values_list("key", "name"))


def adding_problem(visit: Inspection) -> str | None:
    """Why a visit takes no more findings, or None."""
    plan = visit.plan
    return rules.adding_problem(plan=str(plan), state=None if plan is None else plan.state)


def finding_parts(finding: InspectionFinding, user: User) -> frozenset[str]:
    """Whom a finding is about stays out."""
    about = user.cadre_id is not None and finding.cadre_id == user.cadre_id
    return frozenset({SUBJECT}) if about else frozenset()


@dataclass(frozen=True)
class CoverageLine:
    """How often a unit was inspected and how often something was found; `rate` is None without a visit."""

    name: str
    visits: int
    with_findings: int
    rate: Decimal | None
    last_on: date | None


def coverage(user: User, *, since: date, until: date) -> tuple[list[CoverageLine], CoverageLine]:
    """One line for every unit that was open in those days or inspected, and the total of the lines."""
    days = Q(on__gte=since, on__lte=until, unit__isnull=False)
    found = (
        (Inspection.objects.filter(days) if _sees_all(user) else Inspection.objects.none())
        .values_list("unit")
        .annotate(n=Count("pk"), hits=Count("pk", filter=Q(outcome=InspectionOutcome.FOUND)), day=Max("on"))
        .order_by()
    )
    made = {unit: (n, hits, day) for unit, n, hits, day in found}
    units = candidate_units(since) if _sees_all(user) else Unit.objects.none()
    units = (units | Unit.objects.filter(pk__in=made)).order_by("order", "id")
    lines = []
    for unit in units:
        n, hits, day = made.get(unit.pk, (0, 0, None))
        lines.append(CoverageLine(unit.name, n, hits, share(hits, n), day))
    n, hits = sum(line.visits for line in lines), sum(line.with_findings for line in lines)
    last = max((line.last_on for line in lines if line.last_on), default=None)
    return lines, CoverageLine("合计", n, hits, share(hits, n), last)


def todos(user: User, *, today: date) -> list[Waiting]:
    """Running plans with visits still to make, and findings nobody has dealt with."""
    if not reach(user, Permission.RECORD_INSPECTIONS).everywhere:
        return []
    short = running_plans(user).filter(Q(visits__lt=F("planned_visits"))).order_by("last_day", "id")
    open_ones = findings_visible_to(user).filter(state=FindingState.OPEN)
    if user.cadre_id is not None:
        open_ones = open_ones.filter(Q(cadre=None) | ~Q(cadre=user.cadre_id))
    return [
        waiting(
            short,
            lambda plan: Todo(
                title=plan.title,
                who=str(plan.project or plan.officer or "全区"),
                detail=f"计划检查 {plan.planned_visits} 次，还差 {plan.planned_visits - plan.visits} 次",  # type: ignore[attr-defined]
                url=reverse("conduct:inspectionplan-detail", args=[plan.pk]),
                action="去检查",
                due_on=plan.last_day,
            ),
            label="没有完成的检查计划",
            url=reverse("conduct:inspectionplan-list") + f"?state={PlanState.RUNNING}",
            today=today,
            due="last_day",
            soon=today + timedelta(days=3),
        ),
        waiting(
            open_ones.order_by("inspection__on", "id"),
            lambda finding: Todo(
                title=finding.what[:40],
                who=str(finding.cadre or finding.inspection.unit or finding.inspection.project),
                detail=f"{finding.inspection.on} 检查发现，{finding.inspection.place}",
                url=reverse("conduct:inspection-finding", args=[finding.pk]),
                action="处理",
            ),
            label="待处理的检查发现",
            url=reverse("conduct:inspection-list") + f"?outcome={InspectionOutcome.FOUND}",
            today=today,
        ),
    ]
