"""Allow-listed filters of the list of public notices."""

from __future__ import annotations

import django_filters as filters

from conduct.choices import NoticeState
from conduct.models import CaseNotice


class NoticeFilter(filters.FilterSet):
    q = filters.CharFilter(label="标题", field_name="title", lookup_expr="icontains")
    state = filters.ChoiceFilter(label="状态", choices=NoticeState, empty_label="全部状态")

    class Meta:
        model = CaseNotice
        fields = ["q", "state"]
