"""Routes of regulations, the 八不准 and citations."""

from django.urls import path

from conduct.views import regulation_edits as edits
from conduct.views import regulations as views

urlpatterns = [
    path("regulations/", views.regulation_list, name="regulation-list"),
    path("regulations/new/", edits.regulation_create, name="regulation-create"),
    path("regulations/<int:pk>/", views.regulation_detail, name="regulation-detail"),
    path("regulations/<int:pk>/revise/", edits.regulation_revise, name="regulation-revise"),
    path("regulations/<int:pk>/correct/", edits.regulation_correct, name="regulation-correct"),
    path("regulations/<int:pk>/retire/", edits.regulation_retire, name="regulation-retire"),
    path("regulations/<int:pk>/clauses/new/", edits.clause_create, name="clause-create"),
    path("clauses/<int:pk>/", views.clause_detail, name="clause-detail"),
    path("clauses/<int:pk>/amend/", edits.clause_amend, name="clause-amend"),
    path("clauses/<int:pk>/correct/", edits.clause_correct, name="clause-correct"),
    path("prohibitions/", views.prohibition_list, name="prohibition-list"),
    path("prohibitions/<int:pk>/", views.prohibition_detail, name="prohibition-detail"),
    path("citations/add/", views.citation_add, name="citation-add"),
    path("citations/<int:pk>/remove/", views.citation_remove, name="citation-remove"),
]
