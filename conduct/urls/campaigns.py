"""Routes of campaigns."""

from django.urls import path

from conduct.views import campaigns as views

ROUND = "campaigns/<int:pk>/rounds/<int:round_pk>/"

urlpatterns = [
    path("campaigns/", views.campaign_list, name="campaign-list"),
    path("campaigns/new/", views.campaign_create, name="campaign-create"),
    path("campaigns/<int:pk>/", views.campaign_detail, name="campaign-detail"),
    path(ROUND, views.campaign_round, name="campaign-round"),
    path(f"{ROUND}units/<int:unit_pk>/report/", views.round_report, name="round-report"),
    path(f"{ROUND}units/<int:unit_pk>/check/", views.round_check, name="round-check"),
    path("campaigns/<int:pk>/<slug:step>/", views.campaign_step, name="campaign-step"),
]
