"""Routes of the projects, one module per kind of record."""

from projects.urls import issues, milestones, projects, site

app_name = "projects"
urlpatterns = [
    *issues.urlpatterns,
    *milestones.urlpatterns,
    *projects.urlpatterns,
    *site.urlpatterns,
]
