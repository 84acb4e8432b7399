"""REST of 六定 tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import User
from core.permissions import Permission, requires
from projects.filters.assignments import AssignmentFilter
from projects.models import Assignment
from projects.queries.assignments import assignments_visible_to, with_people
from projects.serializers.assignments import (
    AssignmentSerializer,
    AssignmentWriteSerializer,
    OpinionSerializer,
    ReasonSerializer,
    ReportSerializer,
    SubmitSerializer,
)
from projects.services import assignment_course as course
from projects.services import assignments

WORKED = frozenset({"sign", "report", "submit"})
"""Actions of who does the work; all other writing is of who gives it."""


@requires(Permission.VIEW_PROJECTS)
class AssignmentViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[Assignment],
):
    """六定 tasks of visible projects; every step goes through the same service as the page."""

    serializer_class = AssignmentSerializer
    queryset = Assignment.objects.none()

    @property
    def write_rule(self) -> Permission:
        return Permission.WORK_TASKS if self.action in WORKED else Permission.ASSIGN_TASKS

    @property
    def _user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def get_queryset(self) -> QuerySet[Assignment]:
        return with_people(assignments_visible_to(self._user)).order_by("due_on", "id")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        found: QuerySet[Any] = AssignmentFilter(
            self.request.query_params, queryset=queryset, user=self._user
        ).qs
        return found

    @extend_schema(
        request=AssignmentWriteSerializer, responses={201: AssignmentSerializer, 200: AssignmentSerializer}
    )
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        form = AssignmentWriteSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        people = [assignments.Named(one["role"], one["cadre"]) for one in said.pop("people")]
        task, is_new = assignments.draft_task(
            project=said.pop("project"),
            parent=said.pop("parent"),
            submission_key=said.pop("submission_key"),
            content=assignments.Content(people=people, **said),
            by=self._user,
            at=timezone.now(),
        )
        return self._answer(task.pk, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def _answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(AssignmentSerializer(self.get_queryset().get(pk=pk)).data, status=code)

    def _take(self, service: Callable[..., Assignment], form: serializers.Serializer[Any] | None) -> Response:
        if form is not None:
            form.is_valid(raise_exception=True)
        said = form.validated_data if form is not None else {}
        task = service(assignment_id=self.get_object().pk, by=self._user, at=timezone.now(), **said)
        return self._answer(task.pk)

    @extend_schema(request=None, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: str) -> Response:
        return self._take(assignments.issue_task, None)

    @extend_schema(request=None, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        return self._take(course.sign_task, None)

    @extend_schema(request=ReportSerializer, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        return self._take(course.report_task, ReportSerializer(data=request.data))

    @extend_schema(request=SubmitSerializer, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self._take(course.submit_task, SubmitSerializer(data=request.data))

    @extend_schema(request=OpinionSerializer, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        return self._take(course.accept_task, OpinionSerializer(data=request.data))

    @extend_schema(request=ReasonSerializer, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        return self._take(course.return_task, ReasonSerializer(data=request.data))
