"""Allow-listed filters of the list of campaigns."""

from __future__ import annotations

import django_filters as filters

from conduct.choices import CampaignKind, CampaignState
from conduct.models import Campaign


class CampaignFilter(filters.FilterSet):
    q = filters.CharFilter(label="名称", field_name="title", lookup_expr="icontains")
    kind = filters.ChoiceFilter(label="类别", choices=CampaignKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=CampaignState, empty_label="全部状态")

    class Meta:
        model = Campaign
        fields = ["q", "kind", "state"]
