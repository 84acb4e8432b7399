"""Reads of public notices: drafts for the office, published ones for everybody entitled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import NoticeState
from conduct.models import CaseNotice, Violation
from conduct.queries.violations import violations_visible_to
from conduct.rules.notices import masked_name, masked_text, outcome_text
from conduct.rules.violations import COUNTED
from core.choices import ProposalKind, ProposalState
from core.models import User
from core.permissions import Permission, may
from core.queries import draft_todos, proposals_from
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workflow import SUBJECT

CLOSED_STATES = ("CLOSED",)
"""States of a record that a notice may be drawn from."""


def notices_visible_to(user: User) -> QuerySet[CaseNotice]:
    """Published ones; all of them for who drafts or approves; no draft that is about oneself."""
    found = CaseNotice.objects.select_related("recorded_by", "approved_by")
    if not may(user, Permission.VIEW_NOTICES):
        return found.none()
    published = found.filter(state=NoticeState.PUBLISHED)
    if not (may(user, Permission.DRAFT_NOTICES) or may(user, Permission.APPROVE_NOTICES)):
        return published
    if user.cadre_id is None:
        return found
    about_me = CaseNotice.objects.filter(violations__cadre=user.cadre_id).exclude(state=NoticeState.PUBLISHED)
    return found.exclude(pk__in=about_me.values("pk"))


def parts_in(notice: CaseNotice, user: User) -> frozenset[str]:
    """The parts a person plays in a notice, by the names of `rules.notices.NOTICE`."""
    parts = {"drafter": notice.recorded_by_id == user.pk}
    if user.cadre_id is not None:
        parts[SUBJECT] = notice.violations.filter(cadre=user.cadre_id).exists()
    return frozenset(part for part, plays in parts.items() if plays)


def citable(user: User) -> QuerySet[Violation]:
    """Records a notice may be drawn from: found true and closed, not about oneself."""
    found = violations_visible_to(user).filter(finding__in=COUNTED, state__in=CLOSED_STATES)
    return found if user.cadre_id is None else found.exclude(cadre=user.cadre_id)


def drafted_body(violations: Sequence[Violation], *, masked: bool) -> str:
    """A first text from the records: one paragraph a person, what was done and what came of it, names masked
    unless told otherwise."""
    names = [v.cadre.name for v in violations]
    paragraphs = [f"现将{len(violations)}起违反“八不准”典型案例通报如下："]
    for number, v in enumerate(violations, start=1):
        name = masked_name(v.cadre.name) if masked else v.cadre.name
        facts = masked_text(v.facts, names) if masked else v.facts
        day = f"{v.occurred_on.year}年{v.occurred_on.month}月{v.occurred_on.day}日"
        told = facts.strip().rstrip("。")
        who = f"{v.unit}{v.cadre.post}{name}"
        paragraphs.append(
            f"{number}. {who}违反“{v.prohibition}”问题。{day}，{told}。{_outcome(v, name=name)}"
        )
    return "\n".join(paragraphs)


def _outcome(violation: Violation, *, name: str) -> str:
    standing = list(violation.handlings.filter(revoked_at=None).order_by("on", "id"))
    case = proposals_from(violation).filter(kind=ProposalKind.CASE, state=ProposalState.ACCEPTED)
    return outcome_text(
        name,
        ways=list(dict.fromkeys(handling.way for handling in standing)),
        on=standing[-1].on if standing else None,
        has_case=case.exists(),
    )


def subject_names(notice: CaseNotice) -> list[str]:
    """The full names of whom a notice is drawn from."""
    return sorted(set(notice.violations.values_list("cadre__name", flat=True)))


def todos(user: User, *, today: date) -> list[Waiting]:
    """One's own drafts, and the notices that wait for this person's approval."""
    known = notices_visible_to(user).order_by("recorded_at", "id")
    notices = reverse("conduct:notice-list")
    found = [
        draft_todos(
            known.filter(state=NoticeState.DRAFT, recorded_by=user),
            who=_drafter,
            label="您起草的典型案例通报",
            url=f"{notices}?state={NoticeState.DRAFT}",
            today=today,
        )
    ]
    if not may(user, Permission.APPROVE_NOTICES):
        return found
    in_review = known.filter(state=NoticeState.IN_REVIEW).exclude(recorded_by=user)
    return [
        *found,
        waiting(
            in_review,
            lambda notice: Todo(
                title=notice.title,
                who=_drafter(notice),
                detail=f"典型案例通报，{timezone.localdate(notice.recorded_at)} 拟稿",
                url=notice.get_absolute_url(),
                action="审批",
            ),
            label="待审批的典型案例通报",
            url=f"{notices}?state={NoticeState.IN_REVIEW}",
            today=today,
        ),
    ]


def _drafter(notice: CaseNotice) -> str:
    return f"{notice.recorded_by.display_name}拟稿"
