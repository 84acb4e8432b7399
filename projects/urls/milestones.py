"""Routes of milestones, their updates and their plan."""

from django.urls import path

from projects.views import milestones as views
from projects.views import plan

urlpatterns = [
    path(
        "projects/<int:pk>/updates/<int:update>/files/<int:attachment>/",
        views.update_attachment,
        name="update-attachment",
    ),
    path("projects/<int:pk>/milestones/", plan.project_milestones, name="project-milestones"),
    path("projects/<int:pk>/milestones/edit/", plan.plan_edit, name="plan-edit"),
    path("milestones/<int:pk>/", views.milestone_update, name="milestone-update"),
    path("milestones/<int:pk>/node/", plan.milestone_detail, name="milestone-detail"),
    path("milestones/<int:pk>/changes/", plan.plan_change_create, name="plan-change-create"),
    path("milestones/<int:pk>/steps/<slug:step>/", plan.milestone_step, name="milestone-step"),
    path("plan-changes/", plan.plan_change_list, name="plan-change-list"),
    path("plan-changes/<int:pk>/<slug:step>/", plan.plan_change_step, name="plan-change-step"),
]
