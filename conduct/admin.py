"""The 八不准 catalogue in Django's admin; no business record."""

from django.contrib import admin

from conduct.models import ProblemTag, Prohibition
from core.admin import CatalogueAdmin


@admin.register(Prohibition)
class ProhibitionAdmin(CatalogueAdmin):
    """New points need a new version: retire the open one, then add the next from the same day."""

    judged_by = ("deduct_points",)


@admin.register(ProblemTag)
class ProblemTagAdmin(CatalogueAdmin):
    """混怕推空散 and what the office adds to it."""
