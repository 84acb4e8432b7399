"""What an app puts on the workbench, line by line."""

from __future__ import annotations

from collections.abc import Iterable

from core.queries.todos import Todo, Waiting


def lines(found: Iterable[Waiting]) -> list[Todo]:
    return [todo for kind in found for _, todo in kind.lines]
