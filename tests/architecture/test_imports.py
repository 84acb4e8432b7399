"""The contracts of pyproject.toml hold for this tree, and break where they should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "core", "projects", "conduct", "accountability", "assessment")
MODULES = "urls views api tasks forms services queries permissions models rules choices".split()
CONTRACTS = {
    "staircase": "Imports go down the staircase of apps",
    "floors": "Every app has the same floors and no other module",
    "upward": "No app reaches up into a higher floor of another app",
    "pure-rules": "Rules are pure: values in, values out",
}


def lint(folder: Path) -> tuple[int, str]:
    """Exit code and report of import-linter, run in the folder with its pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project with two modules on each side of every border, under the real contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for app in APPS:
        write(tmp_path, f"{app}/__init__.py")
    for app in APPS[1:]:
        for module in MODULES:
            write(tmp_path, f"{app}/{module}.py")
        write(tmp_path, f"{app}/migrations/__init__.py")
    return tmp_path


def write(folder: Path, path: str, text: str = "") -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_every_import_keeps_the_contracts() -> None:
    code, report = lint(ROOT)
    assert code == 0, report


def test_a_clean_tree_keeps_the_contracts(tree: Path) -> None:
    write(tree, "conduct/views.py", "import conduct.services\nimport core.queries")
    write(tree, "conduct/services.py", "import django.db\nimport conduct.rules\nimport projects.services")
    write(tree, "conduct/rules.py", "import conduct.choices\nimport core.rules")
    write(tree, "conduct/choices.py", "import django.db.models")
    code, report = lint(tree)
    assert code == 0, report


@pytest.mark.parametrize(
    ("path", "text", "contract"),
    [
        ("projects/services.py", "import conduct.services", "staircase"),
        ("core/models.py", "import config", "staircase"),
        ("core/queries.py", "def late():\n    import assessment.queries", "staircase"),
        ("conduct/services.py", "import conduct.tasks", "floors"),
        ("conduct/models.py", "import conduct.queries", "floors"),
        ("conduct/views.py", "import conduct.api", "floors"),
        ("conduct/permissions.py", "import conduct.queries", "floors"),
        ("conduct/helpers.py", "", "floors"),
        ("conduct/services/__init__.py", "import conduct.forms", "floors"),
        ("conduct/services.py", "import core.views", "upward"),
        ("conduct/queries.py", "import projects.tasks", "upward"),
        ("conduct/rules.py", "import django.utils.timezone", "pure-rules"),
        ("conduct/rules/deadlines.py", "from rest_framework import serializers", "pure-rules"),
        ("conduct/rules.py", "def late():\n    import celery", "pure-rules"),
    ],
)
def test_a_violation_breaks_its_contract(tree: Path, path: str, text: str, contract: str) -> None:
    if "/" in path.partition("/")[2]:  # a module that became a package
        (tree / Path(path).parent).with_suffix(".py").unlink()
        write(tree, f"{Path(path).parent}/__init__.py")
    write(tree, path, text)
    code, report = lint(tree)
    assert code == 1, report
    assert f"{CONTRACTS[contract]} BROKEN" in report, report
