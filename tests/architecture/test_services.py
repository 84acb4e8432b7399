"""Every service that changes something for a person (`by=`) leaves an audit row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "projects", "conduct", "accountability", "assessment")
AUDITS = {"audit.record", "audit.note_read", "steps.begin", "steps.take"}

# Services with `by=` whose audit row is written elsewhere, each with where.
ELSEWHERE = {
    "core.services.steps.check": "asks and writes nothing",
    "core.services.attachments.store": "the step that brings the files tells them to its own row",
    "core.services.proposals.note_change": "the step that changed the fact is audited",
    "projects.services.plan_facts.note": "the step that moved the plan is audited",
    "core.services.jobs.enqueue": "a job is the follow-up of a change that its own service audits",
    "projects.services.taskforce.appoint_member": "projects.appoint, which it calls, audits it",
    "core.services.imports.claim": "only locks the batch; record_confirmed audits, in the same transaction",
}


def service_files() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        single, package = ROOT / app / "services.py", ROOT / app / "services"
        for path in [single] if single.exists() else sorted(package.glob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def calls(function: ast.FunctionDef) -> set[str]:
    """Names called in the function: `audit.record(...)` gives "audit.record", `helper(...)` "helper"."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                found.add(f"{target.value.id}.{target.attr}")
            elif isinstance(target, ast.Name):
                found.add(target.id)
    return found


def unaudited(module: str, source: str) -> list[str]:
    """Public services of a module that take `by` and reach no audit call, directly or through the module."""
    functions = {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}
    audited: set[str] = set()
    own = {"record", "note_read"} if module == "core.services.audit" else set()
    while True:
        more = {
            name
            for name, function in functions.items()
            if name not in audited and any(c in own or c in audited or c in AUDITS for c in calls(function))
        }
        if not more:
            break
        audited |= more
    return [
        f"{module}.{name}"
        for name, function in functions.items()
        if not name.startswith("_")
        and name not in audited
        and name not in own
        and any(argument.arg == "by" for argument in function.args.kwonlyargs)
    ]


MODULES = list(service_files())


def test_the_services_are_found() -> None:
    assert len(MODULES) >= 8
    assert sum(source.read_text(encoding="utf-8").count("by: User") for _, source in MODULES) >= 15


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_every_service_writes_audit(module: str, path: Path) -> None:
    assert [
        name for name in unaudited(module, path.read_text(encoding="utf-8")) if name not in ELSEWHERE
    ] == []


@pytest.mark.parametrize(
    ("module", "service"),
    [("conduct.services.violations", "log_violation"), ("projects.services.milestones", "update_milestone"),
     ("core.services.accounts", "grant_role")],
)  # fmt: skip
def test_without_its_audit_call_a_service_is_named(module: str, service: str) -> None:
    """The control: take the calls out of the source, and the test names the service."""
    source = dict(MODULES)[module].read_text(encoding="utf-8").replace("audit.record(", "print(")
    source = source.replace("steps.begin(", "print(")
    assert f"{module}.{service}" in unaudited(module, source)


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_services_take_keywords_only(module: str, path: Path) -> None:
    functions = [
        n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)
    ]
    positional = [
        f.name for f in functions
        if not f.name.startswith("_") and f.args.args
        if any(argument.arg in {"by", "at"} for argument in f.args.kwonlyargs)
    ]  # fmt: skip
    assert positional == []
