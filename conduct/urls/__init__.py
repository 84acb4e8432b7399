"""Routes of conduct, one module per kind of record."""

from conduct.urls import letters, violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns, *letters.urlpatterns]
