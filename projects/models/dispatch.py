"""半月调度 and 月检查: the meeting, what it decided, what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import Cadre, Unit, User
from projects.choices import DecisionBecomes, DecisionState, DispatchKind, DispatchState
from projects.models.assignments import Assignment
from projects.models.projects import KeyProject


class DispatchMeeting(models.Model):
    """One meeting; `since_on` is the day from which changes are told, usually that of the meeting before.

    `paper` is what lay on the table, kept when the meeting is held: a list of what `rules.dispatch.Block`
    says of each project. Until then the page reads it from the records.
    """

    kind = models.CharField("类别", max_length=10, choices=DispatchKind)
    held_on = models.DateField("召开日期")
    since_on = models.DateField("上次调度")
    place = models.CharField("地点", max_length=120, blank=True)
    chair = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主持人"
    )
    minutes = models.TextField("会议情况", max_length=4000, blank=True)
    state = models.CharField("状态", max_length=10, choices=DispatchState, default=DispatchState.PREPARED)
    paper = models.JSONField("会议材料", default=list, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="组织人")
    recorded_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "调度会"
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "held_on"],
                condition=~Q(state=DispatchState.CANCELLED),
                name="dispatch_kind_once_a_day",
            ),
            models.CheckConstraint(condition=Q(since_on__lt=F("held_on")), name="dispatch_since_before_held"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("projects:dispatch-detail", args=[self.pk])


class DispatchDecision(models.Model):
    """One thing promised in a meeting: who, until when, and the task or letter it became."""

    meeting = models.ForeignKey(
        DispatchMeeting, on_delete=models.PROTECT, related_name="decisions", verbose_name="调度会"
    )
    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="decisions", verbose_name="项目"
    )
    what = models.CharField("议定事项", max_length=300)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="dispatch_decisions", verbose_name="责任单位"
    )
    cadre = models.ForeignKey(
        Cadre,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="dispatch_decisions",
        verbose_name="责任人",
    )
    due_on = models.DateField("时限")
    becomes = models.CharField("转办", max_length=8, choices=DecisionBecomes, default=DecisionBecomes.NOTE)
    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="任务",
    )
    state = models.CharField("状态", max_length=8, choices=DecisionState, default=DecisionState.OPEN)
    result = models.CharField("落实情况", max_length=500, blank=True)
    done_on = models.DateField("落实日期", null=True, blank=True)
    done_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "调度议定事项"
        ordering = ["meeting_id", "id"]
        indexes = [models.Index(fields=["state", "due_on", "id"], name="dispatch_decision_by_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DecisionState.DONE, done_on__isnull=False, done_by__isnull=False)
                | (~Q(state=DecisionState.DONE) & Q(done_on=None, done_by=None)),
                name="dispatch_decision_done_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("projects:dispatch-detail", args=[self.meeting_id]) + f"#decision-{self.pk}"
