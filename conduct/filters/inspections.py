"""Allow-listed filters of the inspection lists."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from conduct.choices import InspectionOutcome, PlanOccasion, PlanState, VisitKind
from conduct.models import Inspection, InspectionPlan
from conduct.queries.inspections import plan_choices_all
from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput
from core.models import User

PLAN_ORDERS = {
    "-first_day": ("开始日期 ↓", ("-first_day", "-id")),
    "last_day": ("结束日期 ↑", ("last_day", "id")),
}
ORDERS = {
    "-on": ("检查日期 ↓", ("-on", "-id")),
    "on": ("检查日期 ↑", ("on", "id")),
}


class PlanFilter(filters.FilterSet):
    """Title, occasion, state; order from a closed list."""

    q = filters.CharFilter(label="计划名称", field_name="title", lookup_expr="icontains")
    occasion = filters.ChoiceFilter(label="时机", choices=PlanOccasion, empty_label="全部时机")
    state = filters.ChoiceFilter(label="状态", choices=PlanState, empty_label="全部状态")
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in PLAN_ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = InspectionPlan
        fields = ["q", "occasion", "state", "order"]

    def ordered(self, queryset: QuerySet[InspectionPlan], name: str, value: str) -> QuerySet[InspectionPlan]:
        return queryset.order_by(*PLAN_ORDERS[value][1])


class InspectionFilter(ScopedFilterSet):
    """Plan, unit with everything below it, kind, outcome, dates; order from a closed list."""

    unit = UnitChoiceFilter(label="受检单位（含下级）", empty_label="全部单位")
    outcome = filters.ChoiceFilter(label="结果", choices=InspectionOutcome, empty_label="全部结果")
    kind = filters.ChoiceFilter(label="方式", choices=VisitKind, empty_label="明察和暗访")
    plan = filters.ModelChoiceFilter(label="计划", empty_label="全部计划")
    since = filters.DateFilter(label="检查日期起", field_name="on", lookup_expr="gte", widget=DateInput())
    until = filters.DateFilter(label="检查日期止", field_name="on", lookup_expr="lte", widget=DateInput())
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = Inspection
        fields = ["unit", "outcome", "kind", "plan", "since", "until", "order"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.filters["plan"].queryset = plan_choices_all(user)

    def ordered(self, queryset: QuerySet[Inspection], name: str, value: str) -> QuerySet[Inspection]:
        return queryset.order_by(*ORDERS[value][1])
