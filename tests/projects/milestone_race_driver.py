"""Run by test_milestone_race.py in processes of its own, on a database of its own: one step per process."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from core.choices import Establishment, RoleCode, UnitKind  # noqa: E402
from core.models import AuditEvent, User  # noqa: E402
from core.rules.errors import StaleVersion  # noqa: E402
from core.services import accounts, people  # noqa: E402
from projects.choices import MemberRole, MilestoneKind, ProjectKind  # noqa: E402
from projects.models import Milestone, MilestoneUpdate  # noqa: E402
from projects.services import milestones, projects  # noqa: E402
from tests.support.racing import meet  # noqa: E402

STEP = Decimal("0.10")


class AnyVersion(int):
    """A version that equals every other: what the service sees when nobody checks."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


def prepare() -> None:
    """A project with one milestone and two people who may both update it."""
    at = timezone.now()
    today = timezone.localdate(at)
    unit = people.save_unit(code="U", name="测试区", kind=UnitKind.DISTRICT, parent=None, by=None, at=at)
    project = projects.save_project(
        code="P", values={"name": "项目", "kind": ProjectKind.KEY, "lead_unit": unit}, by=None, at=at
    )
    values = {"kind": MilestoneKind.START, "planned_on": today}
    milestones.save_milestone(project=project, name="开工", values=values, by=None, at=at)
    for number, role in ((1, MemberRole.LEADER), (2, MemberRole.DEPUTY)):
        cadre = people.save_cadre(
            staff_no=f"T{number}",
            name=f"某{'甲乙'[number - 1]}",
            unit=unit,
            establishment=Establishment.CIVIL_SERVANT,
            post="科员",
            joined_on=today - timedelta(days=900),
            by=None,
            at=at,
        )
        user = accounts.create_account(
            username=f"leader{number}", display_name=cadre.name, password=None, cadre=cadre, by=None, at=at
        )
        day = today - timedelta(days=1)
        accounts.grant_role(user=user, role=RoleCode.CADRE, unit=None, starts_on=day, by=None, at=at)
        projects.appoint(project=project, cadre=cadre, role=role, on=day, by=None, at=at)


def update(number: int, rounds: int, *, checked: bool) -> None:
    """In every round both read, then both add a tenth to what they read; who came second reads again."""
    user = User.objects.get(username=f"leader{number}")
    refused = 0
    for turn in range(rounds):
        read = Milestone.objects.get()
        meet(f"round{turn}", number, seconds=30)
        while True:
            try:
                milestones.update_milestone(
                    milestone_id=read.pk,
                    progress=read.progress + STEP,
                    note=f"{number}-{turn}",
                    version=read.version if checked else AnyVersion(read.version),
                    by=user,
                    at=timezone.now(),
                )
            except StaleVersion:
                refused += 1
                read = Milestone.objects.get()
                continue
            break
        meet(f"done{turn}", number, seconds=30)
    print(json.dumps({"refused": refused}))  # noqa: T201 - read by the test


def report() -> None:
    """What the database holds now, as JSON."""
    milestone = Milestone.objects.get()
    rows = list(MilestoneUpdate.objects.order_by("id"))
    befores = [row.progress_before for row in rows]
    afters = [Decimal(0), *(row.progress_after for row in rows)]
    print(  # noqa: T201 - read by the test
        json.dumps(
            {
                "progress": str(milestone.progress),
                "version": milestone.version,
                "updates": len(rows),
                "notes": len({row.note for row in rows}),
                "unbroken": befores == afters[:-1],
                "rising": all(row.progress_after == row.progress_before + STEP for row in rows),
                "audited": AuditEvent.objects.filter(action="更新节点").count(),
            }
        )
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["update", number, rounds]:
            update(int(number), int(rounds), checked=True)
        case ["overwrite", number, rounds]:
            update(int(number), int(rounds), checked=False)
        case _:
            report()
