"""Routes of the wall."""

from django.urls import path

from projects.views import wall as views

urlpatterns = [
    path("projects/wall/", views.wall, name="wall"),
    path("projects/wall/screen/", views.wall_screen, name="wall-screen"),
]
