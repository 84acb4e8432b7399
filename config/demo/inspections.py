"""Inspections of the demo district: one plan done, one running, visits with and without findings."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from conduct.choices import FindingSeverity, PlanOccasion, SamplingMethod, VisitKind
from conduct.services import findings, plans, supervisors, visits
from config.demo.district import District
from core.models import Unit

SUPERVISORS = (
    ("石长青", "临江街道社区", "13900000001"),
    ("邓巧云", "新桥商会", "13900000002"),
    ("滕广生", "区人大代表", "13900000003"),
)
FOUND = (
    ("上午9时10分，服务窗口1人不在岗，未挂暂离牌。", "B7"),
    ("值班室无人值守，值班日志缺两天。", ""),
    ("工作时间用办公电脑看视频。", "B6"),
    ("群众材料积压三天未转办。", ""),
)


def make(d: District) -> None:
    """Everything through the services, so that the demo shows the draw, its seed and the rates."""
    by, at = d.users["discipline"], d.at(d.today)

    def key() -> UUID:
        return UUID(int=d.rng.getrandbits(128), version=4)

    start = d.today - timedelta(days=45)
    roster = [
        supervisors.appoint_supervisor(
            name=name,
            organisation=where,
            phone=phone,
            appointed_on=start,
            submission_key=key(),
            by=by,
            at=d.at(start),
        )
        for name, where, phone in SUPERVISORS
    ]
    staff = [user.cadre for user in (by, d.users["discipline2"]) if user.cadre is not None]
    involved = {cadre.pk for cadre in staff}
    for title, occasion, method, first, last, planned, done in (
        ("月度工作纪律暗访", PlanOccasion.DAILY, SamplingMethod.RANDOM, -40, -20, 6, 6),
        ("窗口单位作风明察暗访", PlanOccasion.DAILY, SamplingMethod.RISK, -6, 10, 5, 2),
    ):
        day = d.today + timedelta(days=first)
        plan, _ = plans.plan_inspection(
            title=title,
            occasion=occasion,
            first_day=day,
            last_day=d.today + timedelta(days=last),
            project=None,
            officer=None,
            theme="在岗情况、服务态度、办事时限。",
            planned_visits=planned,
            method=method,
            submission_key=key(),
            by=by,
            at=d.at(day),
        )
        plan = plans.start_plan(plan_id=plan.pk, seed=d.rng.randrange(10**9), by=by, at=d.at(day))
        drawn = plan.units.filter(place__isnull=False).select_related("unit").order_by("place")
        for number, row in enumerate(drawn[:done]):
            rows = []
            if number % 2:
                what, rule = FOUND[number % len(FOUND)] if last < 0 else FOUND[0]
                rows = [found(d, row.unit, what, rule, involved)]
            visit, _ = visits.record_inspection(
                plan=plan,
                unit=row.unit,
                project=None,
                on=day + timedelta(days=number + 1),
                kind=VisitKind.COVERT if number % 3 else VisitKind.OPEN,
                place=f"{row.unit}办公区",
                inspectors=staff,
                supervisors=[roster[number % len(roster)]],
                headcount=d.rng.randint(5, 20),
                note="",
                rows=rows,
                submission_key=key(),
                by=by,
                at=d.at(day + timedelta(days=number + 1), 16),
            )
            if last < 0:
                for finding in visit.findings.all():
                    findings.settle_finding(
                        finding_id=finding.pk,
                        note="已当场教育提醒，现场纠正。",
                        by=by,
                        at=d.at(visit.on, 17),
                    )
        if last < 0:
            plans.finish_plan(plan_id=plan.pk, note="", by=by, at=d.at(d.today + timedelta(days=last), 17))
    plans.plan_holiday(by=by, at=at)


def found(d: District, unit: Unit, what: str, rule: str, involved: set[int]) -> visits.Found:
    """A finding about somebody of the unit, where a rule is named."""
    staff = [cadre for cadre in d.staff[unit.pk] if cadre.pk not in involved]
    cadre = d.rng.choice(staff) if rule and staff else None
    return visits.Found(what, cadre, rule, FindingSeverity.COMMON if rule else FindingSeverity.MINOR)
