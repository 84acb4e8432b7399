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
            links,
            notices,
            rectification,
            unit_measures,
            violations,
        )
        from conduct.resources import CaseResource, ViolationResource
        from core.choices import ProposalKind
        from core.filters import figures, search
        from core.permissions import Permission
        from core.queries import todos
        from core.resources import importing
        from core.views.proposals import FOLLOW_UPS, FollowUp

        importing.register(ViolationResource, CaseResource)
        FOLLOW_UPS[ProposalKind.LETTER] = FollowUp(
            "拟督办函", "conduct:letter-create", Permission.DRAFT_LETTERS
        )
        todos.register(
            violations.todos,
            clues.todos,
            letters.todos,
            rectification.todos,
            links.todos,
            unit_measures.todos,
            notices.todos,
            dossier.todos,
            inspections.todos,
            education.todos,
            campaigns.todos,
        )
        search.register(*listings.SEARCHED)
        figures.register(*listings.FIGURES)
