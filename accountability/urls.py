"""Routes of accountability."""

from django.urls import path

from accountability import views

app_name = "accountability"
urlpatterns = [
    path("accountability/catalogue/", views.catalogue, name="catalogue"),
    path("accountability/calculator/", views.calculator, name="calculator"),
]
