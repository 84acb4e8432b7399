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
        from projects.queries import investment, milestones, overview
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(milestones.todos)
        todos.register(investment.todos)
        overview.KINDS.cards.append(investment.card)
        overview.KINDS.history.append(investment.history)
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
