"""Recording education, talks, tests and plans; proposing and confirming commendations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.choices import CommendationKind
from conduct.models import Attendance, Commendation, EducationEvent, StudyPlan, Test, TestResult
from conduct.queries import education as queries
from conduct.rules import education as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, steps


def _open_on(*, unit: Unit, day: date, field: str) -> None:
    if unit.closed_on is not None and unit.closed_on <= day:
        raise DomainError(f"“{unit}”已于 {unit.closed_on} 撤销，请选承接其职能的单位。", field=field)


@transaction.atomic
def record_event(
    *,
    kind: str,
    on: date,
    topic: str,
    host_unit: Unit,
    speaker: str,
    talker: Cadre | None,
    note: str,
    whole_unit: Unit | None,
    present: Collection[Cadre],
    absent: Collection[Cadre],
    submission_key: UUID,
    by: User,
    at: datetime,
) -> EducationEvent:
    """Record a lesson or talk with those who were to attend; the same form sent twice is one record.

    `whole_unit` brings in everybody who served there that day, but for the absent. Everybody is kept with
    the unit of that day. Raises NotAllowed without the permission; DomainError for a day to come, a closed
    unit, nobody named, somebody named twice or not in service that day.
    """
    demand(by, Permission.RECORD_EDUCATION)
    if earlier := EducationEvent.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if problem := rules.day_problem(on=on, today=timezone.localdate(at)):
        raise DomainError(problem, field="on")
    _open_on(unit=host_unit, day=on, field="host_unit")
    if both := [cadre.name for cadre in absent if cadre in present]:
        raise DomainError(f"{'、'.join(both)}同时填在到场和缺席中，请只留一处。", field="absent")
    wanted = Cadre.objects.filter(pk__in=[cadre.pk for cadre in (*present, *absent)])
    if whole_unit is not None:
        wanted |= Cadre.objects.posted_to(whole_unit, on)
    units = wanted.units_on(on)
    gone = [cadre.name for cadre in (*present, *absent) if cadre.pk not in units]
    if gone:
        raise DomainError(f"{'、'.join(gone)}在 {on} 不在岗，请核对日期或人员。", field="present")
    there = {cadre.pk for cadre in present}
    away = {cadre.pk for cadre in absent}
    if whole_unit is not None:
        there |= {pk for pk, unit_id in units.items() if unit_id == whole_unit.pk} - away
    if not there | away:
        raise DomainError("请选择整个单位，或至少填一名参加人员。", field="present")
    event = EducationEvent.objects.create(
        kind=kind,
        on=on,
        topic=topic.strip(),
        host_unit=host_unit,
        speaker=speaker.strip(),
        talker=talker,
        note=note.strip(),
        submission_key=submission_key,
        recorded_by=by,
        recorded_at=at,
    )
    Attendance.objects.bulk_create(
        Attendance(event=event, cadre_id=pk, unit_id=units[pk], present=pk in there)
        for pk in sorted(there | away)
    )
    facts = {"kind": kind, "on": on, "topic": event.topic, "host_unit": host_unit}
    audit.record(
        action="登记教育活动",
        target=event,
        by=by,
        at=at,
        after={**facts, "attendances": len(there), "absent": len(away)},
    )
    return event


@transaction.atomic
def record_test(
    *,
    title: str,
    on: date,
    full_mark: Decimal,
    pass_mark: Decimal,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> Test:
    """Make a test, whose results are then entered unit by unit. The same form sent twice is one record."""
    demand(by, Permission.RECORD_EDUCATION)
    if earlier := Test.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if not 0 < pass_mark <= full_mark:
        raise DomainError(
            f"合格分应大于 0，不超过满分 {full_mark.normalize():f} 分，请核对。", field="pass_mark"
        )
    if Test.objects.filter(title=title.strip(), on=on).exists():
        raise DomainError(
            f"{on} 已有同名考试“{title.strip()}”，请直接录入成绩，或换一个名称。", field="title"
        )
    values = {"title": title.strip(), "on": on, "full_mark": full_mark, "pass_mark": pass_mark}
    test = Test.objects.create(**values, submission_key=submission_key, recorded_by=by, recorded_at=at)
    audit.record(action="新建考试", target=test, by=by, at=at, after=values)
    return test


@dataclass(frozen=True)
class Marks:
    """What a sheet says of one person; without a score the person was absent."""

    score: Decimal | None
    makeup: Decimal | None = None
    reviewed: bool = False


@transaction.atomic
def save_results(*, test_id: int, unit: Unit, marks: Mapping[int, Marks], by: User, at: datetime) -> int:
    """Enter the results of a unit, by cadre id; who is not named stays as is. Returns how many changed.

    Raises NotAllowed without the permission or for oneself; DomainError before the test's day, for a
    mark over the full mark, a make-up after a pass, somebody who did not serve in the unit that day.
    """
    demand(by, Permission.RECORD_EDUCATION)
    test = Test.objects.select_for_update(of=("self",)).get(pk=test_id)
    if test.on > timezone.localdate(at):
        raise DomainError(f"考试日期是 {test.on}，还没有考，请在考试之后录入成绩。")
    rows = {row.cadre.pk: row for row in queries.sheet(test, unit)}
    if set(marks) - set(rows):
        raise DomainError(f"名单中有人在 {test.on} 不在“{unit}”，请刷新页面按最新名单录入。")
    changed: dict[str, object] = {}
    for pk, mark in sorted(marks.items()):
        for score in (mark.score, mark.makeup):
            if problem := rules.score_problem(score=score, full_mark=test.full_mark):
                raise DomainError(f"{rows[pk].cadre}：{problem}")
        if problem := rules.makeup_problem(score=mark.score, makeup=mark.makeup, pass_mark=test.pass_mark):
            raise DomainError(f"{rows[pk].cadre}：{problem}")
        old = rows[pk].result
        now = Marks(old.score, old.makeup_score, old.reviewed) if old else None
        if now == mark:
            continue
        if pk == by.cadre_id:
            raise NotAllowed("不能录入本人的成绩，应当回避，请由其他人员录入。")
        TestResult.objects.update_or_create(
            test=test,
            cadre_id=pk,
            defaults={
                "score": mark.score,
                "makeup_score": mark.makeup,
                "reviewed": mark.reviewed,
                "entered_by": by,
                "entered_at": at,
            },
            create_defaults={
                "unit": unit,
                "score": mark.score,
                "makeup_score": mark.makeup,
                "reviewed": mark.reviewed,
                "entered_by": by,
                "entered_at": at,
            },
        )
        changed[str(pk)] = [mark.score, mark.makeup, mark.reviewed]
    if changed:
        audit.record(
            action="录入考试成绩", target=test, by=by, at=at, after={"unit": unit, "results": changed}
        )
    return len(changed)


@transaction.atomic
def plan_study(*, unit: Unit, month: date, topic: str, by: User, at: datetime) -> StudyPlan:
    """Put a topic on a unit's plan for a month; the same line twice is one."""
    demand(by, Permission.RECORD_EDUCATION)
    first = month.replace(day=1)
    _open_on(unit=unit, day=first, field="unit")
    plan, created = StudyPlan.objects.get_or_create(
        unit=unit, month=first, topic=topic.strip(), defaults={"recorded_by": by, "recorded_at": at}
    )
    if created:
        after = {"unit": unit, "month": first, "topic": plan.topic}
        audit.record(action="列入学习计划", target=plan, by=by, at=at, after=after)
    return plan


