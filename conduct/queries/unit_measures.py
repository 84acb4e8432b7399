"""Reads of unit measures; the row scope comes from `unit_measures_visible_to` alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import UnitMeasureState
from conduct.models import UnitMeasure
from conduct.models.unit_measures import APPROVED
from conduct.queries.entries import FileEntry, Side
from conduct.rules import unit_measures as rules
from core.models import Unit, User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workflow import SUBJECT


def unit_measures_visible_to(user: User) -> QuerySet[UnitMeasure]:
    """All, or those of the own unit subtree. What is not approved only the discipline office sees."""
    scope = reach(user, Permission.VIEW_UNIT_MEASURES)
    found = UnitMeasure.objects.select_related("unit", "recorded_by", "approved_by", "lifted_by").order_by(
        "-first_day", "-id"
    )
    if not may(user, Permission.RECORD_UNIT_MEASURES):
        found = found.filter(state__in=APPROVED)
    if scope.everywhere:
        return found
    return found.filter(unit__in=units_reached(user, Permission.VIEW_UNIT_MEASURES))


def own_unit_id(user: User) -> int | None:
    """The unit the user serves in; whoever serves there stays out of its measures."""
    return user.cadre.unit_id if user.cadre is not None else None


def parts_in(measure: UnitMeasure, user: User) -> frozenset[str]:
    """The parts a person plays in a record, by the names of `rules.unit_measures.UNIT_MEASURE`."""
    parts = {
        "recorder": measure.recorded_by_id == user.pk,
        "approver": measure.approved_by_id == user.pk,
        SUBJECT: measure.unit_id == own_unit_id(user),
    }
    return frozenset(part for part, plays in parts.items() if plays)


def earlier_overlapping(
    *, unit: Unit, kind: str, first_day: date, last_day: date | None
) -> UnitMeasure | None:
    """The earliest standing or waiting measure of the same kind whose period shares a day."""
    end = rules.end_of(first_day=first_day, last_day=last_day)
    standing = Q(state__in=(UnitMeasureState.PROPOSED, UnitMeasureState.IN_FORCE)) | Q(
        state=UnitMeasureState.LIFTED, lifted_on__gt=first_day
    )
    period = Q(last_day__gte=first_day) | Q(last_day=None, first_day__gte=first_day)
    found = UnitMeasure.objects.filter(standing, period, unit=unit, kind=kind, first_day__lte=end)
    return found.select_related("unit").order_by("first_day", "id").first()


def measures_in_force(unit_ids: Collection[int], day: date) -> QuerySet[UnitMeasure]:
    """Approved measures of these units that apply on a day; one lifted applied until the day before."""
    period = Q(last_day__gte=day) | Q(last_day=None, first_day=day)
    standing = Q(state=UnitMeasureState.IN_FORCE) | Q(
        Q(lifted_on__gt=day) & Q(lifted_on__gt=F("first_day")), state=UnitMeasureState.LIFTED
    )
    found = UnitMeasure.objects.filter(standing, period, unit__in=unit_ids, first_day__lte=day)
    return found.select_related("unit").order_by("unit_id", "kind", "id")


def unit_file_entries(unit: Unit, *, user: User) -> list[FileEntry]:
    """A unit's measures for its file, within what the reader may see."""
    today = timezone.localdate()
    return [
        FileEntry(
            on=measure.first_day,
            kind="单位处理",
            title=measure.get_kind_display(),
            detail=measure.reason,
            state=standing_of(measure, today),
            url=reverse("conduct:unit-measure-detail", args=[measure.pk]),
            side=Side.BAD,
        )
        for measure in unit_measures_visible_to(user).filter(unit=unit, state__in=APPROVED)
    ]


def standing_of(measure: UnitMeasure, today: date) -> str:
    """What a measure is today, in words."""
    return str(
        rules.standing(
            state=measure.state, first_day=measure.first_day, last_day=measure.last_day, today=today
        ).label
    )


def todos(user: User, *, today: date) -> list[Waiting]:
    """Measures waiting for this person's approval, oldest first."""
    if not may(user, Permission.ISSUE_LETTERS):
        return []
    proposed = unit_measures_visible_to(user).filter(state=UnitMeasureState.PROPOSED)
    proposed = proposed.exclude(recorded_by=user)
    if (own := own_unit_id(user)) is not None:
        proposed = proposed.exclude(unit=own)
    return [
        waiting(
            proposed.order_by("recorded_at", "id"),
            lambda measure: Todo(
                title=measure.get_kind_display(),
                who=str(measure.unit),
                detail=f"{measure.first_day} 起，{measure.recorded_by.display_name}提出",
                url=reverse("conduct:unit-measure-detail", args=[measure.pk]),
                action="批准",
            ),
            label="待批准的单位处理",
            url=reverse("conduct:unit-measure-list") + f"?state={UnitMeasureState.PROPOSED}",
            today=today,
        )
    ]
