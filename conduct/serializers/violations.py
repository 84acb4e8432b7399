"""REST shapes of conduct."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from rest_framework import serializers

from conduct.choices import Circumstance, FoundBy
from conduct.models import Handling, Prohibition, Violation
from core.models import Cadre, User
from core.queries import cadres_visible_to
from projects.models import KeyProject
from projects.queries.projects import projects_visible_to


class ProhibitionSerializer(serializers.ModelSerializer[Prohibition]):
    class Meta:
        model = Prohibition
        fields = [
            "id",
            "key",
            "name",
            "description",
            "deduct_points",
            "effective_from",
            "retired_on",
            "basis",
            "verified",
        ]


class HandlingSerializer(serializers.ModelSerializer[Handling]):
    class Meta:
        model = Handling
        fields = ["id", "way", "on", "note", "completed_on", "revoked_at"]


class ViolationSerializer(serializers.ModelSerializer[Violation]):
    prohibition_key = serializers.CharField(source="prohibition.key", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    circumstances = serializers.ListField(child=serializers.ChoiceField(Circumstance.choices), read_only=True)
    handlings = HandlingSerializer(many=True, read_only=True)

    class Meta:
        model = Violation
        fields = [
            "id",
            "prohibition",
            "prohibition_key",
            "cadre",
            "cadre_name",
            "unit",
            "unit_name",
            "occurred_on",
            "place",
            "project",
            "found_by",
            "facts",
            "circumstances",
            "matter",
            "state",
            "finding",
            "recorded_at",
            "decided_on",
            "decision_note",
            "handlings",
        ]


class ViolationWriteSerializer(serializers.Serializer[dict[str, Any]]):
    """Input of a new violation; people and projects outside the caller's scope read like not existing."""

    cadre = serializers.PrimaryKeyRelatedField(queryset=Cadre.objects.none())
    prohibition = serializers.CharField(help_text="八不准代码，如 B7")
    occurred_on = serializers.DateField()
    place = serializers.CharField(max_length=120)
    project = serializers.PrimaryKeyRelatedField(
        queryset=KeyProject.objects.none(), required=False, allow_null=True, default=None
    )
    found_by = serializers.ChoiceField(choices=FoundBy.choices, default=FoundBy.INSPECTION.value)
    facts = serializers.CharField(max_length=2000)
    circumstances = serializers.ListField(
        child=serializers.ChoiceField(Circumstance.choices), required=False, default=list
    )
    distinct = serializers.BooleanField(
        default=False, help_text="已有同一人、同一条款、同一天的记录时，确认不是同一件事"
    )
    submission_key = serializers.UUIDField(default=uuid4, help_text="同一标识重复提交只记一条")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and isinstance(request.user, User):
            fields["cadre"].queryset = cadres_visible_to(request.user)  # type: ignore[attr-defined]
            fields["project"].queryset = projects_visible_to(request.user)  # type: ignore[attr-defined]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        day = attrs["occurred_on"]
        rule = Prohibition.objects.in_force(day).filter(key=attrs["prohibition"]).first()
        if rule is None:
            raise serializers.ValidationError(
                {"prohibition": [f"没有在 {day} 有效的条款“{attrs['prohibition']}”。"]}
            )
        cadre = Cadre.objects.with_posting_on(day).get(pk=attrs["cadre"].pk)
        return {**attrs, "prohibition": rule, "cadre": cadre, "unit_id": getattr(cadre, "unit_id_on", None)}
