"""Routes of the projects."""

from django.urls import path

from projects import views

app_name = "projects"
urlpatterns = [
    path("projects/", views.project_list, name="project-list"),
    path("projects/options/", views.project_options, name="project-options"),
    path("projects/<int:pk>/", views.project_detail, name="project-detail"),
    path(
        "projects/<int:pk>/updates/<int:update>/files/<int:attachment>/",
        views.update_attachment,
        name="update-attachment",
    ),
    path("milestones/<int:pk>/", views.milestone_update, name="milestone-update"),
]
