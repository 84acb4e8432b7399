"""Allow-listed filters of the lists of site logs and frontline postings."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.forms import DateInput
from core.models.people import person_matches
from projects.choices import FrontlineState, SiteLogState
from projects.models import FrontlinePosting, SiteLog, SiteScene

STANDING = [("now", "在一线"), ("coming", "未开始"), ("over", "已结束"), ("WITHDRAWN", "已撤回")]


def _scenes() -> list[tuple[str, str]]:
    """Every scene there ever was, by the name it has now: old logs are found as well."""
    known = SiteScene.objects.order_by("order", "key", "effective_from", "id").values_list("key", "name")
    return list(dict(known).items())


class SiteLogFilter(ScopedFilterSet):
    """Words, scene, unit with everything below it, state, days."""

    q = filters.CharFilter(label="地点、内容或项目", method="matching")
    scene = filters.ChoiceFilter(label="现场", field_name="scene__key", choices=_scenes, empty_label="七现场")
    unit = UnitChoiceFilter(label="单位（含下级）", empty_label="全部单位")
    state = filters.ChoiceFilter(label="状态", choices=SiteLogState, empty_label="全部状态")
    since = filters.DateFilter(label="日期起", field_name="on", lookup_expr="gte", widget=DateInput())
    until = filters.DateFilter(label="日期止", field_name="on", lookup_expr="lte", widget=DateInput())

    class Meta:
        model = SiteLog
        fields = ["q", "scene", "unit", "state", "since", "until"]

    def matching(self, queryset: QuerySet[SiteLog], name: str, value: str) -> QuerySet[SiteLog]:
        words = value.strip()
        return queryset.filter(
            Q(place__icontains=words)
            | Q(what__icontains=words)
            | Q(project__name__icontains=words)
            | Q(project__code__iexact=words)
        )


class FrontlineFilter(ScopedFilterSet):
    """Person, unit with everything below it, what a posting is today."""

    q = filters.CharFilter(label="姓名、拼音或工号", method="matching")
    unit = UnitChoiceFilter(label="派出单位（含下级）", empty_label="全部单位")
    state = filters.ChoiceFilter(label="状态", choices=STANDING, method="standing", empty_label="全部状态")

    class Meta:
        model = FrontlinePosting
        fields = ["q", "unit", "state"]

    def matching(
        self, queryset: QuerySet[FrontlinePosting], name: str, value: str
    ) -> QuerySet[FrontlinePosting]:
        return queryset.filter(person_matches(value, path="cadre__"))

    def standing(
        self, queryset: QuerySet[FrontlinePosting], name: str, value: str
    ) -> QuerySet[FrontlinePosting]:
        if value == FrontlineState.WITHDRAWN:
            return queryset.filter(state=value)
        today = timezone.localdate()
        valid = queryset.filter(state=FrontlineState.RECORDED)
        if value == "coming":
            return valid.filter(start_on__gt=today)
        if value == "over":
            return valid.filter(end_on__lt=today)
        return valid.filter(Q(end_on=None) | Q(end_on__gte=today), start_on__lte=today)
