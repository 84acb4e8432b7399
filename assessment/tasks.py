"""Celery side of the assessment: each task is one service call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from assessment.services import runs
from core.models import Job
from core.rules.errors import DomainError
from core.tasks import job_task


@shared_task(name="assessment.run_due")
def run_due() -> int:
    """The tick: what is due is read from the database. Returns how many runs were started."""
    return len(runs.run_due(at=timezone.now()))


@job_task(runs.COMPUTE)
def compute_chunk(_job: Job, *, chunk_id: int) -> str:
    """Score one chunk of a run; a broken rule ends the whole run with its message."""
    try:
        computed = runs.compute_chunk(chunk_id=chunk_id, at=timezone.now())
    except DomainError as error:
        runs.fail_chunk(chunk_id=chunk_id, message=error.message, at=timezone.now())
        raise
    return "已核算" if computed else "此前已核算"


@job_task(runs.FINALISE)
def finalise_run(_job: Job, *, run_id: int) -> str:
    """Rank and seal a run."""
    try:
        run = runs.finalise_run(run_id=run_id, at=timezone.now())
    except DomainError as error:
        runs.fail_run(run_id=run_id, message=error.message, at=timezone.now())
        raise
    return "未到定稿条件或已定稿" if run is None else f"已定稿，共 {run.subjects} 人，摘要 {run.sha256[:12]}"
