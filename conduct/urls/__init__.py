"""Routes of conduct, one module per kind of record."""

from conduct.urls import (
    campaigns,
    clues,
    dossier,
    inspections,
    notices,
    statistics,
    violations,
)

app_name = "conduct"
urlpatterns = [
    *campaigns.urlpatterns,
    *clues.urlpatterns,
    *dossier.urlpatterns,
    *inspections.urlpatterns,
    *notices.urlpatterns,
    *statistics.urlpatterns,
    *violations.urlpatterns,
]
