"""REST shapes of 六定 tasks."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Cadre, Unit, User
from projects.choices import Light, PersonRole
from projects.models import Assignment, AssignmentPerson, Incentive, KeyProject, Milestone
from projects.queries.assignments import assignments_visible_to
from projects.queries.projects import projects_visible_to
from projects.rules.assignments import task_light
from projects.rules.milestones import LightReading


class AssignmentPersonSerializer(serializers.ModelSerializer[AssignmentPerson]):
    cadre_name = serializers.CharField(source="cadre.name", read_only=True)

    class Meta:
        model = AssignmentPerson
        fields = ["cadre", "cadre_name", "role"]


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """A 六定 task with the light that pages show, and the sentence that explains it."""

    project_name = serializers.CharField(source="project.name", read_only=True)
    lead_unit_name = serializers.CharField(source="lead_unit.name", read_only=True, default=None)
    people = AssignmentPersonSerializer(many=True, read_only=True)
    light = serializers.SerializerMethodField()
    light_reason = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = [
            "id", "project", "project_name", "parent", "title", "lead_unit", "lead_unit_name", "co_units",
            "people", "duty", "start_on", "due_on", "baseline_due_on", "forecast_on", "done_on", "standard",
            "milestone", "progress", "reward", "penalty", "state", "suspended_reason", "light",
            "light_reason", "issued_at", "signed_at", "version",
        ]  # fmt: skip

    def _lit(self, row: Assignment) -> LightReading:
        return task_light(
            state=row.state,
            due_on=row.due_on,
            done_on=row.done_on,
            suspended_reason=row.suspended_reason,
            today=timezone.localdate(),
        )

    @extend_schema_field(serializers.ChoiceField(Light.choices))
    def get_light(self, row: Assignment) -> str:
        return self._lit(row).light

    def get_light_reason(self, row: Assignment) -> str:
        return self._lit(row).reason


class NamedSerializer(serializers.Serializer[dict[str, Any]]):
    cadre = serializers.PrimaryKeyRelatedField(queryset=Cadre.objects.all())
    role = serializers.ChoiceField(PersonRole.choices)


class AssignmentWriteSerializer(serializers.Serializer[dict[str, Any]]):
    """A new draft; what is not known yet stays out. The service says which units and people may be named."""

    project = serializers.PrimaryKeyRelatedField(queryset=KeyProject.objects.none())
    parent = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]  # the metaclass takes fields away
        queryset=Assignment.objects.none(), required=False, allow_null=True, default=None
    )
    title = serializers.CharField(max_length=120)
    duty = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    standard = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    lead_unit = serializers.PrimaryKeyRelatedField(
        queryset=Unit.objects.all(), required=False, allow_null=True, default=None
    )
    co_units = serializers.PrimaryKeyRelatedField(
        queryset=Unit.objects.all(), many=True, required=False, default=list
    )
    start_on = serializers.DateField(required=False, allow_null=True, default=None)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    milestone = serializers.PrimaryKeyRelatedField(
        queryset=Milestone.objects.select_related("after"), required=False, allow_null=True, default=None
    )
    reward = serializers.PrimaryKeyRelatedField(
        queryset=Incentive.objects.all(), required=False, allow_null=True, default=None
    )
    penalty = serializers.PrimaryKeyRelatedField(
        queryset=Incentive.objects.all(), required=False, allow_null=True, default=None
    )
    people = NamedSerializer(many=True, required=False, default=list)
    submission_key = serializers.UUIDField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        user = request.user if request is not None else None
        if isinstance(user, User):
            fields["project"].queryset = projects_visible_to(user)
            fields["parent"].queryset = assignments_visible_to(user)
        return fields


class ReportSerializer(serializers.Serializer[dict[str, Any]]):
    """A report on a task; `version` is the one that was read."""

    progress = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    forecast_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    version = serializers.IntegerField()


class SubmitSerializer(serializers.Serializer[dict[str, Any]]):
    done_on = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class OpinionSerializer(serializers.Serializer[dict[str, Any]]):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[dict[str, Any]]):
    note = serializers.CharField(max_length=500)
