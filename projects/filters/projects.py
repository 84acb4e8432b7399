"""Allow-listed filters of the project list."""

from __future__ import annotations

from datetime import date, timedelta

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.filters import ScopedFilterSet, UnitChoiceFilter
from projects.choices import Light, ProjectKind
from projects.models import KeyProject, Milestone
from projects.queries.projects import resting_projects
from projects.rules.milestones import WARN_DAYS


def _having(light: str, today: date) -> Q:
    """Projects whose worst milestone shows this light, as `rules.milestones.project_light` reads it."""
    own = Milestone.objects.filter(project=OuterRef("pk"))
    live = own.filter(done_on=None, suspended_reason="")
    unfinished = live.filter(progress__lt=100)
    timed = ~resting_projects(today)
    red = Q(Exists(unfinished.filter(planned_on__lt=today))) & timed
    horizon = today + timedelta(days=WARN_DAYS)
    soon = unfinished.filter(planned_on__gte=today, planned_on__lte=horizon)
    yellow = (Q(Exists(soon)) | Q(Exists(live.filter(progress=100)))) & timed
    far = unfinished.filter(planned_on__gt=horizon)
    green = (Q(Exists(far)) & timed) | Q(Exists(own.exclude(done_on=None)))
    return {
        Light.RED: red,
        Light.YELLOW: yellow & ~red,
        Light.GREEN: green & ~red & ~yellow,
        Light.GREY: ~green & ~red & ~yellow,
    }[Light(light)]


class ProjectFilter(ScopedFilterSet):
    """Name, number or words of the content; kind; lead unit with everything below it; light."""

    q = filters.CharFilter(label="项目名称或编号", method="matching")
    kind = filters.ChoiceFilter(label="类别", choices=ProjectKind, empty_label="全部类别")
    unit = UnitChoiceFilter(label="主办单位（含下级）", field_name="lead_unit", empty_label="全部单位")
    light = filters.ChoiceFilter(label="灯色", choices=Light, method="showing", empty_label="全部")

    class Meta:
        model = KeyProject
        fields = ["q", "kind", "unit", "light"]

    def matching(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(
            Q(name__icontains=value) | Q(code__istartswith=value) | Q(content__icontains=value)
        )

    def showing(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(_having(value, timezone.localdate()))
