"""REST shapes of milestones."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.models import Milestone


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    class Meta:
        model = Milestone
        fields = [
            "id",
            "project",
            "kind",
            "name",
            "order",
            "weight",
            "after",
            "state",
            "baseline_on",
            "planned_on",
            "forecast_on",
            "started_on",
            "done_on",
            "progress",
            "suspended_reason",
            "suspended_on",
            "version",
        ]


class MilestoneUpdateSerializer(serializers.Serializer[dict[str, Any]]):
    """Input of a progress report; `version` is the one that was read. Dates that are not sent stay, null
    clears them."""

    progress = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    done_on = serializers.DateField(required=False, allow_null=True, default=None)
    started_on = serializers.DateField(required=False, allow_null=True)
    forecast_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    version = serializers.IntegerField()
