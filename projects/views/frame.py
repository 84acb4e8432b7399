"""The frame of a project's pages: its head and the tabs that lead from one page of it to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core.permissions import SignedInRequest
from projects.models import KeyProject
from projects.queries import projects as queries


@dataclass(frozen=True)
class Tab:
    """A page of a project; its route takes the project's `pk`."""

    label: str
    route: str


TABS = (
    Tab("概况", "projects:project-detail"),
    Tab("节点", "projects:project-milestones"),
    Tab("六定任务", "projects:project-tasks"),
    Tab("投资", "projects:project-investment"),
    Tab("问题", "projects:project-issues"),
    Tab("现场", "projects:project-site"),
    Tab("调度和督办", "projects:project-dispatch"),
    Tab("攻坚小组", "projects:project-taskforce"),
    Tab("历史", "projects:project-history"),
)
"""In the order shown; a kind of record with a page of its own in every project adds one line."""


def project_of(request: SignedInRequest, pk: int) -> KeyProject:
    """The project with milestones and current members, or 404 outside the reader's scope."""
    found: KeyProject = get_object_or_404(
        queries.with_parts(queries.projects_visible_to(request.user)).prefetch_related("co_units"), pk=pk
    )
    return found


def render_tab(
    request: SignedInRequest,
    project: KeyProject,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of a project: `template` extends `projects/frame.html`; the route tells the current tab."""
    match = request.resolver_match
    frame = {
        "project": project,
        "line": queries.project_line(project, today=timezone.localdate()),
        "tabs": TABS,
        "tab": match.view_name if match else "",
    }
    return render(request, template, {**frame, **(context or {})}, status=status)
