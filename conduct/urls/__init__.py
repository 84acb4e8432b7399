"""Routes of conduct, one module per kind of record."""

from conduct.urls import (
    campaigns,
    dossier,
    notices,
    statistics,
    violations,
)

app_name = "conduct"
urlpatterns = [
    *campaigns.urlpatterns,
    *dossier.urlpatterns,
    *notices.urlpatterns,
    *statistics.urlpatterns,
    *violations.urlpatterns,
]
