"""Django's admin, for catalogues and the schedule only, by role."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from core.models import User
from core.permissions import access_of


class CatalogueAdmin(AdminSite):
    site_header = site_title = "干部作风管理系统"
    index_title = "目录与定时计划"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not user.is_active or user.must_change_password:
            return False
        return bool(access_of(user).admin_models)
