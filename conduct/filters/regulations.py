"""Allow-listed filters of the library of regulations."""

from __future__ import annotations

from datetime import date

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from conduct.choices import RegulationKind
from conduct.models import Clause, Regulation
from core.forms import DateInput

STANDINGS = (("now", "施行中"), ("gone", "已停用"), ("coming", "未施行"))


class RegulationFilter(filters.FilterSet):
    """Words of name, number or any clause; kind; in force on a chosen day; standing today."""

    q = filters.CharFilter(label="名称、文号或条文", method="matching")
    kind = filters.ChoiceFilter(label="类别", choices=RegulationKind, empty_label="全部类别")
    on = filters.DateFilter(label="在这一天施行", method="in_force", widget=DateInput())
    standing = filters.ChoiceFilter(
        label="状态", method="standing_today", choices=STANDINGS, empty_label="全部状态"
    )

    class Meta:
        model = Regulation
        fields = ["q", "kind", "on", "standing"]

    def matching(self, queryset: QuerySet[Regulation], name: str, value: str) -> QuerySet[Regulation]:
        text = value.strip()
        in_clauses = Clause.objects.filter(Q(name__icontains=text) | Q(description__icontains=text))
        return queryset.filter(
            Q(name__icontains=text)
            | Q(doc_no__icontains=text)
            | Q(key__in=in_clauses.order_by().values("regulation_key"))
        )

    def in_force(self, queryset: QuerySet[Regulation], name: str, value: date) -> QuerySet[Regulation]:
        return queryset.filter(effective_from__lte=value).filter(Q(retired_on=None) | Q(retired_on__gt=value))

    def standing_today(self, queryset: QuerySet[Regulation], name: str, value: str) -> QuerySet[Regulation]:
        today = timezone.localdate()
        if value == "gone":
            return queryset.filter(retired_on__lte=today)
        if value == "coming":
            return queryset.filter(effective_from__gt=today)
        return self.in_force(queryset, name, today)
