"""REST of the core, and how every API class explains an error."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from core.filters import CadreFilter
from core.models import Cadre, Unit, User
from core.permissions import Permission, Public, requires
from core.queries import cadres_visible_to, units_visible_to
from core.rules.errors import DomainError, NotAllowed, StaleVersion
from core.serializers import CadreSerializer, TokenSerializer, UnitSerializer


def explain(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Broken rules as JSON with the field at fault; a row outside one's scope is a 404 like any other."""
    if isinstance(exception, StaleVersion):
        return Response({"detail": exception.message}, status=status.HTTP_409_CONFLICT)
    if isinstance(exception, NotAllowed):
        exception = PermissionDenied(exception.message)
    elif isinstance(exception, DomainError):
        return Response(
            {exception.field or "detail": [exception.message]}, status=status.HTTP_400_BAD_REQUEST
        )
    elif isinstance(exception, ObjectDoesNotExist):
        exception = NotFound()
    if isinstance(exception, Http404):
        exception = NotFound()  # in our words, and not naming what was looked for
    return exception_handler(exception, context)


@requires(Public.ANYONE)
class TokenView(APIView):
    """Sign in for a token, to be sent as `Authorization: Token …`. Failed attempts lock as on the page."""

    authentication_classes = ()

    @extend_schema(request=AuthTokenSerializer, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        form = AuthTokenSerializer(data=request.data, context={"request": request._request})
        form.is_valid(raise_exception=True)
        user = form.validated_data["user"]
        if user.must_change_password:
            raise PermissionDenied("请先在页面登录并修改临时密码。")
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})


@requires(Permission.VIEW_CADRES)
class UnitViewSet(viewsets.ReadOnlyModelViewSet[Unit]):
    """Units the caller may see."""

    serializer_class = UnitSerializer
    queryset = Unit.objects.none()

    def get_queryset(self) -> QuerySet[Unit]:
        assert isinstance(self.request.user, User)
        return units_visible_to(self.request.user).order_by("order", "id")


@requires(Permission.VIEW_CADRES)
class CadreViewSet(viewsets.ReadOnlyModelViewSet[Cadre]):
    """Cadres the caller may see."""

    serializer_class = CadreSerializer
    queryset = Cadre.objects.none()

    def get_queryset(self) -> QuerySet[Cadre]:
        assert isinstance(self.request.user, User)
        return cadres_visible_to(self.request.user)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        assert isinstance(self.request.user, User)
        found: QuerySet[Any] = CadreFilter(
            self.request.query_params, queryset=queryset, user=self.request.user
        ).qs
        return found
