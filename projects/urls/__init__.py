"""Routes of the projects, one module per kind of record."""

from projects.urls import milestones, projects, wall

app_name = "projects"
urlpatterns = [
    *milestones.urlpatterns,
    *projects.urlpatterns,
    *wall.urlpatterns,
]
