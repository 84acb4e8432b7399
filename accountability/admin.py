"""The catalogues of accountability in Django's admin; no business record."""

from django.contrib import admin

from accountability.models import CombinationRule, Ground, MeasureKind
from core.admin import CatalogueAdmin


@admin.register(MeasureKind)
class MeasureKindAdmin(CatalogueAdmin):
    """Another period or effect needs a new version: retire the open one, then add the next from that day."""

    judged_by = ("nature", "months", "rule")


@admin.register(CombinationRule)
class CombinationRuleAdmin(CatalogueAdmin):
    """Another number of months needs a new version."""

    judged_by = ("months",)


@admin.register(Ground)
class GroundAdmin(CatalogueAdmin):
    """What a ground suggests is fixed for its version."""

    judged_by = ("group", "light", "medium", "heavy", "prohibition_keys")
