"""Routes of a person's file."""

from django.urls import path

from conduct.views import dossier as views

urlpatterns = [
    path("file/", views.my_dossier, name="my-dossier"),
    path("units/<int:pk>/file/", views.unit_file, name="unit-file"),
    path("cadres/<int:pk>/file/", views.dossier, name="dossier"),
    path("cadres/<int:pk>/file/statements/", views.statement_create, name="statement-create"),
    path("file-statements/<int:pk>/<slug:step>/", views.statement_step, name="statement-step"),
]
