"""Routes of clues; a clue's address is its random number, so that no gap shows one that is not visible."""

from django.urls import path

from conduct.views import clues as views

urlpatterns = [
    path("clues/", views.clue_list, name="clue-list"),
    path("clues/new/", views.clue_create, name="clue-create"),
    path("clues/similar/", views.clue_similar, name="clue-similar"),
    path("clues/notices/", views.notice_list, name="clue-notices"),
    path("clues/handovers/", views.handover_list, name="handover-list"),
    path("clues/handovers/<int:pk>/done/", views.handover_done, name="handover-done"),
    path("clues/<slug:number>/", views.clue_detail, name="clue-detail"),
    path("clues/<slug:number>/files/<int:attachment>/", views.clue_attachment, name="clue-attachment"),
    path("clues/<slug:number>/identity/", views.clue_seal, name="clue-seal"),
    path("clues/<slug:number>/notices/<int:notice>/", views.clue_notice, name="clue-notice"),
    path("clues/<slug:number>/<slug:step>/", views.clue_step, name="clue-step"),
]
