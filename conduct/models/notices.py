"""典型案例通报: what is told to everybody, drawn from records, with names masked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from conduct.choices import NoticeState
from conduct.models.violations import Violation
from core.models import User


class CaseNotice(models.Model):
    """A public notice of typical cases; another person than the drafter approves it."""

    title = models.CharField("标题", max_length=80)
    body = models.TextField("正文", max_length=5000)
    masked = models.BooleanField("隐去姓名", default=True)
    violations = models.ManyToManyField(Violation, related_name="notices", verbose_name="所依据的记录")
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="拟稿人")
    recorded_at = models.DateTimeField("拟稿时间")
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    published_on = models.DateField("通报日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "典型案例通报"
        ordering = ["-recorded_at", "-id"]
        indexes = [models.Index(fields=["state", "-recorded_at", "-id"], name="notice_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("recorded_by")), name="notice_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.PUBLISHED)
                | Q(approved_by__isnull=False, published_on__isnull=False),
                name="notice_published_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conduct:notice-detail", args=[self.pk])
