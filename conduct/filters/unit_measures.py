"""Allow-listed filters of the list of unit measures."""

from __future__ import annotations

from datetime import date

import django_filters as filters
from django.db.models import Q, QuerySet

from conduct.choices import UnitMeasureKind, UnitMeasureState
from conduct.models import UnitMeasure
from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput

ORDERS = {
    "-first_day": ("起始日期 ↓", ("-first_day", "-id")),
    "first_day": ("起始日期 ↑", ("first_day", "id")),
    "last_day": ("截止日期 ↑", ("last_day", "id")),
}


class UnitMeasureFilter(ScopedFilterSet):
    """Unit with everything below it, kind, state, a day the period covers; order from a closed list."""

    unit = UnitChoiceFilter(label="单位（含下级）", empty_label="全部单位")
    kind = filters.ChoiceFilter(label="处理方式", choices=UnitMeasureKind, empty_label="全部方式")
    state = filters.ChoiceFilter(label="状态", choices=UnitMeasureState, empty_label="全部状态")
    on = filters.DateFilter(label="期限包含这一天", method="covering", widget=DateInput())
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = UnitMeasure
        fields = ["unit", "kind", "state", "on", "order"]

    def covering(self, queryset: QuerySet[UnitMeasure], name: str, value: date) -> QuerySet[UnitMeasure]:
        period = Q(last_day__gte=value) | Q(last_day=None, first_day=value)
        return queryset.filter(period, first_day__lte=value)

    def ordered(self, queryset: QuerySet[UnitMeasure], name: str, value: str) -> QuerySet[UnitMeasure]:
        return queryset.order_by(*ORDERS[value][1])
