"""The catalogues of the projects in Django's admin; no business record."""

from django.contrib import admin

from core.admin import CatalogueAdmin
from projects.models import Incentive, SiteScene

admin.site.register(SiteScene, CatalogueAdmin)


@admin.register(Incentive)
class IncentiveAdmin(CatalogueAdmin):
    """New points need a new version: retire the open one, then add the next from the same day."""

    judged_by = ("kind", "points", "days")
