"""Problems of a project: raised on site, solved there or taken a level up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.models import Cadre, Unit, User
from projects.choices import IssueKind, IssueState, SolvedHow
from projects.models.projects import KeyProject
from projects.models.site import SiteLog


class ProjectIssue(models.Model):
    """融资难、用地难、审批难、征拆: who answers, until when, how and when it was solved."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="issues", verbose_name="项目"
    )
    kind = models.CharField("类别", max_length=10, choices=IssueKind)
    title = models.CharField("问题", max_length=120)
    detail = models.TextField("情况", max_length=2000, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    raised_on = models.DateField("提出日期")
    owner_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="project_issues", verbose_name="责任单位"
    )
    owner = models.ForeignKey(
        Cadre,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="project_issues",
        verbose_name="责任人",
    )
    due_on = models.DateField("时限")
    state = models.CharField("状态", max_length=10, choices=IssueState, default=IssueState.OPEN)
    escalated_to = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提级至"
    )
    solved_on = models.DateField("解决日期", null=True, blank=True)
    solved_how = models.CharField("解决方式", max_length=10, choices=SolvedHow, blank=True)
    solution = models.TextField("解决情况", max_length=2000, blank=True)
    solved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    site_log = models.ForeignKey(
        SiteLog,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="issues",
        verbose_name="发现于现场工作",
    )
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="提出人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "项目问题"
        ordering = ["-raised_on", "-id"]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="project_issue_by_due"),
            models.Index(fields=["project", "-raised_on", "-id"], name="project_issue_by_project"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=(IssueState.SOLVED, IssueState.CLOSED), solved_on__isnull=False)
                | ~Q(state__in=(IssueState.SOLVED, IssueState.CLOSED)),
                name="project_issue_solved_has_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:issue-detail", args=[self.pk])
