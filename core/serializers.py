"""REST shapes of the core."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.models import Cadre, Unit


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = ["id", "code", "name", "kind", "parent", "closed_on"]


class CadreSerializer(serializers.ModelSerializer[Cadre]):
    unit_name = serializers.CharField(source="unit.name", read_only=True)

    class Meta:
        model = Cadre
        fields = [
            "id",
            "staff_no",
            "name",
            "unit",
            "unit_name",
            "establishment",
            "post",
            "rank",
            "supervisor",
            "joined_on",
            "left_on",
        ]


class TokenSerializer(serializers.Serializer[dict[str, Any]]):
    token = serializers.CharField(read_only=True)
