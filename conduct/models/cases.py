"""The public case ledger (案例库): published cases of anywhere, without names."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from conduct.choices import HandlingForm
from core.models import User


class CaseRecord(models.Model):
    """One published case as its source tells it; a code names it once. It concerns none of our people."""

    code = models.CharField("案例号", max_length=20, unique=True)
    source = models.CharField("来源", max_length=40, blank=True)
    happened_text = models.CharField("行为时间（原文）", max_length=120, blank=True)
    happened_year = models.PositiveSmallIntegerField("行为年份", null=True, blank=True)
    happened_month = models.PositiveSmallIntegerField("行为月份", null=True, blank=True)
    handled_text = models.CharField("处理时间（原文）", max_length=120, blank=True)
    handled_year = models.PositiveSmallIntegerField("处理年份", null=True, blank=True)
    handled_month = models.PositiveSmallIntegerField("处理月份", null=True, blank=True)
    region = models.CharField("地区", max_length=60, blank=True)
    unit_type = models.CharField("单位类型", max_length=80, blank=True)
    identity = models.CharField("身份", max_length=120, blank=True)
    persons = models.PositiveIntegerField("涉及人数", validators=[MaxValueValidator(100_000)])
    prohibition_key = models.CharField("八不准条款", max_length=2, blank=True)
    """B1 to B8; blank for a case outside the 八不准."""
    class_text = models.CharField("归类（原文）", max_length=80)
    facts = models.TextField("行为描述", max_length=2000)
    amount = models.DecimalField(
        "涉及金额（元）",
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    result_text = models.CharField("处理结果（原文）", max_length=500, blank=True)
    results = models.JSONField("处理结果（归一）", default=list, blank=True)
    form = models.PositiveSmallIntegerField("处理形态", choices=HandlingForm, null=True, blank=True)
    """The heaviest of `results` by `rules.cases.FORM_OF`; empty where none of them decides."""
    remark = models.CharField("备注", max_length=500, blank=True)
    imported_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入人"
    )
    imported_at = models.DateTimeField("导入时间")

    class Meta:
        verbose_name = verbose_name_plural = "公开案例"
        ordering = ["code"]
        indexes = [
            models.Index(fields=["prohibition_key", "code"], name="case_by_rule"),
            models.Index(fields=["handled_year", "code"], name="case_by_year"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(form=None) | Q(form__gte=1, form__lte=4), name="case_form_one_to_four"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="case_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(happened_month=None)
                | Q(happened_month__range=(1, 12), happened_year__isnull=False),
                name="case_happened_month_of_a_year",
            ),
            models.CheckConstraint(
                condition=Q(handled_month=None) | Q(handled_month__range=(1, 12), handled_year__isnull=False),
                name="case_handled_month_of_a_year",
            ),
            models.CheckConstraint(
                condition=Q(prohibition_key__in=["", *(f"B{n}" for n in range(1, 9))]),
                name="case_rule_known_or_blank",
            ),
        ]

    def __str__(self) -> str:
        return f"案例 {self.code}"

    def get_absolute_url(self) -> str:
        return reverse("conduct:case-detail", args=[self.code])

    @property
    def amount_text(self) -> str:
        """Yuan as written in the ledger, without decimals it does not have."""
        return "" if self.amount is None else f"{self.amount.normalize():f}"
