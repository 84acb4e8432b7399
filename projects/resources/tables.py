"""Projects from published tables: progress lists, task lists with deadlines, wide tables by area."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from core.models import Cadre, ImportBatch, Unit, User
from core.permissions import Permission
from core.resources.importing import Entry, ImportResource, RowReader, unreadable
from core.resources.layout import Table, TableRow, head_unit
from core.resources.units import UnitFinder
from core.rules import contradictions
from core.rules.amounts import (
    Amount,
    Percent,
    Quantity,
    decimal_of,
    parse_amount,
    parse_percent,
    parse_quantities,
)
from core.rules.phrases import (
    DuePhrase,
    MissingYear,
    PhraseError,
    PhraseUnknown,
    as_of,
    compact,
    is_blank,
    parse_dues,
    report_year,
    split_names,
    tidy_line,
)
from projects.choices import Contradiction, MemberRole, MilestoneKind, ProjectKind
from projects.models import KeyProject, Milestone
from projects.queries.imports import hindrances
from projects.resources.columns import AREA_COLUMNS, LIST_COLUMNS
from projects.rules import schedule
from projects.rules.schedule import Node
from projects.services import milestones, projects

NODE_KINDS = {
    "交地": MilestoneKind.LAND,
    "取得施工许可证": MilestoneKind.PERMIT,
    "开工": MilestoneKind.START,
    "竣工": MilestoneKind.COMPLETE,
    "投入使用": MilestoneKind.IN_USE,
}
MILESTONE_LABELS = {f.name: str(f.verbose_name) for f in Milestone._meta.concrete_fields}
WHOLE = "完成"  # the node of a project whose table names none
_TITLE_NOISE = re.compile(r"附件|截至|截止|单位:|填报|^\(")


@dataclass(frozen=True)
class PlannedMilestone:
    """What a table says of one node; `progress` and `done_on` None where it says nothing."""

    name: str
    kind: str
    planned_on: date | None
    progress: Decimal | None
    done_on: date | None

    def values(self) -> dict[str, Any]:
        """Fields for `milestones.save_milestone`; what the table does not say is not written."""
        said: dict[str, Any] = {"kind": self.kind, "planned_on": self.planned_on}
        if self.progress is not None:
            said |= {"progress": self.progress, "done_on": self.done_on}
        return said


class ProjectResource(ImportResource):
    """项目. The record is found by a code made from the source's own numbering or from title and name."""

    kind = "projects"
    label = "项目表"
    takes_back = True
    permission = Permission.IMPORT_PROJECTS
    layouts = {"list": LIST_COLUMNS, "areas": AREA_COLUMNS}
    preview = (
        ("name", "项目名称"),
        ("units_text", "责任单位"),
        ("due_text", "完成时限(原文)"),
        ("due_on", "计划完成日期"),
        ("due_node", "节点"),
        ("percent", "进度(%)"),
        ("investment_yuan", "总投资(元)"),
        ("target_text", "目标量"),
        ("done_text", "完成量"),
    )

    class Meta(ImportResource.Meta):
        model = KeyProject
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "kind",
            "content",
            "location",
            "year",
            "lead_unit",
            "units_text",
            "leaders_text",
            "investment_yuan",
            "investment_text",
            "plan_yuan",
            "plan_text",
            "invested_yuan",
            "invested_text",
            "target_text",
            "done_text",
            "measure",
            "due_text",
            "progress_note",
            "problem_note",
            "next_step",
            "remark",
            "source",
        )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit_finder = UnitFinder()
        self.people: dict[str, list[Cadre]] = {}

    @classmethod
    def keep(cls, batch: ImportBatch, codes: Sequence[str]) -> None:
        projects.mark_imported(batch=batch, codes=codes)

    @classmethod
    def hindrances(cls, batch: ImportBatch) -> list[str]:
        return hindrances(batch)

    @classmethod
    def remove(cls, batch: ImportBatch, *, by: User, at: datetime) -> list[str]:
        return projects.remove_imported(batch=batch, by=by, at=at)

    def get_queryset(self) -> Any:
        """With everything a comparison reads, in a fixed number of statements."""
        return (
            super()
            .get_queryset()
            .select_related("lead_unit")
            .prefetch_related("co_units", "milestones__updates", "members")
        )

    def init_instance(self, row: Any = None) -> KeyProject:
        return KeyProject(recorded_at=self.at)

    def entries(self, layout: str, table: Table) -> list[Entry]:
        if layout == "areas":
            return [entry for row in table.rows for entry in self._area_entries(table, row)]
        self._load_people(table)
        shared = Counter(_name_place(row) for row in table.rows)
        found = [self._list_entry(RowReader(table, row), shared[_name_place(row)] > 1) for row in table.rows]
        self._point_out_namesakes(found)
        return found

    def _point_out_namesakes(self, entries: list[Entry]) -> None:
        """The same name under another code is most likely the same project from another table."""
        names = {str(entry.values.get("name", "")) for entry in entries} - {""}
        codes: dict[str, str] = {}
        for start in range(0, len(wanted := sorted(names)), 500):
            known = KeyProject.objects.filter(name__in=wanted[start : start + 500]).order_by("code")
            codes |= dict(known.values_list("name", "code"))
        for entry in entries:
            code = codes.get(str(entry.values.get("name", "")))
            if code is not None and code != entry.key:
                entry.contradictions.append(
                    f"系统中已有同名项目（编号 {code}），导入后会有两个，请先核对是否重复"
                )

    # --- one project per row ---------------------------------------------------------------------------

    def _list_entry(self, reader: RowReader, name_is_shared: bool) -> Entry:
        table, row = reader.table, reader.row
        reader.require("name", "项目名称")
        title = _title_line(table)
        stated = reader.text("as_of")
        year = report_year(stated) or report_year(title) or report_year(table.sheet)
        day = as_of(stated, year=year) or as_of(table.title, year=year)
        name = reader.text("name")
        target, done = self._quantities(reader, "target"), self._quantities(reader, "done")
        money = {field: self._amount(reader, field, label, table) for field, label in MONEY.items()}
        percent = self._percent(reader)
        dues = self._dues(reader, year)
        values: dict[str, Any] = {
            "code": _code(reader, title, name, name_is_shared),
            "name": name,
            "kind": _kind(reader.text("category"), title + table.sheet),
            "content": reader.text("content"),
            "location": reader.text("area"),
            "year": year,
            "target_text": reader.text("target"),
            "done_text": reader.text("done"),
            "measure": reader.text("measure"),
            "due_text": reader.text("due"),
            "progress_note": reader.lines("note"),
            "problem_note": reader.lines("problem"),
            "next_step": reader.lines("next_step"),
            "remark": reader.lines("remark"),
            "source": _source(reader, title),
        }
        for field, amount in money.items():
            values[f"{field}_yuan"] = amount.yuan if amount else None
            values[f"{field}_text"] = reader.text(field) or reader.text(f"{field}_wan")
        units = self._units(reader, values)
        leader = self._leaders(reader, values)
        milestones = _milestones(dues, percent, day)
        self._list_checks(reader, name, dues, percent, money, target, done, day)
        reader.contradictions += _out_of_order(milestones, today=timezone.localdate(self.at))
        said = {key: v for key, v in values.items() if any(map(reader.has, READ_FROM.get(key, ("name",))))}
        entry = self._entry(reader, said, units, milestones)
        entry.extra["leader"] = leader
        entry.shown |= {
            "category": reader.text("category"),
            "section": row.section,
            "as_of": day,
            "units": split_names(reader.lines("units")),
            "co_units": split_names(reader.lines("co_units")),
            "leaders": split_names(reader.lines("leader")),
            "persons": split_names(reader.lines("person")),
            "targets": [{"value": q.value, "unit": q.unit, "original": q.original} for q in target],
            "done": [{"value": q.value, "unit": q.unit, "original": q.original} for q in done],
            "due_on": dues[-1].due_on if dues else None,
            "due_node": dues[-1].node if dues else "",
            "due_rule": dues[-1].rule if dues else "",
            "percent": percent.value if percent else None,
        }
        return entry

    def _entry(
        self,
        reader: RowReader,
        values: dict[str, Any],
        co_units: Sequence[Unit],
        milestones: Sequence[PlannedMilestone],
    ) -> Entry:
        shown = {key: value for key, value in values.items() if key != "lead_unit"}
        lead = values.get("lead_unit")
        shown |= {
            "lead_unit": lead.name if lead else None,
            "milestones": [
                {"name": m.name, "kind": m.kind, "planned_on": m.planned_on, "progress": m.progress}
                for m in milestones
            ],
        }
        return Entry(
            sheet=reader.table.sheet,
            row=reader.row.row,
            key=values["code"],
            values=values,
            shown=shown,
            table=reader.table,
            extra={
                "key_column": "name",
                "key_shown": values["name"],
                "co_units": list(co_units),
                "milestones": list(milestones),
                "leader": None,
            },
            errors=reader.errors,
            contradictions=reader.contradictions,
            notices=reader.notices,
        )

    def _quantities(self, reader: RowReader, field: str) -> tuple[Quantity, ...]:
        """The numbers of a goal or result; what does not add up is kept as text and marked."""
        try:
            return parse_quantities(reader.value(field), reader.value("measure"))
        except PhraseError as error:
            reader.contradictions.append(f"{reader.table.head_of(field)}：{error}")
            return ()

    def _percent(self, reader: RowReader) -> Percent | None:
        """形象进度, or 完成率 where that is the only one; words are kept with a notice."""
        for field in ("progress", "ratio"):
            value = reader.value(field)
            if value is None:
                continue
            try:
                percent = parse_percent(value, reader.number_format(field))
            except PhraseUnknown as error:
                reader.notices.append(str(error))
                continue
            except PhraseError as error:
                reader.refuse(field, str(error))
                return None
            if "请核对" in percent.note:
                reader.contradictions.append(percent.note)
            elif percent.note and percent.value <= 100:
                reader.notices.append(percent.note)
            return percent
        return None

    def _amount(self, reader: RowReader, field: str, label: str, table: Table) -> Amount | None:
        """The amount in words, else the number column; the two are compared where both can be read."""
        head = table.head_of(field)
        unit = next((u for u in (head_unit(head), _title_money_unit(table.title)) if u.endswith("元")), None)
        column = self._one_amount(reader, f"{field}_wan", label, "万元", other=None)
        stated = self._one_amount(reader, field, label, unit, other=column)
        if stated is None:
            return column
        reader.contradictions += contradictions.amounts_disagree(label, stated, column)
        if stated.approximate:
            reader.notices.append(f"{label}“{stated.original}”为约数")
        if stated.note:
            reader.notices.append(f"{label}：{stated.note}")
        return stated

    def _one_amount(
        self, reader: RowReader, field: str, label: str, unit: str | None, *, other: Amount | None
    ) -> Amount | None:
        """One cell; words that are no amount, or that another column settles, are kept with a notice."""
        value = reader.value(field)
        if value is None:
            return None
        try:
            return parse_amount(value, default_unit=unit)
        except PhraseError as error:
            if other is not None or isinstance(error, PhraseUnknown):
                reader.notices.append(f"{label}：{error}" + ("；按数字列计" if other else "；已保留原文"))
            else:
                reader.refuse(field, str(error))
            return None

    def _dues(self, reader: RowReader, year: int | None) -> tuple[DuePhrase, ...]:
        value = reader.value("due")
        if value is None:
            return ()
        try:
            dues = parse_dues(value, year=year, number_format=reader.number_format("due"))
        except MissingYear as error:
            reader.contradictions.append(f"完成时限{error}")
            return ()
        except PhraseUnknown as error:
            reader.notices.append(f"{error}；已保留原文")
            return ()
        except PhraseError as error:
            reader.refuse("due", str(error))
            return ()
        reader.notices += [due.note for due in dues if due.note]
        return dues

    def _units(self, reader: RowReader, values: dict[str, Any]) -> list[Unit]:
        """Sets `lead_unit` and `units_text`; returns the co-operating units. The first unit leads."""
        names, helping = split_names(reader.lines("units")), split_names(reader.lines("co_units"))
        found, unknown = self._known_units([*names, *helping])
        values["lead_unit"] = found.get(names[0]) if names else None
        values["units_text"] = "、".join(names) + ("；配合：" + "、".join(helping) if helping else "")
        if unknown:
            reader.notices.append(f"单位未在本系统登记，已保留原文：{'、'.join(unknown)}")
        lead = values["lead_unit"]
        return [unit for name, unit in found.items() if unit != lead]

    def _known_units(self, names: Sequence[str]) -> tuple[dict[str, Unit], list[str]]:
        found: dict[str, Unit] = {}
        unknown = []
        for name in dict.fromkeys(names):
            matches = self.unit_finder.named(name)
            if len(matches) == 1:
                found[name] = matches[0]
            else:
                unknown.append(name)
        return found, unknown

    def _load_people(self, table: Table) -> None:
        """The cadres in service whose names the table mentions."""
        cells = (row.cells.get(field) for row in table.rows for field in ("leader", "person"))
        names = {
            name
            for c in cells
            if c and not is_blank(c.value) and not unreadable(c)
            for name in split_names(c.value)
        }
        today = timezone.localdate(self.at)
        chosen = sorted(names)
        for start in range(0, len(chosen), 500):
            for cadre in Cadre.objects.serving_on(today).filter(name__in=chosen[start : start + 500]):
                self.people.setdefault(cadre.name, []).append(cadre)

    def _leaders(self, reader: RowReader, values: dict[str, Any]) -> Cadre | None:
        """Sets `leaders_text`; returns the one cadre the table makes answerable, where the name is unique."""
        leaders, persons = split_names(reader.lines("leader")), split_names(reader.lines("person"))
        parts = [("牵头领导", leaders), ("责任人", persons)]
        values["leaders_text"] = "；".join(f"{label}：{'、'.join(names)}" for label, names in parts if names)
        for name in [*persons, *leaders]:
            matches = self.people.get(name, [])
            if len(matches) == 1:
                return matches[0]
            if len(matches) > 1:
                reader.notices.append(f"系统中有 {len(matches)} 人叫“{name}”，没有自动指定组长，已保留原文")
        return None

    def _list_checks(
        self,
        reader: RowReader,
        name: str,
        dues: Sequence[DuePhrase],
        percent: Percent | None,
        money: Mapping[str, Amount | None],
        target: Sequence[Quantity],
        done: Sequence[Quantity],
        day: date | None,
    ) -> None:
        note, goal = reader.text("note"), f"{name};{reader.text('content')}"
        one_target = target[0].value if len(target) == 1 else None
        one_done = done[0].value if len(done) == 1 else None
        found = reader.contradictions
        self._above_all(reader, percent, one_target, one_done)
        for due in dues:
            found += contradictions.task_against_due(name, due.node)
        found += contradictions.nodes_out_of_order([(due.node, due.due_on) for due in dues])
        found += contradictions.parts_against_goal(goal, note)
        found += contradictions.breakdown_in_brackets(goal)
        found += contradictions.area_breakdown(note, target=one_target, done=one_done)
        found += contradictions.ratio_against_counts(
            name=name, target=one_target, done=one_done, published=percent
        )
        found += contradictions.status_against_percent(percent=percent, words=note + reader.text("remark"))
        found += contradictions.amounts_out_of_order(
            {MONEY[field]: amount for field, amount in money.items()}
        )
        found += contradictions.future_report(day, today=timezone.localdate(self.at))

    @staticmethod
    def _above_all(
        reader: RowReader, percent: Percent | None, target: Decimal | None, done: Decimal | None
    ) -> None:
        """Says that more than 100 % is taken for 100."""
        doubts, notices = contradictions.above_all(percent, target=target, done=done)
        reader.contradictions += doubts
        reader.notices += notices

    # --- one project per area and indicator --------------------------------------------------------------

    def _area_entries(self, table: Table, row: TableRow) -> list[Entry]:
        """One entry for each indicator the area has figures of; a row without any is refused."""
        whole = RowReader(table, row)
        whole.require("area", "地区")
        out: list[Entry] = []
        for path, cells in row.groups.items():
            reader = RowReader(table, row, cells={"area": row.cells["area"], **cells})
            if any(not cell.is_empty for cell in cells.values()):
                out.append(self._area_entry(reader, path, first=not out))
        if not out:
            whole.refuse("area", "这一行没有任何数字；请补填，或删去这一行")
            values = {"code": _digest_code(table.sheet, str(row.row)), "name": whole.text("area")}
            out.append(self._entry(whole, values, [], []))
        elif whole.errors:
            out[0].errors.extend(error for error in whole.errors if error not in out[0].errors)
        return out

    def _area_entry(self, reader: RowReader, path: str, *, first: bool) -> Entry:
        table = reader.table
        title = _title_line(table)
        heads = path.split("/")
        area, indicator = reader.text("area"), tidy_line(heads[-1])
        target = reader.read("target", decimal_of)
        done = reader.read("done", decimal_of)
        percent = self._area_percent(reader)
        year = report_year(title) or report_year(table.sheet)
        measure = re.search(r"\(([^()]*)\)$", compact(indicator))
        day = as_of(table.title, year=year)
        values: dict[str, Any] = {
            "code": _digest_code(compact(title), compact(path), compact(area)),
            "name": f"{area}：{indicator}",
            "kind": _kind("", title + table.sheet),
            "content": "/".join(heads[:-1]),
            "location": area,
            "year": year,
            "units_text": area,
            "target_text": reader.text("target"),
            "done_text": reader.text("done"),
            "measure": measure.group(1) if measure else "",
            "source": f"{title or table.sheet}·{table.sheet}"[:200],
        }
        found, unknown = self._known_units([area])
        values["lead_unit"] = found.get(area)
        if unknown and first:
            reader.notices.append(f"单位未在本系统登记，已保留原文：{area}")
        reader.contradictions += contradictions.ratio_against_counts(
            name=indicator, target=target, done=done, published=percent
        )
        self._above_all(reader, percent, target, done)
        entry = self._entry(reader, values, [], _milestones((), percent, day))
        entry.shown |= {
            "area": area,
            "indicator": indicator,
            "target": target,
            "done": done,
            "percent": percent.value if percent else None,
            "ratio": percent.value if percent else None,
        }
        entry.extra |= {"indicator": path, "key_column": "area"}
        return entry

    def _area_percent(self, reader: RowReader) -> Percent | None:
        percent = reader.read("ratio", lambda value: parse_percent(value, reader.number_format("ratio")))
        if percent and "请核对" in percent.note:
            reader.contradictions.append(percent.note)
        return percent

    def table_checks(self, layout: str, table: Table, entries: Sequence[Entry]) -> list[tuple[int, str]]:
        """A 全市 row against the sum of the areas, indicator by indicator; rates are not added up."""
        if layout != "areas":
            return []
        out: list[tuple[int, str]] = []
        for row in table.subtotals:
            for path, cells in row.groups.items():
                if re.search(r"%|率", path):
                    continue
                indicator = path.split("/")[-1]
                for field, label in (("target", "目标任务"), ("done", "进度")):
                    cell = cells.get(field)
                    if cell is None or unreadable(cell) or is_blank(cell.value):
                        continue
                    parts = [
                        entry.shown[field]
                        for entry in entries
                        if entry.extra.get("indicator") == path and entry.shown.get(field) is not None
                    ]
                    try:
                        total = decimal_of(cell.value)
                    except PhraseError as error:
                        out.append((row.row, f"“{indicator}{label}”合计行：{error}"))
                        continue
                    out += [
                        (row.row, what)
                        for what in contradictions.sum_against_total(
                            f"{indicator}{label}", total=total, parts=parts
                        )
                    ]
        return out

    # --- comparing and writing -----------------------------------------------------------------------------

    def differences(
        self, entry: Entry, original: KeyProject, instance: KeyProject
    ) -> dict[str, tuple[Any, Any]]:
        out = super().differences(entry, original, instance)
        before = sorted(unit.name for unit in original.co_units.all())
        after = sorted(unit.name for unit in entry.extra["co_units"])
        if before != after:
            out["co_units"] = (before, after)
        existing = {milestone.name: milestone for milestone in original.milestones.all()}
        for planned in entry.extra["milestones"]:
            out |= _milestone_differences(existing.get(planned.name), planned)
        if self._needs_leader(entry, original):
            out["leader"] = (None, entry.extra["leader"].name)
        return out

    def _needs_leader(self, entry: Entry, project: KeyProject) -> bool:
        """A table appoints a leader only where there is none; succession is a person's decision."""
        leader = entry.extra["leader"]
        if leader is None:
            return False
        current = [m for m in project.members.all() if m.end_on is None] if project.pk else []
        return not any(m.role == MemberRole.LEADER or m.cadre_id == leader.pk for m in current)

    def write(self, entry: Entry, instance: KeyProject) -> KeyProject:
        appoint = self._needs_leader(entry, instance)
        values = {key: value for key, value in entry.values.items() if key != "code"}
        project = projects.save_project(
            code=entry.key, values=values, co_units=entry.extra["co_units"], by=self.by, at=self.at
        )
        for order, planned in enumerate(entry.extra["milestones"], start=1):
            milestones.save_milestone(
                project=project,
                name=planned.name,
                values={**planned.values(), "order": order},
                by=self.by,
                at=self.at,
            )
        if appoint:
            projects.appoint(
                project=project,
                cadre=entry.extra["leader"],
                role=MemberRole.LEADER,
                on=timezone.localdate(self.at),
                by=self.by,
                at=self.at,
            )
        return project


