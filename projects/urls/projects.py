"""Routes of the list and pages of projects."""

from django.urls import path

from projects.views import projects as views

urlpatterns = [
    path("projects/", views.project_list, name="project-list"),
    path("projects/options/", views.project_options, name="project-options"),
    path("projects/new/", views.project_create, name="project-create"),
    path("projects/<int:pk>/", views.project_detail, name="project-detail"),
    path("projects/<int:pk>/edit/", views.project_edit, name="project-edit"),
    path("projects/<int:pk>/history/", views.project_history, name="project-history"),
    path("projects/<int:pk>/steps/<slug:step>/", views.project_step, name="project-step"),
]
