"""Pages of a project's plan: its nodes side by side, editing them, one node with what is asked for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.permissions import Permission, SignedInRequest, requires
from core.queries import steps_of
from core.rules.errors import DomainError, StaleVersion
from core.views.steps import Deed, Desk, StepCards, Wrong, act
from projects.choices import MilestoneState
from projects.filters.plan_changes import PlanChangeFilter
from projects.forms.milestones import (
    BLANK_ROWS,
    MORE_ROWS,
    PlanChangeForm,
    node_forms,
    typed_again,
)
from projects.models import Milestone, PlanChange
from projects.queries import milestones, plan_changes
from projects.queries import plan as queries
from projects.queries.projects import leads, projects_visible_to, with_parts
from projects.rules.plan import MILESTONE, PLAN_CHANGE
from projects.rules.schedule import upset_by_moving
from projects.services import plan as services
from projects.services import plan_changes as change_services
from projects.views.frame import project_of, render_tab

TAB = "projects:project-milestones"
"""The tab that the plan's form belongs to."""

DESK = Desk(
    workflow=MILESTONE,
    route="projects:milestone-step",
    argument="milestone_id",
    parts=queries.parts_in,
    back=lambda milestone: reverse(TAB, args=[milestone.project_id]),
    deeds={
        "resume": Deed(services.resume_milestone, "已恢复，从今天起重新计时。", hint="原来的日期不变。"),
        "suspend": Deed(
            services.suspend_milestone,
            "已暂停，不再计时。",
            hint="暂停期间不亮灯，也不计入考核。",
            confirm="暂停期间这个节点不计时，也不计入考核。",
            look="",
            offered=lambda milestone: milestone.done_on is None,
        ),
        "withdraw": Deed(
            services.withdraw_milestone,
            "已撤销，不再列入计划，原文留存备查。",
            hint="只有还没有填报过的节点可以撤销；撤销后请重新核对权重。",
            confirm="撤销后这个节点不再列入计划，不能恢复。",
            look="btn-risky",
            offered=lambda milestone: not milestone.progress and milestone.done_on is None,
        ),
    },
)

