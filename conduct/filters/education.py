"""Allow-listed filters of the lists of education and commendations."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from conduct.choices import CommendationKind, CommendationState, EducationKind, EventState
from conduct.models import Commendation, EducationEvent
from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput
from core.models.people import person_matches

ALSO_CANCELLED = "ALL"


class EventFilter(ScopedFilterSet):
    """Topic, kind, host unit with everything below it, dates; what was cancelled only when asked for."""

    q = filters.CharFilter(label="主题", field_name="topic", lookup_expr="icontains")
    kind = filters.ChoiceFilter(label="类别", choices=EducationKind, empty_label="全部类别")
    unit = UnitChoiceFilter(label="组织单位（含下级）", field_name="host_unit", empty_label="全部单位")
    since = filters.DateFilter(label="日期起", field_name="on", lookup_expr="gte", widget=DateInput())
    until = filters.DateFilter(label="日期止", field_name="on", lookup_expr="lte", widget=DateInput())

    state = filters.ChoiceFilter(
        label="作废",
        method="also_cancelled",
        choices=[(EventState.CANCELLED.value, "只看已作废"), (ALSO_CANCELLED, "含已作废")],
        empty_label="不含已作废",
    )

    class Meta:
        model = EducationEvent
        fields = ["q", "kind", "unit", "since", "until", "state"]

    def filter_queryset(self, queryset: QuerySet[EducationEvent]) -> QuerySet[EducationEvent]:
        found: QuerySet[EducationEvent] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(state=EventState.RECORDED)

    def also_cancelled(
        self, queryset: QuerySet[EducationEvent], name: str, value: str
    ) -> QuerySet[EducationEvent]:
        return queryset if value == ALSO_CANCELLED else queryset.filter(state=value)


class CommendationFilter(filters.FilterSet):
    """Person or unit, kind, state, dates."""

    q = filters.CharFilter(label="人员或单位", method="matching")
    kind = filters.ChoiceFilter(label="类别", choices=CommendationKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=CommendationState, empty_label="全部状态")
    since = filters.DateFilter(label="日期起", field_name="on", lookup_expr="gte", widget=DateInput())
    until = filters.DateFilter(label="日期止", field_name="on", lookup_expr="lte", widget=DateInput())

    class Meta:
        model = Commendation
        fields = ["q", "kind", "state", "since", "until"]

    def matching(self, queryset: QuerySet[Commendation], name: str, value: str) -> QuerySet[Commendation]:
        return queryset.filter(person_matches(value, path="cadre__") | Q(unit__name__icontains=value.strip()))
