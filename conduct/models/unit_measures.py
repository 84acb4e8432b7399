"""What is done to a unit whose conduct is wanting: 取消评优资格, 停止增人增编, 通报批评."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import UnitMeasureKind, UnitMeasureState
from core.models import Unit, User

APPROVED = (UnitMeasureState.IN_FORCE, UnitMeasureState.LIFTED)
"""States a second person has approved; only these are a record against the unit."""


class UnitMeasure(models.Model):
    """A measure against a unit for a period, with its basis; a circular without a last day is of one day."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("处理方式", max_length=12, choices=UnitMeasureKind)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=300)
    reason = models.TextField("事由", max_length=1000)
    state = models.CharField(
        "状态", max_length=10, choices=UnitMeasureState, default=UnitMeasureState.PROPOSED
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="提出人")
    recorded_at = models.DateTimeField("提出时间")
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人"
    )
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    """The first day without the measure."""
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "单位处理"
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["-first_day", "-id"], name="unit_measure_by_day"),
            models.Index(fields=["unit", "kind", "first_day"], name="unit_measure_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")),
                name="unit_measure_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=False) | Q(kind=UnitMeasureKind.CIRCULAR),
                name="unit_measure_has_period",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("recorded_by")),
                name="unit_measure_two_people",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=F("recorded_by")),
                name="unit_measure_lifted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=APPROVED, approved_by__isnull=False, approved_at__isnull=False)
                | (~Q(state__in=APPROVED) & Q(approved_by=None, approved_at=None)),
                name="unit_measure_approval_complete",
            ),
            models.CheckConstraint(
                condition=Q(state=UnitMeasureState.LIFTED, lifted_by__isnull=False, lifted_on__isnull=False)
                | (~Q(state=UnitMeasureState.LIFTED) & Q(lifted_by=None, lifted_on=None)),
                name="unit_measure_lifting_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()}（{self.first_day} 起）"

    def get_absolute_url(self) -> str:
        return reverse("conduct:unit-measure-detail", args=[self.pk])
