"""Routes of inspections."""

from django.urls import path

from conduct.views import inspections as views
from conduct.views import supervisors, visits

urlpatterns = [
    path("inspections/", visits.inspection_list, name="inspection-list"),
    path("inspections/new/", visits.inspection_create, name="inspection-create"),
    path("inspections/coverage/", visits.inspection_coverage, name="inspection-coverage"),
    path("inspections/<int:pk>/", visits.inspection_detail, name="inspection-detail"),
    path("inspections/<int:pk>/add/", visits.inspection_add, name="inspection-add"),
    path("inspections/findings/<int:pk>/", views.finding_detail, name="inspection-finding"),
    path("inspections/plans/", views.plan_list, name="inspectionplan-list"),
    path("inspections/plans/new/", views.plan_create, name="inspectionplan-create"),
    path("inspections/plans/holiday/", views.plan_holiday, name="inspectionplan-holiday"),
    path("inspections/plans/<int:pk>/", views.plan_detail, name="inspectionplan-detail"),
    path("inspections/plans/<int:pk>/edit/", views.plan_edit, name="inspectionplan-edit"),
    path("inspections/supervisors/", supervisors.supervisor_list, name="supervisor-list"),
    path("inspections/supervisors/new/", supervisors.supervisor_create, name="supervisor-create"),
    path("inspections/supervisors/<int:pk>/end/", supervisors.supervisor_end, name="supervisor-end"),
    path("inspections/findings/<int:pk>/<slug:step>/", views.finding_step, name="inspection-finding-step"),
    path("inspections/plans/<int:pk>/<slug:step>/", views.plan_step, name="inspectionplan-step"),
    path("inspections/<int:pk>/<slug:step>/", visits.inspection_step, name="inspection-step"),
]
