"""Who is scored: everybody in post on a day, in the unit of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from core.models import Posting


@dataclass(frozen=True, slots=True)
class Person:
    """One cadre as of a day; codes mean the same in every database."""

    cadre_id: int
    staff_no: str
    unit_id: int
    unit_code: str
    establishment: str


def postings_on(day: date) -> QuerySet[Posting]:
    """The postings of `day` of everybody in service on it."""
    in_service = Q(cadre__joined_on__lte=day) & (Q(cadre__left_on=None) | Q(cadre__left_on__gte=day))
    return Posting.objects.covering(day).filter(in_service)


def roster_on(day: date) -> list[Person]:
    """Everybody in service with a post on `day`, once each, by unit code and staff number. One query."""
    fields = ("cadre_id", "cadre__staff_no", "unit_id", "unit__code", "establishment")
    rows = postings_on(day).order_by("start_on", "id").values_list(*fields)
    # Postings that overlap by a slip of the import: the one begun last counts, as on the person's page.
    latest = {row[0]: Person(*row) for row in rows}
    return sorted(latest.values(), key=lambda person: (person.unit_code, person.staff_no))
