"""Routes of supervision letters."""

from django.urls import path

from conduct.views import letters as views

urlpatterns = [
    path("letters/", views.letter_list, name="letter-list"),
    path("letters/new/", views.letter_create, name="letter-create"),
    path("letters/<int:pk>/", views.letter_detail, name="letter-detail"),
    path("letters/<int:pk>/edit/", views.letter_edit, name="letter-edit"),
    path("letters/<int:pk>/submit/", views.letter_submit, name="letter-submit"),
    path("letters/<int:pk>/approve/", views.letter_approve, name="letter-approve"),
    path("letters/<int:pk>/return/", views.letter_return, name="letter-return"),
    path("letters/<int:pk>/issue/", views.letter_issue, name="letter-issue"),
    path("letters/<int:pk>/receive/", views.letter_receive, name="letter-receive"),
    path("letters/<int:pk>/plan/", views.letter_plan, name="letter-plan"),
    path("letters/<int:pk>/close/", views.letter_close, name="letter-close"),
    path("letters/<int:pk>/cancel/", views.letter_cancel, name="letter-cancel"),
    path("letters/<int:pk>/pdf/", views.letter_as_pdf, name="letter-pdf"),
    path("letters/<int:pk>/word/", views.letter_as_word, name="letter-word"),
    path("letters/items/<int:pk>/report/", views.item_report, name="letter-item-report"),
    path("letters/items/<int:pk>/check/", views.item_check, name="letter-item-check"),
    path("letters/items/<int:pk>/chase/", views.item_chase, name="letter-item-chase"),
    path("letters/items/<int:pk>/extend/", views.item_extend, name="letter-item-extend"),
    path("letters/items/<int:pk>/files/<int:attachment>/", views.item_attachment, name="letter-item-file"),
    path("letters/extensions/<int:pk>/decide/", views.extension_decide, name="letter-extension-decide"),
]
