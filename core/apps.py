"""The core app."""

from django.apps import AppConfig
from django.core.validators import MaxLengthValidator
from django.forms import Field
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

        # Django's own words for the two commonest mistakes read like a program's.
        Field.default_error_messages["required"] = "必填，请填写。"
        MaxLengthValidator.message = "最多 %(limit_value)d 字，现有 %(show_value)d 字，请删减。"

        importing.register(RosterResource)
        todos.register(queries.proposal_todos)
        search.register(*listings.SEARCHED)
