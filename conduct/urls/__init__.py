"""Routes of conduct, one module per kind of record."""

from conduct.urls import dossier, notices, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *dossier.urlpatterns, *notices.urlpatterns]
