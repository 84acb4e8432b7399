"""The assessment app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "考核评价"

    def ready(self) -> None:
        from assessment import queries
        from core.queries import todos

        todos.register(queries.todos)
