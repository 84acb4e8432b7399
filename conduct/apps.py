"""The conduct app."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "conduct"
    verbose_name = "作风监督"

    def ready(self) -> None:
        from conduct.resources import CaseResource, ViolationResource
        from core.choices import ProposalKind
        from core.permissions import Permission
        from core.resources import importing
        from core.views.proposals import FOLLOW_UPS, FollowUp

        importing.register(ViolationResource, CaseResource)
        FOLLOW_UPS[ProposalKind.LETTER] = FollowUp(
            "拟督办函", "conduct:letter-create", Permission.DRAFT_LETTERS
        )
