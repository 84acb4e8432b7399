"""Records that come from one another, by label and id: who sees them, and what a new one already says.

A violation may come from a clue, a letter from a violation, a finding, a clue, an overdue milestone or what a
dispatch meeting decided. A further kind of source is one more entry of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ClueChannel, ClueState, FindingState, FoundBy, LetterState
from conduct.models import Clue, InspectionFinding, LetterMatter, Violation
from conduct.queries.clues import clues_visible_to
from conduct.queries.inspections import findings_visible_to, rule_name
from conduct.queries.letters import letters_visible_to
from conduct.queries.violations import violations_visible_to
from conduct.rules.violations import COUNTED
from core.choices import ProposalKind, ProposalState
from core.models import Proposal, User
from core.permissions import Permission, may
from core.queries import proposals_from
from core.queries.todos import Todo, Waiting, waiting
from projects.models import DispatchDecision, Milestone
from projects.queries.dispatch import decisions_visible_to
from projects.queries.milestones import milestones_visible_to

Known = dict[str, Any]
"""Initial values of a form."""
IN_HAND = frozenset({ClueState.IN_HAND, ClueState.REPORTED, ClueState.CONCLUDED})
"""States of a clue that somebody has looked into: only then may something come of it."""
FOUND_BY: Mapping[str, FoundBy] = {
    ClueChannel.INSPECTION: FoundBy.INSPECTION,
    ClueChannel.PATROL: FoundBy.ASSIGNED,
    ClueChannel.ASSIGNED: FoundBy.ASSIGNED,
}


def _letter_about_violation(violation: Violation) -> Known | None:
    if violation.finding not in COUNTED:
        return None
    return {
        "title": f"关于{violation.unit.name}“{violation.prohibition.name}”问题的督办函"[:80],
        "unit": violation.unit_id,
        "matter": f"{violation.get_found_by_display()}发现：{violation.occurred_on:%Y年%-m月%-d日}，"
        f"{violation.unit.name}{violation.cadre.name}在{violation.place}，{violation.facts}"[:2000],
        "basis": f"八不准第{violation.prohibition.order}条：{violation.prohibition.name}"[:300],
    }


def _letter_about_finding(finding: InspectionFinding) -> Known | None:
    if finding.state != FindingState.TURNED_LETTER:
        return None
    if not _letter_wanted(finding):
        return None
    visit = finding.inspection
    unit = finding.unit or visit.unit or (visit.project and visit.project.lead_unit)
    rule = rule_name(finding)
    return {
        "title": f"关于{unit.name if unit else ''}检查发现问题的督办函"[:80],
        "unit": unit and unit.pk,
        "matter": f"{visit.on:%Y年%-m月%-d日}{visit.get_kind_display()}发现：{visit.place}，{finding.what}"[
            :2000
        ],
        "basis": f"八不准：{rule}"[:300] if rule else "",
    }


def _letter_about_clue(clue: Clue) -> Known | None:
    """Only whom it concerns: what was reported stays with the office, the letter says what was found."""
    if clue.state not in IN_HAND:
        return None
    subjects = list(clue.subjects.all())
    units = [s.unit for s in subjects if s.unit] + [s.cadre.unit for s in subjects if s.cadre]
    return {"unit": units[0].pk, "title": f"关于{units[0].name}有关问题的督办函"[:80]} if units else {}


def _letter_about_milestone(milestone: Milestone) -> Known | None:
    """What is overdue and by how much, once somebody accepted that a letter is wanted."""
    if not _letter_wanted(milestone):
        return None
    project, today = milestone.project, timezone.localdate()
    slip = ""
    if milestone.planned_on is not None and milestone.done_on is None and milestone.planned_on < today:
        slip = f"，截至{today:%Y年%-m月%-d日}已逾期{(today - milestone.planned_on).days}天"
    planned = f"计划{milestone.planned_on:%Y年%-m月%-d日}完成" if milestone.planned_on else "未定计划日期"
    return {
        "title": f"关于{project.name}“{milestone.name}”节点滞后的督办函"[:80],
        "unit": project.lead_unit_id,
        "matter": f"{project.name}（{project.code}）“{milestone.name}”节点{planned}{slip}，"
        f"目前进度{milestone.progress.normalize():f}%。"[:2000],
        "basis": "“六定”责任：定时限、定进度",
    }


def _letter_about_decision(decision: DispatchDecision) -> Known | None:
    if not _letter_wanted(decision):
        return None
    meeting = decision.meeting
    held = f"{meeting.held_on:%Y年%-m月%-d日}{meeting.get_kind_display()}"
    return {
        "title": f"关于{decision.project.name}调度事项落实的督办函"[:80],
        "unit": decision.unit_id,
        "matter": f"{held}议定：{decision.project.name}，{decision.what}，由{decision.unit.name}于"
        f"{decision.due_on:%Y年%-m月%-d日}前落实。"[:2000],
        "basis": f"{held}议定事项",
    }


def _letter_wanted(record: Model) -> bool:
    """Whether somebody accepted the proposal of a letter about a record."""
    answers = proposals_from(record).filter(kind=ProposalKind.LETTER, state=ProposalState.ACCEPTED)
    return answers.exists()


def _violation_from_clue(clue: Clue) -> Known | None:
    if clue.state not in IN_HAND:
        return None
    people = [subject.cadre for subject in clue.subjects.all() if subject.cadre]
    return {
        "cadre": people[0] if people else None,
        "others": "\n".join(person.staff_no for person in people[1:]),
        "found_by": FOUND_BY.get(clue.channel, FoundBy.REPORT),
        "facts": clue.result[:2000],
        "occurred_on": None,  # not today: the day it happened decides which version of the rule applies
    }


def _nothing(record: Any) -> Known | None:
    return None


@dataclass(frozen=True)
class Kind:
    """A kind of source: who sees its records, and what a letter about one or a violation from one already
    says; None where none may come of it now."""

    visible_to: Callable[[User], QuerySet[Any]]
    letter: Callable[[Any], Known | None] = _nothing
    violation: Callable[[Any], Known | None] = _nothing


KINDS: Mapping[str, Kind] = {
    Violation._meta.label: Kind(violations_visible_to, letter=_letter_about_violation),
    InspectionFinding._meta.label: Kind(findings_visible_to, letter=_letter_about_finding),
    Clue._meta.label: Kind(clues_visible_to, letter=_letter_about_clue, violation=_violation_from_clue),
    Milestone._meta.label: Kind(milestones_visible_to, letter=_letter_about_milestone),
    DispatchDecision._meta.label: Kind(decisions_visible_to, letter=_letter_about_decision),
}


def reference(record: Model) -> str:
    """How an address or a form names a record: `conduct.Clue:7`."""
    return f"{record._meta.label}:{record.pk}"


def record_of(text: str, user: User) -> Any | None:
    """The record an address or a form names, of a known kind and within the user's scope, or None."""
    label, _, pk = text.partition(":")
    found = visible([(label, pk)], user)
    return found.get((label, pk))


