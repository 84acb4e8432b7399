"""Allow-listed filters of the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from assessment.models import Result, Run
from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.models import User
from core.models.people import person_matches

ORDERS = {
    "district": ("全区名次", ("order", "id")),
    "unit": ("单位及单位名次", ("unit__order", "unit_id", "rank_in_unit", "order", "id")),
    "staff": ("工号", ("cadre__staff_no", "id")),
}


def _name(run: Run) -> str:
    return f"{run}（预核算）" if run.provisional else str(run)


class RankingFilter(ScopedFilterSet):
    """Run, person, unit of that day with everything below it; order from a closed list."""

    run = filters.ChoiceFilter(label="周期", method="already_chosen", choices=())
    q = filters.CharFilter(label="姓名、拼音或工号", method="matching")
    unit = UnitChoiceFilter(label="单位（含下级）", empty_label="全部单位")
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(k, label) for k, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = Result
        fields = ["run", "q", "unit", "order"]

    def __init__(self, *args: Any, user: User, runs: Sequence[Run], newest: Run, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        extra = self.filters["run"].extra
        extra["empty_label"] = f"最新：{_name(newest)}"
        extra["choices"] = [(str(run.pk), _name(run)) for run in runs]

    def already_chosen(self, queryset: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:
        """The view has chosen the run; its results are what is filtered here."""
        return queryset

    def matching(self, queryset: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:
        return queryset.filter(person_matches(value, path="cadre__"))

    def ordered(self, queryset: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:
        return queryset.order_by(*ORDERS[value][1])

    @property
    def in_words(self) -> dict[str, str]:
        """What the list is limited to, for the head of an export and its audit row."""
        data = self.form.cleaned_data if self.form.is_valid() else {}
        words = {"单位": str(data.get("unit") or ""), "查找": str(data.get("q") or "").strip()}
        return {label: value for label, value in words.items() if value}
