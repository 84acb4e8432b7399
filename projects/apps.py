"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "重点项目"

    def ready(self) -> None:
        from core.filters import figures, search
        from core.queries import todos
        from core.resources import importing
        from projects import filters, queries
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(queries.todos)
        search.register(*filters.SEARCHED)
        figures.register(*filters.FIGURES)
