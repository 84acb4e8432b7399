"""Lessons and talks with who attended, and what is planned to be studied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.models import Attendance, EducationEvent, StudyPlan
from conduct.queries import education as queries
from conduct.rules import education as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError
from core.services import audit, steps


def _once(**lists: Collection[Cadre]) -> None:
    """Raises DomainError, at the later list, for somebody named in two of them."""
    seen: dict[int, str] = {}
    for field, cadres in lists.items():
        if both := [cadre.name for cadre in cadres if cadre.pk in seen]:
            raise DomainError(f"{'、'.join(both)}同时填在两处，请只留一处。", field=field)
        seen |= {cadre.pk: field for cadre in cadres}


def _all_serving(cadres: Iterable[Cadre], *, units: Mapping[int, int], on: date, field: str) -> None:
    """Raises DomainError naming those without a unit on the day."""
    if gone := [cadre.name for cadre in cadres if cadre.pk not in units]:
        raise DomainError(f"{'、'.join(gone)}在 {on} 不在岗，请核对日期或人员。", field=field)


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
    if problem := rules.unit_problem(unit=host_unit.name, closed_on=host_unit.closed_on, day=on):
        raise DomainError(problem, field="host_unit")
    _once(present=present, absent=absent)
    wanted = Cadre.objects.filter(pk__in=[cadre.pk for cadre in (*present, *absent)])
    if whole_unit is not None:
        wanted |= Cadre.objects.posted_to(whole_unit, on)
    units = wanted.units_on(on)
    _all_serving((*present, *absent), units=units, on=on, field="present")
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
    facts |= {"attendances": len(there), "absent": len(away)}
    steps.begin(record=event, workflow=rules.EVENT, facts=facts, by=by, at=at)
    return event


def _locked(*, event_id: int, by: User) -> EducationEvent:
    """The event within the user's scope, locked. Raises EducationEvent.DoesNotExist outside it."""
    return queries.events_visible_to(by).select_for_update(of=("self",)).get(pk=event_id)


@transaction.atomic
def correct_event(
    *,
    event_id: int,
    kind: str,
    on: date,
    topic: str,
    host_unit: Unit,
    speaker: str,
    talker: Cadre | None,
    note: str,
    reason: str,
    by: User,
    at: datetime,
) -> EducationEvent:
    """Correct what an event says; the old text is kept. On another day everybody has the unit of that day.

    Raises like `record_event` and `steps.take`; DomainError when nothing was changed, for a talk that would
    become a lesson or the other way round, and for a day on which an attendant was not in service.
    """
    event = _locked(event_id=event_id, by=by)
    parts = queries.event_parts(event, by)
    steps.check(record=event, workflow=rules.EVENT, step="correct", parts=parts, by=by)
    if problem := rules.day_problem(on=on, today=timezone.localdate(at)):
        raise DomainError(problem, field="on")
    if problem := rules.unit_problem(unit=host_unit.name, closed_on=host_unit.closed_on, day=on):
        raise DomainError(problem, field="host_unit")
    if problem := rules.kind_problem(old=event.kind, new=kind):
        raise DomainError(problem, field="kind")
    wanted = {
        "kind": kind,
        "on": on,
        "topic": topic.strip(),
        "host_unit": host_unit,
        "speaker": speaker.strip(),
        "talker": talker,
        "note": note.strip(),
    }
    changes = steps.changed(event, wanted)
    old = steps.in_words(event, changes)
    if "on" in changes:
        attendances = list(event.attendances.select_related("cadre"))
        units = Cadre.objects.filter(pk__in=[a.cadre_id for a in attendances]).units_on(on)
        _all_serving((a.cadre for a in attendances), units=units, on=on, field="on")
        for attendance in attendances:
            attendance.unit_id = units[attendance.cadre_id]
        Attendance.objects.bulk_update(attendances, ["unit"])
    facts = {}
    if "note" in changes:  # a talk's note stays out of the audit chain: it can never be taken back from there
        event.note = changes.pop("note")
        event.save(update_fields=["note"])
        facts = {"note": "已更正"}
    steps.take(
        record=event,
        workflow=rules.EVENT,
        step="correct",
        parts=parts,
        note=reason,
        note_field="reason",
        changes=changes,
        facts=facts,
        old=old,
        by=by,
        at=at,
    )
    return event


