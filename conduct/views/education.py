"""Pages of education and care: lessons and talks, study plans."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from conduct.filters.education import EventFilter
from conduct.forms.education import (
    AttendanceForm,
    DoneForm,
    EventCorrectionForm,
    EventForm,
    PlanForm,
)
from conduct.models import EducationEvent
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import education as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, requires
from core.views.steps import Deed, Desk, Wrong, act

DESK = Desk(
    workflow=rules.EVENT,
    route="conduct:event-step",
    argument="event_id",
    parts=queries.event_parts,
    deeds={
        "correct": Deed(
            services.correct_event,
            "已更正，原内容保留在经过中。",
            EventCorrectionForm,
            button="保存更正",
            hint="换了日期的，参加人员的时任单位按新日期重新确定。",
            look="",
        ),
        "attend": Deed(
            services.change_attendances,
            "参加人员已更新，原来的记录保留在经过中。",
            AttendanceForm,
            button="保存增减",
            hint="只填要改的人员，其余保持原样。",
            look="",
        ),
        "cancel": Deed(
            services.cancel_event,
            "已作废，内容留存，不再计入参加人员的档案。",
            hint="整场活动登记错了的才作废；内容或人员有误的，用更正、增减人员。",
            confirm="作废后不能恢复，也不再计入参加人员的档案。",
            look="btn-risky",
        ),
    },
)


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
    return _event(request, get_object_or_404(queries.events_visible_to(request.user), pk=pk))


def _event(request: SignedInRequest, event: EducationEvent, wrong: Wrong | None = None) -> HttpResponse:
    attendances = list(queries.attendances_visible_to(request.user).filter(event=event))
    context = {
        "event": event,
        "said": event.note if queries.may_read_note(event, request.user) else None,
        "attendances": attendances,
        "there": sum(attendance.present for attendance in attendances),
        "cards": DESK.cards(event, request.user, wrong=wrong),
        "course": queries.course_of_event(event, request.user),
    }
    return render(request, "conduct/event_detail.html", context)


@requires(Permission.VIEW_EDUCATION)
def event_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=pk)
    return DESK.take(request, event, step, page=lambda wrong: _event(request, event, wrong))


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
