"""Routes of unit measures."""

from django.urls import path

from conduct.views import unit_measures as views

urlpatterns = [
    path("unit-measures/", views.unit_measure_list, name="unit-measure-list"),
    path("unit-measures/new/", views.unit_measure_create, name="unit-measure-create"),
    path("unit-measures/<int:pk>/", views.unit_measure_detail, name="unit-measure-detail"),
    path("unit-measures/<int:pk>/approve/", views.unit_measure_approve, name="unit-measure-approve"),
    path("unit-measures/<int:pk>/decline/", views.unit_measure_decline, name="unit-measure-decline"),
    path("unit-measures/<int:pk>/withdraw/", views.unit_measure_withdraw, name="unit-measure-withdraw"),
    path("unit-measures/<int:pk>/lift/", views.unit_measure_lift, name="unit-measure-lift"),
]
