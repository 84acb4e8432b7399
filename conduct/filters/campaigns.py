"""Allow-listed filters of the list of campaigns."""

from __future__ import annotations

from datetime import timedelta

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from conduct.choices import CampaignKind, CampaignState
from conduct.models import Campaign
from conduct.queries.campaigns import open_rounds
from core.filters import ScopedFilterSet
from core.permissions import Permission

LATE = "1"


class CampaignFilter(ScopedFilterSet):
    q = filters.CharFilter(label="名称", field_name="title", lookup_expr="icontains")
    kind = filters.ChoiceFilter(label="类别", choices=CampaignKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=CampaignState, empty_label="全部状态")
    late = filters.ChoiceFilter(
        label="调度和检查", method="in_arrears", choices=[(LATE, "有单位逾期未完成")], empty_label="全部"
    )

    class Meta:
        model = Campaign
        fields = ["q", "kind", "state", "late"]

    def in_arrears(self, queryset: QuerySet[Campaign], name: str, value: str) -> QuerySet[Campaign]:
        yesterday = timezone.localdate() - timedelta(days=1)
        late = open_rounds(self.user, Permission.VIEW_CAMPAIGNS, due_by=yesterday)
        return queryset.filter(pk__in=late.order_by().values("campaign"))
