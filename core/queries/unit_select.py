"""Units as a select offers them: in tree order, each indented by its level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from core.models import Unit

if TYPE_CHECKING:  # the class takes its model only in the stubs
    _Iterator = ModelChoiceIterator[Unit]
else:
    _Iterator = ModelChoiceIterator
INDENT = "\u3000"
"""A full-width space: browsers do not collapse it in an option."""


def indented(units: QuerySet[Unit]) -> list[tuple[Unit, str]]:
    """Each unit with its name at its level; one statement. The highest of those offered stand at the edge."""
    found = list(units.order_by().with_tree_fields())  # type: ignore[attr-defined]
    top = min((unit.tree_depth for unit in found), default=0)
    return [(unit, INDENT * (unit.tree_depth - top) + unit.name) for unit in found]


class TreeIterator(_Iterator):
    """The options of a field whose rows are units."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for unit, name in indented(self.queryset):
            value, _ = self.choice(unit)
            yield value, name


class UnitSelect:
    """What makes a model choice field, of a form or of a filter, one of units."""

    iterator: Any = TreeIterator
