"""Routes of conduct, one module per kind of record."""

from conduct.urls import campaigns, dossier, notices, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *dossier.urlpatterns, *notices.urlpatterns, *campaigns.urlpatterns]
