"""Routes of violations."""

from django.urls import path

from conduct.views import violations as views

urlpatterns = [
    path("violations/", views.violation_list, name="violation-list"),
    path("violations/new/", views.violation_create, name="violation-create"),
    path("violations/bulk/", views.violation_bulk, name="violation-bulk"),
    path("violations/<int:pk>/", views.violation_detail, name="violation-detail"),
    path(
        "violations/<int:pk>/files/<int:attachment>/", views.violation_attachment, name="violation-attachment"
    ),
    path("violations/<int:pk>/<slug:step>/", views.violation_step, name="violation-step"),
]
