"""What REST framework loads before its own views: who may call, and pages. It must not import them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.models import User
from core.permissions import Public, allows, declared_rule

TOKEN_DAYS = 30


class ExpiringToken(TokenAuthentication):
    """A token works for TOKEN_DAYS, and for a demo account only while DEBUG is on."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        user, token = super().authenticate_credentials(key)
        if user.is_demo and not settings.DEBUG:
            raise AuthenticationFailed("演示账号已停用。")
        if timezone.now() - token.created > timedelta(days=TOKEN_DAYS):
            raise AuthenticationFailed("令牌已过期，请重新登录获取（POST /api/token/）。")
        return user, token


class AccessPermission(BasePermission):
    """The same declarations as the pages; writing may ask for another permission (`write_rule`)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        safe = request.method in {"GET", "HEAD", "OPTIONS"}
        rule = declared_rule(view) if safe else getattr(view, "write_rule", declared_rule(view))
        if isinstance(request.user, User) and request.user.must_change_password:
            return rule is Public.ANYONE
        return allows(rule, request.user)


class Pages(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 200
