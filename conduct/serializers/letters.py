"""REST shapes of supervision letters."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conduct.choices import ItemState
from conduct.models import RectificationItem, SupervisionLetter
from conduct.rules.letters import SENT
from conduct.rules.rectification import LIGHTS, Light, most_pressing


class LitSerializer(serializers.Serializer[Any]):
    """`light` and the sentence that explains it, as pages show them; null before the letter is issued.

    The view lights an item: `view.light(item)`.
    """

    light = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    def lit(self, row: Any) -> Light | None:
        """The light of a row."""
        raise NotImplementedError

    @extend_schema_field(serializers.ChoiceField(LIGHTS, allow_null=True))
    def get_light(self, row: Any) -> str | None:
        found = self.lit(row)
        return found.light if found else None

    def get_progress(self, row: Any) -> str | None:
        found = self.lit(row)
        return found.reason if found else None


class RectificationItemSerializer(LitSerializer, serializers.ModelSerializer[RectificationItem]):
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True, default=None)
    state = serializers.SerializerMethodField()

    class Meta:
        model = RectificationItem
        fields = [
            "id", "order", "what", "unit", "unit_name", "cadre", "cadre_name", "standard", "due_on", "state",
            "light", "progress",
        ]  # fmt: skip

    def lit(self, row: RectificationItem) -> Light | None:
        light: Light | None = self.context["view"].light(row) if row.letter.state in SENT else None
        return light

    @extend_schema_field(serializers.ChoiceField(ItemState.choices, allow_null=True))
    def get_state(self, row: RectificationItem) -> str | None:
        return row.state if row.letter.state in SENT else None


class SupervisionLetterSerializer(LitSerializer, serializers.ModelSerializer[SupervisionLetter]):
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    items = RectificationItemSerializer(many=True, read_only=True)

    class Meta:
        model = SupervisionLetter
        fields = [
            "id", "number", "title", "unit", "unit_name", "matter", "basis", "cc", "contact", "state",
            "light", "progress", "recorded_at", "issued_on", "received_at", "plan", "closed_on", "items",
        ]  # fmt: skip

    def lit(self, row: SupervisionLetter) -> Light | None:
        if row.state not in SENT:
            return None
        return most_pressing([self.context["view"].light(item) for item in row.items.all()])
