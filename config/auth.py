"""Sign-in against accounts; what Django's admin asks is answered from the same roles as everything else."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from core.models import RoleGrant, User
from core.permissions import access_of


def client_address(request: HttpRequest) -> str:
    """Whom failed sign-ins are counted for: behind the proxy the address it saw, the last one it appended."""
    if settings.BEHIND_PROXY:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


class Backend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The active account of this name and password.

        An unknown name costs as much time as a wrong password. A demo account is refused when DEBUG is off.
        """
        if username is None or password is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            make_password(password)
            return None
        if not check_password(password, user.password, setter=None) or not user.is_active:
            return None
        return None if user.is_demo and not settings.DEBUG else user

    def get_user(self, user_id: int) -> User | None:
        """The account with its grants in force, in one statement when it has any."""
        today = timezone.localdate()
        grants = list(RoleGrant.objects.in_force(today).filter(user_id=user_id).select_related("user"))
        user = grants[0].user if grants else User.objects.filter(pk=user_id).first()
        if user is None or not user.is_active or (user.is_demo and not settings.DEBUG):
            return None
        user.grants_in_force = grants  # type: ignore[attr-defined]
        return user

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """`app.action_model` as Django's admin names it; deleting is nobody's right, entries are retired."""
        app, _, name = perm.partition(".")
        action, _, model = name.partition("_")
        return action in {"view", "change", "add"} and f"{app}.{model}" in access_of(user_obj).admin_models

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(label.partition(".")[0] == app_label for label in access_of(user_obj).admin_models)
