"""Allow-listed filters of the list of supervision letters."""

from __future__ import annotations

import django_filters as filters
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from conduct.choices import ItemState, LetterState
from conduct.models import SupervisionLetter
from conduct.rules.letters import RUNNING, bracketed
from core.filters import ScopedFilterSet, UnitChoiceFilter

ORDERS = {
    "-recorded_at": ("拟稿时间 ↓", ("-recorded_at", "-id")),
    "recorded_at": ("拟稿时间 ↑", ("recorded_at", "id")),
    "-number": ("文号 ↓", (F("number_year").desc(nulls_last=True), F("serial").desc(nulls_last=True), "-id")),
}
PRESSING = [("overdue", "有逾期整改项"), ("open", "有未完成整改项")]


class LetterFilter(ScopedFilterSet):
    """Title or number, state, unit with everything below it, overdue; order from a closed list."""

    q = filters.CharFilter(label="标题或文号", method="matching")
    state = filters.ChoiceFilter(label="状态", choices=LetterState, empty_label="全部状态")
    unit = UnitChoiceFilter(label="主送单位（含下级）", empty_label="全部单位")
    pressing = filters.ChoiceFilter(
        label="整改进度", method="is_pressing", choices=PRESSING, empty_label="全部"
    )
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = SupervisionLetter
        fields = ["q", "state", "unit", "pressing", "order"]

    def matching(
        self, queryset: QuerySet[SupervisionLetter], name: str, value: str
    ) -> QuerySet[SupervisionLetter]:
        return queryset.filter(Q(title__icontains=value) | Q(number__icontains=bracketed(value)))

    def is_pressing(
        self, queryset: QuerySet[SupervisionLetter], name: str, value: str
    ) -> QuerySet[SupervisionLetter]:
        """Through the keys: a filter over the items would change what the list counts of them.

        Overdue is what has a red light: not answered in time, or so late that the check is still waited for.
        """
        wanted = Q(items__state=ItemState.OPEN)
        if value == "overdue":
            wanted &= Q(items__due_on__lt=timezone.localdate())
            wanted |= Q(
                items__state=ItemState.REPORTED,
                items__reports__result="",
                items__reports__reported_at__date__gt=F("items__due_on"),
            )
        found = SupervisionLetter.objects.filter(wanted, state__in=RUNNING)
        return queryset.filter(pk__in=found.order_by().values("pk"))

    def ordered(
        self, queryset: QuerySet[SupervisionLetter], name: str, value: str
    ) -> QuerySet[SupervisionLetter]:
        return queryset.order_by(*ORDERS[value][1])
