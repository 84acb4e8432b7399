"""What stands before every view: idle sessions end, access rules are enforced, broken rules are explained."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from core.models import User
from core.permissions import Public, allows, declared_rule
from core.rules.errors import DomainError, NotAllowed

GetResponse = Callable[[HttpRequest], HttpResponse]

# Third-party views that guard themselves: Django's admin asks `CatalogueAdmin.has_permission`, the API
# asks `config.rest.AccessPermission`, and static files are public.
SELF_GUARDED = ("/admin/", "/api/", "/static/")
SECRET = re.compile("csrfmiddlewaretoken|password|again")
"""Form fields that are never sent back to the browser."""
TOUCH_EVERY = 60
"""Seconds between writes of the last-seen mark, so that reading pages does not write the session."""


def _came_from(request: HttpRequest) -> str:
    """The page of this site that the request came from, "" when there is none."""
    page = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if own else ""


class SessionIdleMiddleware:
    """Ends a session that was idle for SESSION_IDLE_SECONDS, and any after SESSION_COOKIE_AGE."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get("seen", now)
            since = request.session.get("since", now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - since > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen > TOUCH_EVERY or "seen" not in request.session:
                request.session["seen"] = now
                request.session.setdefault("since", now)
        return self.get_response(request)


class AccessMiddleware:
    """Deny by default: a view that declares no rule answers 403 to everybody.

    Nobody signed in: a page asks to sign in, a partial swap sends the whole page there, and a form
    that was being sent is kept and offered again after sign-in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None:
            # The site's own page also where DEBUG would list the routes.
            response = render(request, "404.html", status=404)
        if isinstance(response, HttpResponseNotAllowed) and not request.path.startswith(SELF_GUARDED):
            page = render(request, "405.html", {"came_from": _came_from(request)}, status=405)
            page["Allow"] = response["Allow"]
            response = page
        patch_vary_headers(response, ["HX-Request"])
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith(SELF_GUARDED):
            return None
        rule = declared_rule(view)
        if rule is Public.ANYONE:
            return None
        user = request.user
        if not isinstance(user, User):
            return self._ask_to_sign_in(request)
        if user.must_change_password and request.resolver_match is not None:
            allowed = {"core:password-change", "core:sign-out"}
            if request.resolver_match.view_name not in allowed:
                return redirect("core:password-change")
        if not allows(rule, user):
            raise PermissionDenied("您的角色没有这项权限。如工作需要，请联系安全管理员授权。")
        return None

    def _ask_to_sign_in(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("HX-Request"):
            here = request.headers.get("HX-Current-URL", "/")
            response = HttpResponse(status=401)
            response["HX-Redirect"] = (
                f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here, 'expired': 1})}"
            )
            return response
        if request.method == "POST":
            typed = request.POST.lists()
            kept = [(name, value) for name, values in typed if not SECRET.search(name) for value in values]
            context = {"kept": kept, "next": request.get_full_path(), "has_files": bool(request.FILES)}
            return render(request, "core/session_expired.html", context, status=401)
        return redirect_to_login(request.get_full_path(), reverse(settings.LOGIN_URL))


class DomainErrorMiddleware:
    """A rule broken outside a form: 403 with its sentence, or back to where one came from with a message."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith(SELF_GUARDED):
            return None
        if isinstance(exception, Http404):
            return render(request, "404.html", status=404)
        if not isinstance(exception, DomainError):
            return None
        if isinstance(exception, NotAllowed):
            return render(request, "403.html", {"reason": exception.message}, status=403)
        if request.method == "POST" and not request.headers.get("HX-Request"):
            messages.error(request, exception.message)
            return redirect(_came_from(request) or "workbench")
        return render(request, "400.html", {"reason": exception.message}, status=400)
