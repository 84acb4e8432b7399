"""Pages of the monthly tests: results by sheet, papers read at two levels, the half-year."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from conduct.choices import PaperLevel
from conduct.forms.education import PaperSheet, ResultSheet, ReviewForm, TestForm, UnitChoiceForm
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import testing as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, permission_names, requires
from core.queries import units_visible_to


@requires(Permission.VIEW_EDUCATION)
def test_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.tests(), 50).get_page(request.GET.get("page"))
    return render(request, "conduct/test_list.html", {"page": page})


@requires(Permission.RECORD_EDUCATION)
def test_create(request: SignedInRequest) -> HttpResponse:
    form = TestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        test = submit(form, services.record_test, by=request.user, at=timezone.now(), **form.cleaned_data)
        if test is not None:
            messages.success(request, "考试已建立，请逐个单位录入成绩。")
            return redirect("conduct:test-detail", pk=test.pk)
    return render(request, "conduct/test_form.html", {"form": form})


@requires(Permission.VIEW_EDUCATION)
def test_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A test: totals per unit, who still has to sit the make-up, and the way to a unit's sheet."""
    test = get_object_or_404(queries.tests(), pk=pk)
    records = may(request.user, Permission.RECORD_EDUCATION)
    own = queries.results_visible_to(request.user).filter(test=test, cadre=request.user.cadre_id).first()
    context = {
        "test": test,
        "lines": queries.review(request.user, first_day=test.on, last_day=test.on, test=test),
        "makeups": queries.waiting_for_makeup(request.user, test),
        "own": queries.outcome(own) if own else "",
        "choice": UnitChoiceForm(user=request.user) if records else None,
    }
    return render(request, "conduct/test_detail.html", context)


@requires(Permission.RECORD_EDUCATION)
def test_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """One unit's results as one sheet; the unit comes as `?unit=`."""
    test = get_object_or_404(queries.tests(), pk=pk)
    wanted = request.GET.get("unit", "")
    unit = get_object_or_404(units_visible_to(request.user), pk=int(wanted) if wanted.isdecimal() else 0)
    form = ResultSheet(request.POST or None, test=test, rows=queries.sheet(test, unit))
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.save_results,
            test_id=test.pk,
            unit=unit,
            marks=form.marks,
            by=request.user,
            at=timezone.now(),
        )
        if saved is not None:
            messages.success(request, f"“{unit}”已保存，改动 {saved} 人。")
            return redirect("conduct:test-detail", pk=pk)
    return render(request, "conduct/test_sheet.html", {"form": form, "test": test, "unit": unit})


@requires(Permission.REVIEW_PAPERS)
def test_papers(request: SignedInRequest, pk: int) -> HttpResponse:
    """The papers of one unit at one level of reading; unit and level come as `?unit=&level=`."""
    test = get_object_or_404(queries.tests(), pk=pk)
    wanted = request.GET.get("unit", "")
    unit = get_object_or_404(units_visible_to(request.user), pk=int(wanted) if wanted.isdecimal() else 0)
    held = permission_names(request.user)
    levels = [level for level in PaperLevel if rules.PAPER_NEEDS[level] in held]
    asked = request.GET.get("level")
    level = next((one for one in levels if one == asked), levels[-1])
    papers = list(queries.papers(request.user, level, test=test, unit=unit))
    form = PaperSheet(request.POST or None, papers=papers, level=level, user=request.user)
    if request.method == "POST" and form.is_valid():
        done = submit(
            form,
            services.review_papers,
            test_id=pk,
            unit=unit,
            level=level,
            remarks=form.remarks,
            by=request.user,
            at=timezone.now(),
        )
        if done is not None:
            messages.success(request, f"“{unit}”已登记{level.label} {done} 份。")
            return redirect(request.get_full_path())
    context = {"form": form, "test": test, "unit": unit, "level": level, "levels": levels}
    return render(request, "conduct/test_papers.html", context)


@requires(Permission.VIEW_EDUCATION)
def test_review(request: SignedInRequest) -> HttpResponse:
    """A half-year per unit, with sample sizes; absence lowers no average."""
    form = ReviewForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    first_day, last_day = rules.half_year(asked.get("on") or timezone.localdate())
    lines = queries.review(request.user, first_day=first_day, last_day=last_day)
    context = {
        "form": form,
        "first_day": first_day,
        "last_day": last_day,
        "lines": [line for line in lines if line.unsampled] if asked.get("unsampled") else lines,
        "unsampled": sum(line.unsampled for line in lines),
    }
    return render(request, "conduct/test_review.html", context)
