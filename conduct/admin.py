"""The 八不准 catalogue in Django's admin; no business record."""

from django.contrib import admin

from conduct.models import Prohibition
from core.admin import CatalogueAdmin

admin.site.register(Prohibition, CatalogueAdmin)
