"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "重点项目"

    def ready(self) -> None:
        from core.resources import importing
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
