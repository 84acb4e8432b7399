"""Pages of dispatch meetings: the paper, what is decided, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.forms import submit
from core.models import User
from core.permissions import Permission, SignedInRequest, may, requires
from core.queries import course_of
from core.views.steps import Deed, Desk, StepCards, Wrong, act
from projects.choices import DispatchKind, DispatchState
from projects.filters.dispatch import DecisionFilter, DispatchFilter
from projects.forms.dispatch import (
    CorrectionForm,
    DecisionForm,
    DoneForm,
    HoldForm,
    MeetingForm,
    MoveForm,
)
from projects.models import DispatchDecision, DispatchMeeting, KeyProject
from projects.queries import chasing
from projects.queries import dispatch as queries
from projects.queries.dispatch_paper import paper_for
from projects.queries.projects import projects_visible_to
from projects.rules import dispatch as rules
from projects.services import dispatch as services
from projects.views.frame import project_of, render_tab

DESK = Desk(
    workflow=rules.DISPATCH,
    route="projects:dispatch-step",
    argument="meeting_id",
    deeds={
        "hold": Deed(
            services.hold_meeting,
            "已记录召开，会议材料按当时的情况留存。",
            HoldForm,
            button="记录召开",
            hint="会上的材料按此刻的情况留存，之后不再变动；议定事项会后还可以补记。",
            confirm="记录召开后会议材料不再变动，责任单位可以看到议定事项。",
            offered=lambda meeting: meeting.held_on <= timezone.localdate(),
        ),
        "move": Deed(services.move_meeting, "已改期。", MoveForm, look=""),
        "correct": Deed(services.correct_minutes, "已更正，原文留在经过里。", CorrectionForm, look=""),
        "cancel": Deed(
            services.cancel_meeting,
            "已取消，当天可以重新筹备。",
            confirm="取消后这次会议不能恢复，当天可以重新筹备。",
            look="btn-risky",
        ),
    },
)
DECISION_DESK = Desk(
    workflow=rules.DECISION,
    route="projects:dispatch-decision-step",
    argument="decision_id",
    parts=queries.parts_in,
    several=True,
    deeds={
        "done": Deed(
            services.finish_decision,
            "已办结。",
            DoneForm,
            offered=lambda decision: not queries.has_task(decision),
        ),
        "drop": Deed(
            services.drop_decision,
            "已记录不再落实，理由留存。",
            confirm="不再落实的事项不再提醒，理由留存备查。",
            look="",
        ),
        "reopen": Deed(services.reopen_decision, "已退回，继续提醒责任单位。", look=""),
    },
)


@dataclass(frozen=True)
class NextMeeting:
    """A kind of meeting on the list's page: when it is due, and the form that prepares it; `prepared` is the
    one that waits to be held already."""

    label: str
    due: str
    form: MeetingForm
    prepared: DispatchMeeting | None


def _next_meetings() -> list[NextMeeting]:
    dates = queries.next_dates(timezone.localdate())
    prepared = queries.prepared_meetings()
    return [
        NextMeeting(
            word := DispatchKind(kind).label,
            f"{due}",
            MeetingForm(initial={"kind": kind, "held_on": due}, auto_id=f"{kind}_%s", word=word),
            prepared.get(kind),
        )
        for kind, due in dates.items()
    ]


@requires(Permission.VIEW_PROJECTS)
def dispatch_list(request: SignedInRequest) -> HttpResponse:
    return _list(request, _next_meetings() if may(request.user, Permission.HOLD_DISPATCH) else [])


def _list(request: SignedInRequest, meetings: list[NextMeeting]) -> HttpResponse:
    listing = DispatchFilter(request.GET, queryset=queries.with_counts(request.user))
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "projects/dispatch_list.html#table" if partial else "projects/dispatch_list.html"
    context = {"filter": listing, "page": page, "next_meetings": meetings}
    return render(request, template, context)


@requires(Permission.HOLD_DISPATCH)
@require_POST
def dispatch_create(request: SignedInRequest) -> HttpResponse:
    """Prepare a meeting with one click; a wrong day comes back on the list's page."""
    word = dict(DispatchKind.choices).get(request.POST.get("kind", ""), "")
    form = MeetingForm(request.POST, auto_id=f"{request.POST.get('kind', '')}_%s", word=word)
    if form.is_valid():
        meeting = submit(
            form, services.prepare_meeting, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if meeting is not None:
            messages.success(request, "材料已汇总，议定事项记在“记下议定事项”。")
            return redirect("projects:dispatch-detail", pk=meeting.pk)
    return _list(
        request,
        [NextMeeting(m.label, m.due, form, None) if m.label == word else m for m in _next_meetings()],
    )


@requires(Permission.VIEW_PROJECTS)
def dispatch_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = get_object_or_404(queries.meetings_visible_to(request.user), pk=pk)
    return _detail(request, meeting)


@requires(Permission.VIEW_PROJECTS)
def dispatch_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    meeting = get_object_or_404(queries.meetings_visible_to(request.user), pk=pk)
    return DESK.take(request, meeting, step, page=lambda wrong: _detail(request, meeting, wrong=wrong))


@requires(Permission.VIEW_PROJECTS)
def decision_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    decision = get_object_or_404(queries.decisions_visible_to(request.user), pk=pk)
    meeting = get_object_or_404(queries.meetings_visible_to(request.user), pk=decision.meeting_id)
    return DECISION_DESK.take(
        request, decision, step, page=lambda wrong: _detail(request, meeting, wrong=wrong)
    )


@requires(Permission.HOLD_DISPATCH)
@require_POST
def dispatch_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = get_object_or_404(queries.meetings_visible_to(request.user), pk=pk)
    return act(
        request,
        DecisionForm(request.POST, user=request.user, meeting=meeting),
        services.record_decision,
        told=lambda decision: f"已记下：{decision.what}",
        back=f"{meeting.get_absolute_url()}#decisions",
        page=lambda form: _detail(request, meeting, decide=form),
        meeting_id=pk,
    )


@dataclass(frozen=True)
class DecisionLine:
    """A decision on a page: what became of it, and what can be done."""

    decision: DispatchDecision
    kept: rules.Kept
    cards: StepCards
    open: bool


def _lines(decisions: list[DispatchDecision], user: User, wrong: Wrong | None) -> list[DecisionLine]:
    today = timezone.localdate()
    lines = []
    for decision in decisions:
        cards = DECISION_DESK.cards(decision, user, wrong=wrong)
        # What nobody here may do is not offered either: the page says who answers for it.
        offered = StepCards(card for card in cards if card.allowed)
        came_back = wrong is not None and any(card.key == wrong.key for card in offered)
        lines.append(DecisionLine(decision, queries.kept(decision, today=today), offered, came_back))
    return lines


def _decision_form(request: SignedInRequest, meeting: DispatchMeeting) -> DecisionForm:
    """The form, filled with the project that `?project=` names, its unit, and the next fortnight."""
    named = request.GET.get("project", "")
    project: KeyProject | None = None
    if named.isascii() and named.isdigit():
        project = projects_visible_to(request.user).filter(pk=int(named[:9])).first()
    initial = {
        "submission_key": uuid4(),
        "project": project,
        "unit": project and project.lead_unit_id,
        "due_on": queries.usual_limit(meeting),
    }
    return DecisionForm(user=request.user, meeting=meeting, initial=initial)


def _detail(
    request: SignedInRequest,
    meeting: DispatchMeeting,
    *,
    wrong: Wrong | None = None,
    decide: Form | None = None,
) -> HttpResponse:
    user = request.user
    blocks = paper_for(meeting, user)
    decisions = queries.decisions_visible_to(user).filter(meeting=meeting).order_by("id")
    holds = may(user, Permission.HOLD_DISPATCH) and meeting.state != DispatchState.CANCELLED
    context = {
        "meeting": meeting,
        "sees_all": queries.sees_all(user),
        "day": queries.today_of(meeting),
        "trouble": [block for block in blocks if block.red or block.broken],
        "moving": [block for block in blocks if not (block.red or block.broken or block.is_quiet)],
        "quiet": [block for block in blocks if block.is_quiet],
        "holds": holds,
        "lines": _lines(list(decisions), user, wrong),
        "decide": (decide or _decision_form(request, meeting)) if holds else None,
        "decide_wrong": decide is not None or "project" in request.GET,
        "cards": DESK.cards(meeting, user, wrong=wrong),
        "course": course_of(meeting, rules.DISPATCH),
        "waiting": f"{meeting.held_on} 召开后在这里记录" if meeting.state == DispatchState.PREPARED else "",
    }
    return render(request, "projects/dispatch_detail.html", context)


@requires(Permission.VIEW_PROJECTS)
def decision_list(request: SignedInRequest) -> HttpResponse:
    found = queries.decisions_visible_to(request.user).order_by("-meeting__held_on", "due_on", "id")
    listing = DecisionFilter(request.GET, queryset=found, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    today = timezone.localdate()
    lines = [(decision, queries.kept(decision, today=today)) for decision in page]
    partial = request.headers.get("HX-Request")
    template = "projects/decision_list.html#table" if partial else "projects/decision_list.html"
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.VIEW_PROJECTS)
def project_dispatch(request: SignedInRequest, pk: int) -> HttpResponse:
    """调度和督办 of one project: what was decided, and which letters and cases were proposed."""
    project, today = project_of(request, pk), timezone.localdate()
    decisions = queries.decisions_of(project)
    context = {
        "lines": [(decision, queries.kept(decision, today=today)) for decision in decisions],
        "proposals": chasing.proposals_about(project, request.user),
        "answers": may(request.user, Permission.ANSWER_PROPOSALS),
    }
    return render_tab(request, project, "projects/project_dispatch.html", context)
