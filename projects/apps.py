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
        from projects.queries import chasing, dispatch, milestones, overview
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(milestones.todos, dispatch.todos, dispatch.meeting_todos, chasing.todos)
        overview.KINDS.cards.append(dispatch.card)
        overview.KINDS.history.extend([dispatch.history, chasing.history])
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
