"""The rating sheet: one table, five marks per person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from assessment.choices import MAX_RATING, WORK_STYLE_FIELDS, WORK_STYLE_LABELS
from assessment.queries.periods import RatingRow

_CELL = re.compile(rf"^(?:{'|'.join(WORK_STYLE_FIELDS)})-(\d{{1,18}})$")


@dataclass(frozen=True)
class Cell:
    """One input of the sheet: what was typed stays, the error stands beside it."""

    name: str
    label: str
    value: str
    errors: Sequence[str]


@dataclass(frozen=True)
class SheetRow:
    """One person of the sheet."""

    row: RatingRow
    cells: list[Cell]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong in the row, each message once, with the input it leads to."""
        found: dict[str, str] = {}
        for cell in self.cells:
            for error in cell.errors:
                found.setdefault(error, cell.name)
        return [(name, error) for error, name in found.items()]


class RatingForm(forms.Form):
    """Five whole numbers per person, or none; `cleaned_marks` holds the people whose row was filled in."""

    def __init__(self, data: Any = None, *, rows: list[RatingRow]) -> None:
        super().__init__(data)
        self.rows = rows
        self.cleaned_marks: dict[int, tuple[int, ...]] = {}
        for row in rows:
            for style in WORK_STYLE_FIELDS:
                self.fields[f"{style}-{row.cadre.pk}"] = forms.IntegerField(
                    required=False,
                    min_value=0,
                    max_value=MAX_RATING,
                    error_messages={
                        "invalid": f"填 0 到 {MAX_RATING} 的整数",
                        "min_value": f"填 0 到 {MAX_RATING} 的整数",
                        "max_value": f"不得超过 {MAX_RATING} 分",
                    },
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        known = {row.cadre.pk for row in self.rows}
        sent = {int(match[1]) for match in map(_CELL.match, self.data) if match}
        if not sent <= known:
            raise forms.ValidationError(
                "名单已有变化（有人员已不在您的评分范围内），已按最新名单显示，您填的内容仍在。请核对后再次保存。"
            )
        for row in self.rows:
            names = [f"{style}-{row.cadre.pk}" for style in WORK_STYLE_FIELDS]
            marks = [data.get(name) for name in names]
            if all(mark is not None for mark in marks):
                self.cleaned_marks[row.cadre.pk] = tuple(int(mark) for mark in marks if mark is not None)
            elif any(str(self.data.get(name, "")).strip() for name in names):
                for name, mark in zip(names, marks, strict=True):
                    if mark is None and name not in self.errors:
                        self.add_error(name, "五项须填齐")
            elif row.marks is not None:
                self.add_error(names[0], "已评过分，不能清空；可改为新的分数")
        return data

    def sheet(self) -> list[SheetRow]:
        """The rows to draw, with what was typed or what was saved before."""
        return [
            SheetRow(
                row,
                [
                    self._cell(
                        f"{style}-{row.cadre.pk}",
                        WORK_STYLE_LABELS[style],
                        row.marks[place] if row.marks else None,
                    )
                    for place, style in enumerate(WORK_STYLE_FIELDS)
                ],
            )
            for row in self.rows
        ]

    def _cell(self, name: str, label: str, saved: int | None) -> Cell:
        typed = str(self.data.get(name, "")) if self.is_bound else "" if saved is None else str(saved)
        return Cell(
            name, label, typed, [str(error) for error in self.errors.get(name, ())] if self.is_bound else []
        )
