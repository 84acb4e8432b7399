"""The list and the pages of projects: overview, history, what the record says, its course."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, may, permission_names, requires
from core.rules.errors import StaleVersion
from core.rules.workflow import can
from core.services.steps import in_words
from core.views.steps import Deed, Desk, Wrong
from projects.choices import ProjectState
from projects.filters.projects import ProjectFilter, red_first
from projects.forms.projects import CloseForm, ProjectForm
from projects.models import KeyProject
from projects.queries import milestones, overview
from projects.queries import projects as queries
from projects.queries.six import six_of
from projects.rules import projects as rules
from projects.services import projects as services
from projects.views.frame import project_of, render_tab

PICKER_SIZE = 10


def _still_open(project: KeyProject) -> str:
    names, tasks = queries.open_work(project)
    problem = rules.closing_problem(
        closed_on=timezone.localdate(),
        today=timezone.localdate(),
        milestones=names,
        tasks=tasks,
    )
    return problem[1] if problem else "节点已全部完成，任务已全部验收。"


DESK = Desk(
    workflow=rules.PROJECT,
    route="projects:project-step",
    argument="project_id",
    deeds={
        "close": Deed(
            services.close_project,
            "已办结。",
            CloseForm,
            hint=_still_open,
            confirm="办结后节点、任务和成员不再变动；确有需要的可以重新开启。",
            look="",
        ),
        "suspend": Deed(
            services.suspend_project,
            "已暂停，灯色转灰并注明原因。",
            hint="暂停期间灯色为灰，不计逾期；原因显示在列表和项目页上。",
            look="",
        ),
        "resume": Deed(services.resume_project, "已恢复推进。", hint="恢复后按各节点的计划日期显示灯色。"),
        "reopen": Deed(services.reopen_project, "已重新开启。", look=""),
    },
)


@requires(Permission.VIEW_PROJECTS)
def project_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    visible = red_first(queries.with_parts(queries.projects_visible_to(request.user)), today=today)
    listing = ProjectFilter(request.GET, queryset=visible, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "projects/project_list.html#table" if partial else "projects/project_list.html"
    lines = [queries.project_line(project, today=today) for project in page]
    context = {"filter": listing, "page": page, "lines": lines, "is_narrowed": listing.is_narrowed}
    return render(request, template, context)


@requires(Permission.MANAGE_PROJECTS)
def project_create(request: SignedInRequest) -> HttpResponse:
    form = ProjectForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        project = submit(
            form,
            services.create_project,
            code=form.cleaned_data["code"],
            facts=form.facts(),
            amount_sure=form.cleaned_data["amount_sure"],
            by=request.user,
            at=timezone.now(),
        )
        if project is not None:
            messages.success(request, f"已新增“{project}”（{project.code}）。接下来任命组长，再定节点。")
            return redirect("projects:project-taskforce", pk=project.pk)
    return _form_page(request, form)


@requires(Permission.MANAGE_PROJECTS)
def project_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the record. When somebody saved first the form comes back with both versions, nothing lost."""
    project = get_object_or_404(queries.projects_visible_to(request.user), pk=pk)
    allowed, reason = can(
        rules.PROJECT, "edit", state=project.state, permissions=permission_names(request.user), parts=()
    )
    if not allowed:
        messages.error(request, f"{reason}需要修改的，请先重新开启。")
        return redirect("projects:project-detail", pk=pk)
    form = ProjectForm(request.POST or None, user=request.user, project=project)
    both: list[tuple[str, str, str]] = []
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.edit_project,
            project_id=pk,
            version=form.cleaned_data["version"] or 0,
            facts=form.facts(),
            amount_sure=form.cleaned_data["amount_sure"],
            by=request.user,
            at=timezone.now(),
        )
        if saved is not None:
            messages.success(request, "已保存；改动前的内容留在历史里。")
            return redirect("projects:project-detail", pk=pk)
        if isinstance(getattr(form, "broken_rule", None), StaleVersion):
            project.refresh_from_db()
            both = _both_versions(project, form)
            # What was typed stays; sending it once more is sending it over the version now shown.
            sent = request.POST.copy()
            sent["version"] = str(project.version)
            form.data = sent
    return _form_page(request, form, project, both=both, status=409 if both else 200)


def _both_versions(project: KeyProject, form: ProjectForm) -> list[tuple[str, str, str]]:
    """(label, what is saved now, what was typed), where the two differ."""
    typed = form.shown()
    found = []
    for name in services.FACTS:
        if name == "co_units":
            saved = {"协办单位": "、".join(sorted(map(str, project.co_units.all())))}
        else:
            saved = in_words(project, [name])
        for label, now in saved.items():
            if now != typed[name]:
                found.append((label, now, typed[name]))
    return found or [("", "", "")]


def _form_page(
    request: SignedInRequest,
    form: ProjectForm,
    project: KeyProject | None = None,
    *,
    both: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    doubted = isinstance(getattr(form, "broken_rule", None), services.DoubtfulAmount)
    context = {
        "form": form,
        "project": project,
        "both": both,
        "asks_amount": doubted or bool(form.is_bound and form.data.get("amount_sure")),
    }
    return render(request, "projects/project_form.html", context, status=status)


@requires(Permission.VIEW_PROJECTS)
def project_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, project_of(request, pk))


def _detail(request: SignedInRequest, project: KeyProject, wrong: Wrong | None = None) -> HttpResponse:
    context = {
        "six": six_of(project, today=timezone.localdate()),
        "blocks": overview.cards_of(project, request.user, today=timezone.localdate()),
        "can_update": queries.leads(request.user, project) and project.closed_on is None,
        "updates": milestones.updates_with_files(project),
        "cards": DESK.cards(project, request.user, wrong=wrong),
        "may_edit": may(request.user, Permission.MANAGE_PROJECTS) and project.state != ProjectState.CLOSED,
    }
    return render_tab(request, project, "projects/project_detail.html", context)


@requires(Permission.VIEW_PROJECTS)
def project_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    project = project_of(request, pk)
    return DESK.take(request, project, step, page=lambda wrong: _detail(request, project, wrong))


@requires(Permission.VIEW_PROJECTS)
def project_history(request: SignedInRequest, pk: int) -> HttpResponse:
    project = project_of(request, pk)
    page = Paginator(overview.history_of(project, request.user), 50).get_page(request.GET.get("page"))
    return render_tab(request, project, "projects/project_history.html", {"page": page})


@requires(Permission.VIEW_PROJECTS)
def project_options(request: SignedInRequest) -> HttpResponse:
    """Options of the project picker for what was typed: name or number."""
    text = request.GET.get("q", "").strip()
    matching = Q(name__icontains=text) | Q(code__istartswith=text)
    found = queries.projects_visible_to(request.user).filter(matching, closed_on=None).order_by("code")
    rows = list(found[: PICKER_SIZE + 1]) if text else []
    options = [
        {"value": p.pk, "label": p.name, "hint": f"{p.code} · {p.lead_unit or p.units_text or '—'}"}
        for p in rows[:PICKER_SIZE]
    ]
    context = {"options": options, "more": len(rows) > PICKER_SIZE, "text": text, "what": "项目"}
    return render(request, "core/picker_options.html", context)
