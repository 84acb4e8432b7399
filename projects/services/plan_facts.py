"""What moved in the past is told to whoever may have counted it: the assessment reads planned dates."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from core.models import User
from core.services import proposals
from projects.models import Milestone


def note(
    *, milestone: Milestone, what: str, days: tuple[date | None, ...], by: User | None, at: datetime
) -> None:
    """Note a changed fact since the earliest of the days it touches; none for what lies in the future."""
    known = [day for day in days if day is not None]
    if not known or min(known) > timezone.localdate(at):
        return
    proposals.note_change(
        source=milestone,
        what=f"“{milestone.project}”节点“{milestone}”{what}",
        since=min(known),
        unit=milestone.project.lead_unit,
        by=by,
        at=at,
    )
