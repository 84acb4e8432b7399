"""What waits for a person, from every app in one list, the most pressing first.

An app registers functions that answer what waits (`AppConfig.ready`); each kind costs one statement, and two
more when there is much of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, Protocol, TypeVar

from django.db.models import Model, QuerySet

from core.models import User

M = TypeVar("M", bound=Model)
SHOWN = 10
"""Lines of one kind and urgency on the page; what is beyond is counted and found in its own list."""
MOST = 40
"""Rows of one kind that are read at once."""


class Urgency(Enum):
    """How pressing something is today, the most pressing first."""

    OVERDUE = "已逾期"
    TODAY = "今天到期"
    SOON = "即将到期"
    OTHER = "其他"


def urgency(due_on: date | None, *, today: date, soon: date | None) -> Urgency:
    """`soon` is the last day that counts as near for this kind of thing."""
    if due_on is None:
        return Urgency.OTHER
    if due_on < today:
        return Urgency.OVERDUE
    if due_on == today:
        return Urgency.TODAY
    return Urgency.SOON if soon is not None and due_on <= soon else Urgency.OTHER


@dataclass(frozen=True)
class Todo:
    """One thing to do: what it is, whose or which unit's, until when, and the one action that does it."""

    title: str
    who: str
    url: str
    action: str
    detail: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Waiting:
    """What of one kind waits: its first lines of each urgency, how many there are, and the list that has
    them all ("" where there is none)."""

    label: str
    url: str
    lines: Sequence[tuple[Urgency, Todo]]
    counts: Counter[Urgency]


def waiting(
    rows: QuerySet[M],
    line: Callable[[M], Todo],
    *,
    label: str,
    url: str,
    today: date,
    due: str = "",
    soon: date | None = None,
) -> Waiting:
    """What waits of one kind. `rows` stand in the order of their pressing; `due` is the lookup of the day
    that `line` gives as `due_on`."""
    found = list(rows[: MOST + 1])
    if len(found) <= MOST:
        return listed([line(row) for row in found], label=label, url=url, today=today, soon=soon)
    # Too many to read: the day of each is enough to count them, and the first of each urgency are fetched.
    days = rows.values_list("pk", due) if due else [(pk, None) for pk in rows.values_list("pk", flat=True)]
    keys: dict[Urgency, list[Any]] = {}
    for pk, day in days:
        keys.setdefault(urgency(day, today=today, soon=soon), []).append(pk)
    first = [pk for same in keys.values() for pk in same[:SHOWN]]
    some = listed(map(line, rows.filter(pk__in=first)), label=label, url=url, today=today, soon=soon)
    return replace(some, counts=Counter({own: len(same) for own, same in keys.items()}))


def listed(todos: Iterable[Todo], *, label: str, url: str, today: date, soon: date | None = None) -> Waiting:
    """What waits of one kind, all of it at hand and in the order of its pressing."""
    counts: Counter[Urgency] = Counter()
    lines = []
    for todo in todos:
        own = urgency(todo.due_on, today=today, soon=soon)
        counts[own] += 1
        if counts[own] <= SHOWN:
            lines.append((own, todo))
    return Waiting(label, url, lines, counts)


class Source(Protocol):
    def __call__(self, user: User, *, today: date) -> Iterable[Waiting]: ...


_SOURCES: list[Source] = []


def register(*sources: Source) -> None:
    """Have what these functions answer on the workbench; the earlier stand first among equals."""
    _SOURCES.extend(sources)


@dataclass(frozen=True)
class Rest:
    """What of a kind a section has no line for."""

    label: str
    url: str
    count: int


@dataclass(frozen=True)
class Section:
    """Everything of one urgency: the first lines by date, how many there are, and where the rest is."""

    urgency: Urgency
    total: int
    lines: Sequence[Todo]
    rest: Sequence[Rest]


def agenda(user: User, *, today: date) -> list[Section]:
    """What this person has to do, most pressing first; what is longest overdue leads."""
    kinds = [kind for source in _SOURCES for kind in source(user, today=today)]
    sections = []
    for each in Urgency:
        lines, rest = [], []
        for kind in kinds:
            mine = [todo for own, todo in kind.lines if own is each]
            lines += mine
            if left := kind.counts[each] - len(mine):
                rest.append(Rest(kind.label, kind.url, left))
        lines.sort(key=lambda todo: todo.due_on or date.max)
        if lines:
            sections.append(Section(each, sum(kind.counts[each] for kind in kinds), lines, rest))
    return sections
