"""Pages of the projects."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.forms import submit
from core.permissions import Permission, SignedInRequest, requires
from core.rules.errors import StaleVersion
from core.views.attachments import download
from projects import queries, services
from projects.filters import ProjectFilter
from projects.forms import MilestoneForm

PICKER_SIZE = 10


@requires(Permission.VIEW_PROJECTS)
def project_list(request: SignedInRequest) -> HttpResponse:
    visible = queries.with_parts(queries.projects_visible_to(request.user)).order_by("code")
    listing = ProjectFilter(request.GET, queryset=visible, user=request.user)
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    today = timezone.localdate()
    partial = request.headers.get("HX-Request")
    template = "projects/project_list.html#table" if partial else "projects/project_list.html"
    lines = [queries.project_line(project, today=today) for project in page]
    return render(request, template, {"filter": listing, "page": page, "lines": lines})


@requires(Permission.VIEW_PROJECTS)
def project_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    visible = queries.with_parts(queries.projects_visible_to(request.user)).prefetch_related("co_units")
    project = get_object_or_404(visible, pk=pk)
    context = {
        "project": project,
        "line": queries.project_line(project, today=timezone.localdate()),
        "members": project.current_members,  # type: ignore[attr-defined]
        "can_update": queries.leads(request.user, project) and project.closed_on is None,
        "updates": queries.updates_with_files(project),
    }
    return render(request, "projects/project_detail.html", context)


@requires(Permission.UPDATE_MILESTONES)
def milestone_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Report progress. When somebody saved first the form comes back with both versions, nothing lost."""
    milestone = get_object_or_404(queries.milestones_visible_to(request.user), pk=pk)
    progress = f"{milestone.progress.normalize():f}"
    initial = {"progress": progress, "done_on": milestone.done_on, "version": milestone.version}
    form = MilestoneForm(request.POST or None, request.FILES or None, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            services.update_milestone,
            milestone_id=pk,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if saved:
            messages.success(request, f"“{milestone}”已更新。")
            return redirect("projects:project-detail", pk=milestone.project_id)
        if isinstance(getattr(form, "broken_rule", None), StaleVersion):
            milestone.refresh_from_db()
            # What was typed stays; sending it once more is sending it over the version now shown.
            form.data = {**request.POST.dict(), "version": str(milestone.version)}
            status = 409
    reading = queries.reading_of(milestone, today=timezone.localdate())
    context = {"milestone": milestone, "form": form, "light": reading}
    return render(request, "projects/milestone_form.html", context, status=status)


@requires(Permission.VIEW_PROJECTS)
def update_attachment(request: SignedInRequest, pk: int, update: int, attachment: int) -> HttpResponseBase:
    project = get_object_or_404(queries.projects_visible_to(request.user), pk=pk)
    owner = get_object_or_404(queries.updates_of(project), pk=update)
    return download(owner=owner, pk=attachment, by=request.user)


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
