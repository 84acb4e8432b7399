"""Routes of a project's taskforce."""

from django.urls import path

from projects.views import taskforce as views

urlpatterns = [
    path("projects/<int:pk>/taskforce/", views.taskforce, name="project-taskforce"),
    path("projects/<int:pk>/taskforce/appoint/", views.member_appoint, name="member-appoint"),
    path("projects/<int:pk>/taskforce/<int:member>/<slug:deed>/", views.member_change, name="member-change"),
]
