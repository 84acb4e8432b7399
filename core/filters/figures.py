"""Figures of the whole district for leadership, each the count of a list under some conditions.

An app registers its figures (`AppConfig.ready`); each costs one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from core.filters.listing import Listing
from core.models import User
from core.permissions import Permission, may


@dataclass(frozen=True)
class Figure:
    """How many records a list shows under conditions, which may hang on the day; `before` is what the figure
    is held against."""

    label: str
    listing: Listing
    conditions: Mapping[str, str] | Callable[[date], Mapping[str, str]]
    before: Figure | None = None


@dataclass(frozen=True)
class Shown:
    """A figure as the page shows it."""

    label: str
    count: int
    url: str
    before: Shown | None


_FIGURES: list[Figure] = []


def register(*figures: Figure) -> None:
    """Have these figures on the overview, in the order of their registration."""
    _FIGURES.extend(figures)


def overview(user: User, *, today: date) -> list[Shown]:
    """The figures for a person who may see the overview, otherwise none."""
    if not may(user, Permission.VIEW_OVERVIEW):
        return []
    return [_shown(figure, user, today) for figure in _FIGURES]


def _shown(figure: Figure, user: User, today: date) -> Shown:
    conditions = figure.conditions(today) if callable(figure.conditions) else figure.conditions
    return Shown(
        label=figure.label,
        count=figure.listing.rows(user, conditions).count(),
        url=figure.listing.url(conditions),
        before=_shown(figure.before, user, today) if figure.before else None,
    )
