"""Whatever a service tells the audit log has a Chinese label."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from core.templatetags.audit import WORDS, label_of
from tests.architecture.test_services import MODULES

ROOT = Path(__file__).resolve().parents[2]
VIEWS = [
    (".".join(path.relative_to(ROOT).with_suffix("").parts), path)
    for app in ("core", "projects", "conduct", "accountability", "assessment")
    for path in [*(ROOT / app).glob("views.py"), *(ROOT / app).glob("views/*.py")]
]
"""Some reads are noted by the view that hands the file out."""
TELLING = {"audit.record", "audit.note_read", "steps.begin", "steps.take", "record", "_step", "_take"}
HANDED = {"after", "before", "changes", "detail", "facts"}
FIELD_NAMES = {
    name: str(field.verbose_name)
    for model in apps.get_models()
    if model._meta.app_label in {"core", "projects", "conduct", "accountability", "assessment"}
    for field in model._meta.get_fields()
    if isinstance(field, models.Field)
    for name in (field.name, field.attname)
} | {
    field.name: str(field.related_model._meta.verbose_name)
    for model in apps.get_models()
    if model._meta.app_label in {"core", "projects", "conduct", "accountability", "assessment"}
    for field in model._meta.get_fields()
    if not isinstance(field, models.Field) and isinstance(field.related_model, type)
}


def told_keys(source: str) -> Iterator[str]:
    """Every constant key of what a function hands to the audit log, written in the call or under a name of
    the same function; and of what a `told` makes for others."""
    for function in ast.parse(source).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        written: list[ast.AST] = [function] if function.name == "told" else []
        names: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and calls_of(node) in TELLING:
                handed = [keyword.value for keyword in node.keywords if keyword.arg in HANDED]
                written += handed
                names |= {n.id for value in handed for n in ast.walk(value) if isinstance(n, ast.Name)}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        if isinstance(target.value, ast.Name) and target.value.id in names:
                            written.append(ast.Dict([target.slice], [node.value]))
                    elif isinstance(target, ast.Name) and target.id in names:
                        written.append(node.value)
        for part in written:
            yield from keys_in(part)


def keys_in(part: ast.AST) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def calls_of(node: ast.Call) -> str:
    """`audit.record(…)` is "audit.record", `_step(…)` is "_step"."""
    return ast.unparse(node.func)


def unlabelled(source: str) -> list[str]:
    return sorted({key for key in told_keys(source) if not (FIELD_NAMES.get(key) or WORDS.get(key))})


def test_there_is_something_to_check() -> None:
    found = {key for _, path in [*MODULES, *VIEWS] for key in told_keys(path.read_text(encoding="utf-8"))}
    assert len(found) >= 80
    assert {"cited_for", "new_due_on", "completed_on", "absent", "unscored", "format"} <= found


@pytest.mark.parametrize(("module", "path"), [*MODULES, *VIEWS], ids=lambda value: str(value))
def test_every_key_told_to_the_audit_log_has_a_label(module: str, path: Path) -> None:
    assert unlabelled(path.read_text(encoding="utf-8")) == []


def test_an_unknown_key_is_found() -> None:
    source = """
def step(*, by, at):
    facts = {"note": 1, "wobble": 2}
    audit.record(action="x", target=by, by=by, at=at, after=facts)
"""
    assert unlabelled(source) == ["wobble"]


def test_no_label_is_a_program_word() -> None:
    assert [label for label in [*WORDS.values(), *FIELD_NAMES.values()] if label.isascii()] == ["ID"]
    assert label_of(None, "wobble") is None
