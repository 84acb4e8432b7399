"""Pages of unit measures."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import UnitMeasureState
from conduct.filters.unit_measures import UnitMeasureFilter
from conduct.forms.unit_measures import ReasonForm, UnitMeasureForm
from conduct.models import UnitMeasure
from conduct.queries import unit_measures as queries
from conduct.rules import unit_measures as rules
from conduct.services import unit_measures as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Offer, act, step_cards

TOLD: dict[str, str] = {
    UnitMeasureState.IN_FORCE: "已批准，在期限内生效。",
    UnitMeasureState.DECLINED: "已记录不予批准，理由已告知提出人。",
    UnitMeasureState.WITHDRAWN: "已撤回，原文保留。",
    UnitMeasureState.LIFTED: "已解除，自今天起不再适用。",
}
REASONS = {"decline": "不予批准的理由", "withdraw": "撤回原因", "lift": "解除原因"}


@requires(Permission.VIEW_UNIT_MEASURES)
def unit_measure_list(request: SignedInRequest) -> HttpResponse:
    listing = UnitMeasureFilter(
        request.GET, queryset=queries.unit_measures_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    today = timezone.localdate()
    lines = [(measure, queries.standing_of(measure, today)) for measure in page]
    partial = request.headers.get("HX-Request")
    template = "conduct/unit_measure_list.html#table" if partial else "conduct/unit_measure_list.html"
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.RECORD_UNIT_MEASURES)
def unit_measure_create(request: SignedInRequest) -> HttpResponse:
    form = UnitMeasureForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        measure = submit(
            form, services.propose_measure, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if measure is not None:
            messages.success(request, "已提出，待另一名负责人批准后生效。")
            return redirect("conduct:unit-measure-detail", pk=measure.pk)
    return render(request, "conduct/unit_measure_form.html", {"form": form})


@requires(Permission.VIEW_UNIT_MEASURES)
def unit_measure_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    measure = get_object_or_404(queries.unit_measures_visible_to(request.user), pk=pk)
    return _detail(request, measure)


def _detail(
    request: SignedInRequest, measure: UnitMeasure, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The record's page; `wrong` is the form of `step` that came back with an error."""

    def to(name: str) -> str:
        return reverse(f"conduct:unit-measure-{name}", args=[measure.pk])

    def asks(name: str) -> ReasonForm:
        return ReasonForm(step=name, label=REASONS[name])

    offers = (
        Offer("approve", to("approve"), confirm="批准后在期限内生效，单位负责人可以看到。"),
        Offer("decline", to("decline"), asks("decline"), look=""),
        Offer("withdraw", to("withdraw"), asks("withdraw"), look="btn-risky",
              confirm="撤回后不再报批，原文留存备查。"),
        Offer("lift", to("lift"), asks("lift"), hint="自解除当天起不再适用，之前的期间保留。",
              confirm="解除后自今天起不再适用。"),
    )  # fmt: skip
    context = {
        "measure": measure,
        "standing": queries.standing_of(measure, timezone.localdate()),
        "cards": step_cards(
            rules.UNIT_MEASURE,
            state=measure.state,
            user=request.user,
            parts=queries.parts_in(measure, request.user),
            offers=offers,
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(measure, rules.UNIT_MEASURE),
        "waiting": "等待另一名负责人批准" if measure.state == UnitMeasureState.PROPOSED else "",
        "citations": citation_block(measure, request.user),
    }
    return render(request, "conduct/unit_measure_detail.html", context)


def _act(
    request: SignedInRequest, pk: int, step: str, service: Callable[..., UnitMeasure], form: Form
) -> HttpResponse:
    measure = get_object_or_404(queries.unit_measures_visible_to(request.user), pk=pk)
    return act(
        request,
        form,
        service,
        told=lambda done: TOLD[done.state],
        back=reverse("conduct:unit-measure-detail", args=[pk]),
        page=lambda wrong: _detail(request, measure, wrong, step),
        measure_id=pk,
    )


@requires(Permission.ISSUE_LETTERS)
@require_POST
def unit_measure_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "approve", services.approve_measure, Form(request.POST))


@requires(Permission.ISSUE_LETTERS)
@require_POST
def unit_measure_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, step="decline", label=REASONS["decline"])
    return _act(request, pk, "decline", services.decline_measure, form)


@requires(Permission.RECORD_UNIT_MEASURES)
@require_POST
def unit_measure_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, step="withdraw", label=REASONS["withdraw"])
    return _act(request, pk, "withdraw", services.withdraw_measure, form)


@requires(Permission.ISSUE_LETTERS)
@require_POST
def unit_measure_lift(request: SignedInRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, step="lift", label=REASONS["lift"])
    return _act(request, pk, "lift", services.lift_measure, form)
