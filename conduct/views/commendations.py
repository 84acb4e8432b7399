"""Pages of commendations: proposed by one, confirmed by another."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.choices import CommendationState
from conduct.filters.education import CommendationFilter
from conduct.forms.education import CommendationForm
from conduct.models import Commendation
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import commendations as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, Wrong

DESK = Desk(
    workflow=rules.COMMENDATION,
    route="conduct:commendation-step",
    argument="commendation_id",
    parts=queries.parts_in,
    deeds={
        "confirm": Deed(
            services.confirm_commendation,
            "已确认，记入档案。",
            confirm="确认后记入档案，本人和单位负责人可以看到。",
        ),
        "decline": Deed(services.decline_commendation, "已记录不予确认和理由。", look=""),
        "withdraw": Deed(
            services.withdraw_commendation,
            "已撤回，原文保留。",
            confirm="撤回后不再确认，原文留存备查。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_EDUCATION)
def commendation_list(request: SignedInRequest) -> HttpResponse:
    listing = CommendationFilter(request.GET, queryset=queries.commendations_visible_to(request.user))
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/commendation_list.html#table" if partial else "conduct/commendation_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.RECORD_EDUCATION)
def commendation_create(request: SignedInRequest) -> HttpResponse:
    form = CommendationForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form, services.propose_commendation, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if saved is not None:
            messages.success(request, "已提出，待另一名纪检人员确认后记入档案。")
            return redirect("conduct:commendation-detail", pk=saved.pk)
    return render(request, "conduct/commendation_form.html", {"form": form})


@requires(Permission.VIEW_EDUCATION)
def commendation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.commendations_visible_to(request.user), pk=pk)
    return _commendation(request, found)


def _commendation(
    request: SignedInRequest, commendation: Commendation, wrong: Wrong | None = None
) -> HttpResponse:
    context = {
        "commendation": commendation,
        "cards": DESK.cards(commendation, request.user, wrong=wrong),
        "citations": citation_block(commendation, request.user),
        "course": course_of(commendation, rules.COMMENDATION),
        "waiting": "等待另一名纪检人员确认" if commendation.state == CommendationState.PROPOSED else "",
    }
    return render(request, "conduct/commendation_detail.html", context)


@requires(Permission.VIEW_EDUCATION)
def commendation_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    found = get_object_or_404(queries.commendations_visible_to(request.user), pk=pk)
    return DESK.take(request, found, step, page=lambda wrong: _commendation(request, found, wrong))
