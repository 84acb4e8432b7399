"""The conduct app."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "conduct"
    verbose_name = "作风监督"

    def ready(self) -> None:
        from conduct.resources import CaseResource, ViolationResource
        from core.resources import importing

        importing.register(ViolationResource, CaseResource)
