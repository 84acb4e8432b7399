"""REST of the assessment: periods and results, read only, scoped like the pages."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from rest_framework import viewsets
from rest_framework.serializers import BaseSerializer

from assessment.models import Period, Result
from assessment.queries import periods, results
from assessment.serializers import OwnResultSerializer, PeriodSerializer, ResultSerializer
from core.models import User
from core.permissions import Permission, requires


class PeriodFilter(filters.FilterSet):
    class Meta:
        model = Period
        fields = ["kind", "state", "first_day"]


class ResultFilter(filters.FilterSet):
    period = filters.NumberFilter(field_name="run__period")
    version = filters.NumberFilter(field_name="run__number")

    class Meta:
        model = Result
        fields = ["period", "version", "unit", "cadre"]


@requires(Permission.VIEW_RESULTS)
class PeriodViewSet(viewsets.ReadOnlyModelViewSet[Period]):
    """Periods with their state."""

    serializer_class = PeriodSerializer
    filterset_class = PeriodFilter
    queryset = Period.objects.none()

    def get_queryset(self) -> QuerySet[Period]:
        assert isinstance(self.request.user, User)
        return periods.periods_visible_to(self.request.user)


@requires(Permission.VIEW_RESULTS)
class ResultViewSet(viewsets.ReadOnlyModelViewSet[Result]):
    """Results of finished runs within the caller's scope, each with its breakdown."""

    serializer_class = ResultSerializer
    filterset_class = ResultFilter
    queryset = Result.objects.none()

    def get_serializer_class(self) -> type[BaseSerializer[Result]]:
        user = self.request.user if self.request else None
        if isinstance(user, User) and results.sees_only_self(user):
            return OwnResultSerializer
        return ResultSerializer

    def get_queryset(self) -> QuerySet[Result]:
        assert isinstance(self.request.user, User)
        visible = results.results_visible_to(self.request.user).select_related("run__period", "run__scheme")
        return visible.order_by("-run__period__last_day", "-run_id", "order", "id")
