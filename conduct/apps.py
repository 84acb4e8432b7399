"""The conduct app."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "conduct"
    verbose_name = "作风监督"

    def ready(self) -> None:
        from conduct.filters import listings
        from conduct.queries import (
            campaigns,
            clues,
            dossier,
            education,
            inspections,
            letters,
            notices,
            unit_measures,
            violations,
        )
        from conduct.resources import CaseResource, ViolationResource
        from core.filters import figures, search
        from core.queries import todos
        from core.resources import importing

        importing.register(ViolationResource, CaseResource)
        todos.register(
            violations.todos,
            clues.todos,
            letters.todos,
            unit_measures.todos,
            notices.todos,
            dossier.todos,
            inspections.todos,
            education.todos,
            campaigns.todos,
        )
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
