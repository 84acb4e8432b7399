"""Pages of 六定 tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.forms import OpinionForm, submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import attachments_of
from core.rules.errors import NotAllowed, StaleVersion
from core.views.attachments import download
from core.views.documents import hand_out
from core.views.steps import Deed, Desk, StepCards, Wrong, act
from projects.choices import AssignmentState, ChangeState
from projects.filters.assignments import AssignmentFilter
from projects.forms.assignments import (
    ChangeForm,
    ReportForm,
    SeveralForm,
    SubmitForm,
    TaskForm,
    start_of,
    unit_rows,
    values_of,
)
from projects.models import Assignment, AssignmentChange, KeyProject
from projects.queries import assignments as queries
from projects.queries.assignment_todos import asked_for
from projects.queries.six import six_of
from projects.resources.duties import duties_pdf
from projects.rules import assignments as rules
from projects.services import assignment_changes as changes
from projects.services import assignment_course as course
from projects.services import assignments as services
from projects.views.frame import project_of, render_tab

PICKER_SIZE = 10
WAITING: dict[str, str] = {
    AssignmentState.DRAFT: "等待下达",
    AssignmentState.ISSUED: "等待主办单位负责人或责任人签收",
    AssignmentState.SIGNED: "办理中，完成后报验",
    AssignmentState.SUBMITTED: "等待验收（报验人和责任人员不能验收）",
    AssignmentState.SUSPENDED: "已暂停，等待恢复",
}
DESK = Desk(
    workflow=rules.ASSIGNMENT,
    route="projects:assignment-step",
    argument="assignment_id",
    parts=queries.parts_in,
    deeds={
        "issue": Deed(
            services.issue_task,
            "已下达，等待签收。",
            hint="下达后主办单位和责任人员可以看到，时限即为基准，以后只能申请变更。",
            confirm="下达后基准时限不再改动，主办单位和责任人员立即可见。",
        ),
        "sign": Deed(course.sign_task, "已签收，请按时限办理。", hint="签收表示已知晓责任和时限。"),
        "report": Deed(course.report_task, "进度已更新。", ReportForm, button="保存进度"),
        "submit": Deed(
            course.submit_task, "已报验，等待验收。", SubmitForm, button="完成报验", look="btn-primary"
        ),
        "accept": Deed(
            course.accept_task,
            "已验收。",
            OpinionForm,
            button="验收通过",
            confirm="验收后任务办结，不再变动。",
        ),
        "return": Deed(course.return_task, "已退回，理由已告知。", look=""),
        "suspend": Deed(course.suspend_task, "已暂停，不计时。", look=""),
        "resume": Deed(course.resume_task, "已恢复计时。", hint="恢复后时限照旧；来不及的请申请变更。"),
        "withdraw": Deed(
            course.withdraw_task,
            "已撤销，原文保留。",
            confirm="撤销后不能恢复，原文留存备查。",
            look="btn-risky",
        ),
    },
)
CHANGE_DESK = Desk(
    workflow=rules.CHANGE,
    route="projects:assignment-change-step",
    argument="change_id",
    parts=queries.parts_in_change,
    several=True,
    deeds={
        "approve": Deed(
            changes.approve_change,
            "已批准，任务已按申请变更。",
            confirm="批准后任务立即变更，原内容保留在经过里。",
        ),
        "decline": Deed(changes.decline_change, "已记录不予批准，任务不变。", look=""),
        "withdraw": Deed(changes.withdraw_change, "已撤回申请。", look="btn-risky"),
    },
)


@requires(Permission.VIEW_PROJECTS)
def assignment_list(request: SignedInRequest) -> HttpResponse:
    visible = queries.with_people(queries.assignments_visible_to(request.user)).order_by("due_on", "id")
    listing = AssignmentFilter(request.GET, queryset=visible, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    lines = queries.lines_of(page, today=timezone.localdate())
    partial = request.headers.get("HX-Request")
    template = "projects/assignment_list.html#table" if partial else "projects/assignment_list.html"
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.VIEW_PROJECTS)
def project_tasks(request: SignedInRequest, pk: int) -> HttpResponse:
    """The tasks of a project as a tree, the six things of the project on top."""
    project, today = project_of(request, pk), timezone.localdate()
    context = {
        "lines": queries.tree_of(project, request.user, today=today),
        "six": six_of(project, today=today),
        "may_assign": project.closed_on is None and queries.may_assign(request.user, project=project),
    }
    return render_tab(request, project, "projects/project_tasks.html", context)


@requires(Permission.VIEW_PROJECTS)
def project_duties(request: SignedInRequest, pk: int) -> HttpResponse:
    """六定责任书 as PDF: the project's tasks with the six things of each."""
    project, today = project_of(request, pk), timezone.localdate()
    lines = [
        line
        for line in queries.tree_of(project, request.user, today=today)
        if line.task.state not in (AssignmentState.DRAFT, AssignmentState.WITHDRAWN)
    ]
    content = duties_pdf(project, lines, six_of(project, today=today), on=today)
    return hand_out(content, kind="pdf", name=f"{project} 六定责任书", owner=project, by=request.user)


