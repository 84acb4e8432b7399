"""A Hypothesis state machine over any declared workflow: whoever does whatever, the invariants hold.

A test names how a record is made and how each step is called as one person; the machine then picks people and
steps at random, allowed or not. After every try: a refused step wrote nothing, a taken one moved along a
declared edge, left exactly one audit row and one line of the history, and was taken by somebody whom `can`
allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from core.models import AuditEvent, StepTaken, User
from core.permissions import permission_names
from core.rules.errors import DomainError
from core.rules.workflow import Workflow, can

FULL, SOME, SHORT = 48, 12, 5
"""Examples of 50 steps. The logic is walked in full on SQLite; the other engine gets a short walk, for its
locks and constraints, or the suite would be twice as long. SOME are enough where each try is dear."""
TRIES = 38
"""How many tries an example makes on the average, at the least: some end early."""


@dataclass
class Course:
    """What a walk needs to know. `steps[name](record, user, pick)` calls the service; `pick` is a number to
    choose arguments with. `parts(record, user)` are the parts somebody plays, as the service reads them."""

    workflow: Workflow
    people: Mapping[str, User]
    make: Callable[[], models.Model]
    steps: Mapping[str, Callable[[Any, User, int], object]]
    parts: Callable[[Any, User], frozenset[str]] = lambda *_: frozenset()
    invariants: Sequence[Callable[[Any], object]] = ()
    extra_audit: frozenset[str] = frozenset()
    """Steps that are allowed to bring the audit row of something else they cause, such as a proposal."""
    beyond: frozenset[str] = frozenset()
    """Steps that this record alone cannot come to; tests of their own take them."""
    examples: int = FULL
    """How many walks are begun where it is walked in full."""
    counts: dict[str, int] = field(default_factory=dict)


def walk(course: Course, *, length: int = 50) -> dict[str, int]:
    """Walk, the same every time; returns how often each step was taken and how often one was refused.

    Asserts that the walk was as long as it should be and, walked in full, that every declared step was taken.
    """
    full = connection.vendor == "sqlite"
    course.counts.clear()
    missing = {step.name for step in course.workflow.steps} - set(course.steps)
    assert not missing, f"steps without a caller: {missing}"

    class Machine(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.block = transaction.atomic()
            self.block.__enter__()
            self.record: Any = course.make()
            self.tries = 0
            assert self._state() == course.workflow.initial

        @rule(
            who=st.sampled_from(sorted(course.people)),
            stray=st.integers(0, 4),
            place=st.integers(0, 1_000_000),
            pick=st.integers(0, 1_000_000),
        )
        def try_a_step(self, who: str, stray: int, place: int, pick: int) -> None:
            if self._state() in course.workflow.final:
                self.record = course.make()
            # Generated numbers favour zero; counting on spreads them over what there is to choose.
            self.tries += 1
            place, pick = place + self.tries, pick + self.tries // 3
            record = self.record
            record.refresh_from_db()
            before = self._state()
            # Four times in five a step that starts here, so that walks come far; otherwise any.
            here = [step.name for step in course.workflow.from_state(before)]
            names = sorted(course.steps) if stray == 0 or not here else here
            name = names[place % len(names)]
            # Often the step taken least so far, by somebody who may: else far states are never reached.
            if stray > 2:
                name = min(names, key=lambda one: (course.counts.get(one, 0), one))
                entitled = [one for one in sorted(course.people) if self._may(name, course.people[one])]
                who = entitled[pick % len(entitled)] if entitled else who
            user = course.people[who]
            audits, lines = AuditEvent.objects.count(), StepTaken.objects.count()
            allowed = self._may(name, user)
            try:
                with transaction.atomic():
                    course.steps[name](record, user, pick)
            except (DomainError, type(record).DoesNotExist):
                record.refresh_from_db()
                assert self._state() == before
                assert (AuditEvent.objects.count(), StepTaken.objects.count()) == (audits, lines)
                course.counts["refused"] = course.counts.get("refused", 0) + 1
                return
            assert allowed, f"{who} took {name} in {before}, which can() refuses"
            record.refresh_from_db()
            declared = course.workflow.step(name)
            assert before in declared.sources
            assert self._state() in declared.leads_to(before)
            gained = AuditEvent.objects.count() - audits
            assert gained == 1 or (name in course.extra_audit and gained >= 1), f"{name}: {gained} audit rows"
            own = StepTaken.objects.filter(owner_label=record._meta.label, owner_id=str(record.pk))
            last = own.order_by("-id").first()
            assert last is not None
            assert (last.step, last.from_state, last.to_state) == (name, before, self._state())
            for invariant in course.invariants:
                invariant(record)
            course.counts[name] = course.counts.get(name, 0) + 1

        def _may(self, name: str, user: User) -> bool:
            parts = course.parts(self.record, user)
            held = permission_names(user)
            return can(course.workflow, name, state=self._state(), permissions=held, parts=parts)[0]

        def _state(self) -> str:
            return course.workflow.state_of(self.record)

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=course.examples if full else SHORT,
            stateful_step_count=length,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    tried = sum(course.counts.values())
    # The walk that is two thousand tries long is held to it.
    least = {True: 2000 if course.examples == FULL else course.examples * TRIES, False: 100}[full]
    assert tried >= least, course.counts
    if full:
        every = {step.name for step in course.workflow.steps} - course.beyond
        assert every <= set(course.counts), course.counts
    return course.counts
