"""Key projects and their taskforces."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import Cadre, ImportBatch, Unit, User
from projects.choices import MemberRole, ProjectKind, ProjectState


class KeyProject(models.Model):
    """A project the district answers for; what a table said in words is kept beside what was read."""

    code = models.CharField("项目编号", max_length=60, unique=True)
    name = models.CharField("项目名称", max_length=200)
    kind = models.CharField("类别", max_length=12, choices=ProjectKind)
    content = models.TextField("建设内容", blank=True)
    location = models.CharField("建设地点", max_length=120, blank=True)
    year = models.PositiveIntegerField("年度", null=True, blank=True)
    batch = models.CharField("批次", max_length=40, blank=True)
    owner_enterprise = models.CharField("业主单位", max_length=120, blank=True)
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
    site_office = models.CharField("现场办公室", max_length=120, blank=True)
    site_office_since = models.DateField("现场办公室设立日期", null=True, blank=True)
    temporary_branch = models.CharField("临时党支部", max_length=80, blank=True)
    branch_secretary = models.ForeignKey(
        Cadre,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="临时党支部书记",
    )
    branch_since = models.DateField("临时党支部成立日期", null=True, blank=True)
    discipline_officer = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="派驻纪检干部"
    )
    state = models.CharField("状态", max_length=10, choices=ProjectState, default=ProjectState.ACTIVE)
    suspended_reason = models.CharField("暂停原因", max_length=500, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    import_batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name="导入批次",
    )
    """The table that brought the project; empty for one recorded by hand."""
    version = models.PositiveIntegerField("版本", default=1)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="录入人"
    )
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(investment_yuan=None) | Q(investment_yuan__gte=0),
                name="project_investment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state=ProjectState.CLOSED, closed_on__isnull=False)
                | (~Q(state=ProjectState.CLOSED) & Q(closed_on=None)),
                name="project_closed_has_day",
            ),
            models.CheckConstraint(
                condition=(Q(state=ProjectState.SUSPENDED) & ~Q(suspended_reason=""))
                | (~Q(state=ProjectState.SUSPENDED) & Q(suspended_reason="")),
                name="project_suspended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:project-detail", args=[self.pk])


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
    end_reason = models.CharField("退出原因", max_length=200, blank=True)

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
