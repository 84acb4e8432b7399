"""Routes of the list and pages of projects."""

from django.urls import path

from projects.views import projects as views

urlpatterns = [
    path("projects/", views.project_list, name="project-list"),
    path("projects/options/", views.project_options, name="project-options"),
    path("projects/<int:pk>/", views.project_detail, name="project-detail"),
]
