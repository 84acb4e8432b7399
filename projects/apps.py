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
        from projects.queries import assignment_todos, milestones
        from projects.queries.overview import KINDS
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(milestones.todos, assignment_todos.todos)
        KINDS.cards.append(assignment_todos.card)
        KINDS.history.append(assignment_todos.history)
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
