"""Routes of a person's file."""

from django.urls import path

from conduct.views import dossier as views

urlpatterns = [
    path("file/", views.my_dossier, name="my-dossier"),
    path("cadres/<int:pk>/file/", views.dossier, name="dossier"),
    path("cadres/<int:pk>/file/statements/", views.statement_create, name="statement-create"),
    path("file-statements/<int:pk>/answer/", views.statement_answer, name="statement-answer"),
    path("file-statements/<int:pk>/withdraw/", views.statement_withdraw, name="statement-withdraw"),
]
