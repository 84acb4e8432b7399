"""From records to readings: how ratings, milestones and violations become a fraction per person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessment.rules.scoring import Reading

ZERO = Decimal(0)
ONE = Decimal(1)
FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class MilestoneFact:
    """A milestone as it stood on the last day of the period; `progress` in percent."""

    id: int
    due_on: date
    done_on: date | None
    progress: Decimal


@dataclass(frozen=True, slots=True)
class ViolationFact:
    """A violation confirmed in the period; `partial` when only part of it was."""

    id: int
    points: Decimal
    partial: bool


def counts_in(milestone: MilestoneFact, first_day: date, last_day: date) -> bool:
    """Whether a milestone is judged in a period.

    It is when it falls due in the period, and also when it was due earlier and had not been done before
    the period began: an overdue milestone keeps counting until it is done.
    """
    if milestone.due_on > last_day:
        return False
    return milestone.due_on >= first_day or milestone.done_on is None or milestone.done_on >= first_day


def milestone_mark(milestone: MilestoneFact, last_day: date, params: Mapping[str, Decimal]) -> Decimal:
    """0 to 100: done in time earns `on_time`, done late `late`, still open its progress up to `open_cap`.

    What was done after the last day counts as still open in this period.
    """
    if milestone.done_on is not None and milestone.done_on <= last_day:
        return params["on_time"] if milestone.done_on <= milestone.due_on else params["late"]
    return min(milestone.progress, params["open_cap"])


def milestone_reading(
    facts: list[MilestoneFact], first_day: date, last_day: date, params: Mapping[str, Decimal]
) -> Reading | None:
    """The mean mark of the milestones judged in the period; None for somebody who carries none."""
    judged = sorted(
        (fact for fact in facts if counts_in(fact, first_day, last_day)), key=lambda fact: fact.id
    )
    if not judged:
        return None
    amount = sum((milestone_mark(fact, last_day, params) for fact in judged), ZERO)
    return Reading(amount, Decimal(len(judged)), len(judged), tuple(fact.id for fact in judged))


def violation_reading(facts: list[ViolationFact], params: Mapping[str, Decimal]) -> Reading | None:
    """The points to take off, before the cap; a partly confirmed violation at `partial_share`."""
    if not facts:
        return None
    judged = sorted(facts, key=lambda fact: fact.id)
    amount = sum((fact.points * (params["partial_share"] if fact.partial else ONE) for fact in judged), ZERO)
    return Reading(amount, ONE, len(judged), tuple(fact.id for fact in judged))


def rating_reading(total: int, raters: int) -> Reading | None:
    """The mean of the raters' marks for one work style; None when nobody rated."""
    return Reading(Decimal(total), Decimal(raters), raters) if raters else None
