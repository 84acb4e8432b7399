"""Plans, visits and findings made through the services, as the tests of inspections need them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from conduct.services import findings, plans, visits
from conduct.services.visits import Found


def draft(district, *, by="discipline", **changes):
    values = {
        "title": "月度暗访",
        "occasion": "DAILY",
        "first_day": district.today - timedelta(days=5),
        "last_day": district.today + timedelta(days=5),
        "project": None,
        "officer": None,
        "theme": "",
        "planned_visits": 2,
        "method": "RANDOM",
        "units": (),
        "submission_key": uuid4(),
    }
    return plans.plan_inspection(by=district.users[by], at=district.now, **{**values, **changes})[0]


def running(district, **changes):
    plan = draft(district, **changes)
    return plans.start_plan(plan_id=plan.pk, seed=7, by=district.users["discipline"], at=district.now)


def visit(district, *, by="discipline", **changes):
    values = {
        "plan": None,
        "unit": district.bureau,
        "project": None,
        "on": district.today - timedelta(days=1),
        "kind": "COVERT",
        "place": "便民服务大厅",
        "inspectors": [district.cadres["officer"]],
        "supervisors": (),
        "headcount": 12,
        "note": "",
        "rows": (),
        "submission_key": uuid4(),
    }
    return visits.record_inspection(by=district.users[by], at=district.now, **{**values, **changes})[0]


def finding(district, *, cadre="clerk", rule="B7", **changes):
    row = Found("上午九时不在岗。", district.cadres[cadre] if cadre else None, rule)
    return visit(district, rows=[row], **changes).findings.get()


def turn(district, found, by="discipline", **given):
    return findings.finding_to_violation(finding_id=found.pk, by=district.users[by], at=district.now, **given)
