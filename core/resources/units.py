"""Which unit a cell of a table means."""

from __future__ import annotations

import re
from difflib import get_close_matches

from core.models import Unit
from core.rules.phrases import PhraseError, compact


class UnitFinder:
    """Units by code, by full path (区/局/所) or by a name that only one unit has; two statements in all."""

    def __init__(self) -> None:
        self.units = {unit.pk: unit for unit in Unit.objects.all()}
        self.by_code = {unit.code.upper(): unit for unit in self.units.values()}
        self.by_name: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            self.by_name.setdefault(compact(unit.name), []).append(unit)

    def path(self, unit: Unit) -> str:
        names = [unit.name]
        while unit.parent_id is not None:
            unit = self.units[unit.parent_id]
            names.append(unit.name)
        return "/".join(reversed(names))

    def named(self, text: str) -> list[Unit]:
        """Every unit the text may mean: none, one, or several of the same name."""
        key = compact(text)
        if key.upper() in self.by_code:
            return [self.by_code[key.upper()]]
        parts = [part for part in re.split(r"[/>\\]", key) if part]
        if len(parts) < 2:
            return self.by_name.get(key, [])
        wanted = "/" + "/".join(parts)
        last = self.by_name.get(parts[-1], [])
        return [unit for unit in last if ("/" + compact(self.path(unit))).endswith(wanted)]

    def find(self, text: str) -> Unit:
        """The one open unit a roster cell names. Raises `PhraseError` with what to write instead."""
        found = self.named(text)
        if not found:
            close = get_close_matches(compact(text), list(self.by_name), n=1, cutoff=0.6)
            hint = f"；是否应为“{self.by_name[close[0]][0].name}”" if close else ""
            raise PhraseError(f"系统中没有单位“{text}”{hint}。请核对名称，或先登记该单位")
        if len(found) > 1:
            paths = "、".join(self.path(unit) for unit in found[:3])
            raise PhraseError(f"有 {len(found)} 个单位叫“{text}”，请写全称路径或单位代码：{paths}")
        if found[0].closed_on is not None:
            raise PhraseError(f"单位“{text}”已于 {found[0].closed_on} 撤销；请改为现在的单位")
        return found[0]


def open_unit_paths() -> list[str]:
    """For drop-downs: the open units below the district, or the district while it is alone."""
    finder = UnitFinder()
    open_units = [unit for unit in finder.units.values() if unit.closed_on is None]
    below = sorted(finder.path(unit) for unit in open_units if unit.parent_id is not None)
    return below or [finder.path(unit) for unit in open_units]
