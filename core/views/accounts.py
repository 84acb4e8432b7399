"""Signing in and out, passwords, accounts and grants."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.forms import AccountForm, GrantForm, PasswordForm, SignInForm, TemporaryPasswordForm, submit
from core.models import RoleGrant
from core.permissions import ROLES, Permission, Public, SignedInRequest, requires
from core.queries import accounts, grants_by_account
from core.services import accounts as service
from core.services import audit


def _next(request: HttpRequest) -> str:
    """Where to go after sign-in: only a page of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else ""


@requires(Public.ANYONE)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. A form that an expired session interrupted comes along and is offered again."""
    if request.user.is_authenticated and request.method == "GET":
        return redirect("workbench")
    kept = [(k[5:], v) for k, values in request.POST.lists() if k.startswith("kept:") for v in values]
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        audit.note_read(what="登录", detail={}, by=form.get_user(), at=timezone.now())
        target = _next(request)
        if kept and target:
            return render(request, "core/resume_form.html", {"kept": kept, "target": target})
        return redirect(target or "workbench")
    context = {"form": form, "next": _next(request), "kept": kept, "expired": "expired" in request.GET}
    return render(request, "core/sign_in.html", context, status=200)


@requires(Public.ANYONE)
def locked_out(request: HttpRequest, credentials: dict[str, str] | None = None, *_: object) -> HttpResponse:
    """Five wrong passwords: wait a quarter of an hour."""
    return render(request, "core/locked_out.html", status=429)


@requires(Public.SIGNED_IN)
@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    audit.note_read(what="退出", detail={}, by=request.user, at=timezone.now())
    logout(request)
    return redirect("core:sign-in")


@requires(Public.SIGNED_IN)
def password_change(request: SignedInRequest) -> HttpResponse:
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = submit(
            form,
            service.change_password,
            user=request.user,
            password=form.cleaned_data["new_password"],
            at=timezone.now(),
        )
        if done:
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改。")
            return redirect("workbench")
    return render(
        request, "core/password_change.html", {"form": form, "forced": request.user.must_change_password}
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(accounts(search=request.GET.get("q", "")), 50).get_page(request.GET.get("page"))
    template = (
        "core/account_list.html#table" if request.headers.get("HX-Request") else "core/account_list.html"
    )
    return render(request, template, {"page": page, "q": request.GET.get("q", "")})


@requires(Permission.MANAGE_ACCOUNTS)
def account_create(request: SignedInRequest) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = submit(form, service.create_account, by=request.user, at=timezone.now(), **form.cleaned_data)
        if user:
            messages.success(
                request, f"账号“{user.username}”已建立。请通知本人首次登录后修改密码，并请安全管理员授权。"
            )
            return redirect("core:account-list")
    return render(request, "core/account_form.html", {"form": form})


@requires(Permission.MANAGE_ACCOUNTS)
@require_POST
def account_toggle(request: SignedInRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(accounts(), pk=pk)
    active = not user.is_active
    service.set_active(user=user, active=active, by=request.user, at=timezone.now())
    messages.success(request, f"账号“{user.username}”已{'启用' if active else '停用，其登录会话已结束'}。")
    return redirect("core:account-list")


@requires(Permission.MANAGE_ACCOUNTS)
def account_reset(request: SignedInRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(accounts(), pk=pk)
    form = TemporaryPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if submit(
            form, service.reset_password, user=user, password=password, by=request.user, at=timezone.now()
        ):
            messages.success(request, f"“{user.username}”的密码已重置，下次登录须修改。")
            return redirect("core:account-list")
    return render(request, "core/account_reset.html", {"form": form, "account": user})


@requires(Permission.GRANT_ROLES)
def grant_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(grants_by_account(search=request.GET.get("q", "")), 50).get_page(request.GET.get("page"))
    template = "core/grant_list.html#table" if request.headers.get("HX-Request") else "core/grant_list.html"
    return render(request, template, {"page": page, "q": request.GET.get("q", ""), "roles": ROLES.values()})


@requires(Permission.GRANT_ROLES)
def grant_create(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(accounts(), pk=pk)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        grant = submit(
            form, service.grant_role, user=account, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if grant:
            messages.success(request, f"已授予“{account}”{grant.get_role_display()}角色。")
            return redirect("core:grant-list")
    return render(
        request, "core/grant_form.html", {"form": form, "account": account, "roles": ROLES.values()}
    )


@requires(Permission.GRANT_ROLES)
@require_POST
def grant_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(RoleGrant.objects.select_related("user"), pk=pk)
    service.revoke_role(grant=grant, by=request.user, at=timezone.now())
    messages.success(request, f"已收回“{grant.user}”的{grant.get_role_display()}角色，立即生效。")
    return redirect("core:grant-list")
