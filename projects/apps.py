"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "重点项目"

    def ready(self) -> None:
        from core.filters import figures, search
        from core.queries import todos
        from core.resources import importing
        from projects.filters import listings
        from projects.queries import issues, milestones, overview, site
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(milestones.todos, issues.todos)
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
        overview.KINDS.cards += [issues.card, site.card]
        overview.KINDS.history += [issues.history, site.history]
