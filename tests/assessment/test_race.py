"""Several worker processes on one run: killed, doubled, racing for the last chunk."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DRIVER = Path(__file__).parent / "race_driver.py"
POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


SERVER = os.environ.get("DATABASE_URL", "")


def _address(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database to copy, on the engine the tests run on: its name, or its file."""
    name = f"race_{uuid4().hex}"
    file = tmp_path_factory.mktemp("race") / "template.sqlite3"
    if POSTGRES:
        _on_server(SERVER, f'CREATE DATABASE "{name}"')
    env = os.environ | {"DATABASE_URL": _address(name) if POSTGRES else f"sqlite:///{file}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    yield name if POSTGRES else str(file)
    if POSTGRES:
        _on_server(SERVER, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def environment(template: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes that share a fresh copy of the database."""
    name = f"race_{uuid4().hex}"
    if POSTGRES:
        _on_server(SERVER, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    else:
        shutil.copy(template, tmp_path / "race.sqlite3")
    yield os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": _address(name) if POSTGRES else f"sqlite:///{tmp_path / 'race.sqlite3'}",
        "SPOOL_DIR": str(tmp_path / "spool"),
        "AUDIT_ANCHOR_FILE": str(tmp_path / "anchors"),
        "LOG_LEVEL": "ERROR",
    }
    if POSTGRES:
        _on_server(SERVER, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_server(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def start(env: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(DRIVER), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output


def report(env: dict[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(finish(start(env, "report")))
    return result


def test_workers_killed_at_random_leave_the_same_result(environment: dict[str, str]) -> None:
    finish(start(environment, "prepare", 200, 5))
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    for seed in range(3):
        workers = [start(environment, "work", 10 * seed + number) for number in range(2)]
        time.sleep(chance.uniform(1.0, 2.2))
        for worker in workers:
            worker.kill()
            worker.communicate()
    under_way = report(environment)
    assert under_way["doubles"] == 0
    assert under_way["results"] == 5 * under_way["done"]
    last = [start(environment, "work", number) for number in (101, 102)]
    for worker in last:
        finish(worker)
    assert report(environment) == {
        "state": "DONE",
        "same": True,
        "results": 200,
        "subjects": 200,
        "doubles": 0,
        "finalise_jobs": 1,
        "verified": True,
        "period": "REVIEW",
        "done": 40,
    }


@pytest.mark.parametrize("lock", ["locked", "unlocked"])
def test_the_last_of_two_chunks_is_noticed_because_of_the_lock(
    environment: dict[str, str], lock: str
) -> None:
    """With the lock the run is finished; on PostgreSQL, without it, nobody would: SQLite has one writer."""
    finish(start(environment, "prepare", 10, 5))
    workers = [start(environment, lock, ordinal) for ordinal in (1, 2)]
    for worker in workers:
        finish(worker)
    after = report(environment)
    assert after["done"] == 2
    assert after["finalise_jobs"] == (0 if POSTGRES and lock == "unlocked" else 1)


def test_two_clocks_after_days_off_start_each_month_once(environment: dict[str, str]) -> None:
    finish(start(environment, "people", 5))
    clocks = [start(environment, "tick", number) for number in (1, 2)]
    for clock in clocks:
        finish(clock)
    months = json.loads(finish(start(environment, "months")))
    assert len(months["runs"]) >= 3
    assert set(months["runs"].values()) == {1}
    assert months["in_order"]
    assert months["chunk_jobs"] == len(months["runs"])
