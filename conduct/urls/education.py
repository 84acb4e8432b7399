"""Routes of education and care."""

from django.urls import path

from conduct.views import education as views

urlpatterns = [
    path("education/", views.event_list, name="event-list"),
    path("education/new/", views.event_create, name="event-create"),
    path("education/<int:pk>/", views.event_detail, name="event-detail"),
    path("tests/", views.test_list, name="test-list"),
    path("tests/new/", views.test_create, name="test-create"),
    path("tests/review/", views.test_review, name="test-review"),
    path("tests/<int:pk>/", views.test_detail, name="test-detail"),
    path("tests/<int:pk>/sheet/", views.test_sheet, name="test-sheet"),
    path("study-plans/", views.plan_list, name="plan-list"),
    path("study-plans/new/", views.plan_create, name="plan-create"),
    path("study-plans/<int:pk>/done/", views.plan_done, name="plan-done"),
    path("commendations/", views.commendation_list, name="commendation-list"),
    path("commendations/new/", views.commendation_create, name="commendation-create"),
    path("commendations/<int:pk>/", views.commendation_detail, name="commendation-detail"),
    path("commendations/<int:pk>/<slug:step>/", views.commendation_step, name="commendation-step"),
]
