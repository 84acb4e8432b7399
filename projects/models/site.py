"""七现场 and 双九十: what was done on the site, and who is posted to the front line."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.models import Cadre, Unit, User
from projects.choices import FrontlineState, SiteLogState
from projects.models.catalogue import SiteScene
from projects.models.projects import KeyProject


class SiteLog(models.Model):
    """A short note of one visit to a site, under one of the seven scenes."""

    project = models.ForeignKey(
        KeyProject,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="site_logs",
        verbose_name="项目",
    )
    scene = models.ForeignKey(SiteScene, on_delete=models.PROTECT, related_name="+", verbose_name="现场")
    on = models.DateField("日期")
    place = models.CharField("地点", max_length=120)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="site_logs", verbose_name="单位")
    people = models.ManyToManyField(Cadre, related_name="site_logs", verbose_name="到场人员")
    what = models.TextField("做了什么", max_length=500)
    people_helped = models.PositiveIntegerField("服务群众和企业（人次）", default=0)
    problems_solved = models.PositiveIntegerField("解决问题（件）", default=0)
    late_reason = models.CharField("补记原因", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=SiteLogState, default=SiteLogState.RECORDED)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "现场工作"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["-on", "-id"], name="site_log_by_day"),
            models.Index(fields=["project", "-on", "-id"], name="site_log_by_project"),
            models.Index(fields=["unit", "-on", "-id"], name="site_log_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("projects:sitelog-detail", args=[self.pk])


class FrontlinePosting(models.Model):
    """双九十: a person posted to the front line, from when to when, with which share of the time."""

    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, related_name="frontline_postings", verbose_name="干部"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="frontline_postings", verbose_name="派出单位"
    )
    project = models.ForeignKey(
        KeyProject,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="frontline_postings",
        verbose_name="项目",
    )
    place = models.CharField("下沉地点", max_length=120)
    duty = models.CharField("任务", max_length=200, blank=True)
    start_on = models.DateField("起始日期")
    end_on = models.DateField("截止日期", null=True, blank=True)
    share = models.PositiveSmallIntegerField(
        "一线时间占比（%）", default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    late_reason = models.CharField("补登原因", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=FrontlineState, default=FrontlineState.RECORDED)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "下沉一线"
        ordering = ["-start_on", "-id"]
        indexes = [
            models.Index(fields=["unit", "start_on", "id"], name="frontline_by_unit"),
            models.Index(fields=["cadre", "start_on", "id"], name="frontline_by_cadre"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on=None) | Q(end_on__gte=F("start_on")), name="frontline_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="frontline_share_1_100"),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} 下沉{self.place}"

    def get_absolute_url(self) -> str:
        return reverse("projects:frontline-detail", args=[self.pk])
