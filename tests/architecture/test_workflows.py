"""Every declared workflow is sound: states are reached, permissions exist, the subject stays out."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import core.rules.workflow as workflow_rules
from core.permissions import Permission
from core.rules.workflow import SUBJECT, Step, Workflow, can, faults
from core.views.steps import Desk

APPS = ("projects", "conduct", "accountability", "assessment")


def declared() -> Iterator[tuple[str, Workflow]]:
    for app in APPS:
        package = importlib.import_module(f"{app}.rules")
        names = [package.__name__]
        if hasattr(package, "__path__"):
            names += [f"{app}.rules.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
        for name in names:
            for attribute, value in vars(importlib.import_module(name)).items():
                if isinstance(value, Workflow):
                    yield f"{name}.{attribute}", value


WORKFLOWS = dict(declared())


def desks() -> Iterator[tuple[str, Desk]]:
    for app in APPS:
        package = importlib.import_module(f"{app}.views")
        for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            yield from ((f"{found.name}.{n}", v) for n, v in vars(module).items() if isinstance(v, Desk))


DESKS = dict(desks())
ELSEWHERE = {
    "assignments.DESK": {"edit"},  # a page of its own
    "letters.DESK": {"edit"},  # a page of its own
    "projects.DESK": {"edit"},  # a page of its own
    "inspections.PLAN_DESK": {"edit"},  # a page of its own
    "visits.DESK": {"add"},  # a page of its own
    "letters.ITEM_DESK": {"return"},  # one form passes and returns
    "letters.EXTENSION_DESK": {"refuse"},  # one form grants and refuses
}


@pytest.mark.parametrize("name", DESKS)
def test_every_step_is_taken_on_a_page(name):
    desk = DESKS[name]
    steps = {step.name for step in desk.workflow.steps}
    assert set(desk.deeds) == steps - ELSEWHERE.get(name, set())
    assert ELSEWHERE.get(name, set()) <= steps


def test_there_are_workflows_and_their_desks():
    assert len(DESKS) >= 10
    assert "conduct.rules.violations.VIOLATION" in WORKFLOWS


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_sound(name):
    assert faults(WORKFLOWS[name]) == []


@pytest.mark.parametrize("name", WORKFLOWS)
def test_its_permissions_exist(name):
    needed = {step.needs for step in WORKFLOWS[name].steps} - {""}
    assert needed <= set(Permission.__members__)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_whom_a_record_is_about_takes_no_step(name):
    workflow = WORKFLOWS[name]
    everything = set(Permission.__members__)
    for step in workflow.steps:
        for state in step.sources:
            allowed, reason = can(
                workflow, step.name, state=state, permissions=everything, parts={SUBJECT, *step.only}
            )
            assert not allowed and "回避" in reason, step.name


TOY = Workflow(
    name="玩具",
    begin="登记",
    initial="A",
    states={"A": "甲", "B": "乙", "C": "丙"},
    parts={"maker": "登记人"},
    steps=(
        Step("go", "推进", frozenset({"A"}), ("B",), needs="LOG_VIOLATIONS", never=("maker",)),
        Step("end", "结束", frozenset({"B"}), ("C",), only=("maker",)),
    ),
)


@pytest.mark.parametrize(
    ("step", "state", "permissions", "parts", "reason"),
    [
        ("go", "A", {"LOG_VIOLATIONS"}, set(), ""),
        ("go", "B", {"LOG_VIOLATIONS"}, set(), "当前状态是“乙”，不能推进"),
        ("go", "A", set(), set(), "没有推进的权限"),
        ("go", "A", {"LOG_VIOLATIONS"}, {"maker"}, "登记人不能推进"),
        ("end", "B", set(), set(), "只有登记人可以结束"),
        ("end", "B", set(), {"maker"}, ""),
        ("end", "B", set(), {"maker", SUBJECT}, "回避"),
    ],
)
def test_can_answers_with_a_reason(step, state, permissions, parts, reason):
    allowed, told = can(TOY, step, state=state, permissions=permissions, parts=parts)
    assert allowed is (reason == "")
    assert reason in told
    assert TOY.final == {"C"}


def test_a_step_that_stays_is_sound_and_reaches_nothing():
    file = Step("file", "附件", frozenset({"A", "B"}), (), stays=True)
    kept = workflow_rules.Workflow(**{**vars(TOY), "steps": (*TOY.steps, file)})
    assert faults(kept) == [] and kept.final == {"C"}
    assert (file.leads_to("A"), TOY.step("go").leads_to("A")) == (("A",), ("B",))
    alone = workflow_rules.Workflow(**{**vars(TOY), "steps": (TOY.steps[0], file)})
    assert faults(alone) == ["state C is never reached"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"steps": TOY.steps[:1]}, "state C is never reached"),
        ({"initial": "Z"}, "initial state Z is not declared"),
        ({"parts": {}}, "part maker has no word"),
        ({"steps": (*TOY.steps, TOY.steps[0])}, "step go is declared twice"),
        ({"steps": (*TOY.steps, Step("x", "某步", frozenset({"Q"}), ("A",)))}, "unknown state Q"),
        ({"steps": (*TOY.steps, Step("x", "某步", frozenset({"A"}), ("A",)))}, "does not say so"),
        ({"steps": (*TOY.steps, Step("x", "某步", frozenset({"A"}), ()))}, "leads nowhere"),
    ],
)
def test_a_faulty_declaration_is_found(changes, fault):
    broken = workflow_rules.Workflow(**{**vars(TOY), **changes})
    assert any(fault in found for found in faults(broken))
