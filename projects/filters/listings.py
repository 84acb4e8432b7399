"""What the search box and the figures of the workbench offer of this app."""

from __future__ import annotations

from django.urls import reverse

from core.filters.figures import Figure
from core.filters.listing import Listing
from core.filters.search import Hit, Kind, whole
from projects.choices import Light
from projects.filters.assignments import AssignmentFilter
from projects.filters.investment import InvestmentFilter
from projects.filters.issues import IssueFilter
from projects.filters.projects import ProjectFilter
from projects.filters.wall import WALL
from projects.models import Assignment, KeyProject, ProjectIssue
from projects.queries.assignments import assignments_visible_to
from projects.queries.issues import issues_visible_to
from projects.queries.projects import projects_visible_to

PROJECTS = Listing(
    "projects:project-list",
    lambda query, user: ProjectFilter(query, queryset=projects_visible_to(user), user=user),
)
ISSUES = Listing(
    "projects:issue-list",
    lambda query, user: IssueFilter(query, queryset=issues_visible_to(user), user=user),
)

ASSIGNMENTS = Listing(
    "projects:assignment-list",
    lambda query, user: AssignmentFilter(query, queryset=assignments_visible_to(user), user=user),
)


def _assignment(task: Assignment) -> Hit:
    parts = [task.project.name, str(task.lead_unit or ""), task.get_state_display()]
    return Hit(task.title, "，".join(part for part in parts if part), task.get_absolute_url())


INVESTMENT = Listing(
    "projects:investment-list",
    lambda query, user: InvestmentFilter(query, queryset=projects_visible_to(user), user=user),
)


def _project(project: KeyProject) -> Hit:
    parts = [project.code, project.get_kind_display(), str(project.lead_unit or "")]
    url = reverse("projects:project-detail", args=[project.pk])
    return Hit(project.name, "，".join(part for part in parts if part), url)


def _issue(issue: ProjectIssue) -> Hit:
    parts = [issue.project.name, issue.get_kind_display(), issue.get_state_display()]
    return Hit(issue.title, "，".join(parts), issue.get_absolute_url())


SEARCHED = (
    Kind("项目", PROJECTS, _project, whole("code")),
    Kind("六定任务", ASSIGNMENTS, _assignment),
    Kind("项目问题", ISSUES, _issue),
)
FIGURES = (
    Figure("红灯项目", WALL, {"light": Light.RED}),
    Figure("黄灯项目", WALL, {"light": Light.YELLOW}),
    Figure("上月投资未填", INVESTMENT, {"reported": "NO"}),
    Figure("逾期任务", ASSIGNMENTS, {"pressing": "overdue"}),
    Figure("逾期的项目问题", ISSUES, {"state": "overdue"}),
)
