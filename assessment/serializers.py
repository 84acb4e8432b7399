"""REST shapes of the assessment."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessment.models import Period, Result
from assessment.queries.results import shown_lines
from assessment.rules.scheme import decimal_text


class PeriodSerializer(serializers.ModelSerializer[Period]):
    name = serializers.CharField(source="span.label", read_only=True)

    class Meta:
        model = Period
        fields = ["id", "kind", "name", "first_day", "last_day", "state"]


class LineSerializer(serializers.Serializer[dict[str, Any]]):
    """One indicator of a result; numbers are strings of decimals, null where there is no reading."""

    indicator = serializers.CharField()
    name = serializers.CharField()
    raw = serializers.CharField(allow_null=True)
    sample = serializers.IntegerField()
    weight = serializers.CharField()
    points = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ResultSerializer(serializers.ModelSerializer[Result]):
    period = serializers.IntegerField(source="run.period_id", read_only=True)
    period_label = serializers.CharField(source="run.period.span.label", read_only=True)
    version = serializers.IntegerField(source="run.number", read_only=True)
    scheme = serializers.CharField(source="run.scheme.key", read_only=True)
    staff_no = serializers.CharField(source="cadre.staff_no", read_only=True)
    cadre_name = serializers.CharField(source="cadre.name", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    breakdown = serializers.SerializerMethodField()

    class Meta:
        model = Result
        fields = [
            "id", "period", "period_label", "version", "scheme", "cadre", "staff_no", "cadre_name", "unit",
            "unit_name", "group", "total", "attainable", "rank_in_unit", "rank_in_district", "breakdown",
        ]  # fmt: skip

    @extend_schema_field(LineSerializer(many=True))
    def get_breakdown(self, result: Result) -> list[dict[str, Any]]:
        return [
            {
                "indicator": one.indicator.key,
                "name": one.indicator.name,
                "raw": None if one.raw is None else decimal_text(one.raw),
                "sample": one.sample,
                "weight": decimal_text(one.line.weight),
                "points": None if one.line.points is None else decimal_text(one.line.points),
                "note": one.note,
            }
            for one in shown_lines(result.run.spec, result)
        ]


class OwnResultSerializer(ResultSerializer):
    """What a cadre sees of the own result: every point, and no place among the others."""

    class Meta(ResultSerializer.Meta):
        fields = [name for name in ResultSerializer.Meta.fields if not name.startswith("rank_")]
