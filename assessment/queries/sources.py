"""The sources of the indicators: for a share of the people, each answers in a fixed number of queries.

Sums over records that may be many (ratings) are made by the database in whole numbers; records that are
few per person (milestones, violations) are read as rows and judged by `rules.records`. Nothing is summed
as a floating number on either engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from assessment.choices import WORK_STYLE_FIELDS, Source
from assessment.models import Rating
from assessment.rules import records
from assessment.rules.scheme import Indicator, SchemeSpec
from assessment.rules.scoring import Reading
from conduct.choices import Finding
from conduct.models import Violation
from conduct.rules.violations import COUNTED
from projects.choices import MilestoneState
from projects.models import MilestoneUpdate, TaskforceMember

Column = dict[int, Reading]
"""Cadre id → reading; who is not in it has none."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which period, up to which day (its last, or today when looking ahead), and whom."""

    period_id: int
    first_day: date
    until: date
    cadre_ids: Sequence[int]


def columns(spec: SchemeSpec, scope: Scope) -> list[Column]:
    """One column per indicator, in the scheme's order; every source is asked once for all its indicators."""
    found: dict[int, Column] = {}
    for source in spec.sources():
        places = [place for place, item in enumerate(spec.indicators) if item.source is source]
        answers = _SOURCES[source](scope, [spec.indicators[place] for place in places])
        found.update(zip(places, answers, strict=True))
    return [found[place] for place in range(len(spec.indicators))]


def _work_style_ratings(scope: Scope, indicators: list[Indicator]) -> list[Column]:
    """One query: the sum of each work style's marks and the number of raters."""
    rows = (
        Rating.objects.filter(period_id=scope.period_id, cadre_id__in=scope.cadre_ids)
        .order_by()
        .values_list("cadre_id")
        .annotate(Count("id"), *(Sum(style) for style in WORK_STYLE_FIELDS))
    )
    answers: list[Column] = [{} for _ in indicators]
    places = [WORK_STYLE_FIELDS.index(indicator.style) for indicator in indicators]
    for cadre_id, raters, *sums in rows:
        for column, place in zip(answers, places, strict=True):
            reading = records.rating_reading(sums[place], raters)
            if reading is not None:
                column[cadre_id] = reading
    return answers


def _milestones(scope: Scope, indicators: list[Indicator]) -> list[Column]:
    """Two queries: the milestones of the projects one works on, and what was reported after the last day."""
    day = scope.until
    on_the_day = Q(start_on__lte=day) & (Q(end_on=None) | Q(end_on__gte=day))
    running = Q(project__milestones__suspended_reason="") | Q(project__milestones__done_on__isnull=False)
    rows = list(
        # One filter, so that all conditions speak of the same milestone.
        TaskforceMember.objects.filter(
            on_the_day,
            running,
            cadre_id__in=scope.cadre_ids,
            project__milestones__planned_on__lte=day,
            project__milestones__state__in=(MilestoneState.ACTIVE, MilestoneState.SUSPENDED),
        )
        .order_by()
        .values_list(
            "cadre_id",
            "project__milestones__id",
            "project__milestones__planned_on",
            "project__milestones__done_on",
            "project__milestones__progress",
        )
        .distinct()
    )
    progress_then = _progress_before_later_reports(scope)
    facts: dict[int, list[records.MilestoneFact]] = defaultdict(list)
    for cadre_id, milestone_id, planned_on, done_on, progress in rows:
        if planned_on is not None:
            progress = progress_then.get(milestone_id, progress)
            facts[cadre_id].append(records.MilestoneFact(milestone_id, planned_on, done_on, progress))
    answers: list[Column] = []
    for indicator in indicators:
        readings = {
            cadre_id: records.milestone_reading(own, scope.first_day, day, indicator.params)
            for cadre_id, own in facts.items()
        }
        answers.append({cadre_id: reading for cadre_id, reading in readings.items() if reading is not None})
    return answers


def _progress_before_later_reports(scope: Scope) -> dict[int, Decimal]:
    """Milestone id → its progress at the end of the last day, for those reported on since."""
    midnight = timezone.make_aware(datetime.combine(scope.until + timedelta(days=1), time.min))
    rows = (
        MilestoneUpdate.objects.filter(reported_at__gte=midnight, milestone__planned_on__lte=scope.until)
        .order_by("-reported_at", "-id")
        .values_list("milestone_id", "progress_before")
    )
    return dict(rows)  # newest first, so the earliest report since then is what stays


def _violations(scope: Scope, indicators: list[Indicator]) -> list[Column]:
    """One query: what was found true, wholly or in part, in the period; by the day of the decision."""
    rows = (
        Violation.objects.filter(
            decided_on__gte=scope.first_day,
            decided_on__lte=scope.until,
            finding__in=COUNTED,
            cadre_id__in=scope.cadre_ids,
        )
        .order_by("id")
        .values_list("cadre_id", "id", "prohibition__deduct_points", "finding")
    )
    facts: dict[int, list[records.ViolationFact]] = defaultdict(list)
    for cadre_id, violation_id, points, finding in rows:
        partial = finding == Finding.PARTLY
        facts[cadre_id].append(records.ViolationFact(violation_id, points, partial))
    answers: list[Column] = []
    for indicator in indicators:
        readings = {
            cadre_id: records.violation_reading(own, indicator.params) for cadre_id, own in facts.items()
        }
        answers.append({cadre_id: reading for cadre_id, reading in readings.items() if reading is not None})
    return answers


_SOURCES: dict[Source, Callable[[Scope, list[Indicator]], list[Column]]] = {
    Source.WORK_STYLE_RATING: _work_style_ratings,
    Source.MILESTONE_PROGRESS: _milestones,
    Source.VIOLATION_DEDUCTION: _violations,
}
