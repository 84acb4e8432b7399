"""What a person says about the own file."""

from __future__ import annotations

from django.db import models

from conduct.choices import StatementKind, StatementState
from core.models import Cadre, User


class FileStatement(models.Model):
    """A cadre's statement on the own file, or the request to correct it; the answer is the last step."""

    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, related_name="file_statements", verbose_name="干部"
    )
    kind = models.CharField("类别", max_length=10, choices=StatementKind)
    about_label = models.CharField("记录类型", max_length=60, blank=True)
    about_id = models.CharField("记录编号", max_length=64, blank=True)
    about_name = models.CharField("哪一条记录", max_length=200, blank=True)
    """The line of the file that is meant, by label and id and as it read; blank for the file as a whole."""
    text = models.TextField("内容", max_length=2000)
    state = models.CharField("状态", max_length=10, choices=StatementState, default=StatementState.FILED)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="提出人")
    recorded_at = models.DateTimeField("提出时间")

    class Meta:
        verbose_name = verbose_name_plural = "档案说明"
        ordering = ["-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["cadre", "-recorded_at", "-id"], name="file_statement_by_person"),
            models.Index(fields=["state", "recorded_at", "id"], name="file_statement_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.recorded_at:%Y-%m-%d}"
