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
from conduct.rules.notices import masked_name, masked_text
from conduct.rules.violations import COUNTED
from core.models import User
from core.permissions import Permission, may
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
    """A first text from the records: one paragraph a person, names masked unless told otherwise."""
    names = [v.cadre.name for v in violations]
    paragraphs = []
    for number, v in enumerate(violations, start=1):
        name = masked_name(v.cadre.name) if masked else v.cadre.name
        facts = masked_text(v.facts, names) if masked else v.facts
        day = f"{v.occurred_on.year}年{v.occurred_on.month}月{v.occurred_on.day}日"
        who = f"{v.unit}{v.cadre.post}{name}"
        told = facts.strip().rstrip("。")
        paragraphs.append(f"{number}. {who}违反“{v.prohibition}”问题。{day}，{told}。")
    return "\n".join(paragraphs)


def subject_names(notice: CaseNotice) -> list[str]:
    """The full names of whom a notice is drawn from."""
    return sorted(set(notice.violations.values_list("cadre__name", flat=True)))


def todos(user: User, *, today: date) -> list[Waiting]:
    """Notices that wait for this person's approval."""
    if not may(user, Permission.APPROVE_NOTICES):
        return []
    in_review = notices_visible_to(user).filter(state=NoticeState.IN_REVIEW).exclude(recorded_by=user)
    return [
        waiting(
            in_review.order_by("recorded_at", "id"),
            lambda notice: Todo(
                title=notice.title,
                who=f"{notice.recorded_by.display_name}拟稿",
                detail=f"典型案例通报，{timezone.localdate(notice.recorded_at)} 拟稿",
                url=reverse("conduct:notice-detail", args=[notice.pk]),
                action="审批",
            ),
            label="待审批的典型案例通报",
            url=reverse("conduct:notice-list") + f"?state={NoticeState.IN_REVIEW}",
            today=today,
        )
    ]
