"""Pages of visits: the list, one screen to record one, and how far visits reach."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseFormSet, Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.filters.inspections import InspectionFilter
from conduct.forms.inspections import (
    FindingRowForm,
    FindingRows,
    InspectionForm,
    PeriodForm,
    VisitCorrectionForm,
)
from conduct.models import Inspection
from conduct.queries import inspections as queries
from conduct.rules import inspections as rules
from conduct.services import visits as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, Wrong

DESK = Desk(
    workflow=rules.VISIT,
    route="conduct:inspection-step",
    argument="visit_id",
    deeds={
        "correct": Deed(
            services.correct_inspection,
            "已更正，原内容保留在经过中。",
            VisitCorrectionForm,
            button="保存更正",
            hint="日期、单位和检查人员不能改；已转违规登记的，违规记录中的地点不随之改动。",
            look="",
        ),
    },
)


@requires(Permission.VIEW_INSPECTIONS)
def inspection_list(request: SignedInRequest) -> HttpResponse:
    listing = InspectionFilter(
        request.GET, queryset=queries.inspections_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/inspection_list.html#table" if partial else "conduct/inspection_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.RECORD_INSPECTIONS)
def inspection_create(request: SignedInRequest) -> HttpResponse:
    """One screen for a visit and everything found on it; blank rows mean nothing was found."""
    asked = {name: request.GET[name] for name in ("plan", "unit", "place") if request.GET.get(name)}
    initial = {"submission_key": uuid4(), **asked}
    form = InspectionForm(request.POST or None, user=request.user, initial=initial)
    rows = FindingRows(request.POST or None, prefix="rows", form_kwargs={"user": request.user})
    if request.method == "POST":
        sound = [form.is_valid(), rows.is_valid()]  # both, so that everything wrong is shown at once
        if all(sound):
            result = submit(
                form,
                services.record_inspection,
                rows=_found(rows),
                by=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
            if result is not None:
                visit, is_new = result
                said = "已记录。" if is_new else "这次检查刚才已经保存，没有重复记录。"
                messages.success(request, said)
                return redirect("conduct:inspection-detail", pk=visit.pk)
    return render(request, "conduct/inspection_form.html", {"form": form, "rows": rows})


def _found(rows: BaseFormSet[FindingRowForm]) -> list[services.Found]:
    """The rows that were filled in."""
    return [services.Found(**row) for row in rows.cleaned_data if row.get("what")]


@requires(Permission.RECORD_INSPECTIONS)
def inspection_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """More findings of a visit that is recorded already."""
    visit = get_object_or_404(queries.inspections_visible_to(request.user), pk=pk)
    form = Form(request.POST or None)
    rows = FindingRows(request.POST or None, prefix="rows", form_kwargs={"user": request.user})
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        found = _found(rows)
        done = submit(
            form, services.add_findings, visit_id=pk, rows=found, by=request.user, at=timezone.now()
        )
        if done is not None:
            messages.success(request, f"已补记 {len(found)} 个问题。")
            return redirect("conduct:inspection-detail", pk=pk)
    return render(request, "conduct/finding_form.html", {"form": form, "rows": rows, "visit": visit})


@requires(Permission.VIEW_INSPECTIONS)
def inspection_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _visit(request, get_object_or_404(queries.inspections_visible_to(request.user), pk=pk))


def _visit(request: SignedInRequest, visit: Inspection, wrong: Wrong | None = None) -> HttpResponse:
    context = {
        "visit": visit,
        "findings": queries.findings_visible_to(request.user).filter(inspection=visit),
        "inspectors": visit.inspectors.all(),
        "supervisors": visit.supervisors.all(),
        "rule_names": queries.rule_names(visit.on),
        "closed_to_findings": queries.adding_problem(visit),
        "cards": DESK.cards(visit, request.user, wrong=wrong),
        "course": course_of(visit, rules.VISIT),
    }
    return render(request, "conduct/inspection_detail.html", context)


@requires(Permission.VIEW_INSPECTIONS)
def inspection_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    visit = get_object_or_404(queries.inspections_visible_to(request.user), pk=pk)
    return DESK.take(request, visit, step, page=lambda wrong: _visit(request, visit, wrong))


@requires(Permission.VIEW_INSPECTIONS)
def inspection_coverage(request: SignedInRequest) -> HttpResponse:
    """覆盖与发现率: every unit with its visits; without a visit the rate is a dash."""
    today = timezone.localdate()
    usual: dict[str, Any] = {"since": date(today.year, 1, 1), "until": today}
    form = PeriodForm(request.GET or usual)
    days = form.cleaned_data if form.is_valid() else usual
    lines, total = queries.coverage(request.user, since=days["since"], until=days["until"])
    context = {"form": form, "lines": lines, "total": total, "days": days}
    return render(request, "conduct/inspection_coverage.html", context)
