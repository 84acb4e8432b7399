"""Processes that do the same at the same moment, on a database of their own on the engine of the tests.

The fixtures are those of every test, by `tests/conftest.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


SERVER = os.environ.get("DATABASE_URL", "")


def _address(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
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


def start(driver: Path, env: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    """A process of a driver, which is a script beside its test."""
    command = [sys.executable, str(driver), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> str:
    """What a process said, once it is through without a fault."""
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output


def meet(place: str, one: int, *, seconds: float) -> None:
    """In a process: wait for the other of two to come here too; what waits for a lock cannot."""
    folder = Path(os.environ["SPOOL_DIR"]).parent
    (folder / f"{place}-{one}").touch()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all((folder / f"{place}-{n}").exists() for n in (1, 2)):
        time.sleep(0.01)
