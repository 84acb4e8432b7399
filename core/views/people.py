"""Units and cadres, and the person picker's answers."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from core.filters import CadreFilter
from core.permissions import Permission, Public, SignedInRequest, requires
from core.queries import cadres_visible_to, postings_of, unit_outline

PICKER_SIZE = 10


@requires(Permission.VIEW_CADRES)
def cadre_list(request: SignedInRequest) -> HttpResponse:
    listing = CadreFilter(request.GET, queryset=cadres_visible_to(request.user), user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    template = "core/cadre_list.html#table" if request.headers.get("HX-Request") else "core/cadre_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.VIEW_CADRES)
def cadre_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(cadres_visible_to(request.user).select_related("supervisor"), pk=pk)
    return render(request, "core/cadre_detail.html", {"cadre": cadre, "postings": postings_of(cadre)})


@requires(Permission.VIEW_CADRES)
def unit_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "core/unit_list.html", {"units": unit_outline(request.user)})


@requires(Permission.VIEW_CADRES)
def cadre_options(request: SignedInRequest) -> HttpResponse:
    """Options of the person picker for what was typed: name, pinyin, initials or staff number."""
    text = request.GET.get("q", "")
    found = (
        list(cadres_visible_to(request.user).filter(left_on=None).matching(text)[: PICKER_SIZE + 1])
        if text
        else []
    )
    options = [
        {"value": c.pk, "label": c.name, "hint": f"{c.unit} · {c.post or '—'} · {c.staff_no}"}
        for c in found[:PICKER_SIZE]
    ]
    context = {"options": options, "more": len(found) > PICKER_SIZE, "text": text, "what": "人员"}
    return render(request, "core/picker_options.html", context)


@requires(Public.SIGNED_IN)
def help_page(request: SignedInRequest) -> HttpResponse:
    return render(request, "core/help.html")