def visible(references: Iterable[tuple[str, str]], user: User) -> dict[tuple[str, str], Any]:
    """(label, id) → record, for those of a known kind that the user may see; one statement a kind."""
    wanted: dict[str, list[str]] = {}
    for label, pk in references:
        if label in KINDS and pk:
            wanted.setdefault(label, []).append(pk)
    found: dict[tuple[str, str], Any] = {}
    for label, keys in wanted.items():
        rows = KINDS[label].visible_to(user)
        clean = rows.model._meta.pk.to_python
        try:
            keys = [clean(key) for key in keys]
        except ValidationError:
            continue
        found |= {(label, str(row.pk)): row for row in rows.filter(pk__in=keys)}
    return found


def letter_about(record: Model) -> Known | None:
    """What a letter about a record already says, or None when no letter may be drafted about it now."""
    return KINDS[record._meta.label].letter(record)


def violation_from(record: Model) -> Known | None:
    """What a violation found through a record already says, or None when none may be logged from it now."""
    return KINDS[record._meta.label].violation(record)


@dataclass(frozen=True)
class Outcome:
    """What came of a record and what may still: addresses are "" where there is nothing to press."""

    records: list[tuple[str, Any]]
    """(kind in words, record)"""
    letter_url: str
    violation_url: str


def outcome_of(record: Model, user: User) -> Outcome:
    """Violations and letters that came of a record, within what the reader may see."""
    about = f"?about={reference(record)}"
    own = {"label": record._meta.label, "id": str(record.pk)}
    violations = violations_visible_to(user).filter(origin_label=own["label"], origin_id=own["id"])
    matters = LetterMatter.objects.filter(source_label=own["label"], source_id=own["id"])
    letters = letters_visible_to(user).filter(sources__in=matters)
    answered = letters.exclude(state=LetterState.CANCELLED).exists()
    drafts = may(user, Permission.DRAFT_LETTERS) and not answered and letter_about(record) is not None
    logs = may(user, Permission.LOG_VIOLATIONS) and violation_from(record) is not None
    return Outcome(
        records=[
            *(("违规记录", row) for row in violations.order_by("id")),
            *(("督办函", row) for row in letters.order_by("id")),
        ],
        letter_url=reverse("conduct:letter-create") + about if drafts else "",
        violation_url=reverse("conduct:violation-create") + about if logs else "",
    )


def todos(user: User, *, today: date) -> list[Waiting]:
    """Accepted proposals of a letter about which no letter was drafted yet, oldest first."""
    if not may(user, Permission.DRAFT_LETTERS):
        return []
    drafted = LetterMatter.objects.filter(
        source_label=OuterRef("source_label"), source_id=OuterRef("source_id")
    )
    accepted = Proposal.objects.filter(kind=ProposalKind.LETTER, state=ProposalState.ACCEPTED)
    undrafted = accepted.exclude(Exists(drafted)).filter(source_label__in=KINDS)
    if user.cadre_id is not None:
        undrafted = undrafted.exclude(cadre=user.cadre_id)
    return [
        waiting(
            undrafted.select_related("unit", "cadre").order_by("answered_at", "id"),
            lambda proposal: Todo(
                title=proposal.source_name,
                who=str(proposal.unit or proposal.cadre or ""),
                detail=f"已采纳发督办函的建议：{proposal.reason[:60]}",
                url=reverse("conduct:letter-create") + f"?about={proposal.source_label}:{proposal.source_id}",
                action="拟督办函",
            ),
            label="待拟的督办函",
            url=reverse("core:proposal-list") + f"?kind={ProposalKind.LETTER}&state={ProposalState.ACCEPTED}",
            today=today,
        )
    ]
