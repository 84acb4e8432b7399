"""Routes of the projects, one module per kind of record."""

from projects.urls import assignments, milestones, projects

app_name = "projects"
urlpatterns = [
    *assignments.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
]
