"""REST shapes of supervision letters."""

from __future__ import annotations

from rest_framework import serializers

from conduct.models import RectificationItem, SupervisionLetter


class RectificationItemSerializer(serializers.ModelSerializer[RectificationItem]):
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True, default=None)

    class Meta:
        model = RectificationItem
        fields = [
            "id", "order", "what", "unit", "unit_name", "cadre", "cadre_name", "standard", "due_on", "state",
        ]  # fmt: skip


class SupervisionLetterSerializer(serializers.ModelSerializer[SupervisionLetter]):
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    items = RectificationItemSerializer(many=True, read_only=True)

    class Meta:
        model = SupervisionLetter
        fields = [
            "id", "number", "title", "unit", "unit_name", "matter", "basis", "cc", "contact", "state",
            "recorded_at", "issued_on", "received_at", "plan", "closed_on", "items",
        ]  # fmt: skip
