"""The outbox: a follow-up job is a row in the transaction of the change, so a dead broker loses nothing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from kombu.exceptions import OperationalError

from core.choices import JobState
from core.models import Heartbeat, Job, User
from core.rules.errors import DomainError

log = logging.getLogger(__name__)

RESEND_AFTER = timedelta(minutes=2)
"""A queued job that no worker took, or a running one that fell silent, is sent again after this long."""
MAX_ATTEMPTS = 5


def enqueue(
    *,
    task: str,
    title: str,
    by: User | None,
    at: datetime,
    key: str | None = None,
    total: int = 0,
    **arguments: Any,
) -> Job:
    """Write a job row and send it after commit; with `key`, the same job is never written twice.

    `task` is the Celery task's name, `arguments` its keyword arguments (ids only). Returns the job,
    or the earlier one of the same key.
    """
    with transaction.atomic():
        values = {
            "task": task,
            "title": title,
            "arguments": arguments,
            "total": total,
            "created_by": by,
            "created_at": at,
        }
        if key is None:
            job, created = Job.objects.create(**values), True
        else:
            job, created = Job.objects.get_or_create(key=key, defaults=values)
        if created:
            transaction.on_commit(lambda: send(job=job, at=at))
    return job


def send(*, job: Job, at: datetime) -> bool:
    """Hand the job to the broker; False when the broker is down, the sweeper then tries again."""
    try:
        current_app.tasks[job.task].apply_async(kwargs={"job_id": job.pk}, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker unreachable, job %s stays queued: %s", job.pk, type(error).__name__)
        return False
    Job.objects.filter(pk=job.pk).update(sent_at=at)
    return True


def sweep(*, at: datetime) -> int:
    """Send again what was never sent, never taken, or fell silent while running; returns how many."""
    silent = at - RESEND_AFTER
    lost = Q(state=JobState.QUEUED) & (Q(sent_at=None) | Q(sent_at__lt=silent))
    dead = Q(state=JobState.RUNNING, beat_at__lt=silent)
    worn_out = Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS)
    message = f"处理进程 {MAX_ATTEMPTS} 次中断，已停止重试，请联系系统管理员查看日志"
    worn_out.update(state=JobState.FAILED, finished_at=at, message=message)
    Job.objects.filter(dead).update(state=JobState.QUEUED)
    return sum(send(job=job, at=at) for job in Job.objects.filter(lost | dead).order_by("id")[:500])


def claim(*, job_id: int, at: datetime) -> Job | None:
    """Take a queued job for this worker; None when another has it or it is finished."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state=JobState.QUEUED).first()
        if job is not None:
            Job.objects.filter(pk=job_id).update(
                state=JobState.RUNNING, attempts=F("attempts") + 1, beat_at=at
            )
            job.refresh_from_db()
        return job


def report(*, job_id: int, done: int, total: int, at: datetime, message: str = "") -> None:
    """Show how far the work has come."""
    Job.objects.filter(pk=job_id).update(
        done=min(done, total), total=total, message=message[:500], beat_at=at
    )


def finish(*, job_id: int, at: datetime, message: str = "") -> None:
    Job.objects.filter(pk=job_id).update(
        state=JobState.DONE, done=F("total"), message=message[:500], finished_at=at, beat_at=at
    )


def fail(*, job_id: int, at: datetime, error: Exception) -> None:
    """A broken rule ends the job with its message; any other error is tried again, five times at most."""
    job = Job.objects.get(pk=job_id)
    final = isinstance(error, DomainError) or job.attempts >= MAX_ATTEMPTS
    message = (
        error.message if isinstance(error, DomainError) else f"内部错误（{type(error).__name__}），将自动重试"
    )
    if final and not isinstance(error, DomainError):
        message = f"内部错误（{type(error).__name__}），已重试 {job.attempts} 次，请联系系统管理员查看日志"
    Job.objects.filter(pk=job_id).update(
        state=JobState.FAILED if final else JobState.QUEUED,
        message=message[:500],
        finished_at=at if final else None,
        beat_at=at,
        sent_at=at,
    )


def beat(*, name: str, at: datetime) -> None:
    """Note that a worker ran a real task just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})
