"""REST of projects."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import User
from core.permissions import Permission, requires
from core.rules.errors import DomainError
from projects.filters.projects import ProjectFilter
from projects.models import KeyProject
from projects.queries.projects import projects_visible_to, with_parts
from projects.serializers.projects import ProjectInputSerializer, ProjectSerializer
from projects.services import projects as records
from projects.services.projects import FACTS, ProjectFacts


@requires(Permission.VIEW_PROJECTS)
class ProjectViewSet(viewsets.ReadOnlyModelViewSet[KeyProject]):
    """Projects within the caller's scope; POST and PATCH through the services of the pages."""

    write_rule = Permission.MANAGE_PROJECTS
    serializer_class = ProjectSerializer
    queryset = KeyProject.objects.none()

    def get_queryset(self) -> QuerySet[KeyProject]:
        assert isinstance(self.request.user, User)
        found = with_parts(projects_visible_to(self.request.user))
        return found.prefetch_related("co_units").order_by("code")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        assert isinstance(self.request.user, User)
        # The pages begin with what is under way; a program asks for everything unless it says otherwise.
        query = self.request.query_params.copy()
        query.setdefault("scope", "all")
        found: QuerySet[Any] = ProjectFilter(query, queryset=queryset, user=self.request.user).qs
        return found

    @extend_schema(request=ProjectInputSerializer, responses={201: ProjectSerializer})
    def create(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        form = ProjectInputSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        sure = said.pop("amount_sure")
        said.pop("version", None)
        project = records.create_project(
            code=said.pop("code", ""),
            facts=ProjectFacts(**said),
            amount_sure=sure,
            by=request.user,
            at=timezone.now(),
        )
        return Response(self._shown(project.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=ProjectInputSerializer, responses=ProjectSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some of the facts; those that are not named stay."""
        assert isinstance(request.user, User)
        project = self.get_object()
        form = ProjectInputSerializer(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        if "version" not in said:
            raise DomainError("请带上读到的版本 version。", field="version")
        said.pop("code", None)
        sure, version = said.pop("amount_sure", False), said.pop("version")
        kept = {name: getattr(project, name) for name in FACTS if name != "co_units"}
        facts = ProjectFacts(**{**kept, "co_units": list(project.co_units.all()), **said})
        records.edit_project(
            project_id=project.pk,
            version=version,
            facts=facts,
            amount_sure=sure,
            by=request.user,
            at=timezone.now(),
        )
        return Response(self._shown(project.pk))

    def _shown(self, pk: int) -> Any:
        return ProjectSerializer(self.get_queryset().get(pk=pk)).data
