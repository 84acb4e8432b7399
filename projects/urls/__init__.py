"""Routes of the projects, one module per kind of record."""

from projects.urls import (
    assignments,
    candidates,
    dispatch,
    investment,
    issues,
    milestones,
    projects,
    site,
    taskforce,
    wall,
)

app_name = "projects"
urlpatterns = [
    *assignments.urlpatterns,
    *candidates.urlpatterns,
    *dispatch.urlpatterns,
    *investment.urlpatterns,
    *issues.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
    *site.urlpatterns,
    *taskforce.urlpatterns,
    *wall.urlpatterns,
]
