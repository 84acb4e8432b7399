"""The core app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基础数据"

    def ready(self) -> None:
        # So that a process that only enqueues knows every task and its options.
        autodiscover_modules("tasks")
        from core import queries
        from core.filters import listings, search
        from core.queries import todos
        from core.resources import importing
        from core.resources.roster import RosterResource

        importing.register(RosterResource)
        todos.register(queries.proposal_todos)
        search.register(*listings.SEARCHED)