def _where(request: SignedInRequest, pk: int) -> tuple[KeyProject, Assignment | None]:
    """The project and the whole (`?parent=`) of a new task. Raises NotAllowed for who gives none there."""
    project = project_of(request, pk)
    parent, named = None, request.GET.get("parent", "")
    if named:
        found = queries.assignments_visible_to(request.user).filter(project=project)
        parent = get_object_or_404(found, pk=int(named) if named.isdigit() else 0)
    if not queries.may_assign(request.user, project=project, parent=parent):
        raise NotAllowed(
            f"您不能在“{project}”下达任务：由项目组长、副组长下达，上级任务的负责人可以向下分解。"
        )
    return project, parent


@requires(Permission.ASSIGN_TASKS)
def assignment_create(request: SignedInRequest, pk: int) -> HttpResponse:
    project, parent = _where(request, pk)
    initial = {**start_of(project, parent), "submission_key": uuid4()}
    form = TaskForm(request.POST or None, user=request.user, project=project, parent=parent, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = submit(
            form,
            services.draft_task,
            project=project,
            parent=parent,
            content=form.content(),
            submission_key=form.cleaned_data["submission_key"],
            by=request.user,
            at=timezone.now(),
        )
        if made is not None:
            messages.success(request, "草稿已保存，核对六定后下达。")
            return redirect(made[0])
    context = {"form": form, "project": project, "parent": parent}
    return render(request, "projects/assignment_form.html", context)


@requires(Permission.ASSIGN_TASKS)
def assignment_several(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same task for several units in one form."""
    project, parent = _where(request, pk)
    sent = request.POST or None
    initial = {**start_of(project, parent), "submission_key": uuid4()}
    form = SeveralForm(sent, user=request.user, project=project, parent=parent, initial=initial)
    rows = unit_rows(user=request.user, project=project, data=sent)
    if request.method == "POST" and form.is_valid() & rows.is_valid():
        made = submit(
            form,
            services.assign_several,
            project=project,
            parent=parent,
            content=form.content(),
            rows=rows.filled(),
            issue=form.cleaned_data["issue"],
            submission_key=form.cleaned_data["submission_key"],
            by=request.user,
            at=timezone.now(),
        )
        if made is not None:
            word = "已下达" if form.cleaned_data["issue"] else "已存为草稿"
            messages.success(request, f"{len(made)} 项任务{word}。")
            return redirect("projects:project-tasks", pk=pk)
    context = {"form": form, "rows": rows, "project": project, "parent": parent}
    return render(request, "projects/assignment_several.html", context)


def _found(request: SignedInRequest, pk: int) -> Assignment:
    """The task with its people, or 404 outside the reader's scope."""
    found: Assignment = get_object_or_404(
        queries.with_people(queries.assignments_visible_to(request.user)), pk=pk
    )
    return found


@requires(Permission.ASSIGN_TASKS)
def assignment_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct a draft. When somebody saved first the form comes back with both versions, nothing lost."""
    task = _found(request, pk)
    if task.state != AssignmentState.DRAFT or "assigner" not in queries.parts_in(task, request.user):
        messages.error(request, "只有下达任务的人可以修改草稿；已下达的请申请变更。")
        return redirect(task)
    form = TaskForm(
        request.POST or None,
        user=request.user,
        project=task.project,
        parent=task.parent,
        initial=values_of(task),
    )
    context: dict[str, Any] = {"form": form, "task": task, "project": task.project, "parent": task.parent}
    status = 200
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.edit_task,
            assignment_id=pk,
            version=form.cleaned_data["version"] or 0,
            content=form.content(),
            by=request.user,
            at=timezone.now(),
        )
        if saved:
            messages.success(request, "草稿已保存。")
            return redirect(task)
        if isinstance(getattr(form, "broken_rule", None), StaleVersion):
            task = _found(request, pk)
            _over_the_version_shown(form, task)
            context["now"] = queries.lines_of([task], today=timezone.localdate())[0]
            status = 409
    return render(request, "projects/assignment_form.html", context, status=status)


def _over_the_version_shown(form: Form, task: Assignment) -> None:
    """What was typed stays; sending it once more is sending it over the version now shown."""
    if isinstance(form, ReportForm):
        form.lay_over(task)
        return
    form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict when bound
    form.data["version"] = str(task.version)  # type: ignore[index]


@requires(Permission.VIEW_PROJECTS)
def assignment_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _found(request, pk))


@requires(Permission.VIEW_PROJECTS)
def assignment_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    task = _found(request, pk)
    return DESK.take(request, task, step, page=lambda wrong: _detail(request, task, wrong))


@requires(Permission.VIEW_PROJECTS)
@require_POST
def assignment_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask to change a task; the answer is a step of the request."""
    task = _found(request, pk)
    form = ChangeForm(request.POST, auto_id="change_%s", user=request.user, project=task.project)
    return act(
        request,
        form,
        changes.ask_change,
        told="变更申请已提交，由项目主管部门审批。",
        back=task.get_absolute_url(),
        page=lambda wrong: _detail(request, task, Wrong("change", wrong)),
        assignment_id=pk,
    )


@requires(Permission.VIEW_PROJECTS)
def assignment_change_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    change = get_object_or_404(queries.changes_visible_to(request.user), pk=pk)
    task = _found(request, change.assignment_id)
    return CHANGE_DESK.take(request, change, step, page=lambda wrong: _detail(request, task, wrong))


def _told(cards: StepCards, always: tuple[str, ...]) -> StepCards:
    """What one may do; of what is barred only the steps that two people share, for their reason is news."""
    return StepCards(card for card in cards if card.allowed or card.step in always)


@dataclass(frozen=True)
class ChangeBlock:
    """A request on the page, what it wants in words, and what can be done about it."""

    change: AssignmentChange
    wants: str
    cards: StepCards


def _detail(request: SignedInRequest, task: Assignment, wrong: Wrong | None = None) -> HttpResponse:
    user, today, status = request.user, timezone.localdate(), 200
    if wrong is not None and isinstance(getattr(wrong.form, "broken_rule", None), StaleVersion):
        task, status = _found(request, task.pk), 409
        _over_the_version_shown(wrong.form, task)
    parts = queries.parts_in(task, user)
    asked = list(queries.changes_visible_to(user).filter(assignment=task).order_by("id"))
    blocks = [
        ChangeBlock(
            change,
            asked_for(change),
            _told(CHANGE_DESK.cards(change, user, wrong=wrong), ("approve",)),
        )
        for change in asked
    ]
    waits = any(change.state == ChangeState.PROPOSED for change in asked)
    change_form: Form | None = None
    if wrong is not None and wrong.key == "change":
        change_form = wrong.form
    elif queries.may_ask_change(parts, task) and not waits:
        change_form = ChangeForm(auto_id="change_%s", user=user, project=task.project)
    below = queries.with_people(queries.assignments_visible_to(user).filter(parent=task))
    context = {
        "task": task,
        "line": queries.lines_of([task], today=today)[0],
        "missing": queries.missing_of(task),
        "earned": queries.earned_by(task, today=today),
        "below": queries.lines_of(below.order_by("due_on", "id"), today=today),
        "may_edit": task.state == AssignmentState.DRAFT and "assigner" in parts,
        "may_split": task.state in rules.CAN_HAVE_PARTS
        and queries.may_assign(user, project=task.project, parent=task),
        "cards": _told(DESK.cards(task, user, parts=parts, wrong=wrong), ("accept", "return")),
        "blocks": blocks,
        "change_form": change_form,
        "files": attachments_of(task),
        "course": queries.course_with_changes(task, asked),
        "waiting": WAITING.get(task.state, ""),
    }
    return render(request, "projects/assignment_detail.html", context, status=status)


@requires(Permission.VIEW_PROJECTS)
def assignment_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    return download(owner=_found(request, pk), pk=attachment, by=request.user)


@requires(Permission.VIEW_PROJECTS)
def assignment_people(request: SignedInRequest) -> HttpResponse:
    """Options of the person picker: the people of the projects in which one gives or works on tasks."""
    text = request.GET.get("q", "").strip()
    found = list(queries.people_offered(request.user).matching(text)[: PICKER_SIZE + 1]) if text else []
    options = [
        {"value": c.pk, "label": c.name, "hint": f"{c.unit} · {c.post or '—'} · {c.staff_no}"}
        for c in found[:PICKER_SIZE]
    ]
    context = {"options": options, "more": len(found) > PICKER_SIZE, "text": text, "what": "人员"}
    return render(request, "core/picker_options.html", context)
