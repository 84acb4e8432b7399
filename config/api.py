"""The REST routes and their schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from assessment.api import PeriodViewSet, ResultViewSet
from conduct.api.letters import SupervisionLetterViewSet
from conduct.api.violations import ProhibitionViewSet, ViolationViewSet
from core.api import CadreViewSet, TokenView, UnitViewSet
from core.permissions import Public, requires
from projects.api.assignments import AssignmentViewSet
from projects.api.milestones import MilestoneViewSet
from projects.api.projects import ProjectViewSet


@requires(Public.SIGNED_IN)
class SchemaView(SpectacularAPIView):
    """The OpenAPI schema, for who is signed in."""


@requires(Public.SIGNED_IN)
class DocsView(SpectacularSwaggerSplitView):
    """The schema's viewer, from local files."""


router = SimpleRouter()
router.register("units", UnitViewSet)
router.register("cadres", CadreViewSet)
router.register("prohibitions", ProhibitionViewSet)
router.register("violations", ViolationViewSet)
router.register("supervision-letters", SupervisionLetterViewSet)
router.register("projects", ProjectViewSet)
router.register("milestones", MilestoneViewSet)
router.register("assignments", AssignmentViewSet)
router.register("periods", PeriodViewSet)
router.register("results", ResultViewSet)

urlpatterns = [
    path("token/", TokenView.as_view(), name="api-token"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/", include(router.urls)),
]
