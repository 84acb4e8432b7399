"""The 五干 catalogue in Django's admin; no business record."""

from django.contrib import admin

from assessment.models import WorkStyle
from core.admin import CatalogueAdmin

admin.site.register(WorkStyle, CatalogueAdmin)
