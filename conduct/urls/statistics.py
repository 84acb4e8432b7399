"""Routes of statistics."""

from django.urls import path

from conduct.views import statistics as views

urlpatterns = [
    path("statistics/", views.statistics, name="statistics"),
    path("statistics/export/", views.statistics_export, name="statistics-export"),
    path("statistics/clues/", views.clue_statistics, name="statistics-clues"),
    path("statistics/cases/", views.case_statistics, name="case-statistics"),
    path("statistics/cases/list/", views.case_list, name="case-list"),
    path("statistics/cases/export/", views.case_export, name="case-export"),
    path("statistics/cases/<str:code>/", views.case_detail, name="case-detail"),
    path("statistics/chain/", views.chain_check, name="chain-check"),
]
