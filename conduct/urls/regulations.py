"""Routes of regulations and citations."""

from django.urls import path

from conduct.views import regulations as views

urlpatterns = [
    path("regulations/", views.regulation_list, name="regulation-list"),
    path("regulations/<int:pk>/", views.regulation_detail, name="regulation-detail"),
    path("clauses/<int:pk>/", views.clause_detail, name="clause-detail"),
    path("clauses/<int:pk>/amend/", views.clause_amend, name="clause-amend"),
    path("citations/add/", views.citation_add, name="citation-add"),
    path("citations/<int:pk>/remove/", views.citation_remove, name="citation-remove"),
]
