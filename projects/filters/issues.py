"""Allow-listed filters of the list of project issues."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput
from projects.choices import IssueKind, IssueState
from projects.models import ProjectIssue
from projects.rules.issues import LIVE

STATES = [("live", "未解决"), ("overdue", "已逾期"), *IssueState.choices]
ORDERS = {
    "-raised_on": ("提出日期 ↓", ("-raised_on", "-id")),
    "raised_on": ("提出日期 ↑", ("raised_on", "id")),
    "due_on": ("时限 ↑", ("due_on", "id")),
}


class IssueFilter(ScopedFilterSet):
    """Words of the issue, project, owner unit with everything below it, kind, state, when it was raised."""

    q = filters.CharFilter(label="问题或项目", method="matching")
    unit = UnitChoiceFilter(label="责任单位（含下级）", field_name="owner_unit", empty_label="全部单位")
    kind = filters.ChoiceFilter(label="类别", choices=IssueKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=STATES, method="standing", empty_label="全部状态")
    since = filters.DateFilter(
        label="提出日期起", field_name="raised_on", lookup_expr="gte", widget=DateInput()
    )
    until = filters.DateFilter(
        label="提出日期止", field_name="raised_on", lookup_expr="lte", widget=DateInput()
    )
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = ProjectIssue
        fields = ["q", "unit", "kind", "state", "since", "until", "order"]

    def matching(self, queryset: QuerySet[ProjectIssue], name: str, value: str) -> QuerySet[ProjectIssue]:
        words = value.strip()
        return queryset.filter(
            Q(title__icontains=words) | Q(project__name__icontains=words) | Q(project__code__iexact=words)
        )

    def standing(self, queryset: QuerySet[ProjectIssue], name: str, value: str) -> QuerySet[ProjectIssue]:
        if value not in {"live", "overdue"}:
            return queryset.filter(state=value)
        live = queryset.filter(state__in=LIVE)
        return live if value == "live" else live.filter(due_on__lt=timezone.localdate())

    def ordered(self, queryset: QuerySet[ProjectIssue], name: str, value: str) -> QuerySet[ProjectIssue]:
        return queryset.order_by(*ORDERS[value][1])
