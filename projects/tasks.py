"""Celery side of the projects: each task is one service call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from projects.services import chasing


@shared_task(name="projects.chase_red")
def chase_red() -> int:
    """The tick: what is overdue is read from the database. Returns how many proposals were made."""
    return len(chasing.propose_for_red(at=timezone.now()))
