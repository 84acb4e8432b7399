"""Units and cadres, and the person picker's answers."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.filters import CadreFilter, UnitFilter
from core.forms import ClosingForm, LeavingForm, UnitForm, submit
from core.models import Cadre
from core.permissions import Permission, Public, SignedInRequest, reach, requires
from core.queries import (
    cadres_reached,
    cadres_visible_to,
    open_units_visible_to,
    postings_of,
    unit_outline,
    units_visible_to,
)
from core.services import people

PICKER_SIZE = 10
UNITS = 500
"""Units on a page: nearly always the whole tree."""


@requires(Permission.VIEW_CADRES)
def cadre_list(request: SignedInRequest) -> HttpResponse:
    listing = CadreFilter(request.GET, queryset=cadres_visible_to(request.user), user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    template = "core/cadre_list.html#table" if request.headers.get("HX-Request") else "core/cadre_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.VIEW_CADRES)
def cadre_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(cadres_visible_to(request.user).select_related("supervisor"), pk=pk)
    return _cadre_page(request, cadre, LeavingForm())


def _cadre_page(request: SignedInRequest, cadre: Cadre, leaving_form: LeavingForm) -> HttpResponse:
    readable = cadres_reached(request.user, Permission.VIEW_DOSSIERS)
    context = {
        "cadre": cadre,
        "postings": postings_of(cadre),
        "leaving_form": leaving_form,
        "has_dossier": readable.filter(pk=cadre.pk).exists(),
    }
    return render(request, "core/cadre_detail.html", context)


@requires(Permission.VIEW_CADRES)
def unit_list(request: SignedInRequest) -> HttpResponse:
    listing = UnitFilter(request.GET, queryset=open_units_visible_to(request.user))
    template = "core/unit_list.html#table" if request.headers.get("HX-Request") else "core/unit_list.html"
    page = Paginator(unit_outline(listing.qs), UNITS).get_page(request.GET.get("page"))
    files = reach(request.user, Permission.VIEW_DOSSIERS)
    context = {"filter": listing, "page": page, "has_files": files.everywhere or bool(files.unit_ids)}
    return render(request, template, context)


@requires(Permission.IMPORT_ROSTER)
def unit_create(request: SignedInRequest) -> HttpResponse:
    form = UnitForm(request.POST or None, initial={"parent": request.GET.get("parent")})
    if request.method == "POST" and form.is_valid():
        unit = submit(form, people.save_unit, by=request.user, at=timezone.now(), **form.cleaned_data)
        if unit is not None:
            messages.success(request, f"单位“{unit}”已建立。")
            return redirect("core:unit-list")
    return render(request, "core/unit_form.html", {"form": form})


@requires(Permission.IMPORT_ROSTER)
def unit_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_visible_to(request.user).filter(closed_on=None), pk=pk)
    initial = {name: getattr(unit, name) for name in ("code", "name", "kind", "parent", "order")}
    form = UnitForm(request.POST or None, unit=unit, initial=initial)
    saved = None
    if request.method == "POST" and form.is_valid():
        saved = submit(form, people.save_unit, by=request.user, at=timezone.now(), **form.cleaned_data)
    if saved is not None:
        messages.success(request, f"单位“{saved}”已保存。")
        return redirect("core:unit-list")
    context = {"form": form, "unit": unit, "closing_form": ClosingForm(auto_id="closing_%s")}
    return render(request, "core/unit_form.html", context)


@requires(Permission.IMPORT_ROSTER)
@require_POST
def unit_close(request: SignedInRequest, pk: int) -> HttpResponse:
    unit = get_object_or_404(units_visible_to(request.user).filter(closed_on=None), pk=pk)
    form = ClosingForm(request.POST, auto_id="closing_%s")
    if form.is_valid():
        on = form.cleaned_data["closed_on"]
        if submit(form, people.close_unit, unit=unit, on=on, by=request.user, at=timezone.now()) is not None:
            messages.success(request, f"单位“{unit}”已撤销，原有记录保留。")
            return redirect("core:unit-list")
    initial = {name: getattr(unit, name) for name in ("code", "name", "kind", "parent", "order")}
    context = {"form": UnitForm(unit=unit, initial=initial), "unit": unit, "closing_form": form}
    return render(request, "core/unit_form.html", context)


@requires(Permission.IMPORT_ROSTER)
@require_POST
def cadre_leave(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre = get_object_or_404(cadres_visible_to(request.user), pk=pk)
    form = LeavingForm(request.POST)
    if form.is_valid():
        on = form.cleaned_data["left_on"]
        if (
            submit(form, people.record_leaving, cadre=cadre, on=on, by=request.user, at=timezone.now())
            is not None
        ):
            messages.success(request, f"已登记“{cadre}”离任。如有账号，请通知系统管理员停用。")
            return redirect("core:cadre-detail", pk=pk)
    return _cadre_page(request, cadre, form)


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
