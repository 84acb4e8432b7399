"""The clock: entries of django-celery-beat that an entitled person then sees and changes in the admin."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask


@dataclass(frozen=True)
class Tick:
    """A task sent every so many seconds; what is due is read from the database by the task."""

    name: str
    task: str
    seconds: int


TICKS = (
    Tick("考核周期：核算到期的周期", "assessment.run_due", 60),
    Tick("重点项目：对逾期节点提出建议", "projects.chase_red", 3600),
    Tick("后台任务：补发未送达的任务", "core.sweep_jobs", 60),
    Tick("心跳：确认后台处理正常", "core.heartbeat", 30),
    Tick("审计：链头留存到库外", "core.anchor_audit", 600),
)


@transaction.atomic
def ensure_ticks() -> int:
    """Add the entries that are missing; an entry somebody changed or switched off stays as it is."""
    added = 0
    for tick in TICKS:
        if not PeriodicTask.objects.filter(task=tick.task).exists():
            every, _ = IntervalSchedule.objects.get_or_create(
                every=tick.seconds, period=IntervalSchedule.SECONDS
            )
            # A tick nobody took in time is worth nothing: the next one does the same work.
            PeriodicTask.objects.create(
                name=tick.name, task=tick.task, interval=every, expire_seconds=max(tick.seconds, 60)
            )
            added += 1
    return added
