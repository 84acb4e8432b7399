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
    path("inspections/<int:pk>/correct/", visits.inspection_correct, name="inspection-correct"),
    path("inspections/findings/<int:pk>/", views.finding_detail, name="inspection-finding"),
    path(
        "inspections/findings/<int:pk>/violation/",
        views.finding_violation,
        name="inspection-finding-violation",
    ),
    path("inspections/findings/<int:pk>/letter/", views.finding_letter, name="inspection-finding-letter"),
    path("inspections/findings/<int:pk>/settle/", views.finding_settle, name="inspection-finding-settle"),
    path("inspections/plans/", views.plan_list, name="inspectionplan-list"),
    path("inspections/plans/new/", views.plan_create, name="inspectionplan-create"),
    path("inspections/plans/holiday/", views.plan_holiday, name="inspectionplan-holiday"),
    path("inspections/plans/<int:pk>/", views.plan_detail, name="inspectionplan-detail"),
    path("inspections/plans/<int:pk>/edit/", views.plan_edit, name="inspectionplan-edit"),
    path("inspections/plans/<int:pk>/start/", views.plan_start, name="inspectionplan-start"),
    path("inspections/plans/<int:pk>/finish/", views.plan_finish, name="inspectionplan-finish"),
    path("inspections/plans/<int:pk>/cancel/", views.plan_cancel, name="inspectionplan-cancel"),
    path("inspections/supervisors/", supervisors.supervisor_list, name="supervisor-list"),
    path("inspections/supervisors/new/", supervisors.supervisor_create, name="supervisor-create"),
    path("inspections/supervisors/<int:pk>/end/", supervisors.supervisor_end, name="supervisor-end"),
]
