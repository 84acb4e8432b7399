"""Routes of 六定 tasks."""

from django.urls import path

from projects.views import assignments as views

urlpatterns = [
    path("projects/<int:pk>/tasks/", views.project_tasks, name="project-tasks"),
    path("projects/<int:pk>/tasks/new/", views.assignment_create, name="assignment-create"),
    path("projects/<int:pk>/tasks/several/", views.assignment_several, name="assignment-several"),
    path("projects/<int:pk>/tasks/pdf/", views.project_duties, name="project-duties"),
    path("assignments/", views.assignment_list, name="assignment-list"),
    path("assignments/people/", views.assignment_people, name="assignment-people"),
    path("assignments/<int:pk>/", views.assignment_detail, name="assignment-detail"),
    path("assignments/<int:pk>/edit/", views.assignment_edit, name="assignment-edit"),
    path("assignments/<int:pk>/change/", views.assignment_change, name="assignment-change"),
    path("assignments/<int:pk>/files/<int:attachment>/", views.assignment_attachment, name="assignment-file"),
    path("assignments/<int:pk>/<slug:step>/", views.assignment_step, name="assignment-step"),
    path(
        "assignment-changes/<int:pk>/<slug:step>/",
        views.assignment_change_step,
        name="assignment-change-step",
    ),
]