MONEY = {"investment": "总投资", "plan": "年度计划", "invested": "累计完成"}
# The columns a field is read from: where the sheet has none of them, the record keeps what it has.
READ_FROM: dict[str, tuple[str, ...]] = {
    "content": ("content",),
    "location": ("area",),
    "target_text": ("target",),
    "done_text": ("done",),
    "measure": ("measure",),
    "due_text": ("due",),
    "progress_note": ("note",),
    "problem_note": ("problem",),
    "next_step": ("next_step",),
    "remark": ("remark",),
    "lead_unit": ("units", "co_units"),
    "units_text": ("units", "co_units"),
    "leaders_text": ("leader", "person"),
    **{f"{field}_{part}": (field, f"{field}_wan") for field in MONEY for part in ("yuan", "text")},
}


def _milestone_differences(
    existing: Milestone | None, planned: PlannedMilestone
) -> dict[str, tuple[Any, Any]]:
    if existing is None:
        return {f"节点“{planned.name}”": (None, planned.planned_on or "未定日期")}
    said = planned.values()
    if existing.updates.all():  # a leader's report stands above the table, as in the service
        said = {key: value for key, value in said.items() if key not in {"progress", "done_on"}}
    return {
        f"节点“{planned.name}”{MILESTONE_LABELS[key]}": (getattr(existing, key), value)
        for key, value in said.items()
        if getattr(existing, key) != value
    }


