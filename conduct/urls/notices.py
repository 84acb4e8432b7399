"""Routes of public notices."""

from django.urls import path

from conduct.views import notices as views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/new/", views.notice_create, name="notice-create"),
    path("notices/<int:pk>/", views.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/edit/", views.notice_edit, name="notice-edit"),
    path("notices/<int:pk>/submit/", views.notice_submit, name="notice-submit"),
    path("notices/<int:pk>/approve/", views.notice_approve, name="notice-approve"),
    path("notices/<int:pk>/return/", views.notice_return, name="notice-return"),
    path("notices/<int:pk>/recall/", views.notice_recall, name="notice-recall"),
    path("notices/<int:pk>/cancel/", views.notice_cancel, name="notice-cancel"),
]
