"""Recording what was done on a site, and putting it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.rules.errors import DomainError, NotAllowed
from core.services import attachments, steps
from projects.models import KeyProject, SiteLog, SiteScene
from projects.queries import site as queries
from projects.rules import site as rules
from projects.services.issues import raise_issue


@dataclass(frozen=True)
class Found:
    """A problem found at the visit, to be raised with it; the deadline is the kind's own."""

    kind: str
    title: str
    owner_unit: Unit


@transaction.atomic
def record_log(
    *,
    project: KeyProject | None,
    scene: str,
    on: date,
    place: str,
    people: Sequence[Cadre],
    what: str,
    people_helped: int = 0,
    problems_solved: int = 0,
    late_reason: str = "",
    evidence: Sequence[File[bytes]] = (),
    found: Found | None = None,
    submission_key: UUID,
    by: User,
    at: datetime,
) -> SiteLog:
    """Record a visit to a site; `scene` is the key of one of the seven in force that day. Without a place it
    is that of the project. The same form sent twice is one record.

    Raises NotAllowed for a project one does not work on; DomainError for a day to come, one long gone without
    its reason, a project closed by then, a scene not in force, nobody there, somebody not in service.
    """
    if by.cadre is None:
        raise NotAllowed("您的账号没有对应花名册上的人员，不能记录现场工作。请联系系统管理员。")
    # The recorder's own row is the lock: a form sent twice at once meets here.
    own = Cadre.objects.select_for_update().get(pk=by.cadre.pk)
    if earlier := SiteLog.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if project is None:
        if found is not None:
            raise DomainError("问题要落到项目上，请先选项目。", field="project")
    elif not queries.projects_to_log(by).filter(pk=project.pk).exists():
        raise NotAllowed(f"只有“{project}”攻坚小组成员和主办、协办单位负责人可以记录该项目的现场工作。")
    place = place.strip() or (project.location if project is not None else "")
    _check(
        project=project, on=on, place=place, people=people, late_reason=late_reason,
        today=timezone.localdate(at),
    )  # fmt: skip
    unit_id = Cadre.objects.filter(pk=own.pk).units_on(on).get(own.pk)
    if unit_id is None:
        raise DomainError(f"{on} 您还没有到岗或已经离任，请核对日期。", field="on")
    facts: dict[str, Any] = {
        "project": project,
        "scene": scene_on(scene, on),
        "on": on,
        "place": place,
        "what": what.strip(),
        "people_helped": people_helped,
        "problems_solved": problems_solved,
        "late_reason": late_reason.strip(),
    }
    log = SiteLog.objects.create(
        **facts, unit_id=unit_id, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    log.people.set(people)
    stored = attachments.store(owner=log, files=evidence, by=by, at=at)
    told = {**facts, "people": [person.pk for person in people], **attachments.told(stored)}
    steps.begin(record=log, workflow=rules.SITE_LOG, facts=told, by=by, at=at)
    if found is not None and project is not None:
        raise_issue(
            project=project,
            kind=found.kind,
            title=found.title,
            owner_unit=found.owner_unit,
            site_log=log,
            submission_key=submission_key,
            by=by,
            at=at,
        )
    return log


def scene_on(key: str, day: date) -> SiteScene:
    """The version of a scene in force on a day. Raises DomainError when there is none."""
    scene: SiteScene | None = SiteScene.objects.in_force(day).filter(key=key).first()
    if scene is None:
        raise DomainError(f"所选现场在 {day} 尚未施行或已停用，请核对日期或另选。", field="scene")
    return scene


def _check(
    *,
    project: KeyProject | None,
    on: date,
    place: str,
    people: Sequence[Cadre],
    late_reason: str,
    today: date,
) -> None:
    """Raises DomainError for what a log cannot say, at its field."""
    if problem := rules.log_day_problem(on, late_reason=late_reason, today=today):
        raise DomainError(problem[1], field=problem[0])
    if project is not None and project.closed_on is not None and project.closed_on < on:
        raise DomainError(
            f"“{project}”已于 {project.closed_on} 办结，不能再记 {on} 的现场工作。请核对日期，或不选项目。",
            field="project",
        )
    if not place:
        why = f"“{project}”没有登记建设地点" if project is not None else "没有选项目的，须写明到了哪里"
        raise DomainError(f"请填地点：{why}。", field="place")
    if not people:
        raise DomainError("请填到场人员，至少一人。", field="people")
    serving = set(
        Cadre.objects.filter(pk__in=[p.pk for p in people]).serving_on(on).values_list("pk", flat=True)
    )
    if absent := [person for person in people if person.pk not in serving]:
        told = "、".join(
            f"{p}（{p.left_on} 离任）" if p.left_on and p.left_on < on else f"{p}（{p.joined_on} 到岗）"
            for p in absent
        )
        raise DomainError(f"{on} 不在岗：{told}。请核对日期，或移出名单。", field="people")


def _locked(*, log_id: int, by: User) -> SiteLog:
    """The record within the user's scope, locked. Raises SiteLog.DoesNotExist outside it."""
    return queries.sitelogs_visible_to(by).select_for_update(of=("self",)).get(pk=log_id)


@transaction.atomic
def correct_log(
    *,
    log_id: int,
    scene: str,
    on: date,
    place: str,
    people: Sequence[Cadre],
    what: str,
    people_helped: int,
    problems_solved: int,
    note: str,
    by: User,
    at: datetime,
) -> SiteLog:
    """Put a log right, with the reason; what it said stays in the history.

    Raises like `steps.take`, DomainError as in `record_log`, and when nothing is changed.
    """
    log = _locked(log_id=log_id, by=by)
    parts = queries.log_parts(log, by)
    steps.check(record=log, workflow=rules.SITE_LOG, step="correct", parts=parts, by=by)
    # The reason for the correction is one for the day as well.
    _check(
        project=log.project, on=on, place=place.strip(), people=people, late_reason=log.late_reason or note,
        today=timezone.localdate(at),
    )  # fmt: skip
    wanted = {
        "scene": log.scene if log.scene.key == scene and log.on == on else scene_on(scene, on),
        "on": on,
        "place": place.strip(),
        "what": what.strip(),
        "people_helped": people_helped,
        "problems_solved": problems_solved,
    }
    before, after = list(log.people.order_by("pinyin", "id")), sorted(people, key=lambda p: (p.pinyin, p.pk))
    moved = {p.pk for p in before} != {p.pk for p in after}
    changes = {name: value for name, value in wanted.items() if getattr(log, name) != value}
    if not moved:
        changes = steps.changed(log, wanted)
    old, facts = steps.in_words(log, changes), {}
    if moved:
        old["到场人员"] = "、".join(person.name for person in before)
        facts = {"people": [person.pk for person in after]}
        log.people.set(after)
    steps.take(
        record=log,
        workflow=rules.SITE_LOG,
        step="correct",
        parts=parts,
        note=note,
        changes=changes,
        facts=facts,
        old=old,
        by=by,
        at=at,
    )
    return log


@transaction.atomic
def withdraw_log(*, log_id: int, note: str, by: User, at: datetime) -> SiteLog:
    """Take a log back, with the reason: it stays on file and counts for nothing."""
    log = _locked(log_id=log_id, by=by)
    parts = queries.log_parts(log, by)
    steps.take(record=log, workflow=rules.SITE_LOG, step="withdraw", parts=parts, note=note, by=by, at=at)
    return log
