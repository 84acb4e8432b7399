"""What the pages of a project show of every kind of record: each kind adds its card and its history here.

A kind registers itself in `AppConfig.ready`, so that the page of a project does not know the kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from core.models import User
from projects.models import KeyProject


@dataclass(frozen=True)
class Card:
    """A part of the overview: the few figures that tell how things stand, and where the rest is."""

    title: str
    figures: list[tuple[str, str]]
    """(label, value as shown)"""
    url: str
    alarm: str = ""
    """What is wrong now, in one sentence; "" when nothing is."""
    order: int = 0


@dataclass(frozen=True)
class Event:
    """One line of a project's history."""

    on: date
    kind: str
    title: str
    detail: str = ""
    who: str = ""
    url: str = ""
    at: datetime | None = None
    """The moment, where it is known: what was done on one day stands in the order it was done."""


@dataclass
class Kinds:
    """What the kinds of records registered."""

    cards: list[Callable[[KeyProject, User, date], Card | None]] = field(default_factory=list)
    history: list[Callable[[KeyProject, User], list[Event]]] = field(default_factory=list)


KINDS = Kinds()


def cards_of(project: KeyProject, user: User, *, today: date) -> list[Card]:
    """The overview of a project for a reader who may see it."""
    found = [card for make in KINDS.cards if (card := make(project, user, today)) is not None]
    return sorted(found, key=lambda card: (card.order, card.title))


def history_of(project: KeyProject, user: User) -> list[Event]:
    """Everything that happened to a project, newest first."""
    events = [event for events in KINDS.history for event in events(project, user)]
    return sorted(events, key=_age, reverse=True)


def _age(event: Event) -> tuple[date, float, str, str]:
    """Of one day, what has no moment is the oldest."""
    return event.on, event.at.timestamp() if event.at else 0, event.kind, event.title
