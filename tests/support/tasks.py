"""六定 tasks for tests: written, issued, brought on as the services do it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.services import catalogues
from projects.choices import PersonRole
from projects.models import Assignment, Incentive
from projects.services import assignment_course as course
from projects.services import assignments as services
from projects.services.assignments import Content, Named


def said(district: Any, *, owner: str | None = "clerk", due: int | None = 60, **changes: Any) -> Content:
    """What a complete task says; `owner` is a key of the district's people, `due` days from today."""
    if not Incentive.objects.exists():
        catalogues.sync(model=Incentive, by=None, at=district.now)
    values: dict[str, Any] = {
        "title": "完成房屋征收",
        "duty": "签订全部协议，按期交地。",
        "standard": "十月过半，十一月全部交地",
        "lead_unit": district.bureau,
        "due_on": None if due is None else district.today + timedelta(days=due),
        "reward": Incentive.objects.get(key="R1"),
        "penalty": Incentive.objects.get(key="P1"),
        "people": [Named(PersonRole.OWNER, district.cadres[owner])] if owner else [],
    }
    return Content(**{**values, **changes})


def draft(
    district: Any, *, by: str = "leader", parent: Assignment | None = None, key: Any = None, **changes: Any
) -> Assignment:
    task, _ = services.draft_task(
        project=changes.pop("project", district.project),
        parent=parent,
        content=said(district, **changes),
        submission_key=key or uuid4(),
        by=district.users[by],
        at=timezone.now(),
    )
    return task


def issue(district: Any, task: Assignment, by: str = "leader") -> Assignment:
    return services.issue_task(assignment_id=task.pk, by=district.users[by], at=timezone.now())


def issued(district: Any, *, by: str = "leader", **changes: Any) -> Assignment:
    return issue(district, draft(district, by=by, **changes), by)


def sign(district: Any, task: Assignment, by: str = "cadre") -> Assignment:
    return course.sign_task(assignment_id=task.pk, by=district.users[by], at=timezone.now())


def report(district: Any, task: Assignment, progress: int = 50, by: str = "cadre", **more: Any) -> Assignment:
    task.refresh_from_db()
    return course.report_task(
        assignment_id=task.pk,
        progress=Decimal(progress),
        by=district.users[by],
        at=timezone.now(),
        **{"version": task.version, **more},
    )


def submit(
    district: Any, task: Assignment, by: str = "cadre", *, days_ago: int = 0, note: str = ""
) -> Assignment:
    return course.submit_task(
        assignment_id=task.pk,
        done_on=district.today - timedelta(days=days_ago),
        note=note,
        by=district.users[by],
        at=timezone.now(),
    )


def accept(district: Any, task: Assignment, by: str = "leader") -> Assignment:
    return course.accept_task(assignment_id=task.pk, by=district.users[by], at=timezone.now())


def submitted(district: Any, **changes: Any) -> Assignment:
    task = issued(district, **changes)
    sign(district, task)
    return submit(district, task)
