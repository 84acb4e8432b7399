"""Supervision letters, what they demand and what came back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import ChaseKind, CheckResult, ExtensionState, ItemState, LetterState
from core.models import Cadre, Unit, User

UNNUMBERED = (LetterState.DRAFT, LetterState.IN_REVIEW, LetterState.APPROVED, LetterState.CANCELLED)
"""States of a letter without a number: it is given out when the letter is issued."""


class SupervisionLetter(models.Model):
    """A demand to one unit to mend something: numbered when issued, closed when every item passed."""

    title = models.CharField("标题", max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letters", verbose_name="主送单位")
    matter = models.TextField("问题", max_length=2000)
    basis = models.CharField("依据", max_length=300, blank=True)
    cc = models.CharField("抄送", max_length=200, blank=True)
    contact = models.CharField("联系人及电话", max_length=80)
    number = models.CharField("文号", max_length=40, blank=True)
    number_year = models.PositiveSmallIntegerField("文号年度", null=True, blank=True)
    serial = models.PositiveIntegerField("序号", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    """Counts the saves of the draft, against lost updates."""
    state = models.CharField("状态", max_length=10, choices=LetterState, default=LetterState.DRAFT)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="拟稿人")
    recorded_at = models.DateTimeField("拟稿时间")
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    approved_at = models.DateTimeField("审核时间", null=True, blank=True)
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签发人"
    )
    issued_on = models.DateField("签发日期", null=True, blank=True)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )
    received_at = models.DateTimeField("签收时间", null=True, blank=True)
    plan = models.TextField("整改方案", max_length=4000, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "督办函"
        ordering = ["-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="letter_by_time"),
            models.Index(fields=["state", "-recorded_at", "-id"], name="letter_by_state"),
            models.Index(fields=["unit", "-recorded_at", "-id"], name="letter_by_unit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="letter_number_once"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("recorded_by")),
                name="letter_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(issued_by=None) | ~Q(issued_by=F("recorded_by")), name="letter_issued_by_another"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=UNNUMBERED,
                    number="",
                    number_year=None,
                    serial=None,
                    issued_on=None,
                    issued_by=None,
                )
                | (
                    ~Q(state__in=UNNUMBERED)
                    & ~Q(number="")
                    & Q(
                        number_year__isnull=False,
                        serial__isnull=False,
                        issued_on__isnull=False,
                        issued_by__isnull=False,
                        approved_by__isnull=False,
                    )
                ),
                name="letter_number_with_issue",
            ),
            models.CheckConstraint(
                condition=Q(received_by=None, received_at=None)
                | Q(received_by__isnull=False, received_at__isnull=False),
                name="letter_receipt_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("conduct:letter-detail", args=[self.pk])


class LetterMatter(models.Model):
    """What a letter is about: a violation, a finding, a milestone, named by label and id."""

    letter = models.ForeignKey(
        SupervisionLetter, on_delete=models.PROTECT, related_name="sources", verbose_name="督办函"
    )
    source_label = models.CharField("来源类型", max_length=60)
    source_id = models.CharField("来源编号", max_length=64)
    source_name = models.CharField("来源", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "督办来源"
        ordering = ["id"]
        indexes = [models.Index(fields=["source_label", "source_id"], name="letter_matter_by_source")]
        constraints = [
            models.UniqueConstraint(fields=["letter", "source_label", "source_id"], name="letter_matter_once")
        ]

    def __str__(self) -> str:
        return self.source_name


class RectificationItem(models.Model):
    """One demand of a letter: what, who, by which standard, until when."""

    letter = models.ForeignKey(
        SupervisionLetter, on_delete=models.PROTECT, related_name="items", verbose_name="督办函"
    )
    order = models.PositiveSmallIntegerField("序号")
    what = models.CharField("整改事项", max_length=300)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="责任单位")
    cadre = models.ForeignKey(
        Cadre,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rectification_items",
        verbose_name="责任人",
    )
    standard = models.CharField("完成标准", max_length=300)
    due_on = models.DateField("时限")
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.OPEN)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="拟稿人")
    recorded_at = models.DateTimeField("拟稿时间")

    class Meta:
        verbose_name = verbose_name_plural = "整改项"
        ordering = ["letter", "order"]
        indexes = [models.Index(fields=["state", "due_on", "id"], name="rectification_by_due")]
        constraints = [
            models.UniqueConstraint(fields=["letter", "order"], name="rectification_order_once"),
        ]

    def __str__(self) -> str:
        return f"第{self.order}项 {self.what}"[:200]

    def get_absolute_url(self) -> str:
        return reverse("conduct:letter-detail", args=[self.letter_id]) + f"#item-{self.pk}"


class ItemReport(models.Model):
    """One round of feedback on an item, and what the check of it found."""

    item = models.ForeignKey(
        RectificationItem, on_delete=models.PROTECT, related_name="reports", verbose_name="整改项"
    )
    text = models.TextField("整改情况", max_length=2000)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="反馈人")
    reported_at = models.DateTimeField("反馈时间")
    result = models.CharField("核验结果", max_length=10, choices=CheckResult, blank=True)
    check_note = models.CharField("核验意见", max_length=500, blank=True)
    checked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    checked_at = models.DateTimeField("核验时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "整改反馈"
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(result=""), name="item_report_one_unchecked"
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("reported_by")), name="item_report_two_people"
            ),
            models.CheckConstraint(
                condition=Q(result="", checked_by=None, checked_at=None)
                | (~Q(result="") & Q(checked_by__isnull=False, checked_at__isnull=False)),
                name="item_report_check_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"整改反馈 {self.pk}"


class Extension(models.Model):
    """A request for more time on an item, decided by somebody of the discipline office."""

    item = models.ForeignKey(
        RectificationItem, on_delete=models.PROTECT, related_name="extensions", verbose_name="整改项"
    )
    old_due_on = models.DateField("原时限")
    due_on = models.DateField("申请延至")
    reason = models.CharField("延期理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=ExtensionState, default=ExtensionState.ASKED)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="申请人")
    recorded_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state=ExtensionState.ASKED), name="extension_one_open"
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("old_due_on")), name="extension_is_later"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")), name="extension_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state=ExtensionState.ASKED, decided_by=None, decided_at=None)
                | (~Q(state=ExtensionState.ASKED) & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="extension_decision_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"延期至 {self.due_on}"


class Chase(models.Model):
    """One rung of chasing an overdue item: 催办 twice, then a talk, then a proposal."""

    item = models.ForeignKey(
        RectificationItem, on_delete=models.PROTECT, related_name="chases", verbose_name="整改项"
    )
    kind = models.CharField("方式", max_length=10, choices=ChaseKind)
    note = models.CharField("说明", max_length=500, blank=True)
    on = models.DateField("日期")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "催办"
        ordering = ["item", "id"]
        constraints = [models.UniqueConstraint(fields=["item", "kind"], name="chase_each_rung_once")]

    def __str__(self) -> str:
        return self.get_kind_display()
