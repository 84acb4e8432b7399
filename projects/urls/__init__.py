"""Routes of the projects, one module per kind of record."""

from projects.urls import assignments, investment, milestones, projects, taskforce

app_name = "projects"
urlpatterns = [
    *assignments.urlpatterns,
    *investment.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
    *taskforce.urlpatterns,
]
