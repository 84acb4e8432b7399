"""Allow-listed filters of the clue list."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from conduct.choices import ClueChannel, ClueState
from conduct.models import Clue
from conduct.queries.clues import office
from core.forms import DateInput
from core.models import User
from core.permissions import Permission

ORDERS = {
    "-received_on": ("收到日期 ↓", ("-received_on", "-id")),
    "received_on": ("收到日期 ↑", ("received_on", "id")),
    "due_on": ("期限 ↑", ("due_on", "id")),
}


def officers(request: Any) -> QuerySet[User]:
    """Handlers to choose from."""
    return office(Permission.HANDLE_CLUES, on=timezone.localdate())


class ClueFilter(filters.FilterSet):
    """Title or number, channel, state, handler, dates, overdue; order from a closed list."""

    q = filters.CharFilter(label="事项或线索号", method="matching")
    channel = filters.ChoiceFilter(label="来源渠道", choices=ClueChannel, empty_label="全部渠道")
    state = filters.ChoiceFilter(label="状态", choices=ClueState, empty_label="全部状态")
    handler = filters.ModelChoiceFilter(label="承办人", queryset=officers, empty_label="全部承办人")
    since = filters.DateFilter(
        label="收到日期起", field_name="received_on", lookup_expr="gte", widget=DateInput()
    )
    until = filters.DateFilter(
        label="收到日期止", field_name="received_on", lookup_expr="lte", widget=DateInput()
    )
    late = filters.ChoiceFilter(
        label="期限", method="overdue", choices=[("1", "只看逾期")], empty_label="不限"
    )
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = Clue
        fields = ["q", "channel", "state", "handler", "since", "until", "late", "order"]

    def matching(self, queryset: QuerySet[Clue], name: str, value: str) -> QuerySet[Clue]:
        return queryset.filter(Q(title__icontains=value) | Q(number__icontains=value.strip()))

    def overdue(self, queryset: QuerySet[Clue], name: str, value: str) -> QuerySet[Clue]:
        return queryset.filter(due_on__lt=timezone.localdate())

    def ordered(self, queryset: QuerySet[Clue], name: str, value: str) -> QuerySet[Clue]:
        return queryset.order_by(*ORDERS[value][1])
