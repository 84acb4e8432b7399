"""REST of violations and the 八不准."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from conduct.filters.violations import ViolationFilter
from conduct.models import Prohibition, Violation
from conduct.queries import violations as queries
from conduct.serializers.violations import (
    ProhibitionSerializer,
    ViolationSerializer,
    ViolationWriteSerializer,
)
from conduct.services import violations as services
from core.models import User
from core.permissions import Permission, Public, requires


@requires(Public.SIGNED_IN)
class ProhibitionViewSet(viewsets.ReadOnlyModelViewSet[Prohibition]):
    """The 八不准, every version."""

    serializer_class = ProhibitionSerializer
    queryset = Prohibition.objects.order_by("order", "key", "-effective_from", "id")


@requires(Permission.VIEW_VIOLATIONS)
class ViolationViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[Violation],
):
    """Violations within the caller's scope; logging one goes through the same service as the page."""

    write_rule = Permission.LOG_VIOLATIONS
    serializer_class = ViolationSerializer
    queryset = Violation.objects.none()

    def get_queryset(self) -> QuerySet[Violation]:
        assert isinstance(self.request.user, User)
        return queries.violations_visible_to(self.request.user).prefetch_related("handlings")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        assert isinstance(self.request.user, User)
        if self.action != "list":
            return queryset
        found: QuerySet[Any] = ViolationFilter(
            self.request.query_params, queryset=queryset, user=self.request.user
        ).qs
        return found

    @extend_schema(
        request=ViolationWriteSerializer, responses={201: ViolationSerializer, 200: ViolationSerializer}
    )
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        assert isinstance(request.user, User)
        form = ViolationWriteSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        violation, is_new = services.log_violation(by=request.user, at=timezone.now(), **form.validated_data)
        shown = ViolationSerializer(self.get_queryset().get(pk=violation.pk))
        return Response(shown.data, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
