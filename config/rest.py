"""What REST framework loads before its own views: who may call, and pages. It must not import them."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.models import User
from core.permissions import Public, allows, declared_rule


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
