"""Proposals: what records suggest, and the answer of a person above."""

from __future__ import annotations

from dataclasses import dataclass

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
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import page_of, proposals_visible_to
from core.services import proposals as services
from core.views.steps import act


@dataclass(frozen=True)
class FollowUp:
    """What is done with an accepted proposal: a page that takes its source as `?about=`."""

    label: str
    route: str
    needs: Permission


FOLLOW_UPS: dict[str, FollowUp] = {}
"""By `ProposalKind`; the app that goes on with a kind adds its own in `AppConfig.ready`."""


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
    follow = FOLLOW_UPS.get(proposal.kind) if proposal.state == ProposalState.ACCEPTED else None
    context = {
        "proposal": proposal,
        "form": form,
        "own": proposal.proposed_by_id == request.user.pk,
        "source": page_of(proposal.source_label, proposal.source_id),
        "follow": follow if follow and may(request.user, follow.needs) else None,
    }
    return render(request, "core/proposal_detail.html", context)


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
