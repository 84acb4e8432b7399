"""Routes of conduct, one module per kind of record."""

from conduct.urls import education, regulations, unit_measures, violations

app_name = "conduct"
urlpatterns = [
    *violations.urlpatterns,
    *regulations.urlpatterns,
    *unit_measures.urlpatterns,
    *education.urlpatterns,
]