@transaction.atomic
def finish_study(*, plan_id: int, done_on: date, by: User, at: datetime) -> StudyPlan:
    """Say when a planned topic was studied. Raises DomainError for a day to come or before the month."""
    demand(by, Permission.RECORD_EDUCATION)
    plan = queries.plans_visible_to(by).select_for_update(of=("self",)).get(pk=plan_id)
    if problem := rules.day_problem(on=done_on, today=timezone.localdate(at)):
        raise DomainError(problem, field="done_on")
    if done_on < plan.month:
        raise DomainError(f"完成日期早于计划月份（{plan.month:%Y-%m}），请核对。", field="done_on")
    before = {"done_on": plan.done_on}
    plan.done_on = done_on
    plan.save(update_fields=["done_on"])
    audit.record(action="完成学习计划", target=plan, by=by, at=at, before=before, after={"done_on": done_on})
    return plan


@transaction.atomic
def propose_commendation(
    *,
    kind: str,
    cadre: Cadre | None,
    unit: Unit | None,
    on: date,
    reason: str,
    issuer: str,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> Commendation:
    """Propose to put a commendation on a file; another person confirms. Sent twice is one record.

    A person is kept with the unit of that day. Raises NotAllowed without the permission; DomainError for a
    day to come, oneself, both or neither of person and unit, somebody not in service, a closed unit.
    """
    demand(by, Permission.RECORD_EDUCATION)
    if earlier := Commendation.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if problem := rules.day_problem(on=on, today=timezone.localdate(at)):
        raise DomainError(problem, field="on")
    if (cadre is None) is (unit is None):
        raise DomainError("请填人员或单位，两者只填一个。", field="cadre")
    if kind == CommendationKind.PROMOTION and cadre is None:
        raise DomainError("重用提拔的对象是个人，请填人员。", field="cadre")
    if cadre is not None and cadre.pk == by.cadre_id:
        raise DomainError("不能为本人提出嘉奖，应当回避，请由其他人员提出。", field="cadre")
    if unit is not None:
        _open_on(unit=unit, day=on, field="unit")
    unit_id = unit.pk if unit else _unit_on(cadre=cadre, day=on)
    values = {
        "kind": kind,
        "cadre": cadre,
        "unit_id": unit_id,
        "on": on,
        "reason": reason.strip(),
        "issuer": issuer.strip(),
    }
    commendation = Commendation.objects.create(
        **values, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=commendation, workflow=rules.COMMENDATION, facts=values, by=by, at=at)
    return commendation


def _unit_on(*, cadre: Cadre | None, day: date) -> int:
    assert cadre is not None  # the caller has seen to it: without a unit there is a person
    found = Cadre.objects.filter(pk=cadre.pk).units_on(day).get(cadre.pk)
    if found is None:
        raise DomainError(f"“{cadre}”{day} 不在岗，请核对日期或人员。", field="on")
    return found


def _take(
    *,
    commendation_id: int,
    step: str,
    note: str = "",
    changes: Mapping[str, object] | None = None,
    by: User,
    at: datetime,
) -> Commendation:
    """Raises Commendation.DoesNotExist outside the scope, otherwise like `steps.take`."""
    visible = queries.commendations_visible_to(by).select_for_update(of=("self",))
    commendation = visible.get(pk=commendation_id)
    steps.take(
        record=commendation,
        workflow=rules.COMMENDATION,
        step=step,
        parts=queries.parts_in(commendation, by),
        note=note,
        changes=changes,
        by=by,
        at=at,
    )
    return commendation


@transaction.atomic
def confirm_commendation(*, commendation_id: int, by: User, at: datetime) -> Commendation:
    """Confirm what somebody else proposed; from now on it is on the file."""
    changes = {"confirmed_by": by, "confirmed_at": at}
    return _take(commendation_id=commendation_id, step="confirm", changes=changes, by=by, at=at)


@transaction.atomic
def decline_commendation(*, commendation_id: int, note: str, by: User, at: datetime) -> Commendation:
    """Refuse what somebody else proposed, with a reason."""
    return _take(commendation_id=commendation_id, step="decline", note=note, by=by, at=at)


@transaction.atomic
def withdraw_commendation(*, commendation_id: int, note: str, by: User, at: datetime) -> Commendation:
    """Take back what one proposed oneself, before it is confirmed."""
    return _take(commendation_id=commendation_id, step="withdraw", note=note, by=by, at=at)
