"""Routes of conduct, one module per kind of record."""

from conduct.urls import violations

app_name = "conduct"
urlpatterns = [*violations.urlpatterns]
