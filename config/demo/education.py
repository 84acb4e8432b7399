"""Regulations cited, measures against units, lessons, tests, plans and commendations of the demo district."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from conduct.choices import CommendationKind, EducationKind, PaperLevel, UnitMeasureKind
from conduct.models import Clause, Prohibition, Test, Violation
from conduct.queries.education import papers as papers_to_read
from conduct.queries.education import sheet
from conduct.services import citations, commendations, education, testing, unit_measures
from conduct.services.testing import Marks
from config.demo.district import District
from core.models import Unit

LESSONS = (
    (EducationKind.PARTY_CLASS, "作风建设专题党课", 48),
    (EducationKind.TOPIC, "违反八不准典型案例警示教育", 33),
    (EducationKind.GROUP_TALK, "项目攻坚集体约谈", 19),
    (EducationKind.HEART_TALK, "谈心谈话", 12),
    (EducationKind.PRE_POST, "任前廉政谈话", 6),
)
TOPICS = ("八不准逐条学习", "督办事项办理规范", "群众工作方法", "项目现场纪律")
PRAISE = (
    (CommendationKind.REWARD, "防汛值守期间连续奋战一线，处置险情及时。"),
    (CommendationKind.HONOUR, "征迁工作零投诉，群众评价好。"),
    (CommendationKind.PROMOTION, "在重点项目攻坚中表现突出，提拔使用。"),
    (CommendationKind.REWARD, "主动协调解决项目用电难题，提前完成节点。"),
)


def make(d: District) -> None:
    """What feeds the good side of a file, and what is done to units; two people wherever two are asked."""
    cite(d)
    measures(d)
    lessons(d)
    tests(d)
    plans(d)
    praise(d)


def _key(d: District) -> UUID:
    return UUID(int=d.rng.getrandbits(128), version=4)


def _heads(d: District) -> list[Unit]:
    """Units with staff, the discipline office aside: nobody there handles a record of their own."""
    own = d.users["discipline"].cadre
    return [u for u in d.units.values() if u.parent_id and own is not None and u.pk != own.unit_id]


def cite(d: District) -> None:
    """The eight rules, and the decided violations of each, rest on the clause of their number."""
    by = d.users["discipline"]
    decided = Violation.objects.exclude(finding="").exclude(cadre=by.cadre_id).order_by("id")
    resting = [(rule, rule.key, rule.effective_from) for rule in Prohibition.objects.order_by("id")]
    resting += [(violation, violation.prohibition.key, violation.occurred_on) for violation in decided]
    for owner, key, day in resting:
        number = key.removeprefix("B")
        clause = Clause.objects.in_force(day).filter(key=f"ZF-BBZ-{number}").first()
        if clause is not None:
            citations.cite(owner=owner, clause=clause, on=day, by=by, at=d.at(d.today))


def measures(d: District) -> None:
    units = _heads(d)
    plan = (
        (units[2], UnitMeasureKind.NO_HONOURS, 40, 180, True),
        (units[4], UnitMeasureKind.CIRCULAR, 25, None, True),
        (units[2], UnitMeasureKind.NO_POSTS, 200, 90, True),
        (units[5], UnitMeasureKind.NO_POSTS, 2, 90, False),
    )
    for unit, kind, ago, days, approved in plan:
        first = d.today - timedelta(days=ago)
        measure = unit_measures.propose_measure(
            unit=unit,
            kind=kind,
            first_day=first,
            last_day=None if days is None else first + timedelta(days=days),
            basis="区纪检（作风）部门专题会议",
            reason="督办事项逾期未整改，经约谈后仍无明显改进。",
            submission_key=_key(d),
            by=d.users["discipline"],
            at=d.at(first),
        )
        if approved:
            unit_measures.approve_measure(
                measure_id=measure.pk, by=d.users["discipline2"], at=d.at(first, 15)
            )


def lessons(d: District) -> None:
    units = _heads(d)
    for number, (kind, topic, ago) in enumerate(LESSONS):
        on = d.today - timedelta(days=ago)
        unit = units[number % len(units)]
        staff = [c for c in d.staff[unit.pk] if c.joined_on <= on]
        if not staff:
            continue
        whole = kind in (EducationKind.PARTY_CLASS, EducationKind.TOPIC)
        education.record_event(
            kind=kind,
            on=on,
            topic=topic,
            host_unit=unit,
            speaker=staff[0].name if whole else "",
            talker=None if whole else staff[0],
            note="结合本单位实际学习讨论。" if whole else "谈工作进展和思想状况，提醒注意事项。",
            whole_unit=unit if whole else None,
            present=[] if whole else staff[1:3] or staff,
            absent=staff[-1:] if whole and len(staff) > 2 else [],
            submission_key=_key(d),
            by=d.users["discipline"],
            at=d.at(on, 17),
        )


def tests(d: District) -> None:
    by = d.users["discipline"]
    units = [*_heads(d)[:5], d.units["自然资源和规划建设局"]]
    for ago in (65, 35, 5):
        on = d.today - timedelta(days=ago)
        test = testing.record_test(
            title=f"{on.month}月作风建设应知应会考试",
            on=on,
            full_mark=Decimal(100),
            pass_mark=Decimal(60),
            submission_key=_key(d),
            by=by,
            at=d.at(on),
        )
        for unit in units:
            marks = {}
            for row in sheet(test, unit):
                absent = d.rng.random() < 0.06
                score = None if absent else Decimal(min(100, max(40, round(d.rng.gauss(80, 12)))))
                failed = score is None or score < test.pass_mark
                makeup = Decimal(d.rng.randint(60, 90)) if failed and ago > 10 else None
                marks[row.cadre.pk] = Marks(score, makeup)
            testing.save_results(test_id=test.pk, unit=unit, marks=marks, by=by, at=d.at(on, 17))
            if ago > 10:
                papers(d, test, unit, on + timedelta(days=3))


def papers(d: District, test: Test, unit: Unit, on: date) -> None:
    """The head of the one unit with an account reads its papers; the office samples two of them."""
    head, other = d.users["unithead"], d.users["discipline2"]
    found = [
        p for p in papers_to_read(head, PaperLevel.READ, test=test, unit=unit) if p.cadre_id != head.cadre_id
    ]
    for level, chosen, by, remark in (
        (PaperLevel.READ, found, head, ""),
        (PaperLevel.SAMPLED, found[:2], other, "批改规范，错题已订正。"),
    ):
        if chosen:
            remarks = {paper.cadre_id: remark for paper in chosen}
            testing.review_papers(
                test_id=test.pk, unit=unit, level=level, remarks=remarks, by=by, at=d.at(on, 10)
            )


def plans(d: District) -> None:
    root = next(u for u in d.units.values() if u.parent_id is None)
    by = d.users["discipline"]
    for number, topic in enumerate(TOPICS):
        month = (d.today.replace(day=15) - timedelta(days=30 * number)).replace(day=1)
        plan = education.plan_study(unit=root, month=month, topic=topic, by=by, at=d.at(month))
        if number:
            education.finish_study(
                plan_id=plan.pk, done_on=min(month + timedelta(days=20), d.today), by=by, at=d.at(d.today)
            )


def praise(d: District) -> None:
    first, second = d.users["discipline"], d.users["discipline2"]
    involved = {first.cadre_id, second.cadre_id}
    on = d.today - timedelta(days=30)
    people = [c for c in d.people() if c.pk not in involved and c.joined_on <= on]
    for number, (cadre, (kind, reason)) in enumerate(zip(d.rng.sample(people, k=4), PRAISE, strict=True)):
        commendation = commendations.propose_commendation(
            kind=kind,
            cadre=cadre,
            unit=None,
            on=on + timedelta(days=number),
            reason=reason,
            issuer="区委、区管委会",
            submission_key=_key(d),
            by=first,
            at=d.at(on + timedelta(days=number)),
        )
        if number < 3:
            commendations.confirm_commendation(
                commendation_id=commendation.pk, by=second, at=d.at(on + timedelta(days=number), 16)
            )
