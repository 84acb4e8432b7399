"""REST of milestones."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import User
from core.permissions import Permission, requires
from projects.models import Milestone
from projects.queries.milestones import milestones_visible_to
from projects.serializers.milestones import MilestoneSerializer, MilestoneUpdateSerializer
from projects.services import milestones as services


@requires(Permission.VIEW_PROJECTS)
class MilestoneViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Milestone]):
    """Milestones of visible projects; PATCH reports progress through the same service as the page."""

    write_rule = Permission.UPDATE_MILESTONES
    serializer_class = MilestoneSerializer
    queryset = Milestone.objects.none()

    def get_queryset(self) -> QuerySet[Milestone]:
        assert isinstance(self.request.user, User)
        return milestones_visible_to(self.request.user).order_by("project__code", "order", "id")

    @extend_schema(request=MilestoneUpdateSerializer, responses=MilestoneSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        assert isinstance(request.user, User)
        form = MilestoneUpdateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        milestone = services.update_milestone(
            milestone_id=self.get_object().pk, by=request.user, at=timezone.now(), **form.validated_data
        )
        return Response(MilestoneSerializer(milestone).data)
