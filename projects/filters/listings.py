"""What the search box and the figures of the workbench offer of this app."""

from __future__ import annotations

from django.urls import reverse

from core.filters.figures import Figure
from core.filters.listing import Listing
from core.filters.search import Hit, Kind, whole
from projects.choices import Light
from projects.filters.projects import ProjectFilter
from projects.filters.wall import WALL
from projects.models import KeyProject
from projects.queries.projects import projects_visible_to

PROJECTS = Listing(
    "projects:project-list",
    lambda query, user: ProjectFilter(query, queryset=projects_visible_to(user), user=user),
)


def _project(project: KeyProject) -> Hit:
    parts = [project.code, project.get_kind_display(), str(project.lead_unit or "")]
    url = reverse("projects:project-detail", args=[project.pk])
    return Hit(project.name, "，".join(part for part in parts if part), url)


SEARCHED = (Kind("项目", PROJECTS, _project, whole("code")),)
FIGURES = (
    Figure("红灯项目", WALL, {"light": Light.RED}),
    Figure("黄灯项目", WALL, {"light": Light.YELLOW}),
)
