"""Routes of project issues."""

from django.urls import path

from projects.views import issues as views

urlpatterns = [
    path("issues/", views.issue_list, name="issue-list"),
    path("issues/new/", views.issue_create, name="issue-create"),
    path("issues/statistics/", views.issue_statistics, name="issue-statistics"),
    path("issues/<int:pk>/", views.issue_detail, name="issue-detail"),
    path("issues/<int:pk>/<slug:step>/", views.issue_step, name="issue-step"),
    path("projects/<int:pk>/issues/", views.project_issues, name="project-issues"),
]
