"""Allow-listed filters of the investment of all projects."""

from __future__ import annotations

from datetime import date

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from projects.choices import ProjectKind
from projects.models import KeyProject
from projects.queries import investment as queries
from projects.rules import investment as rules

YEARS_BACK = 6
REPORTED = (("NO", "应填未填"), ("YES", "已填"))


def months() -> list[tuple[str, list[tuple[str, str]]]]:
    """The months one may look at by year, the newest first."""
    today = timezone.localdate()
    return [
        (
            f"{year}年",
            [
                (f"{year}-{number:02}", f"{year}年{number}月")
                for number in range(today.month if year == today.year else 12, 0, -1)
            ],
        )
        for year in range(today.year, today.year - YEARS_BACK, -1)
    ]


class InvestmentFilter(ScopedFilterSet):
    """The month read (last month when none is chosen), name or number, kind, lead unit, reported or not."""

    month = filters.ChoiceFilter(label="月份", method="reading", choices=months, empty_label="上月")
    unit = UnitChoiceFilter(label="主办单位（含下级）", field_name="lead_unit", empty_label="全部单位")
    kind = filters.ChoiceFilter(label="类别", choices=ProjectKind, empty_label="全部类别")
    reported = filters.ChoiceFilter(label="当月填报", choices=REPORTED, method="having", empty_label="全部")
    q = filters.CharFilter(label="项目名称或编号", method="matching")

    class Meta:
        model = KeyProject
        fields = ["month", "unit", "kind", "reported", "q"]

    @property
    def month_read(self) -> date:
        """The first day of the month the page is of."""
        chosen = self.form.cleaned_data.get("month") if self.form.is_valid() else ""
        if not chosen:
            return rules.month_before(timezone.localdate())
        year, number = chosen.split("-")
        return date(int(year), int(number), 1)

    def reading(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        """The month chooses figures, not projects."""
        return queryset

    def having(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        month = self.month_read
        if value == "YES":
            return queryset.filter(queries.reported_in(month))
        return queryset.filter(queries.expected_in(month)).filter(~queries.reported_in(month))

    def matching(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(Q(name__icontains=value.strip()) | Q(code__istartswith=value.strip()))
