"""One search over everything a person may see: each kind of record answers in one statement.

An app registers its kinds (`AppConfig.ready`). A kind finds what its own list finds for the same words, so
that the list behind “全部 N 条” has exactly the N.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When, Window

from core.filters.listing import Listing
from core.models import User

SHOWN = 8
"""Hits of one kind on the page."""
LONGEST = 80


@dataclass(frozen=True)
class Hit:
    """A record that was found: its name, what tells it apart, its page."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Kind:
    """One kind of record. `listing` takes the words as `q`; `number` is the condition that the words are one
    record's whole number, for numbers that stand on papers and are typed to get there."""

    label: str
    listing: Listing
    hit: Callable[[Any], Hit]
    number: Callable[[str], Q] = lambda _words: Q(pk__in=())


@dataclass(frozen=True)
class Found:
    """The hits of one kind, how many there are in all, and the list that has them."""

    label: str
    hits: Sequence[Hit]
    total: int
    url: str


@dataclass(frozen=True)
class Results:
    """What the words found, and the one page they name when they are a record's whole number."""

    words: str
    groups: Sequence[Found]
    straight: str = ""


_KINDS: list[Kind] = []


def register(*kinds: Kind) -> None:
    """Have these kinds searched; they are shown in the order of their registration."""
    _KINDS.extend(kinds)


def labels() -> list[str]:
    return [kind.label for kind in _KINDS]


def whole(field: str) -> Callable[[str], Q]:
    """The condition that a text field is the very words, whatever the case."""
    return lambda words: Q(**{f"{field}__iexact": words})


def tidy(words: str) -> str:
    """The words on one line, without what nobody can type."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST]


def search(user: User, words: str) -> Results:
    """What a person may see of what the words say; nothing is asked when there are none."""
    if not words:
        return Results(words, [])
    groups, exact = [], []
    for kind in _KINDS:
        rows = list(_ranked(kind.listing.rows(user, {"q": words}), kind.number(words))[:SHOWN])
        hits = [kind.hit(row) for row in rows]
        exact += [hit for row, hit in zip(rows, hits, strict=True) if row.is_exact]
        if rows:
            groups.append(Found(kind.label, hits, rows[0].in_all, kind.listing.url({"q": words})))
    return Results(words, groups, exact[0].url if len(exact) == 1 else "")


def _ranked(rows: QuerySet[Any], number: Q) -> QuerySet[Any]:
    """The record of that number first, then in the list's own order; each row knows how many there are."""
    exact = Case(When(number, then=Value(True)), default=Value(False))
    order = rows.query.order_by or rows.model._meta.ordering
    ranked: QuerySet[Any] = (
        rows.prefetch_related(None)
        .annotate(in_all=Window(Count("pk")), is_exact=exact)
        .order_by("-is_exact", *order)
    )
    return ranked
