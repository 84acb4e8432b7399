"""Error pages in the site's own words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.permissions import Public, requires


@requires(Public.ANYONE)
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """One answer for what does not exist and for what lies outside one's scope."""
    return render(request, "404.html", status=404)


@requires(Public.ANYONE)
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception)}, status=403)


@requires(Public.ANYONE)
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", {"reason": ""}, status=400)


@requires(Public.ANYONE)
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page stood open too long, or the form did not come from here."""
    message = "页面已失效（可能打开过久或在别处重新登录过）。请先返回上一页复制已填的内容，刷新后再提交。"
    return render(request, "403.html", {"reason": message}, status=403)
