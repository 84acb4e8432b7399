"""Pages of conduct."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct import queries, rules, services
from conduct.filters import ViolationFilter
from conduct.forms import DecisionForm, ViolationForm, WithdrawForm
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import attachments_of
from core.views.attachments import download


@requires(Permission.VIEW_VIOLATIONS)
def violation_list(request: SignedInRequest) -> HttpResponse:
    listing = ViolationFilter(
        request.GET, queryset=queries.violations_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/violation_list.html#table" if partial else "conduct/violation_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.LOG_VIOLATIONS)
def violation_create(request: SignedInRequest) -> HttpResponse:
    """Log a violation; “保存并继续登记” keeps date and place for the next one of the same round."""
    form = ViolationForm(
        request.POST or None, request.FILES or None, user=request.user, initial=_carried_over(request)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        result = submit(
            form,
            services.log_violation,
            by=request.user,
            at=timezone.now(),
            unit_id=data["cadre"].unit_id_on,
            **data,
        )
        if isinstance(result, tuple):
            violation, is_new = result
            messages.success(
                request,
                "已登记，待另一名纪检人员认定。" if is_new else "这条记录刚才已经保存，没有重复登记。",
            )
            if "again" in request.POST:
                return redirect(
                    f"{request.path}?occurred_on={data['occurred_on']:%Y-%m-%d}&found_by={data['found_by']}"
                )
            return redirect("conduct:violation-detail", pk=violation.pk)
    return render(request, "conduct/violation_form.html", {"form": form})


def _carried_over(request: SignedInRequest) -> dict[str, object]:
    carried = {k: request.GET[k] for k in ("occurred_on", "found_by") if request.GET.get(k)}
    return {"submission_key": uuid4(), **carried}


@requires(Permission.VIEW_VIOLATIONS)
def violation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    steps = {}
    for step, permission in (
        ("decide", Permission.CONFIRM_VIOLATIONS),
        ("withdraw", Permission.LOG_VIOLATIONS),
    ):
        allowed, reason = rules.can(
            step,
            state=violation.state,
            is_recorder=violation.recorded_by_id == request.user.pk,
            has_permission=may(request.user, permission),
        )
        steps[step] = {"allowed": allowed, "reason": reason}
    context = {
        "violation": violation,
        "steps": steps,
        "attachments": attachments_of(violation),
        "decision_form": DecisionForm(),
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "conduct/violation_detail.html", context)


@requires(Permission.VIEW_VIOLATIONS)
def violation_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return download(owner=violation, pk=attachment, by=request.user)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    form = DecisionForm(request.POST)
    saved = None
    if form.is_valid():
        data = form.cleaned_data
        saved = submit(
            form, services.decide_violation, violation_id=pk, by=request.user, at=timezone.now(), **data
        )
    if saved is not None:
        messages.success(request, "已认定，自今天起计入考核。")
        return redirect("conduct:violation-detail", pk=pk)
    context = {"violation": violation, "steps": {"decide": {"allowed": True}}, "decision_form": form}
    return render(request, "conduct/violation_detail.html", context)


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    form = WithdrawForm(request.POST)
    saved = None
    if form.is_valid():
        data = form.cleaned_data
        saved = submit(
            form, services.withdraw_violation, violation_id=pk, by=request.user, at=timezone.now(), **data
        )
    if saved is not None:
        messages.success(request, "已撤回，原文保留在记录中。")
        return redirect("conduct:violation-detail", pk=pk)
    context = {"violation": violation, "steps": {"withdraw": {"allowed": True}}, "withdraw_form": form}
    return render(request, "conduct/violation_detail.html", context)
