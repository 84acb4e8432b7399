"""Pages of unit measures."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.choices import UnitMeasureState
from conduct.filters.unit_measures import UnitMeasureFilter
from conduct.forms.unit_measures import UnitMeasureForm
from conduct.models import UnitMeasure
from conduct.queries import unit_measures as queries
from conduct.rules import unit_measures as rules
from conduct.services import unit_measures as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, Wrong

DESK = Desk(
    workflow=rules.UNIT_MEASURE,
    route="conduct:unit-measure-step",
    argument="measure_id",
    parts=queries.parts_in,
    deeds={
        "approve": Deed(
            services.approve_measure,
            "已批准，在期限内生效。",
            confirm="批准后在期限内生效，单位负责人可以看到。",
        ),
        "decline": Deed(services.decline_measure, "已记录不予批准，理由已告知提出人。", look=""),
        "withdraw": Deed(
            services.withdraw_measure,
            "已撤回，原文保留。",
            confirm="撤回后不再报批，原文留存备查。",
            look="btn-risky",
        ),
        "lift": Deed(
            services.lift_measure,
            "已解除，自今天起不再适用。",
            hint="自解除当天起不再适用，之前的期间保留。",
            confirm="解除后自今天起不再适用。",
        ),
    },
)


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


def _detail(request: SignedInRequest, measure: UnitMeasure, wrong: Wrong | None = None) -> HttpResponse:
    context = {
        "measure": measure,
        "standing": queries.standing_of(measure, timezone.localdate()),
        "cards": DESK.cards(measure, request.user, wrong=wrong),
        "course": course_of(measure, rules.UNIT_MEASURE),
        "waiting": "等待另一名负责人批准" if measure.state == UnitMeasureState.PROPOSED else "",
        "citations": citation_block(measure, request.user),
    }
    return render(request, "conduct/unit_measure_detail.html", context)


@requires(Permission.VIEW_UNIT_MEASURES)
def unit_measure_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    measure = get_object_or_404(queries.unit_measures_visible_to(request.user), pk=pk)
    return DESK.take(request, measure, step, page=lambda wrong: _detail(request, measure, wrong))