def _milestones(
    dues: Sequence[DuePhrase], percent: Percent | None, day: date | None
) -> list[PlannedMilestone]:
    """One node per deadline, the last carrying the progress; without a deadline one node for the progress."""
    progress = min(percent.value, Decimal(100)).quantize(Decimal("0.01"), ROUND_HALF_UP) if percent else None
    out: list[PlannedMilestone] = []
    for index, due in enumerate(dues or ([DuePhrase(None, "", "")] if percent else [])):
        last = index == max(len(dues), 1) - 1
        name = due.node or (WHOLE if last else due.text[:80] or WHOLE)
        while any(name == earlier.name for earlier in out):
            name = f"{name}({index + 1})"
        finished = last and progress == 100 and day is not None and (due.due_on is None or day <= due.due_on)
        out.append(
            PlannedMilestone(
                name=name,
                kind=NODE_KINDS.get(due.node, MilestoneKind.OTHER),
                planned_on=due.due_on,
                progress=progress if last else None,
                # finished by the day the figures speak of; later than due, nobody knows when
                done_on=day if finished else None,
            )
        )
    return out


def _out_of_order(planned: Sequence[PlannedMilestone], *, today: date) -> list[str]:
    """竣工 before 开工 and the like among the nodes of one row."""
    nodes = [
        Node(m.name, m.kind, planned_on=m.planned_on, done_on=m.done_on, progress=m.progress or Decimal(0))
        for m in planned
    ]
    told = {Contradiction.PLANNED_OUT_OF_ORDER, Contradiction.DONE_OUT_OF_ORDER}
    findings = schedule.contradictions(nodes, today=today)
    return [finding.text for found in findings for finding in found if finding.code in told]


