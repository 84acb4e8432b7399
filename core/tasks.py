"""Celery side of the core: the job wrapper, the sweeper, the heartbeat, the anchor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from core.rules.errors import DomainError
from core.services import audit, jobs

log = logging.getLogger(__name__)


def job_task(name: str) -> Callable[[Callable[..., str]], Any]:
    """A Celery task that runs one `Job`: claim, work, and its end told to the page.

    The function gets the job and its arguments, and returns the sentence shown when it is done. A
    broken rule ends the job with its message; any other error is logged and tried again.
    """

    def wrap(function: Callable[..., str]) -> Any:
        @shared_task(name=name)
        def run(job_id: int, **_: Any) -> None:
            job = jobs.claim(job_id=job_id, at=timezone.now())
            if job is None:
                return
            try:
                message = function(job, **job.arguments)
            except DomainError as error:
                jobs.fail(job_id=job_id, at=timezone.now(), error=error)
            except Exception as error:
                log.exception("job %s (%s) failed", job_id, name)
                jobs.fail(job_id=job_id, at=timezone.now(), error=error)
            else:
                jobs.finish(job_id=job_id, at=timezone.now(), message=message)

        return run

    return wrap


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> int:
    """Each minute: send again what a dead broker or worker left behind."""
    return jobs.sweep(at=timezone.now())


@shared_task(name="core.heartbeat")
def heartbeat() -> None:
    """Each half minute: a worker that ran this is alive and can reach the database."""
    jobs.beat(name="worker", at=timezone.now())


@shared_task(name="core.anchor_audit")
def anchor_audit() -> None:
    """Every ten minutes: the chain's head leaves the database."""
    audit.anchor_head(at=timezone.now())
