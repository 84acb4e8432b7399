"""Run by test_letter_race.py in processes of its own, on a database of its own: one step per process."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from conduct.models import SupervisionLetter  # noqa: E402
from conduct.services import letters  # noqa: E402
from core.choices import RoleCode, UnitKind  # noqa: E402
from core.models import AuditEvent, NumberSeries, User  # noqa: E402
from core.queries import workday_overrides  # noqa: E402
from core.rules.errors import DomainError  # noqa: E402
from core.rules.workdays import add_workdays  # noqa: E402
from core.services import accounts, people  # noqa: E402
from tests.support.racing import meet  # noqa: E402

ROLES = {
    "drafter": RoleCode.DISCIPLINE_OFFICER,
    "reviewer": RoleCode.DISCIPLINE_OFFICER,
    "head1": RoleCode.DISCIPLINE_HEAD,
    "head2": RoleCode.DISCIPLINE_HEAD,
}


def prepare(count: int) -> None:
    """So many letters that wait for their issue, each about something else."""
    at = timezone.now()
    today = timezone.localdate(at)
    unit = people.save_unit(code="U", name="测试区", kind=UnitKind.DISTRICT, parent=None, by=None, at=at)
    for name, role in ROLES.items():
        user = accounts.create_account(
            username=name, display_name=name, password=None, cadre=None, by=None, at=at
        )
        day = today - timedelta(days=1)
        accounts.grant_role(user=user, role=role, unit=None, starts_on=day, by=None, at=at)
    drafter, reviewer = (User.objects.get(username=name) for name in ("drafter", "reviewer"))
    due = add_workdays(today, 10, workday_overrides())
    for _ in range(count):
        letter, _ = letters.draft_letter(
            title=uuid4().hex,
            unit=unit,
            matter="无人在岗。",
            contact="督查室 0000",
            demands=[letters.Demand("落实替岗安排", "窗口有人", due)],
            submission_key=uuid4(),
            by=drafter,
            at=at,
        )
        letters.submit_letter(letter_id=letter.pk, by=drafter, at=at)
        letters.approve_letter(letter_id=letter.pk, by=reviewer, at=at)


def issue(number: int) -> None:
    """One of two heads: every second letter, then the last one, which the other wants too; refused ones in
    between must leave no hole."""
    user = User.objects.get(username=f"head{number}")
    waiting = list(SupervisionLetter.objects.order_by("id").values_list("pk", flat=True))
    *own, last = [*waiting[number - 1 : -1 : 2], waiting[-1]]
    meet("ready", number, seconds=20)
    refused = 0
    for letter in [*(twice for one in own for twice in (one, one)), last]:
        try:
            letters.issue_letter(letter_id=letter, by=user, at=timezone.now())
        except DomainError:
            refused += 1
    print(json.dumps({"refused": refused}))  # noqa: T201 - read by the test


def report() -> None:
    """What the database holds now, as JSON."""
    rows = SupervisionLetter.objects.order_by("serial")
    found = list(rows.values_list("serial", "number", "issued_by__username"))
    print(  # noqa: T201 - read by the test
        json.dumps(
            {
                "serials": [serial for serial, _, _ in found],
                "numbers": len({number for _, number, _ in found}),
                "heads": sorted({head for _, _, head in found}),
                "last": NumberSeries.objects.get().last,
                "audited": AuditEvent.objects.filter(action="签发督办函").count(),
            }
        )
    )


if __name__ == "__main__":
    step, *numbers = sys.argv[1:]
    match step:
        case "prepare":
            prepare(int(numbers[0]))
        case "issue":
            issue(int(numbers[0]))
        case _:
            report()
