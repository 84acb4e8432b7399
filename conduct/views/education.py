"""Pages of education and care: lessons and talks, study plans, commendations."""

from __future__ import annotations

from collections.abc import Callable

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
    AttendanceForm,
    CommendationForm,
    DoneForm,
    EventCorrectionForm,
    EventForm,
    PlanForm,
)
from conduct.forms.unit_measures import ReasonForm
from conduct.models import Commendation, EducationEvent
from conduct.queries import education as queries
from conduct.rules import education as rules
from conduct.services import commendations
from conduct.services import education as services
from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, permission_names, requires
from core.queries import course_of
from core.rules.workflow import can
from core.views.steps import Offer, act, step_cards


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


def _event(request: SignedInRequest, event: EducationEvent, wrong: Form | None = None) -> HttpResponse:
    """The event's page; `wrong` is the form of its cancelling that came back with an error."""
    attendances = list(queries.attendances_visible_to(request.user).filter(event=event))
    correctable, barred = _correcting(request, event)
    cancel = Offer(
        "cancel",
        reverse("conduct:event-cancel", args=[event.pk]),
        ReasonForm(step="cancel", label=rules.EVENT.step("cancel").note),
        button="作废",
        hint="整场活动登记错了的才作废；内容或人员有误的，请用更正、增减人员。",
        confirm="作废后不能恢复，也不再计入参加人员的档案。",
        look="btn-risky",
    )
    context = {
        "event": event,
        "note": event.note if queries.may_read_note(event, request.user) else None,
        "attendances": attendances,
        "there": sum(attendance.present for attendance in attendances),
        "correctable": correctable,
        "barred": barred,
        "cards": step_cards(
            rules.EVENT,
            state=event.state,
            user=request.user,
            parts=queries.event_parts(event, request.user),
            offers=(cancel,),
            wrong=wrong,
            wrong_step="cancel",
        ),
        "course": queries.course_of_event(event, request.user),
    }
    return render(request, "conduct/event_detail.html", context)


def _correcting(request: SignedInRequest, event: EducationEvent) -> tuple[bool, str]:
    """Whether the user may correct this event and its list of people, else why not."""
    return can(
        rules.EVENT,
        "correct",
        state=event.state,
        permissions=permission_names(request.user),
        parts=queries.event_parts(event, request.user),
    )


@requires(Permission.RECORD_EDUCATION)
def event_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=pk)
    form = EventCorrectionForm(request.POST or None, event=event, user=request.user)
    hint = "换了日期的，参加人员的时任单位按新日期重新确定；原内容保留在经过中。"
    return _change(request, event, form, services.correct_event, title="更正教育活动", hint=hint)


@requires(Permission.RECORD_EDUCATION)
def event_attend(request: SignedInRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=pk)
    form = AttendanceForm(request.POST or None, user=request.user)
    hint = "只填要改的人员，其余保持原样；原来的记录保留在经过中。"
    return _change(request, event, form, services.change_attendances, title="增减参加人员", hint=hint)


def _change(
    request: SignedInRequest,
    event: EducationEvent,
    form: Form,
    service: Callable[..., EducationEvent],
    **page: str,
) -> HttpResponse:
    """A page on which something about an event is changed with a reason."""
    back = reverse("conduct:event-detail", args=[event.pk])
    allowed, reason = _correcting(request, event)
    if not allowed:
        messages.error(request, reason)
        return redirect(back)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if submit(form, service, event_id=event.pk, by=request.user, at=timezone.now(), **data) is not None:
            messages.success(request, "已保存，原内容保留在经过中。")
            return redirect(back)
    context = {"form": form, "record": event, "back": back, **page}
    return render(request, "conduct/correction_form.html", context)


@requires(Permission.RECORD_EDUCATION)
@require_POST
def event_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(queries.events_visible_to(request.user), pk=pk)
    return act(
        request,
        ReasonForm(request.POST, step="cancel", label=rules.EVENT.step("cancel").note),
        services.cancel_event,
        told="已作废，原内容留存，不再计入参加人员的档案。",
        back=reverse("conduct:event-detail", args=[pk]),
        page=lambda wrong: _event(request, event, wrong),
        event_id=pk,
    )


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


TOLD: dict[str, str] = {
    CommendationState.CONFIRMED: "已确认，记入档案。",
    CommendationState.DECLINED: "已记录不予确认和理由。",
    CommendationState.WITHDRAWN: "已撤回，原文保留。",
}
REASONS = {"decline": "不予确认的理由", "withdraw": "撤回原因"}


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
            form, commendations.propose_commendation, by=request.user, at=timezone.now(), **form.cleaned_data
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
    request: SignedInRequest, commendation: Commendation, wrong: Form | None = None, step: str = ""
) -> HttpResponse:
    """The record's page; `wrong` is the form of `step` that came back with an error."""

    def offer(name: str, **looks: str) -> Offer:
        form = ReasonForm(step=name, label=REASONS[name]) if name in REASONS else None
        return Offer(name, reverse(f"conduct:commendation-{name}", args=[commendation.pk]), form, **looks)

    context = {
        "commendation": commendation,
        "cards": step_cards(
            rules.COMMENDATION,
            state=commendation.state,
            user=request.user,
            parts=queries.parts_in(commendation, request.user),
            offers=(
                offer("confirm", confirm="确认后记入档案，本人和单位负责人可以看到。"),
                offer("decline", look=""),
                offer("withdraw", look="btn-risky", confirm="撤回后不再确认，原文留存备查。"),
            ),
            wrong=wrong,
            wrong_step=step,
        ),
        "course": course_of(commendation, rules.COMMENDATION),
        "waiting": "等待另一名纪检人员确认" if commendation.state == CommendationState.PROPOSED else "",
    }
    return render(request, "conduct/commendation_detail.html", context)


def _act(request: SignedInRequest, pk: int, step: str, service: Callable[..., Commendation]) -> HttpResponse:
    found = get_object_or_404(queries.commendations_visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST, step=step, label=REASONS[step]) if step in REASONS else Form(request.POST)
    return act(
        request,
        form,
        service,
        told=lambda done: TOLD[done.state],
        back=reverse("conduct:commendation-detail", args=[pk]),
        page=lambda wrong: _commendation(request, found, wrong, step),
        commendation_id=pk,
    )


@requires(Permission.RECORD_EDUCATION)
@require_POST
def commendation_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "confirm", commendations.confirm_commendation)


@requires(Permission.RECORD_EDUCATION)
@require_POST
def commendation_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "decline", commendations.decline_commendation)


@requires(Permission.RECORD_EDUCATION)
@require_POST
def commendation_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "withdraw", commendations.withdraw_commendation)
