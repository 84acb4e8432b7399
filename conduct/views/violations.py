"""Pages of violations."""

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
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import ViolationState
from conduct.filters.violations import ViolationFilter
from conduct.forms.violations import DecisionForm, EvidenceForm, ViolationForm, WithdrawForm
from conduct.models import Violation
from conduct.queries import violations as queries
from conduct.rules import violations as rules
from conduct.services import violations as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import attachments_of, course_of
from core.views.attachments import download
from core.views.steps import Offer, act, step_cards

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


def _detail(
    request: SignedInRequest, violation: Violation, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The record's page; `wrong` is the form of `step` that came back with an error."""

    def to(name: str) -> str:
        return reverse(f"conduct:violation-{name}", args=[violation.pk])

    points = f"{violation.prohibition.deduct_points.normalize():f}"
    offers = (
        Offer(
            "decide",
            to("decide"),
            DecisionForm(),
            button="提交认定",
            hint=f"本条款每次扣 {points} 分，以考核方案为准。",
            confirm="认定后不能更改结论；属实、部分属实的自今天起计入考核。",
        ),
        Offer("attach", to("attach"), EvidenceForm(), button="上传", look=""),
        Offer(
            "withdraw",
            to("withdraw"),
            WithdrawForm(auto_id="withdraw_%s"),
            button="撤回记录",
            hint="撤回后不再认定，原文留存备查。",
            confirm="撤回后这条记录不再认定，原文留存备查。",
            look="btn-risky",
        ),
    )
    context = {
        "violation": violation,
        "cards": step_cards(
            rules.VIOLATION,
            state=violation.state,
            user=request.user,
            parts=queries.parts_in(violation, request.user),
            offers=offers,
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(violation, rules.VIOLATION),
        "waiting": "等待另一名纪检人员认定" if violation.state == ViolationState.LOGGED else "",
        "attachments": attachments_of(violation),
        "citations": citation_block(violation, request.user),
    }
    return render(request, "conduct/violation_detail.html", context)


@requires(Permission.VIEW_VIOLATIONS)
def violation_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return download(owner=violation, pk=attachment, by=request.user)


def _act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., Violation], form: Form
) -> HttpResponse:
    violation = get_object_or_404(queries.violations_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=lambda done: TOLD[done.state],
        back=reverse("conduct:violation-detail", args=[pk]),
        page=lambda wrong: _detail(request, violation, wrong, step),
        violation_id=pk,
    )


@requires(Permission.CONFIRM_VIOLATIONS)
@require_POST
def violation_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "decide", services.decide_violation, DecisionForm(request.POST))


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    return _act(request, pk, "withdraw", services.withdraw_violation, form)


@requires(Permission.LOG_VIOLATIONS)
@require_POST
def violation_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "attach", services.add_evidence, EvidenceForm(request.POST, request.FILES))
