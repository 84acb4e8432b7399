"""Routes of unit measures."""

from django.urls import path

from conduct.views import unit_measures as views

urlpatterns = [
    path("unit-measures/", views.unit_measure_list, name="unit-measure-list"),
    path("unit-measures/new/", views.unit_measure_create, name="unit-measure-create"),
    path("unit-measures/<int:pk>/", views.unit_measure_detail, name="unit-measure-detail"),
    path("unit-measures/<int:pk>/<slug:step>/", views.unit_measure_step, name="unit-measure-step"),
]
