"""Allow-listed filters of dispatch meetings and of what they decided."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from projects.choices import DecisionState, DispatchKind, DispatchState
from projects.models import DispatchDecision, DispatchMeeting
from projects.queries.dispatch import unkept


class DispatchFilter(filters.FilterSet):
    """Kind and state of meetings."""

    kind = filters.ChoiceFilter(label="类别", choices=DispatchKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=DispatchState, empty_label="全部状态")

    class Meta:
        model = DispatchMeeting
        fields = ["kind", "state"]


class DecisionFilter(ScopedFilterSet):
    """Words, unit with everything below it, state, overdue only."""

    q = filters.CharFilter(label="事项或项目名称", method="matching")
    unit = UnitChoiceFilter(label="责任单位（含下级）", empty_label="全部单位")
    state = filters.ChoiceFilter(label="状态", choices=DecisionState, empty_label="全部状态")
    late = filters.ChoiceFilter(
        label="期限", choices=[("1", "逾期未落实")], method="being_late", empty_label="不限"
    )

    class Meta:
        model = DispatchDecision
        fields = ["q", "unit", "state", "late"]

    def matching(
        self, queryset: QuerySet[DispatchDecision], name: str, value: str
    ) -> QuerySet[DispatchDecision]:
        words = value.strip()
        return queryset.filter(Q(what__icontains=words) | Q(project__name__icontains=words))

    def being_late(
        self, queryset: QuerySet[DispatchDecision], name: str, value: str
    ) -> QuerySet[DispatchDecision]:
        return queryset.filter(unkept(), due_on__lt=timezone.localdate())
