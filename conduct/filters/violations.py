"""Allow-listed filters of the violation list."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from conduct.choices import Finding, ViolationState
from conduct.models import Violation
from conduct.queries.violations import numbered, prohibition_choices
from conduct.rules import violations as rules
from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput
from core.models.people import person_matches

ORDERS = {
    "-occurred_on": ("发生日期 ↓", ("-occurred_on", "-id")),
    "occurred_on": ("发生日期 ↑", ("occurred_on", "id")),
    "-recorded_at": ("登记时间 ↓", ("-recorded_at", "-id")),
}

COUNTED = "COUNTED"
"""属实 or 部分属实: what counts against somebody."""


class ViolationFilter(ScopedFilterSet):
    """Person or number, rule, state, unit with everything below it, dates; order from a closed list."""

    q = filters.CharFilter(label="姓名、拼音或工号", method="matching")
    prohibition = filters.ChoiceFilter(
        label="条款", method="of_rule", choices=prohibition_choices, empty_label="全部条款"
    )
    state = filters.ChoiceFilter(label="状态", choices=ViolationState, empty_label="全部状态")
    finding = filters.ChoiceFilter(
        label="认定结论",
        method="found",
        choices=[(COUNTED, "属实或部分属实"), *Finding.choices],
        empty_label="全部结论",
    )
    unit = UnitChoiceFilter(label="时任单位（含下级）", empty_label="全部单位")
    since = filters.DateFilter(
        label="发生日期起", field_name="occurred_on", lookup_expr="gte", widget=DateInput()
    )
    until = filters.DateFilter(
        label="发生日期止", field_name="occurred_on", lookup_expr="lte", widget=DateInput()
    )
    decided_since = filters.DateFilter(
        label="认定日期起", field_name="decided_on", lookup_expr="gte", widget=DateInput()
    )
    decided_until = filters.DateFilter(
        label="认定日期止", field_name="decided_on", lookup_expr="lte", widget=DateInput()
    )
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = Violation
        fields = [
            "q", "prohibition", "state", "finding", "unit", "since", "until", "decided_since",
            "decided_until", "order",
        ]  # fmt: skip

    def matching(self, queryset: QuerySet[Violation], name: str, value: str) -> QuerySet[Violation]:
        return queryset.filter(person_matches(value, path="cadre__") | numbered(value))

    def found(self, queryset: QuerySet[Violation], name: str, value: str) -> QuerySet[Violation]:
        return queryset.filter(finding__in=rules.COUNTED if value == COUNTED else [value])

    def of_rule(self, queryset: QuerySet[Violation], name: str, value: str) -> QuerySet[Violation]:
        return queryset.filter(prohibition__key=value)

    def ordered(self, queryset: QuerySet[Violation], name: str, value: str) -> QuerySet[Violation]:
        return queryset.order_by(*ORDERS[value][1])
