"""Routes of the projects, one module per kind of record."""

from projects.urls import investment, milestones, projects, taskforce

app_name = "projects"
urlpatterns = [
    *investment.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
    *taskforce.urlpatterns,
]
