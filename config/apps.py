"""The project itself as an app, for its commands; and our admin site in the place of Django's."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ProjectConfig(AppConfig):
    name = "config"
    verbose_name = "系统"
    default = True


class CatalogueAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin.CatalogueAdmin"
