"""六定责任书 of a project: its tasks with the six things of each, for print and signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core.resources.documents import chinese_date, render_pdf
from projects.choices import PersonRole
from projects.models import KeyProject
from projects.queries.assignments import TaskLine
from projects.queries.six import Fixed

TEMPLATE = Path(__file__).resolve().parent.parent / "documents" / "duties.typ"


def duties_data(
    project: KeyProject, lines: Sequence[TaskLine], six: Sequence[Fixed], *, on: date
) -> dict[str, Any]:
    """Everything the template shows, as text."""
    return {
        "title": "六定责任书",
        "date": chinese_date(on),
        "project": f"{project.name}（{project.code}）",
        "six": [
            {
                "label": one.label,
                "text": "；".join([*one.said, *([f"{one.missing}未定"] if one.missing else [])]),
            }
            for one in six
        ],
        "rows": [_row(line) for line in lines],
    }


def _row(line: TaskLine) -> dict[str, Any]:
    task = line.task
    helping = "、".join(str(unit) for unit in task.co_units.all())
    due = [chinese_date(task.due_on)] if task.due_on else []
    if task.baseline_due_on and task.baseline_due_on != task.due_on:
        due.append(f"（基准 {chinese_date(task.baseline_due_on)}）")
    return {
        "level": line.level,
        "title": task.title,
        "unit": "\n".join([f"主办：{task.lead_unit}", *([f"协办：{helping}"] if helping else [])]),
        "people": "\n".join(
            f"{PersonRole(person.role).label}：{person.cadre.name}" for person in line.people
        ),
        "duty": task.duty,
        "due": "\n".join(due),
        "standard": task.standard,
        "incentives": f"奖：{task.reward}\n惩：{task.penalty}",
    }


def duties_pdf(project: KeyProject, lines: Sequence[TaskLine], six: Sequence[Fixed], *, on: date) -> bytes:
    """The paper as PDF, A4 across."""
    return render_pdf(TEMPLATE, duties_data(project, lines, six, on=on))
