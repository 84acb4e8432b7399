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
        from projects.queries import (
            investment,
            milestones,
            overview,
            plan,
            plan_changes,
            taskforce,
        )
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(
            milestones.todos,
            milestones.todos_of_the_office,
            plan_changes.todos,
            investment.todos,
        )
        overview.KINDS.cards.extend([taskforce.card, plan.card, investment.card])
        overview.KINDS.history.extend([taskforce.history, plan.history, investment.history])
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
