"""The list and the pages of projects."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.permissions import Permission, SignedInRequest, requires
from projects.filters.projects import ProjectFilter
from projects.queries import milestones
from projects.queries import projects as queries
from projects.queries.six import six_of
from projects.views.frame import project_of, render_tab

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
    project = project_of(request, pk)
    context = {
        "six": six_of(project, today=timezone.localdate()),
        "members": project.current_members,  # type: ignore[attr-defined]
        "can_update": queries.leads(request.user, project) and project.closed_on is None,
        "updates": milestones.updates_with_files(project),
    }
    return render_tab(request, project, "projects/project_detail.html", context)


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
