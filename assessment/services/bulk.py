"""Writing many rows in one statement, whatever their number: COPY on PostgreSQL, executemany on SQLite.

Both go through the fields' own conversion, so a value is stored as the ORM would store it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

_NULL = r"\N"


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert plain rows; `columns` are names of concrete fields. Constraints are the database's."""
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    prepared = (
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
        for row in rows
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            buffer = io.StringIO()
            writer = csv.writer(buffer)
            writer.writerows([_as_text(value) for value in row] for row in prepared)
            buffer.seek(0)
            copy = f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '{_NULL}')"
            # The driver's own call, so its errors have to be turned into Django's here.
            with connection.wrap_database_errors:
                cursor.copy_expert(copy, buffer)
        else:
            marks = ", ".join(["%s"] * len(fields))
            # Names are quoted by the backend, values are bound.
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(prepared))  # noqa: S608


def _as_text(value: Any) -> str:
    """A value as COPY reads it. JSON arrives wrapped for the driver, or as text."""
    if value is None:
        return _NULL
    adapted = getattr(value, "adapted", value)
    return (
        adapted
        if isinstance(adapted, str)
        else json.dumps(adapted)
        if isinstance(adapted, list)
        else str(adapted)
    )


_SET_RANKS = {
    "postgresql": """
        UPDATE assessment_result AS result
           SET rank_in_unit = (row.v->>1)::integer, rank_in_district = (row.v->>2)::integer,
               "order" = (row.v->>3)::integer
          FROM (SELECT json_array_elements(%s::json) AS v) AS row
         WHERE result.id = (row.v->>0)::bigint""",
    "sqlite": """
        UPDATE assessment_result
           SET rank_in_unit = json_extract(row.value, '$[1]'),
               rank_in_district = json_extract(row.value, '$[2]'),
               "order" = json_extract(row.value, '$[3]')
          FROM json_each(%s) AS row
         WHERE assessment_result.id = json_extract(row.value, '$[0]')""",
}


def set_ranks(rows: Iterable[tuple[int, int | None, int | None, int]]) -> None:
    """Write (result id, rank in unit, rank in district, order) of any number of results in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SET_RANKS[connection.vendor], [json.dumps(list(rows))])
