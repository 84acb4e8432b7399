"""Work that outlives a request: jobs, imports, attachments, and the worker's heartbeat."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.choices import ImportState, JobState
from core.models.accounts import User


class Job(models.Model):
    """An outbox row: written with the change that needs it, sent after commit, sent again if lost."""

    task = models.CharField("任务", max_length=80)
    title = models.CharField("名称", max_length=120)
    arguments = models.JSONField("参数", default=dict)
    key = models.CharField("去重键", max_length=120, null=True, blank=True, unique=True)
    state = models.CharField("状态", max_length=8, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=500, blank=True)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    created_at = models.DateTimeField("创建时间")
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)
    beat_at = models.DateTimeField("最近活动", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "sent_at"], name="job_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(total=0) | Q(done__lte=F("total")), name="job_done_within_total"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        if self.state == JobState.DONE:
            return 100
        return self.done * 100 // self.total if self.total else 0


class Heartbeat(models.Model):
    """When a worker last ran a real task; `/readyz` reads it."""

    name = models.CharField("名称", max_length=40, primary_key=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name


WRITTEN = (ImportState.CONFIRMED, ImportState.TAKEN_BACK)
"""States of a batch whose rows were written once."""


class ImportBatch(models.Model):
    """One uploaded workbook: kept with its preview, so that what is confirmed is what was shown."""

    kind = models.CharField("类别", max_length=20)
    file_name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("文件内容")
    sha256 = models.CharField("文件摘要", max_length=64)
    report = models.JSONField("预览", default=dict)
    digest = models.CharField("预览摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=ImportState)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="上传人"
    )
    created_at = models.DateTimeField("上传时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    taken_back_at = models.DateTimeField("撤回时间", null=True, blank=True)
    taken_back_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WRITTEN, confirmed_at__isnull=False)
                | (~Q(state__in=WRITTEN) & Q(confirmed_at=None)),
                name="import_confirmed_at_with_state",
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.TAKEN_BACK, taken_back_at__isnull=False)
                | (~Q(state=ImportState.TAKEN_BACK) & Q(taken_back_at=None)),
                name="import_taken_back_at_with_state",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class Attachment(models.Model):
    """Optional evidence of any record, named by label and id; served only through its owner's permission."""

    owner_label = models.CharField("所属类型", max_length=60)
    owner_id = models.CharField("所属编号", max_length=64)
    file = models.FileField("文件", upload_to="attachments/%Y/%m")
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("摘要", max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["id"]
        indexes = [models.Index(fields=["owner_label", "owner_id"], name="attachment_by_owner")]

    def __str__(self) -> str:
        return self.name
