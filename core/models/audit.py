"""The audit chain. Triggers (migration 0002) make it append-only and refuse a row that forks it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.db import models

EVERY = "*"
"""The `target_id` of an act on all records of a kind."""


class AuditEvent(models.Model):
    """One change or one watched read, without foreign keys: it outlives whatever it speaks of."""

    seq = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=80)
    action = models.CharField("动作", max_length=60)
    target_label = models.CharField("对象类型", max_length=60)
    target_id = models.CharField("对象编号", max_length=64)
    target_name = models.CharField("对象", max_length=200)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    prev_hash = models.CharField("上一条哈希", max_length=64, unique=True)
    hash = models.CharField("哈希", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["target_label", "target_id", "-seq"], name="audit_by_target"),
            models.Index(fields=["actor_id", "-seq"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action}"

    def content(self) -> dict[str, Any]:
        """What the hash covers, besides position and predecessor."""
        return {
            # In UTC, so that the row hashes the same after a reload whatever zone wrote it.
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "action": self.action,
            "target_label": self.target_label,
            "target_id": self.target_id,
            "target_name": self.target_name,
            "before": self.before,
            "after": self.after,
        }


class AuditHead(models.Model):
    """The one row that appenders lock; the insert trigger moves it on."""

    seq = models.BigIntegerField("末条序号")
    hash = models.CharField("末条哈希", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计链头"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_single_row")]

    def __str__(self) -> str:
        return f"#{self.seq}"
