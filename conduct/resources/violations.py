"""Own violations from a table: one row is one person's breach on one day, logged as by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from conduct.choices import FoundBy
from conduct.models import Prohibition, Violation
from conduct.services.violations import log_violation
from core.models import Cadre, Posting
from core.permissions import Permission
from core.queries import cadres_visible_to
from core.resources.importing import Entry, ImportResource, RowReader, written
from core.resources.layout import Column, Table
from core.resources.units import UnitFinder, open_unit_paths
from core.rules.errors import DomainError
from core.rules.phrases import PhraseError, compact, parse_date, tidy_name
from projects.models import KeyProject
from projects.queries.projects import projects_visible_to

LONGEST_FACTS = 2000
NAMESPACE = UUID("7d1f5d3e-64a7-5c0e-9f0b-3c5f1d7a2e61")
"""Of the submission keys made from a row's content, so that the same row is one record for ever."""


def _rules_in_force() -> list[str]:
    return [f"{rule.order} {rule.name}" for rule in Prohibition.objects.in_force(timezone.localdate())]


COLUMNS = (
    Column("", "序号"),
    Column(
        "staff_no",
        "工号",
        ("干部编号", "人员编号", "职工号"),
        guide="工号，或姓名和单位，至少填一样。该列为文本格式，不丢前面的0。一行一人一事，几个人的分几行。",
    ),
    Column("name", "姓名", ("违规人员",), guide="可不填；与工号同时填的，两者要相符。", width=12),
    Column(
        "unit",
        "单位",
        ("所在单位", "时任单位", "工作单位"),
        guide="没有工号时填，从下拉中选，或写单位代码、不重名的单位名称。登记的单位是发生当天的单位。",
        width=30,
        options=open_unit_paths,
    ),
    Column(
        "prohibition",
        "条款",
        ("违反条款", "八不准条款"),
        required=True,
        guide="必填。从下拉中选，或写序号、B1—B8。按发生当天施行的条款认定。",
        width=30,
        options=_rules_in_force,
    ),
    Column(
        "occurred_on",
        "发生日期",
        ("违规日期", "日期"),
        required=True,
        guide="必填，写成 2026-05-15，不能晚于今天；这一天本人应在岗。",
    ),
    Column(
        "place", "地点", ("发生地点",), required=True, guide="必填，如：便民服务大厅。不超过120字。", width=20
    ),
    Column(
        "found_by",
        "发现方式",
        guide="可不填，不填为明察暗访。从下拉中选。",
        width=12,
        options=lambda: [str(label) for label in FoundBy.labels],
        closed=True,
    ),
    Column(
        "facts",
        "违规事实",
        ("事实", "违规情况"),
        required=True,
        guide=f"必填，写清时间、行为，如：上午九时不在岗，无请假手续。不超过{LONGEST_FACTS}字。",
        width=48,
    ),
    Column(
        "project",
        "项目编号",
        ("涉及项目编号", "涉及项目"),
        guide="可不填；与项目有关的，填项目表里的编号。",
    ),
)


