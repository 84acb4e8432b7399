"""Routes of conduct, one module per kind of record."""

from conduct.urls import inspections, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *inspections.urlpatterns]
