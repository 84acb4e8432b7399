"""Allow-listed filters of the list of requests to change a plan."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from core.filters import ScopedFilterSet, UnitChoiceFilter
from projects.choices import ChangeState, PlanChangeKind
from projects.models import PlanChange


class PlanChangeFilter(ScopedFilterSet):
    """Project or node by name, lead unit with everything below it, kind, state."""

    q = filters.CharFilter(label="项目或节点", method="matching")
    unit = UnitChoiceFilter(
        label="主办单位（含下级）", field_name="milestone__project__lead_unit", empty_label="全部单位"
    )
    kind = filters.ChoiceFilter(label="变更", choices=PlanChangeKind, empty_label="全部")
    state = filters.ChoiceFilter(label="状态", choices=ChangeState, empty_label="全部状态")

    class Meta:
        model = PlanChange
        fields = ["q", "unit", "kind", "state"]

    def matching(self, queryset: QuerySet[PlanChange], name: str, value: str) -> QuerySet[PlanChange]:
        return queryset.filter(
            Q(milestone__project__name__icontains=value)
            | Q(milestone__project__code__istartswith=value)
            | Q(milestone__name__icontains=value)
        )
