"""Reads of violations; the row scope comes from `violations_visible_to` alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ViolationState
from conduct.models import Handling, Prohibition, Violation
from conduct.queries.entries import FileEntry, Side
from conduct.rules import violations as rules
from core.choices import ProposalKind, ProposalState
from core.models import Cadre, User
from core.permissions import Permission, may
from core.queries import person_scope, proposals_from
from core.queries.todos import Todo, Waiting, waiting
from core.rules.errors import DomainError
from core.rules.workflow import SUBJECT

LONGEST_NUMBER = 18
"""Digits that certainly fit the key."""


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


def numbered(text: str) -> Q:
    """The record whose number the text is; no record when it is no number."""
    text = text.strip()
    is_number = text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER
    return Q(pk=int(text)) if is_number else Q(pk__in=())


def locked(violation_id: int, user: User) -> Violation:
    """A record within the user's scope, locked for a write. Raises Violation.DoesNotExist outside it."""
    return violations_visible_to(user).select_for_update(of=("self",)).get(pk=violation_id)


def check_occurrence(
    *, prohibition: Prohibition, cadre: Cadre, unit_id: int | None, on: date, by: User, at: datetime
) -> int:
    """The unit of the day. Raises DomainError, at its field, where person, rule and day do not fit."""
    problem = rules.occurrence_problem(
        occurred_on=on,
        today=timezone.localdate(at),
        person=str(cadre),
        is_self=by.cadre_id == cadre.pk,
        in_service=unit_id is not None,
        rule=str(prohibition),
        in_force=(prohibition.effective_from, prohibition.retired_on),
    )
    if problem or unit_id is None:
        field, why = problem or ("occurred_on", "")
        raise DomainError(why, field=field)
    return unit_id


def parts_in(violation: Violation, user: User) -> frozenset[str]:
    """The parts a person plays in a record, by the names of `rules.violations.VIOLATION`."""
    parts = {
        "recorder": violation.recorded_by_id == user.pk,
        "decider": violation.decided_by_id == user.pk,
        SUBJECT: user.cadre_id is not None and violation.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def waiting_for_decision(user: User) -> QuerySet[Violation]:
    """Logged records that this user may decide: not recorded by, and not about, the same person."""
    waiting = violations_visible_to(user).filter(state__in=rules.TO_DECIDE).exclude(recorded_by=user)
    if user.cadre_id is not None:
        waiting = waiting.exclude(cadre=user.cadre_id)
    return waiting.order_by("recorded_at", "id")


def waiting_for_handling(user: User) -> QuerySet[Violation]:
    """Decided records that this user may handle or close: not about the same person."""
    states = (ViolationState.CONFIRMED, ViolationState.PARTLY, ViolationState.HANDLED)
    waiting = violations_visible_to(user).filter(state__in=states)
    if user.cadre_id is not None:
        waiting = waiting.exclude(cadre=user.cadre_id)
    return waiting.order_by("decided_at", "id")


def same_matter(violation: Violation, user: User) -> QuerySet[Violation]:
    """The other records of the same matter that the reader may see."""
    return violations_visible_to(user).filter(matter=violation.matter).exclude(pk=violation.pk).order_by("id")


def same_finding(*, cadre: Cadre, prohibition: Prohibition, on: date) -> Violation | None:
    """The record that says the same: one person, one rule, one day, neither withdrawn nor said to be another
    thing."""
    alike = Violation.objects.filter(
        cadre=cadre, prohibition=prohibition, occurred_on=on, distinct=False
    ).exclude(state=ViolationState.WITHDRAWN)
    return alike.first()


@dataclass(frozen=True)
class Repeats:
    """How many counted violations lie in the year before, of any rule and of the same rule."""

    any_rule: int
    same_rule: int

    @property
    def is_repeat(self) -> bool:
        return self.any_rule > 0


def repeats_of(violation: Violation) -> Repeats:
    """The counted violations of the same person in the year before this one."""
    earlier = (
        Violation.objects.filter(cadre=violation.cadre_id, finding__in=rules.COUNTED)
        .filter(occurred_on__lt=violation.occurred_on)
        .exclude(pk=violation.pk)
        .order_by("id")
        .values_list("occurred_on", "prohibition__key")
    )
    rows = list(earlier)
    same = [day for day, key in rows if key == violation.prohibition.key]
    on = violation.occurred_on
    return Repeats(rules.repeat_count([day for day, _ in rows], on), rules.repeat_count(same, on))


def closing_problem(violation: Violation) -> str | None:
    """What of a record is still open when somebody wants to close it, or None."""
    standing = [handling for handling in violation.handlings.all() if handling.revoked_at is None]
    made = list(proposals_from(violation))
    accepted = any(p.kind == ProposalKind.CASE and p.state == ProposalState.ACCEPTED for p in made)
    return rules.closing_problem(
        finding=violation.finding,
        handled=bool(standing) or accepted,
        unfinished=[str(handling) for handling in standing if handling.is_open],
        unanswered=[p.get_kind_display() for p in made if p.state == ProposalState.OPEN],
    )


def open_handlings(violation: Violation) -> list[Handling]:
    """The handlings of a record by which something is still expected of the person."""
    return [handling for handling in violation.handlings.all() if handling.is_open]


def prohibition_choices() -> list[tuple[str, str]]:
    """(key, number and name) of the rules in force today, for pickers: typing the number picks the rule.

    The version is settled by the day of the deed.
    """
    rules_ = Prohibition.objects.in_force(timezone.localdate()).order_by("order", "key", "id")
    return [(rule.key, f"{rule.order} {rule.name}") for rule in rules_]


def todos(user: User, *, today: date) -> list[Waiting]:
    """Records waiting for this person's decision, and decided ones still to be handled or closed."""
    if not may(user, Permission.CONFIRM_VIOLATIONS):
        return []
    records = reverse("conduct:violation-list")
    return [
        waiting(
            waiting_for_decision(user),
            lambda v: _todo(v, "认定", f"{v.recorded_by.display_name}登记"),
            label="待认定的违规记录",
            url=f"{records}?state={ViolationState.LOGGED}",
            today=today,
        ),
        waiting(
            waiting_for_handling(user),
            lambda v: _todo(
                v,
                "办结" if v.state == ViolationState.HANDLED else "处理",
                f"{v.decided_on} 认定{v.get_finding_display()}",
            ),
            label="待处理、待办结的违规记录",
            url=records,
            today=today,
        ),
    ]


def _todo(violation: Violation, action: str, course: str) -> Todo:
    return Todo(
        title=str(violation.prohibition),
        who=f"{violation.cadre}（{violation.unit}）",
        detail=f"{violation.occurred_on} 发生在{violation.place}，{course}",
        url=violation.get_absolute_url(),
        action=action,
    )


def file_entries(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """A person's violations as lines of the file, newest first; what counts stands on the bad side."""
    found = violations_visible_to(user).filter(cadre=cadre).order_by("-occurred_on", "-id")
    return [
        FileEntry(
            on=v.occurred_on,
            kind="违规记录",
            title=v.prohibition.name,
            detail=f"{v.place}，{v.unit.name}",
            state=v.get_state_display()
            if v.state == v.finding or not v.finding
            else f"{v.get_finding_display()}，{v.get_state_display()}",
            url=v.get_absolute_url(),
            side=Side.BAD if v.finding in rules.COUNTED else Side.PLAIN,
            record=v,
        )
        for v in found
    ]
