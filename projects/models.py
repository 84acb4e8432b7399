"""Key projects, their taskforces and milestones."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.models import Cadre, Unit, User
from projects.choices import MemberRole, MilestoneKind, ProjectKind


class KeyProject(models.Model):
    """A project the district answers for; what a table said in words is kept beside what was read."""

    code = models.CharField("项目编号", max_length=60, unique=True)
    name = models.CharField("项目名称", max_length=200)
    kind = models.CharField("类别", max_length=12, choices=ProjectKind)
    content = models.TextField("建设内容", blank=True)
    location = models.CharField("建设地点", max_length=120, blank=True)
    year = models.PositiveIntegerField("年度", null=True, blank=True)
    lead_unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name="主办单位",
    )
    co_units = models.ManyToManyField(Unit, blank=True, related_name="co_projects", verbose_name="协办单位")
    units_text = models.CharField("责任单位（原文）", max_length=400, blank=True)
    leaders_text = models.CharField("牵头领导、责任人（原文）", max_length=200, blank=True)
    investment_yuan = models.DecimalField(
        "总投资（元）", max_digits=20, decimal_places=2, null=True, blank=True
    )
    investment_text = models.CharField("总投资（原文）", max_length=80, blank=True)
    plan_yuan = models.DecimalField(
        "年度计划投资（元）", max_digits=20, decimal_places=2, null=True, blank=True
    )
    plan_text = models.CharField("年度计划投资（原文）", max_length=80, blank=True)
    invested_yuan = models.DecimalField(
        "累计完成投资（元）", max_digits=20, decimal_places=2, null=True, blank=True
    )
    invested_text = models.CharField("累计完成投资（原文）", max_length=80, blank=True)
    target_text = models.CharField("目标量（原文）", max_length=120, blank=True)
    done_text = models.CharField("完成量（原文）", max_length=200, blank=True)
    measure = models.CharField("计量单位", max_length=40, blank=True)
    due_text = models.CharField("完成时限（原文）", max_length=80, blank=True)
    progress_note = models.TextField("进展情况", blank=True)
    problem_note = models.TextField("存在问题", blank=True)
    next_step = models.TextField("下一步", blank=True)
    remark = models.TextField("备注", blank=True)
    source = models.CharField("数据来源", max_length=200, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    created_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(investment_yuan=None) | Q(investment_yuan__gte=0),
                name="project_investment_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaskforceMember(models.Model):
    """Who belongs to a project's taskforce, in which role, from when to when."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="members", verbose_name="项目"
    )
    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="taskforces", verbose_name="干部")
    role = models.CharField("角色", max_length=8, choices=MemberRole)
    duty = models.CharField("职责", max_length=120, blank=True)
    start_on = models.DateField("起始日期")
    end_on = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "攻坚小组成员"
        ordering = ["project_id", "role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role=MemberRole.LEADER, end_on=None),
                name="taskforce_one_leader",
            ),
            models.UniqueConstraint(
                fields=["project", "cadre"], condition=Q(end_on=None), name="taskforce_member_once"
            ),
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")), name="taskforce_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.cadre_id}"


class Milestone(models.Model):
    """A node of a project: planned and actual date, progress in percent, a version against lost updates."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="milestones", verbose_name="项目"
    )
    kind = models.CharField("节点", max_length=12, choices=MilestoneKind)
    name = models.CharField("节点名称", max_length=80)
    order = models.PositiveIntegerField("排序", default=0)
    weight = models.DecimalField(
        "权重", max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    planned_on = models.DateField("计划日期", null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    progress = models.DecimalField(
        "进度（%）",
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    suspended_reason = models.CharField("暂停原因", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "节点"
        ordering = ["project_id", "order", "id"]
        indexes = [models.Index(fields=["planned_on", "id"], name="milestone_by_due")]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="milestone_name_once"),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="milestone_progress_0_100"
            ),
            models.CheckConstraint(condition=Q(weight__gte=0), name="milestone_weight_not_negative"),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(progress=100), name="milestone_done_means_100"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MilestoneUpdate(models.Model):
    """One reported change of a milestone; what was said is kept."""

    milestone = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, related_name="updates", verbose_name="节点"
    )
    progress_before = models.DecimalField("原进度（%）", max_digits=5, decimal_places=2)
    progress_after = models.DecimalField("新进度（%）", max_digits=5, decimal_places=2)
    done_on = models.DateField("完成日期", null=True, blank=True)
    note = models.CharField("进展说明", max_length=500, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填报人")
    reported_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "节点更新"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.progress_before}% → {self.progress_after}%"
