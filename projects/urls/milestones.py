"""Routes of milestones and their updates."""

from django.urls import path

from projects.views import milestones as views

urlpatterns = [
    path(
        "projects/<int:pk>/updates/<int:update>/files/<int:attachment>/",
        views.update_attachment,
        name="update-attachment",
    ),
    path("milestones/<int:pk>/", views.milestone_update, name="milestone-update"),
]
