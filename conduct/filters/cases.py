"""Allow-listed filters of the case ledger."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from conduct.choices import HandlingForm
from conduct.models import CaseRecord
from conduct.queries.cases import region_choices, year_choices
from conduct.queries.violations import prohibition_choices

OUTSIDE = "-"
ORDERS = {
    "code": ("案例号 ↑", ("code",)),
    "-handled": ("处理时间 ↓", ("-handled_year", "-handled_month", "code")),
    "-persons": ("涉及人数 ↓", ("-persons", "code")),
}


def class_choices() -> list[tuple[str, str]]:
    """The rules in force, and what falls under none of them."""
    return [*prohibition_choices(), (OUTSIDE, "不属八不准")]


class CaseFilter(filters.FilterSet):
    q = filters.CharFilter(label="行为、身份、来源或案例号", method="matching")
    rule = filters.ChoiceFilter(label="归类", method="of_rule", choices=class_choices, empty_label="全部归类")
    form = filters.ChoiceFilter(label="处理形态", choices=HandlingForm, empty_label="全部形态")
    region = filters.ChoiceFilter(
        label="地区",
        field_name="region",
        lookup_expr="startswith",
        choices=region_choices,
        empty_label="全部地区",
    )
    year = filters.ChoiceFilter(
        label="处理年份", field_name="handled_year", choices=year_choices, empty_label="全部年份"
    )
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = CaseRecord
        fields = ["q", "rule", "form", "region", "year", "order"]

    def matching(self, queryset: QuerySet[CaseRecord], name: str, value: str) -> QuerySet[CaseRecord]:
        text = value.strip()
        return queryset.filter(
            Q(facts__contains=text)
            | Q(identity__contains=text)
            | Q(unit_type__contains=text)
            | Q(code__iexact=text)
            | Q(source__iexact=text)
        )

    def of_rule(self, queryset: QuerySet[CaseRecord], name: str, value: str) -> QuerySet[CaseRecord]:
        return queryset.filter(prohibition_key="" if value == OUTSIDE else value)

    def ordered(self, queryset: QuerySet[CaseRecord], name: str, value: str) -> QuerySet[CaseRecord]:
        return queryset.order_by(*ORDERS[value][1])
