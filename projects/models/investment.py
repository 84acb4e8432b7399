"""Investment: what a year is planned to take and what each month took."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import User
from projects.choices import InvestmentFact, OpeningScope
from projects.models.projects import KeyProject


class InvestmentPlan(models.Model):
    """A project's planned investment of one year, as entered and in yuan."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="investment_plans", verbose_name="项目"
    )
    year = models.PositiveSmallIntegerField("年度")
    amount_yuan = models.DecimalField("年度计划（元）", max_digits=20, decimal_places=2)
    amount_text = models.CharField("年度计划（原文）", max_length=80)
    version = models.PositiveIntegerField("版本", default=1)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="填报人"
    )
    recorded_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "年度投资计划"
        ordering = ["project_id", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["project", "year"], name="investment_plan_once"),
            models.CheckConstraint(condition=Q(amount_yuan__gte=0), name="investment_plan_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.year} 年计划"


class InvestmentEntry(models.Model):
    """What a project took in one month, as entered and in yuan; a correction keeps what it replaced."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="investments", verbose_name="项目"
    )
    month = models.DateField("月份")
    """The first day of the month."""
    amount_yuan = models.DecimalField("当月完成（元）", max_digits=20, decimal_places=2)
    amount_text = models.CharField("当月完成（原文）", max_length=80)
    note = models.CharField("说明", max_length=300, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="填报人"
    )
    recorded_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "投资完成"
        ordering = ["project_id", "-month"]
        indexes = [models.Index(fields=["month", "project"], name="investment_by_month")]
        constraints = [
            models.UniqueConstraint(fields=["project", "month"], name="investment_month_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="investment_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m}"


class InvestmentOpening(models.Model):
    """What a project had taken up to and including a month, before it was reported monthly.

    It stands for all months it covers; what is reported for single months of that time explains it and is
    not counted a second time.
    """

    project = models.OneToOneField(
        KeyProject, on_delete=models.PROTECT, related_name="investment_opening", verbose_name="项目"
    )
    month = models.DateField("截至月份")
    """The first day of the last month covered."""
    scope = models.CharField("口径", max_length=8, choices=OpeningScope)
    amount_yuan = models.DecimalField("期初累计（元）", max_digits=20, decimal_places=2)
    amount_text = models.CharField("期初累计（原文）", max_length=80)
    version = models.PositiveIntegerField("版本", default=1)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="填报人"
    )
    recorded_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "期初累计投资"
        ordering = ["project_id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_yuan__gte=0), name="investment_opening_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="investment_opening_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.project} 截至 {self.month:%Y-%m}"


class InvestmentRevision(models.Model):
    """One writing of a figure: what it said before ("" the first time) and after, and why; never changed."""

    project = models.ForeignKey(
        KeyProject, on_delete=models.PROTECT, related_name="investment_revisions", verbose_name="项目"
    )
    fact = models.CharField("填报内容", max_length=8, choices=InvestmentFact)
    month = models.DateField("月份")
    """The first day of the month; of the year for a plan."""
    before_text = models.CharField("原数", max_length=120, blank=True)
    after_text = models.CharField("新数", max_length=120)
    note = models.CharField("说明", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="填报人"
    )
    recorded_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "投资填报经过"
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"], name="investment_revisions")]

    def __str__(self) -> str:
        return f"{self.get_fact_display()} {self.month:%Y-%m}"
