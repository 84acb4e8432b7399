"""All routes. Every view declares who may use it; `config.middleware` refuses what declares nothing."""

from django.contrib import admin
from django.urls import include, path

from config.workbench import workbench
from core.views import operations

urlpatterns = [
    path("", workbench, name="workbench"),
    path("", include("core.urls")),
    path("", include("conduct.urls")),
    path("", include("projects.urls")),
    path("", include("accountability.urls")),
    path("", include("assessment.urls")),
    path("api/", include("config.api")),
    path("admin/", admin.site.urls),
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
]

handler400 = "core.views.errors.bad_request"
handler403 = "core.views.errors.forbidden"
handler404 = "core.views.errors.not_found"
