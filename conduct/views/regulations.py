"""Pages of regulations, and the block 引用依据 of any record that rests on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from conduct.filters.regulations import RegulationFilter
from conduct.forms.regulations import CiteForm, UnciteForm
from conduct.models import Citation, Clause, Prohibition, Regulation
from conduct.queries import citations
from conduct.queries import regulations as queries
from conduct.rules import regulations as rules
from conduct.services import citations as services
from core.models import User
from core.permissions import Public, SignedInRequest, requires
from core.views.steps import act


@requires(Public.SIGNED_IN)
def regulation_list(request: SignedInRequest) -> HttpResponse:
    listing = RegulationFilter(request.GET, queryset=queries.regulations())
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/regulation_list.html#table" if partial else "conduct/regulation_list.html"
    return render(request, template, {"filter": listing, "page": page, "today": timezone.localdate()})


@requires(Public.SIGNED_IN)
def regulation_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One version of a regulation, with its clauses as of a day: today, or the nearest day it is in force."""
    regulation = get_object_or_404(Regulation, pk=pk)
    day = _asked_day(request) or _day_shown(regulation)
    versions = list(queries.versions_of(regulation))
    that_day = next((v for v in versions if _applies(v, day)), None)
    context = {
        "regulation": regulation,
        "latest": versions[0],
        "day": day,
        "that_day": that_day,
        "today": timezone.localdate(),
        "clauses": queries.clauses_on(regulation.key, day),
        "gone": queries.clauses_gone(regulation.key, day),
        "versions": versions,
    }
    return render(request, "conduct/regulation_detail.html", context)


def _asked_day(request: SignedInRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


def _applies(version: Regulation | Clause, day: date) -> bool:
    return rules.applies(effective_from=version.effective_from, retired_on=version.retired_on, day=day)


def _day_shown(version: Regulation | Clause) -> date:
    today = timezone.localdate()
    return rules.day_shown(effective_from=version.effective_from, retired_on=version.retired_on, today=today)


@requires(Public.SIGNED_IN)
def clause_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One clause: the text of this version, under the name its regulation has then, and all its versions."""
    clause = get_object_or_404(Clause, pk=pk)
    day = _asked_day(request) or _day_shown(clause)
    context = {
        "clause": clause,
        "regulation": queries.edition_near(clause.regulation_key, day),
        "versions": queries.versions_of(clause),
        "today": timezone.localdate(),
    }
    return render(request, "conduct/clause_detail.html", context)


@requires(Public.SIGNED_IN)
def prohibition_list(request: SignedInRequest) -> HttpResponse:
    """The 八不准 in force on a day, with what each rests on."""
    today = timezone.localdate()
    day = _asked_day(request) or today
    found = list(queries.prohibitions_on(day))
    cited = citations.citations_by_owner(found)
    context = {"day": day, "today": today, "rules": [(rule, cited[rule.pk]) for rule in found]}
    return render(request, "conduct/prohibition_list.html", context)


@requires(Public.SIGNED_IN)
def prohibition_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of the 八不准 in one version, all its versions, and what it rests on."""
    rule = get_object_or_404(Prohibition, pk=pk)
    context = {
        "rule": rule,
        "versions": queries.versions_of(rule),
        "today": timezone.localdate(),
        "citations": citation_block(rule, request.user),
    }
    return render(request, "conduct/prohibition_detail.html", context)


@dataclass(frozen=True)
class CitationBlock:
    """What `conduct/citations.html` draws. `lines` are citations and whether each still holds on the record's
    day; `form` is None for who may not cite, and where no clause is in force that day."""

    owner: Model
    label: str
    day: date
    lines: list[tuple[Citation, bool]]
    may_cite: bool
    form: CiteForm | None


def citation_block(owner: Model, user: User) -> CitationBlock:
    """The block 引用依据 of a record's page: one context entry, `citations`, and one include."""
    day = citations.day_of(owner)
    lines = [(c, _applies(c.clause, day)) for c in citations.citations_of(owner)]
    may_cite = citations.may_cite(owner, user)
    form = CiteForm(day=day, auto_id="cite_%s") if may_cite else None
    return CitationBlock(
        owner, owner._meta.label, day, lines, may_cite, form if form and form.options else None
    )


def _page_of(owner: Any) -> str:
    """The address of a record's page, at its block 引用依据."""
    return f"{owner.get_absolute_url()}#citations"


def _back_with_errors(request: SignedInRequest, form: Form, owner: Model) -> HttpResponse:
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, f"没有保存：{error}")
    return redirect(_page_of(owner))


@requires(Public.SIGNED_IN)
@require_POST
def citation_add(request: SignedInRequest) -> HttpResponse:
    """Cite a clause for any registered record within the user's scope; the service asks who may."""
    owner = citations.citable_owner(
        request.POST.get("owner_label", ""), request.POST.get("owner_id", ""), request.user
    )
    if owner is None:
        raise Http404
    day = citations.day_of(owner)
    return act(
        request,
        CiteForm(request.POST, day=day),
        services.cite,
        told="已引用，记入本记录的依据。",
        back=_page_of(owner),
        page=lambda wrong: _back_with_errors(request, wrong, owner),
        owner=owner,
        on=day,
    )


@requires(Public.SIGNED_IN)
@require_POST
def citation_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    citation = citations.citations_visible_to(request.user, pk)
    owner = citation and citations.citable_owner(citation.owner_label, citation.owner_id, request.user)
    if owner is None:
        raise Http404
    return act(
        request,
        UnciteForm(request.POST),
        services.uncite,
        told="引用已撤销，原因已留存。",
        back=_page_of(owner),
        page=lambda wrong: _back_with_errors(request, wrong, owner),
        citation_id=pk,
    )
