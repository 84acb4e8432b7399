"""Reads of violations; the row scope comes from `violations_visible_to` alone."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ViolationState
from conduct.models import Prohibition, Violation
from conduct.queries.entries import FileEntry, Side
from conduct.rules.violations import COUNTED
from core.models import Cadre, User
from core.permissions import Permission, may
from core.queries import Todo, person_scope
from core.rules.workflow import SUBJECT


def violations_visible_to(user: User) -> QuerySet[Violation]:
    """All, those of the own unit subtree (unit of that day), or one's own.

    What is undecided or was withdrawn only the discipline office sees, and nobody about oneself: until
    somebody has decided, it is no record against a person.
    """
    rows = person_scope(user, Permission.VIEW_VIOLATIONS, unit="unit", cadre="cadre")
    found = Violation.objects.select_related(
        "prohibition", "cadre", "unit", "project", "recorded_by", "decided_by"
    )
    if rows is not None:
        found = found.filter(rows)
    decided = ~Q(finding="")
    if not may(user, Permission.CONFIRM_VIOLATIONS):
        return found.filter(decided)
    return found if user.cadre_id is None else found.filter(decided | ~Q(cadre=user.cadre_id))


def parts_in(violation: Violation, user: User) -> frozenset[str]:
    """The parts a person plays in a record, by the names of `rules.violations.VIOLATION`."""
    parts = {
        "recorder": violation.recorded_by_id == user.pk,
        "decider": violation.decided_by_id == user.pk,
        SUBJECT: user.cadre_id is not None and violation.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def file_entries(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """A person's violations as lines of the file, within what the reader may see; one statement."""
    return [
        FileEntry(
            on=v.occurred_on,
            kind="违规记录",
            title=str(v.prohibition),
            detail=v.place,
            state=v.get_state_display(),
            url=reverse("conduct:violation-detail", args=[v.pk]),
            side=Side.BAD if v.finding in COUNTED else Side.PLAIN,
        )
        for v in violations_visible_to(user).filter(cadre=cadre)
    ]


def waiting_for_decision(user: User) -> QuerySet[Violation]:
    """Logged records that this user may decide: not recorded by, and not about, the same person."""
    waiting = violations_visible_to(user).filter(state=ViolationState.LOGGED).exclude(recorded_by=user)
    if user.cadre_id is not None:
        waiting = waiting.exclude(cadre=user.cadre_id)
    return waiting.order_by("recorded_at", "id")


def prohibition_choices() -> list[tuple[str, str]]:
    """(key, number and name) of the rules in force today, for pickers: typing the number picks the rule.

    The version is settled by the day of the deed.
    """
    rules = Prohibition.objects.in_force(timezone.localdate()).order_by("order", "key", "id")
    return [(rule.key, f"{rule.order} {rule.name}") for rule in rules]


def todos(user: User) -> list[Todo]:
    """Records waiting for this person's decision, oldest first."""
    if not may(user, Permission.CONFIRM_VIOLATIONS):
        return []
    return [
        Todo(
            title=f"{v.cadre.name}（{v.unit.name}） · {v.prohibition.name}",
            detail=f"{v.occurred_on} {v.place}，{v.recorded_by.display_name}登记",
            url=reverse("conduct:violation-detail", args=[v.pk]),
            action="认定",
            light="YELLOW",
        )
        for v in waiting_for_decision(user)[:20]
    ]
