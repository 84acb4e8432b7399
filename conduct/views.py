"""Pages of conduct."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct import queries, rules, services
from conduct.choices import ViolationState
from conduct.filters import ViolationFilter
from conduct.forms import DecisionForm, EvidenceForm, ViolationForm, WithdrawForm
from conduct.models import Violation
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import attachments_of
from core.rules.errors import NotAllowed
from core.views.attachments import download

STEP_PERMISSIONS = {
    "decide": Permission.CONFIRM_VIOLATIONS,
    "withdraw": Permission.LOG_VIOLATIONS,
    "attach": Permission.LOG_VIOLATIONS,
}
TOLD: dict[str, str] = {
    ViolationState.CONFIRMED: "已认定属实，自今天起计入考核。",
    ViolationState.PARTLY: "已认定部分属实，自今天起减半计入考核。",
    ViolationState.DISMISSED: "已认定不属实，不计入考核。",
    ViolationState.WITHDRAWN: "已撤回，原文保留在记录中。",
    ViolationState.LOGGED: "附件已补充。",
}
CARRIED = ("occurred_on", "found_by", "place")
"""What the next record of the same round most likely shares."""


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
                f"已登记“{violation.cadre}”，待另一名纪检人员认定。"
                if is_new
                else "这条记录刚才已经保存，没有重复登记。",
            )
            if "again" in request.POST:
                return redirect(
                    f"{request.path}?{urlencode({name: request.POST.get(name, '') for name in CARRIED})}"
                )
            return redirect("conduct:violation-detail", pk=violation.pk)
    if request.FILES and form.errors and "evidence" not in form.errors:
        form.add_error("evidence", "其他栏有误，还没有保存；附件请重新选择。")
    return render(request, "conduct/violation_form.html", {"form": form})


def _carried_over(request: SignedInRequest) -> dict[str, object]:
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    return {"submission_key": uuid4(), **carried}


@requires(Permission.VIEW_VIOLATIONS)
def violation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return _detail(request, violation)


def _detail(request: SignedInRequest, violation: Violation, **forms: Form) -> HttpResponse:
    """The record's page; `forms` are those that came back with an error."""
    steps = {}
    for step, permission in STEP_PERMISSIONS.items():
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
        "withdraw_form": WithdrawForm(auto_id="withdraw_%s"),
        "evidence_form": EvidenceForm(),
        **forms,
    }
    return render(request, "conduct/violation_detail.html", context)


@requires(Permission.VIEW_VIOLATIONS)
def violation_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return download(owner=violation, pk=attachment, by=request.user)


def _act(
    request: SignedInRequest, pk: int, service: Callable[..., Violation], *, name: str, form: Form
) -> HttpResponse:
    """Take one step on a record: done, refused with the reason, or the page again with the form's errors."""
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    done = None
    if form.is_valid():
        data = form.cleaned_data
        done = submit(form, service, violation_id=pk, by=request.user, at=timezone.now(), **data)
    refused = getattr(form, "broken_rule", None)
    if isinstance(refused, NotAllowed):
        messages.error(request, f"没有保存：{refused.message}")
    elif done is None:
        return _detail(request, violation, **{name: form})
    else:
        messages.success(request, TOLD.get(done.state, "已保存。"))
    return redirect("conduct:violation-detail", pk=pk)


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.decide_violation, name="decision_form", form=DecisionForm(request.POST))


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    return _act(request, pk, services.withdraw_violation, name="withdraw_form", form=form)


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    form = EvidenceForm(request.POST, request.FILES)
    return _act(request, pk, services.add_evidence, name="evidence_form", form=form)