@transaction.atomic
def change_attendances(
    *,
    event_id: int,
    present: Collection[Cadre],
    absent: Collection[Cadre],
    removed: Collection[Cadre],
    note: str,
    by: User,
    at: datetime,
) -> EducationEvent:
    """Add people to an event, say that they were there or not, take out who was never to attend.

    What the list said of them is kept. Raises like `record_event` and `steps.take`; DomainError for somebody
    taken out who is not on the list, when nothing would change, and when nobody would be left.
    """
    event = _locked(event_id=event_id, by=by)
    parts = queries.event_parts(event, by)
    steps.check(record=event, workflow=rules.EVENT, step="attend", parts=parts, by=by)
    _once(present=present, absent=absent, removed=removed)
    listed = {attendance.cadre_id: attendance for attendance in event.attendances.all()}
    if strangers := [cadre.name for cadre in removed if cadre.pk not in listed]:
        raise DomainError(f"{'、'.join(strangers)}不在参加名单中，请核对。", field="removed")
    said = [(cadre, True) for cadre in present] + [(cadre, False) for cadre in absent]
    said = [(c, there) for c, there in said if c.pk not in listed or listed[c.pk].present is not there]
    if not said and not removed:
        raise DomainError("名单已经是这样，没有要改的；请核对填写的人员。", field="present")
    new = [cadre for cadre, _ in said if cadre.pk not in listed]
    units = Cadre.objects.filter(pk__in=[cadre.pk for cadre in new]).units_on(event.on)
    _all_serving(new, units=units, on=event.on, field="present")
    if len(removed) == len(listed) and not new:
        raise DomainError("至少要留一名参加人员；整场活动登记错了的，请作废。", field="removed")

    def until_now(cadre: Cadre) -> str:
        kept = listed.get(cadre.pk)
        return f"{cadre}（{cadre.staff_no}）" + ("未列入" if kept is None else kept.standing)

    touched = [*(cadre for cadre, _ in said), *removed]
    old = {"参加情况": "；".join(until_now(cadre) for cadre in touched)}
    for cadre, there in said:
        unit_id = units[cadre.pk] if cadre in new else listed[cadre.pk].unit_id
        event.attendances.update_or_create(cadre=cadre, defaults={"present": there, "unit_id": unit_id})
    event.attendances.filter(cadre__in=removed).delete()
    facts = {
        "present": [c.pk for c, there in said if there],
        "absent": [c.pk for c, there in said if not there],
    }
    steps.take(
        record=event,
        workflow=rules.EVENT,
        step="attend",
        parts=parts,
        note=note,
        facts=facts | {"removed": [cadre.pk for cadre in removed]},
        old=old,
        by=by,
        at=at,
    )
    return event


@transaction.atomic
def cancel_event(*, event_id: int, note: str, by: User, at: datetime) -> EducationEvent:
    """Mark an event that was recorded by mistake; it is kept, and on nobody's file any more."""
    event = _locked(event_id=event_id, by=by)
    parts = queries.event_parts(event, by)
    steps.take(record=event, workflow=rules.EVENT, step="cancel", parts=parts, note=note, by=by, at=at)
    return event


@transaction.atomic
def plan_study(*, unit: Unit, month: date, topic: str, by: User, at: datetime) -> StudyPlan:
    """Put a topic on a unit's plan for a month; the same line twice is one."""
    demand(by, Permission.RECORD_EDUCATION)
    first = month.replace(day=1)
    if problem := rules.unit_problem(unit=unit.name, closed_on=unit.closed_on, day=first):
        raise DomainError(problem, field="unit")
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