CHANGE_DESK = Desk(
    workflow=PLAN_CHANGE,
    route="projects:plan-change-step",
    argument="change_id",
    parts=plan_changes.parts_in,
    several=True,
    deeds={
        "approve": Deed(
            change_services.approve_change,
            "已批准，基准日期保留不变。",
            confirm="批准后立即生效，已经算过的考核周期会收到提示。",
        ),
        "decline": Deed(change_services.decline_change, "已记录不予批准，计划不变。", look=""),
        "withdraw": Deed(
            change_services.withdraw_change,
            "已撤回，计划不变。",
            confirm="撤回后不再报批。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_PROJECTS)
def project_milestones(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_of(request, pk)
    context = {
        "plan": queries.plan_of(project, today=timezone.localdate()),
        "can_update": leads(request.user, project) and project.closed_on is None,
        "can_plan": queries.is_planner(request.user, project) and project.closed_on is None,
    }
    return render_tab(request, project, "projects/project_milestones.html", context)


@requires(Permission.VIEW_PROJECTS)
def plan_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The plan as one form. Whatever is refused, everything typed stands where it was."""
    project = project_of(request, pk)
    if not queries.is_planner(request.user, project) or project.closed_on is not None:
        raise PermissionDenied
    standing = list(project.milestones.all())
    again = "more" in request.POST or "scale" in request.POST
    if request.method == "POST" and again:
        typed = typed_again(request.POST, standing, scale="scale" in request.POST)
        extra = MORE_ROWS if "more" in request.POST else BLANK_ROWS
        rows = node_forms(standing, initial=typed, extra=extra)
        context: dict[str, Any] = {"rows": rows, "form": Form(), "tab": TAB}
        return render_tab(request, project, "projects/plan_form.html", context)
    rows = node_forms(standing, data=request.POST if request.method == "POST" else None)
    form, status = Form(request.POST or None), 200
    if request.method == "POST" and rows.is_valid() and form.is_valid():
        try:
            services.save_plan(project_id=pk, nodes=rows.nodes(), by=request.user, at=timezone.now())
        except DomainError as error:
            form.add_error(None, error.message)
            status = 409 if isinstance(error, StaleVersion) else 200
        else:
            messages.success(request, "计划已保存。")
            return redirect(TAB, pk=pk)
    context = {"rows": rows, "form": form, "tab": TAB}
    return render_tab(request, project, "projects/plan_form.html", context, status=status)


def _milestone_of(request: SignedInRequest, pk: int) -> Milestone:
    return get_object_or_404(milestones.milestones_visible_to(request.user), pk=pk)


@requires(Permission.VIEW_PROJECTS)
def milestone_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _milestone_of(request, pk))


def _detail(
    request: SignedInRequest,
    milestone: Milestone,
    wrong: Wrong | None = None,
    asked: Form | None = None,
) -> HttpResponse:
    user = request.user
    project = with_parts(projects_visible_to(user)).get(pk=milestone.project_id)
    plan = queries.plan_of(project, today=timezone.localdate())
    line = next(line for line in plan.lines if line.milestone.pk == milestone.pk)
    parts = queries.parts_in(milestone, user)
    can_ask = (
        bool({"leader", "office"} & parts)
        and project.closed_on is None
        and milestone.done_on is None
        and milestone.state == MilestoneState.ACTIVE
        and line.waiting is None
    )
    steps = DESK.cards(milestone, user, parts=parts, wrong=wrong)
    upset: list[str] = []
    if line.waiting is not None and line.waiting.to_on is not None:
        nodes, place = queries.nodes_of([each.milestone for each in plan.lines]), plan.lines.index(line)
        upset = upset_by_moving(nodes, place, to_on=line.waiting.to_on, today=timezone.localdate())
    context = {
        "milestone": milestone,
        "project": project,
        "line": line,
        "cards": [] if project.closed_on else StepCards(card for card in steps if card.allowed),
        "changes": [
            (change, CHANGE_DESK.cards(change, user, wrong=wrong)) for change in _changes_of(milestone, user)
        ],
        "upset": upset,
        "form": asked or PlanChangeForm(),
        "can_ask": can_ask or asked is not None,
        "can_update": "leader" in parts and project.closed_on is None,
        "updates": milestones.updates_with_files(project, milestone=milestone),
        "steps_taken": steps_of([milestone]).reverse(),
    }
    return render(request, "projects/milestone_detail.html", context)


def _changes_of(milestone: Milestone, user: User) -> list[PlanChange]:
    """The requests for a node, the latest first, each with the step that ended it in `answer`."""
    changes = list(plan_changes.plan_changes_visible_to(user).filter(milestone=milestone))
    answers = {step.owner_id: step for step in steps_of(changes)}
    for change in changes:
        change.answer = answers.get(str(change.pk))  # type: ignore[attr-defined]
    return changes


@requires(Permission.VIEW_PROJECTS)
def milestone_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    milestone = _milestone_of(request, pk)
    return DESK.take(request, milestone, step, page=lambda wrong: _detail(request, milestone, wrong))


@requires(Permission.VIEW_PROJECTS)
def plan_change_create(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for a change on the page of the node."""
    milestone = _milestone_of(request, pk)
    back = reverse("projects:milestone-detail", args=[pk])
    if request.method != "POST":
        return redirect(back)
    return act(
        request,
        PlanChangeForm(request.POST),
        change_services.ask_change,
        told="已提交申请，等待审批；批准以前按原计划计时。",
        back=back,
        page=lambda form: _detail(request, milestone, asked=form),
        milestone_id=pk,
    )


@requires(Permission.VIEW_PROJECTS)
def plan_change_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    change = get_object_or_404(plan_changes.plan_changes_visible_to(request.user), pk=pk)
    return CHANGE_DESK.take(
        request, change, step, page=lambda wrong: _detail(request, change.milestone, wrong)
    )


@requires(Permission.VIEW_PROJECTS)
def plan_change_list(request: SignedInRequest) -> HttpResponse:
    listing = PlanChangeFilter(
        request.GET, queryset=plan_changes.plan_changes_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "projects/plan_change_list.html#table" if partial else "projects/plan_change_list.html"
    return render(request, template, {"filter": listing, "page": page})