class ViolationResource(ImportResource):
    """违规记录. Every row goes through the service of the form: unit and rule are those of the day."""

    kind = "violations"
    label = "违规记录、公开案例"
    template_name = "违规记录"
    permission = Permission.IMPORT_VIOLATIONS
    layouts = {"violations": COLUMNS}
    preview = (
        ("occurred_on", "发生日期"),
        ("staff_no", "工号"),
        ("name", "姓名"),
        ("unit", "时任单位"),
        ("prohibition", "条款"),
        ("place", "地点"),
        ("found_by", "发现方式"),
        ("facts", "违规事实"),
    )

    class Meta(ImportResource.Meta):
        model = Violation
        import_id_fields = ("submission_key",)
        fields = (
            "submission_key",
            "prohibition",
            "cadre",
            "unit",
            "occurred_on",
            "place",
            "project",
            "found_by",
            "facts",
        )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.by is None:
            raise DomainError(
                "违规记录必须有登记人：请加 --user 账号，以有登记违规权限的账号导入。", field="user"
            )
        self.unit_finder = UnitFinder()
        self.rules: list[Prohibition] = list(
            Prohibition.objects.order_by("order", "key", "-effective_from", "id")
        )
        self.projects: dict[str, KeyProject] = {}
        self.cadres: dict[str, list[Cadre]] = {}
        self.postings: dict[int, list[Posting]] = {}

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("cadre", "unit", "prohibition", "project")

    def entries(self, layout: str, table: Table) -> list[Entry]:
        self._load(table)
        found = [self._entry(RowReader(table, row)) for row in table.rows]
        self._point_out_known(found)
        return found

    def _load(self, table: Table) -> None:
        """The people and projects the table names with the people's postings, a few hundred at a time."""
        assert self.by is not None
        visible = cadres_visible_to(self.by)
        staff_nos, names = self._named(table, "staff_no", str.upper), self._named(table, "name", str)
        for field, wanted in (("staff_no", staff_nos), ("name", names)):
            for start in range(0, len(wanted), 500):
                for cadre in visible.filter(**{f"{field}__in": wanted[start : start + 500]}).order_by("pk"):
                    known = self.cadres.setdefault(getattr(cadre, field), [])
                    if cadre not in known:
                        known.append(cadre)
        people = sorted({cadre.pk for same in self.cadres.values() for cadre in same})
        for start in range(0, len(people), 500):
            some = Posting.objects.filter(cadre__in=people[start : start + 500]).select_related("unit")
            for posting in some.order_by("cadre", "-start_on", "-id"):
                self.postings.setdefault(posting.cadre_id, []).append(posting)
        codes = self._named(table, "project", str)
        for start in range(0, len(codes), 500):
            for project in projects_visible_to(self.by).filter(code__in=codes[start : start + 500]):
                self.projects[project.code] = project

    def _named(self, table: Table, field: str, fold: Any) -> list[str]:
        clean = tidy_name if field == "name" else compact
        cells = (row.cells[field] for row in table.rows if field in row.cells)
        return sorted({fold(clean(written(cell.value, cell.number_format))) for cell in cells} - {""})

    def _entry(self, reader: RowReader) -> Entry:
        for name, title in (
            ("prohibition", "条款"),
            ("occurred_on", "发生日期"),
            ("place", "地点"),
            ("facts", "违规事实"),
        ):
            reader.require(name, title)
        day = reader.read("occurred_on", parse_date)
        cadre = self._cadre(reader, day)
        posting = self._posting(cadre, day) if cadre and day else None
        if cadre and day and posting is None:
            reader.refuse("occurred_on", f"“{cadre}”{day} 不在岗；请核对日期或人员")
        rule = self._rule(reader, day)
        place, facts = reader.text("place"), reader.lines("facts")
        if len(facts) > LONGEST_FACTS:
            reader.refuse("facts", f"违规事实超过 {LONGEST_FACTS} 个字；请精简")
        found_by = self._found_by(reader)
        project = self._project(reader)
        key = ""
        if cadre and rule and day:
            content = (cadre.staff_no, rule.key, day.isoformat(), compact(place), compact(facts))
            key = str(uuid5(NAMESPACE, "\x1f".join(content)))
        values: dict[str, Any] = {
            "submission_key": UUID(key) if key else None,
            "prohibition": rule,
            "cadre": cadre,
            "unit": posting.unit if posting else None,
            "occurred_on": day,
            "place": place,
            "project": project,
            "found_by": found_by,
            "facts": facts,
        }
        shown = {
            "occurred_on": day or reader.text("occurred_on"),
            "staff_no": cadre.staff_no if cadre else reader.text("staff_no"),
            "name": cadre.name if cadre else reader.text("name"),
            "unit": posting.unit.name if posting else reader.text("unit"),
            "prohibition": f"{rule.key} {rule.name}" if rule else reader.text("prohibition"),
            "place": place,
            "found_by": FoundBy(found_by).label if found_by else reader.text("found_by"),
            "facts": facts,
        }
        return Entry(
            sheet=reader.table.sheet,
            row=reader.row.row,
            key=key,
            values=values,
            shown=shown,
            table=reader.table,
            extra={
                "key_column": "facts",
                "key_shown": facts[:60],
                "reader": reader,
                "unit_id": posting.unit_id if posting else None,
            },
            errors=reader.errors,
            contradictions=reader.contradictions,
            notices=reader.notices,
        )

    def _cadre(self, reader: RowReader, day: date | None) -> Cadre | None:
        """By staff number, or by a name that one person of the unit has."""
        staff_no, name = compact(reader.text("staff_no")).upper(), tidy_name(reader.text("name"))
        if not staff_no and not name:
            column = "staff_no" if reader.has("staff_no") or not reader.has("name") else "name"
            reader.refuse(column, "没有写违规人员；请填工号，或姓名和单位")
            return None
        if staff_no:
            found = self.cadres.get(staff_no, [])
            if not found:
                reader.refuse("staff_no", f"花名册中没有工号“{staff_no}”；请核对")
                return None
            if name and name != found[0].name:
                reader.refuse("name", f"工号 {staff_no} 是“{found[0].name}”，与姓名“{name}”不符；请核对")
                return None
            return found[0]
        found = self.cadres.get(name, [])
        unit_text = reader.text("unit")
        if unit_text:
            try:
                unit = self.unit_finder.find(unit_text)
            except PhraseError as error:
                reader.refuse("unit", str(error))
                return None
            found = [cadre for cadre in found if unit.pk in self._units_of(cadre, day)]
        if len(found) == 1:
            return found[0]
        if not found:
            where = f"单位“{unit_text}”" if unit_text else "花名册"
            reader.refuse("name", f"{where}中没有“{name}”；请核对，或改填工号")
        else:
            listed = "、".join(f"{cadre.staff_no}（{cadre.unit.name}）" for cadre in found[:5])
            reader.refuse("name", f"“{name}”有 {len(found)} 人：{listed}；请填工号")
        return None

    def _units_of(self, cadre: Cadre, day: date | None) -> set[int]:
        posting = self._posting(cadre, day) if day else None
        return {cadre.unit_id, *({posting.unit_id} if posting else ())}

    def _posting(self, cadre: Cadre, day: date) -> Posting | None:
        """The posting of that day, as `Cadre.objects.with_posting_on` finds it."""
        for posting in self.postings.get(cadre.pk, ()):
            if posting.start_on <= day and (posting.end_on is None or day <= posting.end_on):
                return posting
        return None

    def _rule(self, reader: RowReader, day: date | None) -> Prohibition | None:
        text = compact(reader.text("prohibition"))
        if not text:
            return None
        bare = text.upper().removeprefix("B").removeprefix("第").removesuffix("条")
        same = [
            r
            for r in self.rules
            if text.upper() == r.key.upper()
            or bare == str(r.order)
            or text in {compact(r.name), f"{r.order}{compact(r.name)}", f"{r.key}{compact(r.name)}"}
        ]
        if not same:
            known = "、".join(dict.fromkeys(f"{r.order} {r.name}" for r in self.rules))
            reader.refuse("prohibition", f"不认识的条款“{text}”；请填 B1—B8、序号或名称：{known}")
            return None
        if day is None:
            return None
        for rule in same:
            if rule.effective_from <= day and (rule.retired_on is None or day < rule.retired_on):
                return rule
        reader.refuse("prohibition", f"“{same[0]}”在 {day} 尚未施行或已停用；请核对日期或另选条款")
        return None

    def _found_by(self, reader: RowReader) -> str:
        text = compact(reader.text("found_by"))
        if not text:
            return FoundBy.INSPECTION.value
        for choice in FoundBy:
            if text in {choice.label, choice.value}:
                return choice.value
        reader.refuse("found_by", f"不认识的发现方式“{text}”；可填：{'、'.join(map(str, FoundBy.labels))}")
        return ""

    def _project(self, reader: RowReader) -> KeyProject | None:
        code = compact(reader.text("project"))
        if code and code not in self.projects:
            reader.refuse("project", f"没有项目编号“{code}”；请核对，或留空")
        return self.projects.get(code)

    def _point_out_known(self, entries: Sequence[Entry]) -> None:
        """What is recorded already: the same row is no new record, and is never changed from a table."""
        people = sorted({e.values["cadre"].pk for e in entries if e.key})
        known: dict[tuple[int, date, str], list[Violation]] = {}
        for start in range(0, len(people), 500):
            rows = self.get_queryset().filter(cadre__in=people[start : start + 500]).order_by("id")
            for row in rows:
                known.setdefault((row.cadre_id, row.occurred_on, row.prohibition.key), []).append(row)
        for entry in entries:
            if not entry.key:
                continue
            values, reader = entry.values, entry.extra["reader"]
            place = (values["cadre"].pk, values["occurred_on"], values["prohibition"].key)
            for row in known.get(place, []):
                if row.submission_key != values["submission_key"]:
                    entry.contradictions.append(
                        f"“{row.cadre}”{row.occurred_on} 已有一条同条款的违规记录（{row.place}），"
                        "请核对是否同一件事"
                    )
                elif reader.has("found_by") and row.found_by != values["found_by"]:
                    reader.refuse("found_by", "这条违规已经登记，发现方式不同；导入不改已有的记录，请核对")
                elif reader.has("project") and row.project != values["project"]:
                    reader.refuse("project", "这条违规已经登记，涉及项目不同；导入不改已有的记录，请核对")

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """With what the service will add, so that only the row's own values are judged."""
        if instance.pk is None:
            instance.matter, instance.recorded_at = instance.submission_key, self.at
        super().validate_instance(instance, *args, **kwargs)

    def differences(self, entry: Entry, original: Any, instance: Any) -> dict[str, tuple[Any, Any]]:
        return {}

    def write(self, entry: Entry, instance: Violation) -> Violation:
        assert self.by is not None
        values = entry.values
        violation, _ = log_violation(
            prohibition=values["prohibition"],
            cadre=values["cadre"],
            unit_id=entry.extra["unit_id"],
            occurred_on=values["occurred_on"],
            place=values["place"],
            project=values["project"],
            found_by=values["found_by"],
            facts=values["facts"],
            submission_key=values["submission_key"],
            by=self.by,
            at=self.at,
        )
        return violation
