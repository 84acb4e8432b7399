"""Whoever does whatever to a violation: no skipped step, no self-confirmation, one audit row a step."""

import pytest
from django.utils import timezone

from conduct.queries.violations import parts_in
from conduct.rules.violations import VIOLATION
from conduct.services import violations as services
from tests.support.walking import Course, walk

pytestmark = pytest.mark.django_db


def test_two_thousand_steps_of_four_roles(district):
    def decide(record, user, pick):
        state = VIOLATION.step("decide").targets[pick % 3]
        services.decide_violation(
            violation_id=record.pk, state=state, note="经核实" * (pick % 2), by=user, at=timezone.now()
        )

    def withdraw(record, user, pick):
        note = "记错了" * (pick % 2)
        services.withdraw_violation(violation_id=record.pk, note=note, by=user, at=timezone.now())

    def attach(record, user, pick):
        services.add_evidence(violation_id=record.pk, evidence=[], by=user, at=timezone.now())

    def two_people(record):
        assert record.decided_by_id is None or record.decided_by_id != record.recorded_by_id
        assert (record.finding == "") is (record.decided_by_id is None)

    course = Course(
        workflow=VIOLATION,
        people={name: district.users[name] for name in ("discipline", "discipline2", "unithead", "cadre")},
        make=district.log,
        steps={"decide": decide, "withdraw": withdraw, "attach": attach},
        parts=parts_in,
        invariants=[two_people],
    )
    counts = walk(course)
    assert sum(counts.values()) >= 2000
    assert {"decide", "withdraw", "attach"} <= set(counts)
