"""Routes of 重用候选."""

from django.urls import path

from projects.views import candidates as views

urlpatterns = [
    path("candidates/", views.candidate_list, name="candidate-list"),
    path("candidates/<int:pk>/", views.candidate_detail, name="candidate-detail"),
]
