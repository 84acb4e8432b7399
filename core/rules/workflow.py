"""State machines as declared data: which step leads where, who may take it, and why not.

A workflow names its states, its steps and the parts people play in a record (登记人, 承办人, 收文单位).
`can` answers with a reason, so that a disabled button explains itself; `core.services.steps.take` asks it
again before it writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

SUBJECT = "subject"
"""The part of the person a record is about: whatever the step, that person stays out (回避)."""


@dataclass(frozen=True)
class Step:
    """One step. `targets` beyond the first are chosen by the one who takes it.

    `needs` is the name of a `core.permissions.Permission`, "" where a part in the record is right enough.
    `only` are parts one of which the person must play, `never` parts that bar: who recorded does not
    confirm. `note` is the label of a reason that must be given, "" when none is asked for.
    """

    name: str
    label: str
    sources: frozenset[str]
    targets: tuple[str, ...]
    needs: str = ""
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    note: str = ""
    repeats: bool = False
    """May lead back to the state it started from: adding a file, recording a talk."""
    internal: bool = False
    """Its reason and the old text it keeps are for the office, not for everybody who sees the record."""
    stays: bool = False
    """Leaves the record in whichever state it is, unless it leads to one of `targets`."""

    def leads_to(self, state: str) -> tuple[str, ...]:
        """Where the step may lead from a state, the usual end first."""
        return (state, *self.targets) if self.stays else self.targets


@dataclass(frozen=True)
class Workflow:
    """A record's course: `states` is state → label, `parts` is part → word used in reasons, `begin` what
    making the record is called, `state_field` the record's field that holds its state."""

    name: str
    begin: str
    initial: str
    states: Mapping[str, str]
    steps: tuple[Step, ...]
    parts: Mapping[str, str] = field(default_factory=dict)
    state_field: str = "state"

    def state_of(self, record: object) -> str:
        state: str = getattr(record, self.state_field)
        return state

    def step(self, name: str) -> Step:
        """Raises KeyError for a step that is not declared."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"{self.name}: no step {name!r}")

    def from_state(self, state: str) -> tuple[Step, ...]:
        """The steps that start in a state, in the declared order."""
        return tuple(step for step in self.steps if state in step.sources)

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leads out of."""
        left = {source for step in self.steps for source in step.sources if set(step.targets) - {source}}
        return frozenset(self.states) - left


def can(
    workflow: Workflow, name: str, *, state: str, permissions: Collection[str], parts: Collection[str]
) -> tuple[bool, str]:
    """(allowed, Chinese reason when not) for a person with these permissions who plays these parts."""
    step = workflow.step(name)
    words = dict(workflow.parts)
    if state not in step.sources:
        return False, f"当前状态是“{workflow.states.get(state, state)}”，不能{step.label}。"
    if step.needs and step.needs not in permissions:
        return False, f"您的角色没有{step.label}的权限。"
    if SUBJECT in parts:
        return False, "本人是当事人，应当回避，请由其他人员办理。"
    for part in step.never:
        if part in parts:
            return False, f"{words[part]}不能{step.label}，请由另一名有权限的人员办理。"
    if step.only and not set(step.only) & set(parts):
        return False, f"只有{'、'.join(words[part] for part in step.only)}可以{step.label}。"
    return True, ""


def faults(workflow: Workflow) -> list[str]:
    """What is wrong with a declaration: unknown states or parts, states that cannot be reached."""
    found = []
    states = set(workflow.states)
    if workflow.initial not in states:
        found.append(f"initial state {workflow.initial} is not declared")
    names = [step.name for step in workflow.steps]
    found += [f"step {name} is declared twice" for name in sorted({n for n in names if names.count(n) > 1})]
    for step in workflow.steps:
        unknown = (step.sources | set(step.targets)) - states
        found += [f"{step.name}: unknown state {state}" for state in sorted(unknown)]
        missing = {*step.only, *step.never} - set(workflow.parts)
        found += [f"{step.name}: part {part} has no word" for part in sorted(missing)]
        if not (step.targets or step.stays) or not step.sources:
            found.append(f"{step.name} leads nowhere or starts nowhere")
        if not (step.repeats or step.stays) and step.sources & set(step.targets):
            found.append(f"{step.name} leads back to where it starts and does not say so")
    reached, before = {workflow.initial}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {t for step in workflow.steps if step.sources & reached for t in step.targets}
    found += [f"state {state} is never reached" for state in sorted(states - reached)]
    return found
