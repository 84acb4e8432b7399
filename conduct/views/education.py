"""Pages of education and care: lessons and talks, tests, study plans, commendations."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.choices import CommendationState
from conduct.filters.education import CommendationFilter, EventFilter
from conduct.forms.education import (
    CommendationForm,
    DoneForm,
    EventForm,
    PlanForm,
    ResultSheet,
    ReviewForm,
    TestForm,
    UnitChoiceForm,
)
from conduct.models import Commendation
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import education as services
from conduct.views.regulations import citation_block
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import course_of, units_visible_to
from core.views.steps import Deed, Desk, Wrong, act


@requires(Permission.VIEW_EDUCATION)
def event_list(request: SignedInRequest) -> HttpResponse:
    listing = EventFilter(request.GET, queryset=queries.events_visible_to(request.user), user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "conduct/event_list.html#table" if partial else "conduct/event_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.RECORD_EDUCATION)
def event_create(request: SignedInRequest) -> HttpResponse:
    form = EventForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        event = submit(form, services.record_event, by=request.user, at=timezone.now(), **form.cleaned_data)
        if event is not None:
            messages.success(request, "已登记。")
            return redirect("conduct:event-detail", pk=event.pk)
    return render(request, "conduct/event_form.html", {"form": form})


@requires(Permission.VIEW_EDUCATION)
def event_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=pk)
    attendances = list(queries.attendances_visible_to(request.user).filter(event=event))
    context = {
        "event": event,
        "note": event.note if queries.may_read_note(event, request.user) else None,
        "attendances": attendances,
        "there": sum(attendance.present for attendance in attendances),
    }
    return render(request, "conduct/event_detail.html", context)


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


@requires(Permission.VIEW_EDUCATION)
def test_review(request: SignedInRequest) -> HttpResponse:
    """A half-year per unit, with sample sizes; absence lowers no average."""
    form = ReviewForm(request.GET or None)
    asked = form.cleaned_data.get("on") if form.is_valid() else None
    first_day, last_day = rules.half_year(asked or timezone.localdate())
    context = {
        "form": form,
        "first_day": first_day,
        "last_day": last_day,
        "lines": queries.review(request.user, first_day=first_day, last_day=last_day),
    }
    return render(request, "conduct/test_review.html", context)


@requires(Permission.VIEW_EDUCATION)
def plan_list(request: SignedInRequest) -> HttpResponse:
    return _plans(request, None)


def _plans(request: SignedInRequest, wrong: Form | None) -> HttpResponse:
    """The plans, newest month first; `wrong` is the form that came back with errors."""
    page = Paginator(queries.plans_visible_to(request.user), 50).get_page(request.GET.get("page"))
    form = wrong
    if form is None and may(request.user, Permission.RECORD_EDUCATION):
        form = PlanForm(user=request.user)
    context = {"page": page, "form": form, "today": timezone.localdate()}
    return render(request, "conduct/study_plan_list.html", context)


@requires(Permission.RECORD_EDUCATION)
@require_POST
def plan_create(request: SignedInRequest) -> HttpResponse:
    return act(
        request,
        PlanForm(request.POST, user=request.user),
        services.plan_study,
        told="已列入学习计划。",
        back=reverse("conduct:plan-list"),
        page=lambda wrong: _plans(request, wrong),
    )


@requires(Permission.RECORD_EDUCATION)
@require_POST
def plan_done(request: SignedInRequest, pk: int) -> HttpResponse:
    get_object_or_404(queries.plans_visible_to(request.user), pk=pk)

    def told_wrong(wrong: Form) -> HttpResponse:
        for errors in wrong.errors.values():
            messages.error(request, f"没有保存：{'；'.join(str(error) for error in errors)}")
        return redirect("conduct:plan-list")

    return act(
        request,
        DoneForm(request.POST),
        services.finish_study,
        told="已记为完成。",
        back=reverse("conduct:plan-list"),
        page=told_wrong,
        plan_id=pk,
    )


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
@require_POST
def commendation_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    found = get_object_or_404(queries.commendations_visible_to(request.user), pk=pk)
    return DESK.take(request, found, step, page=lambda wrong: _commendation(request, found, wrong))
