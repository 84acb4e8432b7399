"""The good side of a file: education and talks, monthly tests, study plans, commendations."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import CommendationKind, CommendationState, EducationKind, EventState
from core.models import Cadre, Unit, User


class EducationEvent(models.Model):
    """One lesson or talk; the note of a talk is for those who talked."""

    kind = models.CharField("类别", max_length=12, choices=EducationKind)
    on = models.DateField("日期")
    topic = models.CharField("主题", max_length=80)
    host_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="组织单位")
    speaker = models.CharField("主讲人", max_length=80, blank=True)
    talker = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="谈话人"
    )
    note = models.TextField("记录", max_length=2000, blank=True)
    state = models.CharField("状态", max_length=10, choices=EventState, default=EventState.RECORDED)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "教育活动"
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["-on", "-id"], name="education_by_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("conduct:event-detail", args=[self.pk])


class Attendance(models.Model):
    """Who was to attend, with the unit of that day, and whether they were there."""

    event = models.ForeignKey(
        EducationEvent, on_delete=models.PROTECT, related_name="attendances", verbose_name="教育活动"
    )
    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="+", verbose_name="人员")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="时任单位")
    present = models.BooleanField("到场", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "参加情况"
        ordering = ["event", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "cadre"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.cadre}"

    @property
    def standing(self) -> str:
        return "到场" if self.present else "缺席"


class Test(models.Model):
    """A monthly test of 考阅炼评."""

    __test__ = False
    """Not a test case of pytest, whatever its name."""

    title = models.CharField("名称", max_length=80)
    on = models.DateField("考试日期")
    full_mark = models.DecimalField("满分", max_digits=5, decimal_places=2, default=Decimal(100))
    pass_mark = models.DecimalField("合格分", max_digits=5, decimal_places=2, default=Decimal(60))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "考阅炼评"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["title", "on"], name="test_once_a_day"),
            models.CheckConstraint(
                condition=Q(pass_mark__gt=0, pass_mark__lte=F("full_mark")), name="test_pass_within_full"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TestResult(models.Model):
    """One person's result; without a score the person was absent, which is not a zero.

    The paper is read by the unit head, then sampled by somebody else of the discipline office.
    """

    __test__ = False

    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="results", verbose_name="考试")
    cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="+", verbose_name="人员")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="时任单位")
    score = models.DecimalField(
        "成绩", max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    makeup_score = models.DecimalField("补考成绩", max_digits=5, decimal_places=2, null=True, blank=True)
    read_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="初阅人"
    )
    read_at = models.DateTimeField("初阅时间", null=True, blank=True)
    read_remark = models.CharField("初阅意见", max_length=200, blank=True)
    sampled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="抽阅人"
    )
    sampled_at = models.DateTimeField("抽阅时间", null=True, blank=True)
    sampled_remark = models.CharField("抽阅意见", max_length=200, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "考试成绩"
        ordering = ["test", "id"]
        indexes = [models.Index(fields=["unit", "test"], name="test_result_by_unit")]
        constraints = [
            models.UniqueConstraint(fields=["test", "cadre"], name="test_result_once"),
            models.CheckConstraint(
                condition=(Q(score=None) | Q(score__gte=0)) & (Q(makeup_score=None) | Q(makeup_score__gte=0)),
                name="test_result_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None, read_at=None) | Q(read_by__isnull=False, read_at__isnull=False),
                name="test_result_reading_complete",
            ),
            models.CheckConstraint(
                condition=Q(sampled_by=None, sampled_at=None)
                | (
                    Q(read_by__isnull=False, sampled_by__isnull=False, sampled_at__isnull=False)
                    & ~Q(sampled_by=F("read_by"))
                ),
                name="test_result_sampled_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre}"


class StudyPlan(models.Model):
    """What a unit, or the district by its root, studies in a month."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    month = models.DateField("月份")
    """The first day of the month."""
    topic = models.CharField("主题", max_length=80)
    done_on = models.DateField("完成日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "学习计划"
        ordering = ["-month", "unit", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "month", "topic"], name="study_plan_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="study_plan_first_of_month"),
        ]

    def __str__(self) -> str:
        return self.topic


class Commendation(models.Model):
    """A person or a unit commended, once somebody else has confirmed it."""

    kind = models.CharField("类别", max_length=10, choices=CommendationKind)
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    """The unit commended, or the person's unit of that day."""
    on = models.DateField("日期")
    reason = models.CharField("事由", max_length=500)
    issuer = models.CharField("作出机关", max_length=80)
    state = models.CharField(
        "状态", max_length=10, choices=CommendationState, default=CommendationState.PROPOSED
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="提出人")
    recorded_at = models.DateTimeField("提出时间")
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "嘉奖表彰"
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["-on", "-id"], name="commendation_by_day"),
            models.Index(fields=["cadre", "on"], name="commendation_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("recorded_by")),
                name="commendation_two_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=CommendationState.CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False
                )
                | (~Q(state=CommendationState.CONFIRMED) & Q(confirmed_by=None, confirmed_at=None)),
                name="commendation_confirmation_complete",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CommendationKind.PROMOTION) | Q(cadre__isnull=False),
                name="commendation_promotes_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("conduct:commendation-detail", args=[self.pk])
