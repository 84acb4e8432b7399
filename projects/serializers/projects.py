"""REST shapes of projects."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Cadre, Unit, User
from core.queries import cadres_visible_to, open_units_visible_to
from projects.choices import Light
from projects.models import KeyProject, TaskforceMember
from projects.queries.projects import project_line
from projects.services.projects import FACTS


class MemberSerializer(serializers.ModelSerializer[TaskforceMember]):
    """A current member of a taskforce."""

    cadre_name = serializers.CharField(source="cadre.name", read_only=True)

    class Meta:
        model = TaskforceMember
        fields = ["id", "cadre", "cadre_name", "role", "duty", "start_on"]


class ProjectSerializer(serializers.ModelSerializer[KeyProject]):
    """A project; `light` and `progress` (percent, null when nothing is known) as the pages show them today,
    `version` to be sent back with a change."""

    lead_unit_name = serializers.CharField(source="lead_unit.name", read_only=True, default=None)
    members = MemberSerializer(many=True, read_only=True, source="current_members")
    light = serializers.SerializerMethodField()
    light_reason = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=Light.choices))
    def get_light(self, project: KeyProject) -> str:
        return project_line(project, today=timezone.localdate()).light

    def get_light_reason(self, project: KeyProject) -> str:
        return project_line(project, today=timezone.localdate()).reason

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True))
    def get_progress(self, project: KeyProject) -> str | None:
        progress = project_line(project, today=timezone.localdate()).progress
        return None if progress is None else str(progress)

    class Meta:
        model = KeyProject
        fields = [
            "id",
            "code",
            "name",
            "kind",
            "content",
            "location",
            "year",
            "lead_unit",
            "lead_unit_name",
            "co_units",
            "units_text",
            "investment_yuan",
            "investment_text",
            "progress_note",
            "batch",
            "owner_enterprise",
            "site_office",
            "site_office_since",
            "temporary_branch",
            "branch_secretary",
            "branch_since",
            "discipline_officer",
            "state",
            "suspended_reason",
            "closed_on",
            "light",
            "light_reason",
            "progress",
            "members",
            "version",
        ]


class ProjectInputSerializer(serializers.ModelSerializer[KeyProject]):
    """What a project is recorded with; amounts with their unit. `amount_sure` says that an amount that looks
    wrong is meant. Changing one, `version` is the one that was read and the code stays."""

    code = serializers.CharField(max_length=60, required=False)
    amount_sure = serializers.BooleanField(required=False, default=False)
    version = serializers.IntegerField(required=False)
    co_units = serializers.PrimaryKeyRelatedField(many=True, required=False, queryset=Unit.objects.none())
    lead_unit = serializers.PrimaryKeyRelatedField(queryset=Unit.objects.none())
    branch_secretary = serializers.PrimaryKeyRelatedField(
        queryset=Cadre.objects.none(), required=False, allow_null=True
    )
    discipline_officer = serializers.PrimaryKeyRelatedField(
        queryset=Cadre.objects.none(), required=False, allow_null=True
    )

    class Meta:
        model = KeyProject
        fields = ["code", *FACTS, "amount_sure", "version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is None or not isinstance(request.user, User):
            return
        units, cadres = open_units_visible_to(request.user), cadres_visible_to(request.user)
        offered: dict[str, QuerySet[Any]] = {
            "lead_unit": units,
            "co_units": units,
            "branch_secretary": cadres,
            "discipline_officer": cadres,
        }
        for name, queryset in offered.items():
            field: Any = self.fields[name]
            getattr(field, "child_relation", field).queryset = queryset
