"""Posting people to the front line, and ending it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.models import Cadre, Unit, User
from core.permissions import Permission, demand
from core.rules.errors import DomainError, NotAllowed
from core.services import steps
from projects.models import FrontlinePosting, KeyProject
from projects.queries import site as queries
from projects.rules import site as rules


@transaction.atomic
def post_to_frontline(
    *,
    cadre: Cadre,
    project: KeyProject | None,
    place: str,
    duty: str = "",
    start_on: date,
    end_on: date | None,
    share: int,
    late_reason: str = "",
    submission_key: UUID,
    by: User,
    at: datetime,
) -> FrontlinePosting:
    """Post a person for a period with `share` percent of the time; the unit is that of the first day.

    The same form sent twice is one record. Raises NotAllowed for a person of another unit; DomainError for
    somebody not in service, a period that cannot be, a closed project, more than all of the person's time.
    """
    demand(by, Permission.POST_FRONTLINE)
    # The person's row is the lock: two postings at once that make more than all of the time meet here.
    cadre = Cadre.objects.select_for_update().get(pk=cadre.pk)
    if earlier := FrontlinePosting.objects.filter(submission_key=submission_key, recorded_by=by).first():
        return earlier
    if cadre.left_on is not None and (end_on is None or cadre.left_on < end_on):
        raise DomainError(f"“{cadre}”已于 {cadre.left_on} 离任，请另选人员或改截止日期。", field="cadre")
    unit_id = Cadre.objects.filter(pk=cadre.pk).units_on(start_on).get(cadre.pk)
    if unit_id is None:
        raise DomainError(f"“{cadre}”{start_on} 还没有到岗，请核对起始日期。", field="start_on")
    if not queries.may_post_of(by, unit_id):
        unit = Unit.objects.get(pk=unit_id)
        raise NotAllowed(f"“{cadre}”{start_on} 在“{unit}”任职，由该单位负责人或考核办安排。")
    problem = rules.posting_period_problem(
        start_on=start_on, end_on=end_on, late_reason=late_reason, today=timezone.localdate(at)
    )
    if problem:
        raise DomainError(problem[1], field=problem[0])
    if project is not None and project.closed_on is not None and project.closed_on < (end_on or start_on):
        raise DomainError(
            f"“{project}”已于 {project.closed_on} 办结，请改截止日期或另选项目。", field="project"
        )
    place = place.strip() or (project.location if project is not None else "")
    if not place:
        why = f"“{project}”没有登记建设地点" if project is not None else "没有选项目的，须写明到了哪里"
        raise DomainError(f"请填下沉地点：{why}。", field="place")
    _check_time(cadre, start_on=start_on, end_on=end_on, share=share)
    facts: dict[str, Any] = {
        "cadre": cadre,
        "project": project,
        "place": place,
        "duty": duty.strip(),
        "start_on": start_on,
        "end_on": end_on,
        "share": share,
        "late_reason": late_reason.strip(),
    }
    posting = FrontlinePosting.objects.create(
        **facts, unit_id=unit_id, submission_key=submission_key, recorded_by=by, recorded_at=at
    )
    steps.begin(record=posting, workflow=rules.FRONTLINE, facts=facts, by=by, at=at)
    return posting


def _check_time(cadre: Cadre, *, start_on: date, end_on: date | None, share: int) -> None:
    """Raises DomainError, naming the other postings, when a person's time would be more than all of it."""
    others = queries.shares_of(cadre, since=start_on)
    over = rules.overload(rules.Share(start_on, end_on, share), [each for each, _ in others])
    if over is None:
        return
    day, total = over
    known = "；".join(
        f"{p.place} {p.share}%（{p.start_on} {f'至 {p.end_on}' if p.end_on else '起'}）"
        for each, p in others
        if each.covers(day)
    )
    raise DomainError(
        f"“{cadre}”{day} 已安排：{known}，加上这次的 {share}% 共 {total}%，超过 100%。"
        "请降低占比、改期限，或先结束原安排。",
        field="share",
    )


def _locked(*, posting_id: int, by: User) -> FrontlinePosting:
    """The record within the user's scope, locked. Raises FrontlinePosting.DoesNotExist outside it."""
    return queries.postings_visible_to(by).select_for_update(of=("self",)).get(pk=posting_id)


@transaction.atomic
def end_posting(*, posting_id: int, end_on: date, by: User, at: datetime) -> FrontlinePosting:
    """Set the last day of a posting, or an earlier one; a longer one is a new posting.

    Raises like `steps.take`, and DomainError by `rules.site.ending_problem`.
    """
    posting = _locked(posting_id=posting_id, by=by)
    parts = queries.posting_parts(posting, by)
    steps.check(record=posting, workflow=rules.FRONTLINE, step="end", parts=parts, by=by)
    if problem := rules.ending_problem(end_on, start_on=posting.start_on, end_on=posting.end_on):
        raise DomainError(problem, field="end_on")
    steps.take(
        record=posting,
        workflow=rules.FRONTLINE,
        step="end",
        parts=parts,
        changes={"end_on": end_on},
        old=steps.in_words(posting, ["end_on"]),
        by=by,
        at=at,
    )
    return posting


@transaction.atomic
def withdraw_posting(*, posting_id: int, note: str, by: User, at: datetime) -> FrontlinePosting:
    """Take back a posting that should not have been, with the reason: it stays on file and counts for
    nothing."""
    posting = _locked(posting_id=posting_id, by=by)
    parts = queries.posting_parts(posting, by)
    steps.take(
        record=posting, workflow=rules.FRONTLINE, step="withdraw", parts=parts, note=note, by=by, at=at
    )
    return posting
