"""Reads of the library of regulations, and what a new edition would do to it. Rules are public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from conduct.choices import ClauseChange
from conduct.models import Citation, Clause, Prohibition, Regulation
from conduct.queries.citations import resting_on
from conduct.rules import regulations as rules
from conduct.rules.regulations import Change, EditionText, Wording


def regulations() -> QuerySet[Regulation]:
    """Every version of every regulation, the ones in retirement too."""
    found: QuerySet[Regulation] = Regulation.objects.order_by("order", "key", "-effective_from", "id")
    return found


def prohibitions_on(day: date) -> QuerySet[Prohibition]:
    """The 八不准 in force on a day, in their order."""
    found: QuerySet[Prohibition] = Prohibition.objects.in_force(day)
    return found.order_by("order", "key", "id")


def versions_of(entry: Regulation | Clause | Prohibition) -> QuerySet[Any]:
    """All versions of an entry, the newest first."""
    found: QuerySet[Any] = type(entry).objects.filter(key=entry.key).order_by("-effective_from", "-id")
    return found


def edition_on(regulation_key: str, day: date) -> Regulation | None:
    """The version of a regulation in force on a day."""
    found: Regulation | None = Regulation.objects.in_force(day).filter(key=regulation_key).first()
    return found


def latest_edition(regulation_key: str) -> Regulation | None:
    """The version of a regulation that begins last."""
    return Regulation.objects.filter(key=regulation_key).order_by("effective_from", "id").last()


def edition_near(regulation_key: str, day: date) -> Regulation | None:
    """The version in force on a day; in a pause the one before it, before the first one the first."""
    found = Regulation.objects.filter(key=regulation_key).order_by("effective_from", "id")
    return found.filter(effective_from__lte=day).last() or found.first()


def clauses_on(regulation_key: str, day: date) -> QuerySet[Clause]:
    """A regulation's clauses in force on a day."""
    found: QuerySet[Clause] = Clause.objects.in_force(day).filter(regulation_key=regulation_key)
    return found.order_by("number", "id")


def clauses_gone(regulation_key: str, day: date) -> QuerySet[Clause]:
    """Clauses of a regulation of which no version is in force on a day, each by its latest version."""
    alive = clauses_on(regulation_key, day).values("key")
    found: QuerySet[Clause] = Clause.objects.filter(regulation_key=regulation_key, retired_on__lte=day)
    return found.exclude(key__in=alive).order_by("number", "-effective_from", "id")


def clause_choices(day: date) -> list[tuple[str, str]]:
    """(id, words) of the clauses in force on a day whose regulation is in force too, for a picker."""
    names = dict(Regulation.objects.in_force(day).values_list("key", "name"))
    found = Clause.objects.in_force(day).filter(regulation_key__in=names)
    return [
        (str(clause.pk), f"{names[clause.regulation_key]} {clause}")
        for clause in found.order_by("regulation_key", "number", "id")
    ]


def version_in_force(key: str, day: date) -> Clause | None:
    found: Clause | None = Clause.objects.in_force(day).filter(key=key).first()
    return found


def wording_of(clause: Clause) -> Wording:
    return Wording(clause.number, clause.name, clause.description)


def continuing_clauses(latest: Regulation) -> list[Clause]:
    """The clauses that a version after `latest` may carry on: the open ones and those that ended with it."""
    going = Q(retired_on=None)
    if latest.retired_on is not None:
        going |= Q(retired_on=latest.retired_on)
    rows = Clause.objects.filter(going, regulation_key=latest.key).order_by("effective_from", "id")
    last = {clause.key: clause for clause in rows}
    return sorted(last.values(), key=lambda clause: (clause.number, clause.pk))


@dataclass(frozen=True)
class EditionPlan:
    """What a new edition would do, before it is published."""

    changes: list[Change]
    problem: tuple[str, str] | None
    """(field, why) it cannot be published."""
    gap: str
    """What a pause before it means, or ""."""
    left_behind: list[Citation]
    """Citations for days from its first on that rest on words it changes or drops."""

    @property
    def ended(self) -> list[int]:
        """The ids of the clause versions that it ends."""
        over = (ClauseChange.REWORDED, ClauseChange.DROPPED)
        return [change.old.id for change in self.changes if change.old and change.kind in over]

    @property
    def kept(self) -> list[Wording]:
        """The clauses that go on as they are."""
        return [change.new for change in self.changes if change.kind is ClauseChange.KEPT and change.new]

    @property
    def told(self) -> list[str]:
        """The other changes in words."""
        return [
            f"{change.kind.label} {change.new or (change.old and change.old.wording)}"
            for change in self.changes
            if change.kind is not ClauseChange.KEPT
        ]


def edition_plan(
    *,
    latest: Regulation,
    text: EditionText,
    effective_from: date,
    clauses: Mapping[int, Wording | None],
    added: Sequence[Wording],
) -> EditionPlan:
    """What an edition after `latest` does to each clause. `clauses` says, by the id of every clause that may
    be carried on, what it says from that day; None drops it."""
    there = continuing_clauses(latest)
    changes = [
        rules.change_of(
            rules.Standing(row.pk, wording_of(row), row.effective_from, row.retired_on), clauses.get(row.pk)
        )
        for row in there
    ]
    changes += [Change(ClauseChange.ADDED, None, wording) for wording in added]
    ended = [c.old.id for c in changes if c.old and c.kind in (ClauseChange.REWORDED, ClauseChange.DROPPED)]
    return EditionPlan(
        changes=changes,
        problem=_edition_problem(
            latest, text, effective_from, {row.pk for row in there} == set(clauses), changes
        ),
        gap=rules.gap_between(retired_on=latest.retired_on, effective_from=effective_from),
        left_behind=list(resting_on(ended, since=effective_from)),
    )


def _edition_problem(
    latest: Regulation, text: EditionText, effective_from: date, complete: bool, changes: list[Change]
) -> tuple[str, str] | None:
    if why := rules.basis_problem(doc_no=text.doc_no, basis=text.basis):
        return "doc_no", why
    if why := rules.overlap_problem(effective_from=effective_from, latest_from=latest.effective_from):
        return "effective_from", why
    if not complete:
        return "", "您填写期间，本法规的条款有变动。请取消后重新打开“修订”，再填一遍。"
    if why := rules.changes_problem(changes, effective_from=effective_from):
        return "", why
    return None
