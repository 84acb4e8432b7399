"""Routes of conduct, one module per kind of record."""

from conduct.urls import dossier, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *dossier.urlpatterns]
