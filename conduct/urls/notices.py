"""Routes of public notices."""

from django.urls import path

from conduct.views import notices as views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/new/", views.notice_create, name="notice-create"),
    path("notices/<int:pk>/", views.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/pdf/", views.notice_as_pdf, name="notice-pdf"),
    path("notices/<int:pk>/word/", views.notice_as_word, name="notice-word"),
    path("notices/<int:pk>/<slug:step>/", views.notice_step, name="notice-step"),
]
