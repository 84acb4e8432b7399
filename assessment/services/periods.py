"""Opening periods."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from assessment.choices import CATCH_UP, PeriodKind
from assessment.models import Period, Scheme
from assessment.rules import periods as calendar
from core.models import User
from core.services import audit


@transaction.atomic
def open_period(*, kind: PeriodKind, on: date, by: User | None, at: datetime) -> Period:
    """The period of `kind` that holds the day `on`, opened for collecting when it did not exist yet."""
    span = calendar.span_containing(kind, on)
    period, created = Period.objects.get_or_create(
        kind=kind, first_day=span.first_day, defaults={"last_day": span.last_day, "opened_at": at}
    )
    if created:
        after = {"kind": kind, "first_day": span.first_day, "last_day": span.last_day}
        audit.record(action="建立考核周期", target=period, by=by, at=at, after=after)
    return period


def ensure_periods(*, on: date, at: datetime) -> None:
    """Open what should exist by the day `on`, of each kind that has a scheme in force.

    That is the current period, and every one since the earliest that was ever opened, so that a clock
    that stood still for months leaves no gap; no further back than the CATCH_UP of the kind.
    """
    for kind in PeriodKind:
        if not Scheme.objects.in_force(on).filter(kind=kind).exists():
            continue
        current = calendar.span_containing(kind, on)
        known = set(Period.objects.filter(kind=kind).values_list("first_day", flat=True))
        wanted = [current]
        while len(wanted) <= CATCH_UP[kind] and min(known, default=current.first_day) < wanted[-1].first_day:
            wanted.append(calendar.span_before(wanted[-1]))
        for span in reversed(wanted):
            if span.first_day not in known:
                open_period(kind=kind, on=span.first_day, by=None, at=at)
