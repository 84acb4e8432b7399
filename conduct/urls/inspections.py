"""Routes of inspections."""

from django.urls import path

from conduct.views import inspections as views

urlpatterns = [
    path("inspections/", views.inspection_list, name="inspection-list"),
    path("inspections/new/", views.inspection_create, name="inspection-create"),
    path("inspections/coverage/", views.inspection_coverage, name="inspection-coverage"),
    path("inspections/<int:pk>/", views.inspection_detail, name="inspection-detail"),
    path("inspections/findings/<int:pk>/", views.finding_detail, name="inspection-finding"),
    path("inspections/plans/", views.plan_list, name="inspectionplan-list"),
    path("inspections/plans/new/", views.plan_create, name="inspectionplan-create"),
    path("inspections/plans/holiday/", views.plan_holiday, name="inspectionplan-holiday"),
    path("inspections/plans/<int:pk>/", views.plan_detail, name="inspectionplan-detail"),
    path("inspections/plans/<int:pk>/edit/", views.plan_edit, name="inspectionplan-edit"),
    path("inspections/supervisors/", views.supervisor_list, name="supervisor-list"),
    path("inspections/supervisors/new/", views.supervisor_create, name="supervisor-create"),
    path("inspections/supervisors/<int:pk>/end/", views.supervisor_end, name="supervisor-end"),
    path("inspections/findings/<int:pk>/<slug:step>/", views.finding_step, name="inspection-finding-step"),
    path("inspections/plans/<int:pk>/<slug:step>/", views.plan_step, name="inspectionplan-step"),
]
