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
            assignment_todos,
            chasing,
            dispatch,
            investment,
            issues,
            milestones,
            overview,
            plan,
            plan_changes,
            site,
            taskforce,
        )
        from projects.resources import ProjectResource

        importing.register(ProjectResource)
        todos.register(
            milestones.todos,
            milestones.todos_of_the_office,
            plan_changes.todos,
            assignment_todos.todos,
            issues.todos,
            investment.todos,
            dispatch.todos,
            dispatch.meeting_todos,
            chasing.todos,
        )
        kinds = (taskforce, plan, assignment_todos, investment, issues, site, dispatch)
        overview.KINDS.cards.extend(kind.card for kind in kinds)
        overview.KINDS.history.extend([*(kind.history for kind in kinds), chasing.history])
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
