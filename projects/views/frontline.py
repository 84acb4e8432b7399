"""Pages of frontline postings, and 双九十 with what is behind each number."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, reach, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, Wrong
from projects.choices import FrontlineState
from projects.filters.site import FrontlineFilter
from projects.forms.site import EndingForm, FrontlineForm, MonthForm
from projects.models import FrontlinePosting
from projects.queries import frontline as measured
from projects.queries import site as queries
from projects.queries.projects import projects_visible_to
from projects.rules import frontline as shares
from projects.rules import site as rules
from projects.services import frontline as services

DESK = Desk(
    workflow=rules.FRONTLINE,
    route="projects:frontline-step",
    argument="posting_id",
    parts=queries.posting_parts,
    deeds={
        "end": Deed(
            services.end_posting,
            "已登记结束日期。",
            EndingForm,
            button="登记结束",
            hint="只能定下或提前结束日期；延长的，从次日起另作安排。",
        ),
        "withdraw": Deed(
            services.withdraw_posting,
            "已撤回，不再计入双九十。",
            confirm="登记错了才撤回；撤回后不再计入双九十，原文留存备查。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_PROJECTS)
def frontline_list(request: SignedInRequest) -> HttpResponse:
    listing = FrontlineFilter(
        request.GET, queryset=queries.postings_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    today = timezone.localdate()
    lines = [(posting, queries.standing_of(posting, today)) for posting in page]
    partial = request.headers.get("HX-Request")
    template = "projects/frontline_list.html#table" if partial else "projects/frontline_list.html"
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.POST_FRONTLINE)
def frontline_create(request: SignedInRequest) -> HttpResponse:
    form = FrontlineForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        posting = submit(
            form, services.post_to_frontline, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if posting is not None:
            messages.success(request, f"已安排“{posting.cadre}”下沉，双九十自动计入。")
            return redirect(posting)
    return render(request, "projects/frontline_form.html", {"form": form})


@requires(Permission.VIEW_PROJECTS)
def frontline_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, get_object_or_404(queries.postings_visible_to(request.user), pk=pk))


def _detail(request: SignedInRequest, posting: FrontlinePosting, wrong: Wrong | None = None) -> HttpResponse:
    context = {
        "posting": posting,
        "standing": queries.standing_of(posting, timezone.localdate()),
        "is_withdrawn": posting.state == FrontlineState.WITHDRAWN,
        "project_seen": posting.project is not None
        and projects_visible_to(request.user).filter(pk=posting.project.pk).exists(),
        "cards": DESK.cards(posting, request.user, wrong=wrong),
        "course": course_of(posting, rules.FRONTLINE),
    }
    return render(request, "projects/frontline_detail.html", context)


@requires(Permission.VIEW_PROJECTS)
def frontline_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    posting = get_object_or_404(queries.postings_visible_to(request.user), pk=pk)
    return DESK.take(request, posting, step, page=lambda wrong: _detail(request, posting, wrong))


def _month(request: SignedInRequest) -> tuple[MonthForm, date]:
    """The form and the last day of the month asked for; the running month where it makes no sense."""
    today = timezone.localdate()
    form = MonthForm({"month": request.GET.get("month") or f"{today:%Y-%m}"})
    return form, form.cleaned_data["month"] if form.is_valid() else today


@requires(Permission.VIEW_PROJECTS)
def frontline_share(request: SignedInRequest) -> HttpResponse:
    """双九十 of every unit the reader answers for or oversees; to others, what is counted of themselves."""
    form, month = _month(request)
    days = measured.working_days(month, today=timezone.localdate())
    lines, total = measured.unit_lines(request.user, days)
    own = None
    if request.user.cadre is not None and not reach(request.user, Permission.VIEW_PROJECTS).everywhere:
        own = measured.line_of(request.user.cadre, days)
    context = {
        "form": form, "month": month, "days": days, "lines": lines, "total": total, "own": own,
        "target": shares.TARGET, "sources": list(shares.Source),
    }  # fmt: skip
    partial = request.headers.get("HX-Request")
    template = "projects/frontline_share.html#table" if partial else "projects/frontline_share.html"
    return render(request, template, context)


@requires(Permission.VIEW_PROJECTS)
def frontline_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The people behind a unit's shares of a month, and the records behind each of their days."""
    unit = get_object_or_404(measured.units_measured(request.user), pk=pk)
    form, month = _month(request)
    days = measured.working_days(month, today=timezone.localdate())
    people = measured.people_of(unit, days)
    context = {
        "form": form,
        "unit": unit,
        "month": month,
        "days": days,
        "people": people,
        "share": shares.unit_share(line.share for line in people),
        "target": shares.TARGET,
    }
    partial = request.headers.get("HX-Request")
    template = "projects/frontline_unit.html#table" if partial else "projects/frontline_unit.html"
    return render(request, template, context)
