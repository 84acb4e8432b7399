"""Routes of violations."""

from django.urls import path

from conduct.views import violations as views

urlpatterns = [
    path("violations/", views.violation_list, name="violation-list"),
    path("violations/new/", views.violation_create, name="violation-create"),
    path("violations/<int:pk>/", views.violation_detail, name="violation-detail"),
    path(
        "violations/<int:pk>/files/<int:attachment>/", views.violation_attachment, name="violation-attachment"
    ),
    path("violations/<int:pk>/attach/", views.violation_attach, name="violation-attach"),
    path("violations/<int:pk>/decide/", views.violation_decide, name="violation-decide"),
    path("violations/<int:pk>/withdraw/", views.violation_withdraw, name="violation-withdraw"),
]
