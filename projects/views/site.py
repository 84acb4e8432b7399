"""Pages of site logs, and who may be named in them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.queries import attachments_of, course_of
from core.views.attachments import download
from core.views.steps import Deed, Desk, Wrong
from projects.filters.site import SiteLogFilter
from projects.forms.site import LogCorrectionForm, LogForm
from projects.models import SiteLog
from projects.queries import issues
from projects.queries import site as queries
from projects.queries.projects import projects_visible_to
from projects.rules import site as rules
from projects.services import site as services
from projects.views.frame import project_of, render_tab

PICKER_SIZE = 10
LATEST = 100
"""Logs of one project on its page; the list has them all."""

DESK = Desk(
    workflow=rules.SITE_LOG,
    route="projects:sitelog-step",
    argument="log_id",
    parts=queries.log_parts,
    deeds={
        "correct": Deed(services.correct_log, "已更正，原文保留在经过里。", LogCorrectionForm, look=""),
        "withdraw": Deed(
            services.withdraw_log,
            "已撤回，不再计入现场工作和双九十。",
            confirm="撤回后不再计入现场工作和双九十，原文留存备查。",
            look="btn-risky",
        ),
    },
)


@requires(Permission.VIEW_PROJECTS)
def sitelog_list(request: SignedInRequest) -> HttpResponse:
    listing = SiteLogFilter(
        request.GET, queryset=queries.sitelogs_visible_to(request.user), user=request.user
    )
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    partial = request.headers.get("HX-Request")
    template = "projects/sitelog_list.html#table" if partial else "projects/sitelog_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.LOG_SITE_WORK)
def sitelog_create(request: SignedInRequest) -> HttpResponse:
    """Record a visit; `?project=` is the project of the page one comes from."""
    wanted = request.GET.get("project", "")
    project = queries.projects_to_log(request.user).filter(pk=wanted).first() if wanted.isdigit() else None
    form = LogForm(request.POST or None, request.FILES or None, user=request.user, project=project)
    if request.method == "POST" and form.is_valid():
        log = submit(form, services.record_log, by=request.user, at=timezone.now(), **form.cleaned_data)
        if log is not None:
            found = form.cleaned_data["found"] is not None
            messages.success(request, "已记录，问题已同时提出。" if found else "已记录。")
            return redirect(log)
    return render(request, "projects/sitelog_form.html", {"form": form, "project": project})


@requires(Permission.VIEW_PROJECTS)
def sitelog_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, get_object_or_404(queries.sitelogs_visible_to(request.user), pk=pk))


def _detail(request: SignedInRequest, log: SiteLog, wrong: Wrong | None = None) -> HttpResponse:
    context = {
        "log": log,
        "project_seen": log.project is not None
        and projects_visible_to(request.user).filter(pk=log.project.pk).exists(),
        "issues": issues.issues_visible_to(request.user).filter(site_log=log).order_by("id"),
        "files": attachments_of(log),
        "cards": DESK.cards(log, request.user, wrong=wrong),
        "course": course_of(log, rules.SITE_LOG),
    }
    return render(request, "projects/sitelog_detail.html", context)


@requires(Permission.VIEW_PROJECTS)
def sitelog_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    log = get_object_or_404(queries.sitelogs_visible_to(request.user), pk=pk)
    return DESK.take(request, log, step, page=lambda wrong: _detail(request, log, wrong))


@requires(Permission.VIEW_PROJECTS)
def sitelog_attachment(request: SignedInRequest, pk: int, attachment: int) -> HttpResponseBase:
    log = get_object_or_404(queries.sitelogs_visible_to(request.user), pk=pk)
    return download(owner=log, pk=attachment, by=request.user)


@requires(Permission.VIEW_PROJECTS)
def project_site(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was done on one project's site, and who is posted there."""
    project = project_of(request, pk)
    logs = queries.sitelogs_visible_to(request.user).filter(project=project).order_by("-on", "-id")
    context = {
        "logs": logs[:LATEST],
        "total": logs.count(),
        "postings": queries.now_at(project, today=timezone.localdate()),
        "may_log": project.closed_on is None
        and queries.projects_to_log(request.user).filter(pk=project.pk).exists(),
        "in_project": True,
    }
    return render_tab(request, project, "projects/project_site.html", context)


@requires(Permission.REPORT_ISSUES)
def people_options(request: SignedInRequest) -> HttpResponse:
    """Options of the picker of people one works with: own unit, own taskforces, and whom one sees anyway."""
    text = request.GET.get("q", "").strip()
    known = queries.people_to_name(request.user).filter(left_on=None)
    found = list(known.matching(text)[: PICKER_SIZE + 1]) if text else []
    options = [
        {"value": c.pk, "label": c.name, "hint": f"{c.unit} · {c.post or '—'} · {c.staff_no}"}
        for c in found[:PICKER_SIZE]
    ]
    context = {"options": options, "more": len(found) > PICKER_SIZE, "text": text, "what": "人员"}
    return render(request, "core/picker_options.html", context)
