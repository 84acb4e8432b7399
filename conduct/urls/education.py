"""Routes of education and care."""

from django.urls import path

from conduct.views import education as views
from conduct.views import testing

urlpatterns = [
    path("education/", views.event_list, name="event-list"),
    path("education/new/", views.event_create, name="event-create"),
    path("education/<int:pk>/", views.event_detail, name="event-detail"),
    path("education/<int:pk>/correct/", views.event_correct, name="event-correct"),
    path("education/<int:pk>/attend/", views.event_attend, name="event-attend"),
    path("education/<int:pk>/cancel/", views.event_cancel, name="event-cancel"),
    path("tests/", testing.test_list, name="test-list"),
    path("tests/new/", testing.test_create, name="test-create"),
    path("tests/review/", testing.test_review, name="test-review"),
    path("tests/<int:pk>/", testing.test_detail, name="test-detail"),
    path("tests/<int:pk>/sheet/", testing.test_sheet, name="test-sheet"),
    path("tests/<int:pk>/papers/", testing.test_papers, name="test-papers"),
    path("study-plans/", views.plan_list, name="plan-list"),
    path("study-plans/new/", views.plan_create, name="plan-create"),
    path("study-plans/<int:pk>/done/", views.plan_done, name="plan-done"),
    path("commendations/", views.commendation_list, name="commendation-list"),
    path("commendations/new/", views.commendation_create, name="commendation-create"),
    path("commendations/<int:pk>/", views.commendation_detail, name="commendation-detail"),
    path("commendations/<int:pk>/confirm/", views.commendation_confirm, name="commendation-confirm"),
    path("commendations/<int:pk>/decline/", views.commendation_decline, name="commendation-decline"),
    path("commendations/<int:pk>/withdraw/", views.commendation_withdraw, name="commendation-withdraw"),
]
