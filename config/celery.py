"""The Celery application: the clock ticks here, what is due is read from the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("cadre")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def start_at_once(sender: Any, **_: Any) -> None:
    """A worker that just came up shows its heartbeat and takes what is due, without waiting for the clock."""
    for name in ("core.heartbeat", "core.sweep_jobs", "assessment.run_due"):
        app.send_task(name)
