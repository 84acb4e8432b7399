"""Proposals: what records suggest, and the answer of a person above."""

from __future__ import annotations

from django.apps import apps
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.choices import ProposalKind, ProposalState
from core.filters import ProposalFilter
from core.forms import ProposalAnswerForm
from core.models import Proposal
from core.permissions import Permission, SignedInRequest, requires
from core.queries import proposals_visible_to
from core.services import proposals as services
from core.views.steps import act


@requires(Permission.ANSWER_PROPOSALS)
def proposal_list(request: SignedInRequest) -> HttpResponse:
    listing = ProposalFilter(request.GET, queryset=proposals_visible_to(request.user))
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "core/proposal_list.html#table" if partial else "core/proposal_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.ANSWER_PROPOSALS)
def proposal_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(proposals_visible_to(request.user), pk=pk)
    return _detail(request, proposal, ProposalAnswerForm())


def _detail(request: SignedInRequest, proposal: Proposal, form: Form) -> HttpResponse:
    own = proposal.proposed_by_id == request.user.pk
    context = {"proposal": proposal, "form": form, "own": own, "source": _source_url(proposal)}
    return render(request, "core/proposal_detail.html", context)


def _source_url(proposal: Proposal) -> str:
    """The page of the record it comes from, which asks for itself who may see it; "" where it has none."""
    try:
        model = apps.get_model(proposal.source_label)
    except LookupError:
        return ""
    record = model._default_manager.filter(pk=proposal.source_id).first()
    address = getattr(record, "get_absolute_url", None)
    return str(address()) if address else ""


def _told(proposal: Proposal) -> str:
    if proposal.state == ProposalState.DECLINED:
        return "已记录：不采纳。"
    if proposal.kind == ProposalKind.CASE:
        return "已采纳，待问责程序办理。"
    return "已采纳。"


@requires(Permission.ANSWER_PROPOSALS)
@require_POST
def proposal_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(proposals_visible_to(request.user), pk=pk)
    return act(
        request,
        ProposalAnswerForm(request.POST),
        services.answer,
        told=_told,
        back=reverse("core:proposal-detail", args=[pk]),
        page=lambda wrong: _detail(request, proposal, wrong),
        proposal_id=pk,
    )
