"""Routes of dispatch meetings and what they decided."""

from django.urls import path

from projects.views import dispatch as views

urlpatterns = [
    path("dispatch/", views.dispatch_list, name="dispatch-list"),
    path("dispatch/new/", views.dispatch_create, name="dispatch-create"),
    path("dispatch/decisions/", views.decision_list, name="dispatch-decision-list"),
    path("dispatch/decisions/<int:pk>/<slug:step>/", views.decision_step, name="dispatch-decision-step"),
    path("dispatch/<int:pk>/", views.dispatch_detail, name="dispatch-detail"),
    path("dispatch/<int:pk>/decide/", views.dispatch_decide, name="dispatch-decide"),
    path("dispatch/<int:pk>/<slug:step>/", views.dispatch_step, name="dispatch-step"),
    path("projects/<int:pk>/dispatch/", views.project_dispatch, name="project-dispatch"),
]
