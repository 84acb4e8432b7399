"""专项活动: goals, units, check items, rounds as scheduled work, and what each unit was found to be."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import CampaignKind, CampaignState, RoundKind
from core.models import CatalogueEntry, Unit, User


class ProblemTag(CatalogueEntry):
    """混怕推空散: an editable list of what is wrong with a unit's conduct."""

    catalogue_file = "catalogues/problem_tags.yaml"

    class Meta(CatalogueEntry.Meta):
        verbose_name = verbose_name_plural = "作风问题标签"


class Campaign(models.Model):
    """A campaign over some weeks or months in some units."""

    title = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=10, choices=CampaignKind)
    goal = models.TextField("目标", max_length=2000)
    first_day = models.DateField("开始日期")
    last_day = models.DateField("结束日期")
    units = models.ManyToManyField(Unit, related_name="campaigns", verbose_name="参加单位")
    state = models.CharField("状态", max_length=10, choices=CampaignState, default=CampaignState.DRAFT)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="组织人")
    recorded_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "专项活动"
        ordering = ["-first_day", "-id"]
        indexes = [models.Index(fields=["state", "-first_day", "-id"], name="campaign_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="campaign_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conduct:campaign-detail", args=[self.pk])


class CheckItem(models.Model):
    """One thing the monthly check looks at, and what it is worth."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="items", verbose_name="专项活动"
    )
    order = models.PositiveIntegerField("排序")
    text = models.CharField("检查内容", max_length=200)
    full_points = models.DecimalField(
        "满分", max_digits=5, decimal_places=1, validators=[MinValueValidator(0)]
    )

    class Meta:
        verbose_name = verbose_name_plural = "检查项目"
        ordering = ["campaign_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "order"], name="check_item_order_once"),
            models.CheckConstraint(condition=Q(full_points__gt=0), name="check_item_worth_something"),
        ]

    def __str__(self) -> str:
        return self.text


class CampaignRound(models.Model):
    """A scheduled dispatch or check; made for the whole campaign when it starts."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="rounds", verbose_name="专项活动"
    )
    kind = models.CharField("类别", max_length=8, choices=RoundKind)
    due_on = models.DateField("应完成日期")

    class Meta:
        verbose_name = verbose_name_plural = "调度和检查"
        ordering = ["due_on", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "due_on"], name="campaign_round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.get_kind_display()}"


class RoundReport(models.Model):
    """What one unit says at one dispatch; what did not change need not be said again."""

    round = models.ForeignKey(
        CampaignRound, on_delete=models.PROTECT, related_name="reports", verbose_name="调度"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    text = models.TextField("进展和问题", max_length=1000)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填报人")
    reported_at = models.DateTimeField("填报时间")

    class Meta:
        verbose_name = verbose_name_plural = "调度填报"
        ordering = ["round_id", "unit_id"]
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="round_report_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.unit_id}"


class RoundCheck(models.Model):
    """What the monthly check found in one unit."""

    round = models.ForeignKey(
        CampaignRound, on_delete=models.PROTECT, related_name="checks", verbose_name="检查"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    tags = models.ManyToManyField(ProblemTag, blank=True, related_name="+", verbose_name="问题标签")
    note = models.TextField("发现的问题", max_length=1000, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="检查人")
    checked_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = verbose_name_plural = "检查记录"
        ordering = ["round_id", "unit_id"]
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="round_check_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.unit_id}"


class CheckPoints(models.Model):
    """The points of one item in one check."""

    check_record = models.ForeignKey(
        RoundCheck, on_delete=models.PROTECT, related_name="points", verbose_name="检查记录"
    )
    item = models.ForeignKey(CheckItem, on_delete=models.PROTECT, related_name="+", verbose_name="检查项目")
    points = models.DecimalField("得分", max_digits=5, decimal_places=1, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = verbose_name_plural = "检查得分"
        ordering = ["check_record_id", "item_id"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "item"], name="check_points_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="check_points_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.points}"
