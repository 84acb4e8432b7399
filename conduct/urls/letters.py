"""Routes of supervision letters."""

from django.urls import path

from conduct.views import letters as views

urlpatterns = [
    path("letters/", views.letter_list, name="letter-list"),
    path("letters/new/", views.letter_create, name="letter-create"),
    path("letters/<int:pk>/", views.letter_detail, name="letter-detail"),
    path("letters/<int:pk>/edit/", views.letter_edit, name="letter-edit"),
    path("letters/<int:pk>/pdf/", views.letter_as_pdf, name="letter-pdf"),
    path("letters/<int:pk>/word/", views.letter_as_word, name="letter-word"),
    path("letters/<int:pk>/<slug:step>/", views.letter_step, name="letter-step"),
    path("letters/items/<int:pk>/extend/", views.item_extend, name="letter-item-extend"),
    path("letters/items/<int:pk>/<slug:step>/", views.item_step, name="letter-item-step"),
    path("letters/items/<int:pk>/files/<int:attachment>/", views.item_attachment, name="letter-item-file"),
    path("letters/extensions/<int:pk>/<slug:step>/", views.extension_step, name="letter-extension-step"),
]
