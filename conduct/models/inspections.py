"""明察暗访: plans, the units drawn, what was inspected and what was found."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import (
    FindingSeverity,
    FindingState,
    InspectionOutcome,
    PlanOccasion,
    PlanState,
    SamplingMethod,
    VisitKind,
)
from conduct.models.violations import Violation
from core.models import Cadre, Unit, User
from projects.models import KeyProject


class PublicSupervisor(models.Model):
    """A 群众监督员: somebody from outside who goes along; a name on the roster, no account."""

    name = models.CharField("姓名", max_length=40)
    organisation = models.CharField("单位或社区", max_length=80, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    appointed_on = models.DateField("聘任日期")
    ended_on = models.DateField("解聘日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "群众监督员"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "organisation"], condition=Q(ended_on=None), name="supervisor_on_roster_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("appointed_on")),
                name="supervisor_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InspectionPlan(models.Model):
    """When, why and how units or a project are inspected; the draw is kept with its seed and weights."""

    title = models.CharField("计划名称", max_length=80)
    occasion = models.CharField("时机", max_length=8, choices=PlanOccasion)
    first_day = models.DateField("开始日期")
    last_day = models.DateField("结束日期")
    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="监督项目"
    )
    officer = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="监督人员"
    )
    theme = models.CharField("检查重点", max_length=500, blank=True)
    planned_visits = models.PositiveIntegerField("计划检查次数", validators=[MinValueValidator(1)])
    method = models.CharField("抽取方式", max_length=8, choices=SamplingMethod)
    seed = models.PositiveBigIntegerField("随机种子", null=True, blank=True, editable=False)
    key = models.CharField("生成标识", max_length=60, blank=True, editable=False)
    """Which holiday a generated plan is for; a holiday has one."""
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.DRAFT)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="制定人")
    recorded_at = models.DateTimeField("制定时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "检查计划"
        ordering = ["-first_day", "-id"]
        indexes = [
            models.Index(fields=["-first_day", "-id"], name="inspectionplan_by_day"),
            models.Index(fields=["state", "-first_day", "-id"], name="inspectionplan_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="inspectionplan_days"),
            models.CheckConstraint(condition=Q(planned_visits__gte=1), name="inspectionplan_visits"),
            models.CheckConstraint(
                condition=~Q(occasion=PlanOccasion.PROJECT) | Q(project__isnull=False, officer__isnull=False),
                name="inspectionplan_project_has_officer",
            ),
            models.CheckConstraint(
                condition=Q(method=SamplingMethod.CHOSEN)
                | Q(state__in=(PlanState.DRAFT, PlanState.CANCELLED))
                | Q(seed__isnull=False),
                name="inspectionplan_keeps_seed",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="inspectionplan_once_a_holiday"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conduct:inspectionplan-detail", args=[self.pk])


class PlanUnit(models.Model):
    """A unit in the drum of a plan with its weight; `place` is its turn in the draw, None: not drawn."""

    plan = models.ForeignKey(
        InspectionPlan, on_delete=models.PROTECT, related_name="units", verbose_name="检查计划"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    weight = models.PositiveIntegerField("权重", default=1)
    place = models.PositiveIntegerField("抽取顺序", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计划单位"
        ordering = ["plan", F("place").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "unit"], name="planunit_once"),
            models.UniqueConstraint(fields=["plan", "place"], name="planunit_one_place"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="planunit_weight_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}"


class Inspection(models.Model):
    """One visit to a unit or a project, recorded whether something was found or not."""

    plan = models.ForeignKey(
        InspectionPlan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name="检查计划",
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受检单位"
    )
    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受检项目"
    )
    on = models.DateField("检查日期")
    kind = models.CharField("方式", max_length=8, choices=VisitKind, default=VisitKind.COVERT)
    place = models.CharField("地点", max_length=120)
    inspectors = models.ManyToManyField(Cadre, related_name="+", verbose_name="检查人员")
    supervisors = models.ManyToManyField(
        PublicSupervisor, blank=True, related_name="inspections", verbose_name="随同群众监督员"
    )
    headcount = models.PositiveIntegerField("检查人数", null=True, blank=True)
    outcome = models.CharField("结果", max_length=8, choices=InspectionOutcome)
    note = models.CharField("情况说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "检查记录"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["-on", "-id"], name="inspection_by_day"),
            models.Index(fields=["unit", "-on", "-id"], name="inspection_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | Q(project__isnull=False), name="inspection_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} 检查记录"

    def get_absolute_url(self) -> str:
        return reverse("conduct:inspection-detail", args=[self.pk])


class InspectionFinding(models.Model):
    """One thing found on a visit, waiting to become a violation, a letter, or a word on the spot."""

    inspection = models.ForeignKey(
        Inspection, on_delete=models.PROTECT, related_name="findings", verbose_name="检查记录"
    )
    what = models.CharField("发现的问题", max_length=500)
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及人员"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="时任单位"
    )
    """The person's unit of that day."""
    prohibition_key = models.CharField("涉及条款", max_length=40, blank=True)
    severity = models.CharField("程度", max_length=8, choices=FindingSeverity, default=FindingSeverity.COMMON)
    violation = models.OneToOneField(
        Violation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="违规记录"
    )
    state = models.CharField("状态", max_length=16, choices=FindingState, default=FindingState.OPEN)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "检查发现的问题"
        ordering = ["inspection", "id"]
        indexes = [models.Index(fields=["state", "id"], name="finding_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "cadre", "prohibition_key"],
                condition=Q(cadre__isnull=False) & ~Q(prohibition_key=""),
                name="finding_once_a_visit",
            ),
            models.CheckConstraint(
                condition=Q(cadre=None, unit=None) | Q(cadre__isnull=False, unit__isnull=False),
                name="finding_unit_of_the_day",
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.TURNED_VIOLATION, violation__isnull=False)
                | (~Q(state=FindingState.TURNED_VIOLATION) & Q(violation=None)),
                name="finding_turned_has_violation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection.on} 检查发现的问题"

    def get_absolute_url(self) -> str:
        return reverse("conduct:inspection-finding", args=[self.pk])
