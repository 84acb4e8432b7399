"""Routes of conduct, one module per kind of record."""

from conduct.urls import (
    campaigns,
    clues,
    dossier,
    education,
    inspections,
    letters,
    notices,
    regulations,
    statistics,
    unit_measures,
    violations,
)

app_name = "conduct"
urlpatterns = [
    *campaigns.urlpatterns,
    *clues.urlpatterns,
    *dossier.urlpatterns,
    *education.urlpatterns,
    *inspections.urlpatterns,
    *letters.urlpatterns,
    *notices.urlpatterns,
    *regulations.urlpatterns,
    *statistics.urlpatterns,
    *unit_measures.urlpatterns,
    *violations.urlpatterns,
]
