"""Routes of the assessment."""

from django.urls import path

from assessment import views

app_name = "assessment"
urlpatterns = [
    path("periods/", views.period_list, name="period-list"),
    path("periods/<int:pk>/", views.period_detail, name="period-detail"),
    path("periods/<int:pk>/run/", views.run_start, name="run-start"),
    path("ranking/", views.ranking, name="ranking"),
    path("ranking/export/", views.export_ranking, name="export-ranking"),
    path("results/mine/", views.my_results, name="my-results"),
    path("results/<int:pk>/", views.result_detail, name="result-detail"),
    path("ratings/", views.rating_list, name="rating-list"),
    path("ratings/<int:pk>/", views.rating_edit, name="rating-edit"),
]
