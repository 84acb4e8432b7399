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
    path("violations/<int:pk>/attach/", views.violation_attach, name="violation-attach"),
    path("violations/<int:pk>/decide/", views.violation_decide, name="violation-decide"),
    path("violations/<int:pk>/withdraw/", views.violation_withdraw, name="violation-withdraw"),
    path("violations/<int:pk>/correct/", views.violation_correct, name="violation-correct"),
    path("violations/<int:pk>/handle/", views.violation_handle, name="violation-handle"),
    path("violations/<int:pk>/escalate/", views.violation_escalate, name="violation-escalate"),
    path("violations/<int:pk>/complete/", views.violation_complete, name="violation-complete"),
    path("violations/<int:pk>/close/", views.violation_close, name="violation-close"),
    path("violations/<int:pk>/reopen/", views.violation_reopen, name="violation-reopen"),
]
