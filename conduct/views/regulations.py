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
from conduct.forms.regulations import AmendForm, CiteForm, UnciteForm
from conduct.models import Clause, Regulation
from conduct.queries import regulations as queries
from conduct.services import regulations as services
from core.forms import submit
from core.models import User
from core.permissions import Permission, Public, SignedInRequest, requires
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
    """One version of a regulation, with its clauses as of a day: today, or its last day when retired."""
    regulation = get_object_or_404(Regulation, pk=pk)
    day = _asked_day(request) or timezone.localdate()
    context = {
        "regulation": regulation,
        "day": day,
        "today": timezone.localdate(),
        "clauses": queries.clauses_on(regulation.key, day),
        "gone": queries.clauses_gone(regulation.key, day),
        "versions": queries.versions_of(regulation),
    }
    return render(request, "conduct/regulation_detail.html", context)


def _asked_day(request: SignedInRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


@requires(Public.SIGNED_IN)
def clause_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One clause: the text of this version and all its versions."""
    clause = get_object_or_404(Clause, pk=pk)
    return render(request, "conduct/clause_detail.html", _clause_context(clause))


def _clause_context(clause: Clause) -> dict[str, Any]:
    regulation = Regulation.objects.filter(key=clause.regulation_key).order_by("-effective_from").first()
    return {
        "clause": clause,
        "regulation": regulation,
        "versions": queries.versions_of(clause),
        "today": timezone.localdate(),
    }


@requires(Permission.EDIT_REGULATIONS)
def clause_amend(request: SignedInRequest, pk: int) -> HttpResponse:
    """The next version of a clause through a form."""
    clause = get_object_or_404(Clause, pk=pk)
    initial = {"name": clause.name, "description": clause.description}
    form = AmendForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.amend_clause,
            key=clause.key,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if saved is not None:
            messages.success(request, f"新版本自 {saved.effective_from} 起施行，原版本留存可查。")
            return redirect("conduct:clause-detail", pk=saved.pk)
    return render(request, "conduct/clause_form.html", {"form": form, **_clause_context(clause)})


@dataclass(frozen=True)
class CitationBlock:
    """What `conduct/citations.html` draws; `form` is None for who may not cite."""

    owner: Model
    label: str
    day: date
    lines: list[tuple[Any, str]]
    form: CiteForm | None


def citation_block(owner: Model, user: User) -> CitationBlock:
    """The block 引用依据 of a record's page: one context entry, `citations`, and one include."""
    day = queries.CITABLE[owner._meta.label].day(owner)
    names = queries.regulation_names()
    lines = [(c, names.get(c.clause.regulation_key, "")) for c in queries.citations_of(owner)]
    form = CiteForm(day=day, auto_id="cite_%s") if queries.may_cite(owner, user) else None
    return CitationBlock(owner, owner._meta.label, day, lines, form)


def _back_with_errors(request: SignedInRequest, form: Form, owner: Model) -> HttpResponse:
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, f"没有保存：{error}")
    return redirect(queries.page_of(owner))


@requires(Public.SIGNED_IN)
@require_POST
def citation_add(request: SignedInRequest) -> HttpResponse:
    """Cite a clause for any registered record within the user's scope; the service asks who may."""
    owner = queries.citable_owner(
        request.POST.get("owner_label", ""), request.POST.get("owner_id", ""), request.user
    )
    if owner is None:
        raise Http404
    day = queries.CITABLE[owner._meta.label].day(owner)
    return act(
        request,
        CiteForm(request.POST, day=day),
        services.cite,
        told="已引用，记入本记录的依据。",
        back=queries.page_of(owner),
        page=lambda wrong: _back_with_errors(request, wrong, owner),
        owner=owner,
        on=day,
    )


@requires(Public.SIGNED_IN)
@require_POST
def citation_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    citation = queries.citations_visible_to(request.user, pk)
    owner = citation and queries.citable_owner(citation.owner_label, citation.owner_id, request.user)
    if owner is None:
        raise Http404
    return act(
        request,
        UnciteForm(request.POST),
        services.uncite,
        told="引用已撤销，原因已留存。",
        back=queries.page_of(owner),
        page=lambda wrong: _back_with_errors(request, wrong, owner),
        citation_id=pk,
    )
