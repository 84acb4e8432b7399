"""六定 assignments: unit, people, duty, time, progress, reward and penalty, in a tree down to the person."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import Cadre, Unit, User
from projects.choices import AssignmentState, ChangeState, PersonRole
from projects.models.catalogue import Incentive
from projects.models.milestones import Milestone
from projects.models.projects import KeyProject

IN_HAND = (
    AssignmentState.ISSUED,
    AssignmentState.SIGNED,
    AssignmentState.SUBMITTED,
    AssignmentState.ACCEPTED,
    AssignmentState.SUSPENDED,
)
"""States of a task that was issued and not taken back: its units and people know of it."""
OPEN = (
    AssignmentState.ISSUED,
    AssignmentState.SIGNED,
    AssignmentState.SUBMITTED,
    AssignmentState.SUSPENDED,
)
"""States of an issued task that somebody still has to bring to its end."""


class Assignment(models.Model):
    """A task of a project; it may only be issued with all six things fixed.

    定单位 `lead_unit` and `co_units`; 定人 `people`; 定责任 `duty`; 定时限 `due_on`; 定进度 `standard` (and
    `milestone`, when it serves one); 定奖惩 `reward` and `penalty`. `baseline_due_on` is the time limit it
    was issued with and never changes.
    """

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="assignments", verbose_name="项目"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="上级任务"
    )
    title = models.CharField("任务", max_length=120)
    lead_unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name="主办单位",
    )
    co_units = models.ManyToManyField(
        Unit, blank=True, related_name="co_assignments", verbose_name="协办单位"
    )
    duty = models.TextField("责任", max_length=1000, blank=True)
    start_on = models.DateField("开始日期", null=True, blank=True)
    due_on = models.DateField("时限", null=True, blank=True)
    baseline_due_on = models.DateField("基准时限", null=True, blank=True)
    forecast_on = models.DateField("预计完成日期", null=True, blank=True)
    done_on = models.DateField("实际完成日期", null=True, blank=True)
    standard = models.CharField("进度要求", max_length=300, blank=True)
    milestone = models.ForeignKey(
        Milestone,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name="对应节点",
    )
    progress = models.DecimalField(
        "进度（%）",
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    reward = models.ForeignKey(
        Incentive, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="奖励"
    )
    penalty = models.ForeignKey(
        Incentive, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="惩戒"
    )
    state = models.CharField("状态", max_length=10, choices=AssignmentState, default=AssignmentState.DRAFT)
    suspended_reason = models.CharField("暂停原因", max_length=500, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="拟定人")
    recorded_at = models.DateTimeField("拟定时间")
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="下达人"
    )
    issued_at = models.DateTimeField("下达时间", null=True, blank=True)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报验人"
    )
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="验收人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "六定任务"
        ordering = ["project_id", "due_on", "id"]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="assignment_by_due"),
            models.Index(fields=["project", "parent", "id"], name="assignment_by_tree"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="assignment_progress_0_100"
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="assignment_not_its_own_part"
            ),
            models.CheckConstraint(
                condition=Q(state__in=(AssignmentState.DRAFT, AssignmentState.WITHDRAWN))
                | (
                    ~Q(duty="")
                    & ~Q(standard="")
                    & Q(
                        lead_unit__isnull=False,
                        due_on__isnull=False,
                        baseline_due_on__isnull=False,
                        reward__isnull=False,
                        penalty__isnull=False,
                    )
                ),
                name="assignment_issued_with_six",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("submitted_by")),
                name="assignment_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state=AssignmentState.ACCEPTED, done_on__isnull=False)
                | ~Q(state=AssignmentState.ACCEPTED),
                name="assignment_accepted_has_day",
            ),
            models.CheckConstraint(
                condition=Q(start_on=None) | Q(due_on=None) | Q(due_on__gte=F("start_on")),
                name="assignment_due_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:assignment-detail", args=[self.pk])


class AssignmentPerson(models.Model):
    """定人: one person of a task and what part it is."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="people", verbose_name="任务"
    )
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, related_name="assignments", verbose_name="干部"
    )
    role = models.CharField("角色", max_length=8, choices=PersonRole)

    class Meta:
        verbose_name = verbose_name_plural = "任务责任人"
        ordering = ["assignment_id", "role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "cadre"], name="assignment_person_once"),
            models.UniqueConstraint(
                fields=["assignment", "role"],
                condition=Q(role__in=(PersonRole.ANSWERS, PersonRole.OWNER)),
                name="assignment_one_who_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}：{self.cadre}"


class AssignmentChange(models.Model):
    """A request to change an issued task (its time limit, unit, owner), decided by another person."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="changes", verbose_name="任务"
    )
    due_on = models.DateField("新时限", null=True, blank=True)
    lead_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新主办单位"
    )
    owner = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新责任人"
    )
    reason = models.CharField("变更理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="申请人")
    recorded_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任务变更"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state=ChangeState.PROPOSED),
                name="assignment_change_one_open",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(lead_unit__isnull=False) | Q(owner__isnull=False),
                name="assignment_change_of_something",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")),
                name="assignment_change_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"变更：{self.assignment}"

    def get_absolute_url(self) -> str:
        return f"{reverse('projects:assignment-detail', args=[self.assignment_id])}#change-{self.pk}"
