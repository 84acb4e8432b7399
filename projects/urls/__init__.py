"""Routes of the projects, one module per kind of record."""

from projects.urls import candidates, dispatch, milestones, projects

app_name = "projects"
urlpatterns = [
    *dispatch.urlpatterns,
    *candidates.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
]
