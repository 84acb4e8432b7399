"""Allow-listed filters of the list of 六定 tasks."""

from __future__ import annotations

from datetime import timedelta

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.models import Unit
from core.models.people import person_matches
from core.queries import unit_ids_under
from projects.choices import AssignmentState
from projects.models import Assignment, AssignmentPerson
from projects.rules.assignments import WARN_DAYS

ORDERS = {
    "due_on": ("时限 ↑", ("due_on", "id")),
    "-due_on": ("时限 ↓", ("-due_on", "-id")),
    "project": ("项目", ("project__code", "due_on", "id")),
}
PRESSING = [("overdue", "已逾期"), ("soon", f"{WARN_DAYS} 天内到期"), ("open", "没有办完")]
COUNTED = (AssignmentState.ISSUED, AssignmentState.SIGNED)
"""States in which the clock runs: handed in and suspended tasks are not overdue."""


def pressing(kind: str) -> Q:
    """The condition behind a word of PRESSING, as the lights read it."""
    today = timezone.localdate()
    return {
        "overdue": Q(state__in=COUNTED, due_on__lt=today),
        "soon": Q(state__in=COUNTED, due_on__gte=today, due_on__lte=today + timedelta(days=WARN_DAYS)),
        "open": Q(state__in=(*COUNTED, AssignmentState.SUBMITTED, AssignmentState.SUSPENDED)),
    }[kind]


class LeadOrCoUnitFilter(UnitChoiceFilter):
    """A unit with everything below it, leading or co-operating."""

    def filter(self, qs: QuerySet[Assignment], value: Unit | None) -> QuerySet[Assignment]:
        if value is None:
            return qs
        units = unit_ids_under([value.pk])
        helped = Assignment.co_units.through.objects.filter(assignment=OuterRef("pk"), unit__in=units)
        return qs.filter(Q(lead_unit__in=units) | Q(Exists(helped)))


class AssignmentFilter(ScopedFilterSet):
    """Task or project, unit (lead or co-operating, with everything below), person, state, how pressing."""

    q = filters.CharFilter(label="任务或项目", method="matching")
    unit = LeadOrCoUnitFilter(label="主办、协办单位（含下级）", empty_label="全部单位")
    person = filters.CharFilter(label="人员（姓名、拼音或工号）", method="naming")
    state = filters.ChoiceFilter(label="状态", choices=AssignmentState, empty_label="全部状态")
    pressing = filters.ChoiceFilter(label="时限", method="is_pressing", choices=PRESSING, empty_label="全部")
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = Assignment
        fields = ["q", "unit", "person", "state", "pressing", "order"]

    def matching(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return queryset.filter(
            Q(title__icontains=value)
            | Q(duty__icontains=value)
            | Q(project__name__icontains=value)
            | Q(project__code__istartswith=value)
        )

    def naming(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        named = AssignmentPerson.objects.filter(person_matches(value, path="cadre__"))
        return queryset.filter(Exists(named.filter(assignment=OuterRef("pk"))))

    def is_pressing(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return queryset.filter(pressing(value))

    def ordered(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        return queryset.order_by(*ORDERS[value][1])
