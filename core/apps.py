"""The core app."""

from django.apps import AppConfig
from django.core.validators import (
    DecimalValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
)
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

        # Django's own words for the commonest mistakes read like a program's.
        Field.default_error_messages["required"] = "必填，请填写。"
        MaxLengthValidator.message = "最多 %(limit_value)d 字，现有 %(show_value)d 字，请删减。"
        MinValueValidator.message = "不能小于 %(limit_value)s，请改正。"
        MaxValueValidator.message = "不能大于 %(limit_value)s，请改正。"
        DecimalValidator.messages |= {
            "max_digits": "数字最多 %(max)s 位，请核对。",
            "max_decimal_places": "小数最多 %(max)s 位，请删去多余的位数。",
            "max_whole_digits": "整数部分最多 %(max)s 位，请核对单位。",
        }

        importing.register(RosterResource)
        todos.register(queries.proposal_todos)
        search.register(*listings.SEARCHED)
