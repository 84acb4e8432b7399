"""Routes of education and care."""

from django.urls import path

from conduct.views import commendations, testing
from conduct.views import education as views

urlpatterns = [
    path("education/", views.event_list, name="event-list"),
    path("education/new/", views.event_create, name="event-create"),
    path("education/<int:pk>/", views.event_detail, name="event-detail"),
    path("education/<int:pk>/<slug:step>/", views.event_step, name="event-step"),
    path("tests/", testing.test_list, name="test-list"),
    path("tests/new/", testing.test_create, name="test-create"),
    path("tests/review/", testing.test_review, name="test-review"),
    path("tests/<int:pk>/", testing.test_detail, name="test-detail"),
    path("tests/<int:pk>/sheet/", testing.test_sheet, name="test-sheet"),
    path("tests/<int:pk>/papers/", testing.test_papers, name="test-papers"),
    path("study-plans/", views.plan_list, name="plan-list"),
    path("study-plans/new/", views.plan_create, name="plan-create"),
    path("study-plans/<int:pk>/done/", views.plan_done, name="plan-done"),
    path("commendations/", commendations.commendation_list, name="commendation-list"),
    path("commendations/new/", commendations.commendation_create, name="commendation-create"),
    path("commendations/<int:pk>/", commendations.commendation_detail, name="commendation-detail"),
    path("commendations/<int:pk>/<slug:step>/", commendations.commendation_step, name="commendation-step"),
]
