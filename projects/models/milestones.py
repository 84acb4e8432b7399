"""Milestones, what is reported on them and how their plan changes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import User
from projects.choices import ChangeState, MilestoneKind, MilestoneState, PlanChangeKind
from projects.models.projects import KeyProject


class StandingManager(models.Manager["Milestone"]):
    """What is part of a plan: a withdrawn milestone is only found by `everything`."""

    def get_queryset(self) -> models.QuerySet[Milestone]:
        return super().get_queryset().exclude(state=MilestoneState.WITHDRAWN)


class Milestone(models.Model):
    """A node of a project: the date first fixed, the one now planned, forecast and actual dates side by side.

    `baseline_on` is the first planned date and never changes; `version` is against lost updates. One that is
    withdrawn stays in the database and out of every list.
    """

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="milestones", verbose_name="项目"
    )
    kind = models.CharField("节点", max_length=12, choices=MilestoneKind)
    name = models.CharField("节点名称", max_length=80)
    order = models.PositiveIntegerField("排序", default=0)
    weight = models.DecimalField(
        "权重", max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    after = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name="前置节点",
    )
    baseline_on = models.DateField("基准日期", null=True, blank=True)
    planned_on = models.DateField("计划日期", null=True, blank=True)
    forecast_on = models.DateField("预计日期", null=True, blank=True)
    """When the leader expects it; without it the forecast comes from the pace so far."""
    started_on = models.DateField("实际开始日期", null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    progress = models.DecimalField(
        "进度（%）",
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    suspended_reason = models.CharField("暂停原因", max_length=200, blank=True)
    suspended_on = models.DateField("暂停日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=MilestoneState, default=MilestoneState.ACTIVE)
    version = models.PositiveIntegerField("版本", default=1)

    objects = StandingManager()
    everything = models.Manager["Milestone"]()

    class Meta:
        verbose_name = verbose_name_plural = "节点"
        ordering = ["project_id", "order", "id"]
        indexes = [models.Index(fields=["planned_on", "id"], name="milestone_by_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=~Q(state=MilestoneState.WITHDRAWN),
                name="milestone_name_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=MilestoneState.SUSPENDED) | ~Q(suspended_reason=""),
                name="milestone_suspended_says_why",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="milestone_progress_0_100"
            ),
            models.CheckConstraint(condition=Q(weight__gte=0), name="milestone_weight_not_negative"),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(progress=100), name="milestone_done_means_100"
            ),
            models.CheckConstraint(
                condition=Q(after=None) | ~Q(after=F("id")), name="milestone_not_after_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:milestone-detail", args=[self.pk])


class MilestoneUpdate(models.Model):
    """One reported change of a milestone; what was said is kept."""

    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, related_name="updates", verbose_name="节点"
    )
    progress_before = models.DecimalField("原进度（%）", max_digits=5, decimal_places=2)
    progress_after = models.DecimalField("新进度（%）", max_digits=5, decimal_places=2)
    done_on = models.DateField("完成日期", null=True, blank=True)
    forecast_on = models.DateField("预计日期", null=True, blank=True)
    note = models.CharField("进展说明", max_length=500, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填报人")
    reported_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "节点更新"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.progress_before.normalize():f}% → {self.progress_after.normalize():f}%"


class PlanChange(models.Model):
    """A request to move a milestone's planned date or to suspend it, decided by another person; the baseline
    stays. `to_on` is the date asked for, None when the request is to suspend."""

    kind = models.CharField("变更", max_length=8, choices=PlanChangeKind, default=PlanChangeKind.MOVE)
    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, related_name="changes", verbose_name="节点"
    )
    from_on = models.DateField("原计划日期", null=True, blank=True)
    to_on = models.DateField("新计划日期", null=True, blank=True)
    reason = models.CharField("变更理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="申请人")
    recorded_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节点计划变更"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"], name="plan_change_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(state=ChangeState.PROPOSED), name="plan_change_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")), name="plan_change_two_people"
            ),
            models.CheckConstraint(
                condition=Q(kind=PlanChangeKind.MOVE, to_on__isnull=False)
                | Q(kind=PlanChangeKind.SUSPEND, to_on=None),
                name="plan_change_says_what",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == PlanChangeKind.SUSPEND:
            return f"{self.milestone}：申请暂停"
        return f"{self.milestone}：{self.from_on or '未定'} 改为 {self.to_on}"

    def get_absolute_url(self) -> str:
        return f"{reverse('projects:milestone-detail', args=[self.milestone_id])}#change-{self.pk}"
