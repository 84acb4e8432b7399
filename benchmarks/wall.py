"""Times 挂图作战 with 39 and 400 projects × 12 milestones in one run: `python benchmarks/wall.py [rounds]`.

Prints for both pages the SQL statements, the median CPU seconds of a request, the size of the answer, and the
ratio of the times: a page whose time grows faster than its projects has a fault.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (39, 400)
MILESTONES = 12


def prepare(folder: str) -> None:
    """Settings and an empty, migrated database in the folder."""
    sys.path.insert(0, str(ROOT))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        SECRET_KEY="benchmark",
        DEBUG="0",
        HTTPS="0",
        ALLOWED_HOSTS="testserver",
        DATABASE_URL=f"sqlite:///{folder}/benchmark.sqlite3",
        CELERY_BROKER_URL="filesystem://",
        SPOOL_DIR=f"{folder}/spool",
    )
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)


def reader():
    """A client signed in as somebody of the leadership."""
    from django.test import Client
    from django.utils import timezone

    from core.choices import RoleCode
    from core.models import User
    from core.services import accounts

    user = accounts.create_account(
        username="chief",
        display_name="区领导",
        password="Benchmark-2026",
        cadre=None,
        by=None,
        at=timezone.now(),
    )
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    accounts.grant_role(
        user=user,
        role=RoleCode.LEADERSHIP,
        unit=None,
        starts_on=timezone.localdate(),
        by=None,
        at=timezone.now(),
    )
    client = Client()
    client.force_login(user, backend="config.auth.Backend")
    return client


def fill(first: int, last: int) -> None:
    from django.utils import timezone

    from projects.models import InvestmentEntry, InvestmentPlan, KeyProject, Milestone

    at, today = timezone.now(), timezone.localdate()
    made = KeyProject.objects.bulk_create(
        KeyProject(code=f"B{n:04}", name=f"第{n}号项目", kind="KEY", year=today.year, recorded_at=at)
        for n in range(first, last)
    )
    Milestone.objects.bulk_create(
        Milestone(
            project=project,
            kind="OTHER",
            name=f"节点{k}",
            order=k,
            baseline_on=today + timedelta(days=30 * k - 220),
            planned_on=today + timedelta(days=30 * k - 200 + project.pk % 30),
        )
        for project in made
        for k in range(MILESTONES)
    )
    said = {"amount_text": "1000", "recorded_at": at}
    InvestmentPlan.objects.bulk_create(
        InvestmentPlan(project=p, year=today.year, amount_yuan=1000, **said) for p in made
    )
    InvestmentEntry.objects.bulk_create(
        InvestmentEntry(project=p, month=today.replace(day=1), amount_yuan=700, **said) for p in made
    )


def measure(client, path: str, rounds: int) -> tuple[int, float, int]:
    """Statements, median CPU seconds, bytes of one request."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        sys.exit(f"{path}: {answer.status_code}")
    statements = len(captured)
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        client.get(path)
        taken.append(time.process_time() - start)
    return statements, statistics.median(taken), len(answer.content)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="wall-") as folder:
        prepare(folder)
        client = reader()
        client.get("/")
        before = 0
        found: dict[str, list[float]] = {}
        for size in SIZES:
            fill(before, size)
            before = size
            for path in ("/projects/wall/", "/projects/wall/screen/"):
                statements, seconds, length = measure(client, path, rounds)
                found.setdefault(path, []).append(seconds)
                print(
                    f"{path:24} {size:4} projects: {statements:2} statements, {seconds:.3f} s, {length:,} B"
                )
        for path, (small, large) in found.items():
            print(f"{path:24} time × {large / small:.1f} for {SIZES[1] / SIZES[0]:.1f} times the projects")


if __name__ == "__main__":
    main()