def _title_line(table: Table) -> str:
    """The line of the title that stays the same from month to month."""
    lines = [line for line in table.title.split("\n") if line and not _TITLE_NOISE.search(compact(line))]
    return max(lines, key=len, default="")


def _title_money_unit(title: str) -> str:
    match = re.search(r"单位:.{0,6}?(亿元|万元|元)", compact(title))
    return match.group(1) if match else ""


def _kind(category: str, title: str) -> str:
    for text in (category, title):
        if re.search(r"重点项目|重点工程|重大项目|重大工程", text):
            return str(ProjectKind.KEY)
        if re.search(r"民生|实事|促进工程|惠民", text):
            return str(ProjectKind.LIVELIHOOD)
        if re.search(r"任务", text):
            return str(ProjectKind.TASK)
    return str(ProjectKind.TASK)


def _name_place(row: TableRow) -> str:
    """Where the row's name stands; several rows share one merged cell."""
    cell = row.cells["name"]
    return cell.merged_from or f"{cell.column_letter}{cell.row}"


def _code(reader: RowReader, title: str, name: str, name_is_shared: bool) -> str:
    """来源-行号 where the table numbers its rows itself, else a digest of title, area and name.

    Rows under one merged name are told apart by what they do and who does it.
    """
    source, line = reader.text("source"), reader.text("line")
    if re.fullmatch(r"[0-9A-Za-z_-]{1,40}", source) and re.fullmatch(r"\d{1,6}", line):
        return f"{source.upper()}-{line.zfill(3)}"
    parts = (compact(source), compact(title), compact(reader.text("area")), compact(name))
    told_apart = [compact(reader.text(f)) for f in ("content", "units", "person")] if name_is_shared else []
    return _digest_code(*parts, *told_apart)


def _digest_code(*parts: str) -> str:
    return "T-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12].upper()


def _source(reader: RowReader, title: str) -> str:
    parts = [reader.text("source"), reader.text("area"), reader.text("as_of"), title, reader.text("category")]
    serial = reader.text("serial")
    return "·".join(part for part in [*parts, f"第{serial}项" if serial else ""] if part)[:200]
