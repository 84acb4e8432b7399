"""What a fixture builds through the services, built once and then put back row by row.

The services are tested where they are tested; that two thousand tests begin with the same district need not
cost each of them the two hundred statements that made it. The rows are those the services wrote, the audit
chain among them: a test cannot tell the difference, and a test of this module holds it to that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection
from django.utils import timezone

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
"""Table → its columns and rows, as the driver gives and takes them."""


T = TypeVar("T")


def _tables() -> dict[str, str]:
    """Table → its key column, of every model and of every relation between models."""
    return {
        model._meta.db_table: model._meta.pk.column
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


def _counted() -> tuple[Any, ...]:
    """How many rows every table has, in one statement."""
    counts = ", ".join(f"(SELECT COUNT(*) FROM {_quoted(table)})" for table in _tables())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        found: tuple[Any, ...] = cursor.fetchone()
    return found


def _keys() -> dict[str, set[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for table, key in _tables().items():
            cursor.execute(f"SELECT {_quoted(key)} FROM {_quoted(table)}")  # noqa: S608
            found[table] = {row[0] for row in cursor.fetchall()}
    return found


def _rows_beside(known: dict[str, set[Any]]) -> Rows:
    """All rows of all tables, except those whose key is known."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table, key in _tables().items():
            cursor.execute(f"SELECT * FROM {_quoted(table)} ORDER BY {_quoted(key)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            place = columns.index(key)
            rows = [row for row in cursor.fetchall() if row[place] not in known[table]]
            if rows:
                found[table] = (columns, rows)
    return found


def _put_back(rows: Rows) -> None:
    with connection.cursor() as cursor:
        for table, (columns, values) in rows.items():
            one = f"({', '.join(['%s'] * len(columns))})"
            step = 900 // len(columns)  # the most parameters every SQLite takes
            for at in range(0, len(values), step):
                part = values[at : at + step]
                cursor.execute(
                    f"INSERT INTO {_quoted(table)} ({', '.join(map(_quoted, columns))})"  # noqa: S608
                    f" VALUES {', '.join([one] * len(part))}",
                    [value for row in part for value in row],
                )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@dataclass
class _Built:
    thing: Any
    rows: Rows
    before: tuple[Any, ...]


_BUILT: dict[tuple[str, str], _Built] = {}


def built_once(name: str, build: Callable[[], T]) -> T:
    """What `build` returns, with the rows it wrote in the database of this test.

    Built anew in every hour that the clock shows, and where the database does not hold what it held then.
    """
    before = _counted()
    hour = (name, timezone.localtime().strftime("%Y-%m-%d %H"))
    kept = _BUILT.get(hour)
    if kept is not None and kept.before == before:
        _put_back(kept.rows)
        again: T = copy.deepcopy(kept.thing)
        return again
    known = _keys()
    thing = build()
    _BUILT[hour] = _Built(copy.deepcopy(thing), _rows_beside(known), before)
    return thing
