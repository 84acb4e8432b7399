"""Routes of investment."""

from django.urls import path

from projects.views import investment as views

urlpatterns = [
    path("investment/", views.investment_list, name="investment-list"),
    path("investment/export/", views.investment_export, name="investment-export"),
    path("projects/<int:pk>/investment/", views.project_investment, name="project-investment"),
    path(
        "projects/<int:pk>/investment/plan/<int:year>/",
        views.project_investment_plan,
        name="project-investment-plan",
    ),
    path(
        "projects/<int:pk>/investment/opening/",
        views.project_investment_opening,
        name="project-investment-opening",
    ),
]
