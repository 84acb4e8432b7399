"""Routes of conduct, one module per kind of record."""

from conduct.urls import statistics, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *statistics.urlpatterns]
