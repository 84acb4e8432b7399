"""Routes of conduct, one module per kind of record."""

from conduct.urls import clues, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *clues.urlpatterns]
