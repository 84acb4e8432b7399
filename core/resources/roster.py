"""The roster: one row is one cadre, found by staff number."""

from __future__ import annotations

import re
from typing import Any

from core.choices import Establishment
from core.models import Cadre
from core.permissions import Permission
from core.resources.importing import Entry, ImportResource, RowReader, written
from core.resources.layout import Column, Table
from core.resources.units import UnitFinder, open_unit_paths
from core.rules.names import search_keys
from core.rules.phrases import PhraseError, compact, parse_date, tidy_name
from core.services import people

COLUMNS = (
    Column("", "序号"),
    Column(
        "staff_no",
        "工号",
        ("人员编号", "职工号", "干部编号", "员工编号"),
        required=True,
        guide="必填。同一工号只能有一行；已有的工号按变动处理，新的按新增处理。该列为文本格式，不丢前面的0。",
    ),
    Column("name", "姓名", required=True, guide="必填。", width=12),
    Column(
        "unit",
        "单位",
        ("所在单位", "工作单位", "单位名称", "所属单位", "部门"),
        required=True,
        guide="必填。从下拉中选，或写单位代码、全称路径、不重名的单位名称。",
        width=36,
        options=open_unit_paths,
    ),
    Column(
        "establishment",
        "编制类型",
        ("编制", "编制性质", "人员类别", "人员性质", "编制类别"),
        guide="新增人员必填：在编(公务员)、在编(事业)、编外。",
        width=16,
        options=lambda: [str(label) for label in Establishment.labels],
        closed=True,
    ),
    Column(
        "post",
        "职务",
        ("现任职务", "岗位", "职务名称"),
        guide="可不填，不填为不变；填“清空”为清空。",
        width=18,
    ),
    Column("rank", "职级", ("级别", "现任职级"), guide="可不填，不填为不变；填“清空”为清空。", width=16),
    Column(
        "joined_on",
        "到岗日期",
        ("到岗时间", "入职日期", "入职时间", "进入单位日期"),
        guide="新增人员必填，写成 2025-05-15，不能晚于今天。",
    ),
    Column(
        "effective_on",
        "任现职日期",
        ("任现职时间", "变动日期", "任职日期", "任职时间"),
        guide="可不填。调动、任免从这一天起算；不填按导入当天。",
    ),
    Column(
        "supervisor",
        "上级工号",
        ("直接上级工号", "主管工号", "直接上级"),
        guide="可不填，不填为不变；填“清空”为没有上级。上级可以在同一份表里。",
    ),
    Column("", "备注"),
)
_ESTABLISHMENTS = {
    "在编(公务员)": Establishment.CIVIL_SERVANT,
    "公务员": Establishment.CIVIL_SERVANT,
    "行政编制": Establishment.CIVIL_SERVANT,
    "行政编": Establishment.CIVIL_SERVANT,
    "参公": Establishment.CIVIL_SERVANT,
    "参公管理": Establishment.CIVIL_SERVANT,
    "在编": Establishment.CIVIL_SERVANT,
    "在编(事业)": Establishment.INSTITUTION,
    "事业编制": Establishment.INSTITUTION,
    "事业编": Establishment.INSTITUTION,
    "事业": Establishment.INSTITUTION,
    "编外": Establishment.CONTRACT,
    "编外人员": Establishment.CONTRACT,
    "合同制": Establishment.CONTRACT,
    "聘用": Establishment.CONTRACT,
    "劳务派遣": Establishment.CONTRACT,
}


CLEARED = "清空"
"""What a cell says to clear a value; leaving it blank changes nothing."""


class RosterResource(ImportResource):
    """花名册. A blank optional cell leaves the record's value, like an absent column; 清空 clears it."""

    kind = "roster"
    label = "花名册"
    template_name = "花名册"
    permission = Permission.IMPORT_ROSTER
    layouts = {"roster": COLUMNS}
    preview = (
        ("staff_no", "工号"),
        ("name", "姓名"),
        ("unit", "单位"),
        ("establishment_label", "编制类型"),
        ("post", "职务"),
        ("rank", "职级"),
        ("joined_on", "到岗日期"),
        ("supervisor", "上级工号"),
    )

    class Meta(ImportResource.Meta):
        model = Cadre
        import_id_fields = ("staff_no",)
        fields = ("staff_no", "name", "unit", "establishment", "post", "rank", "supervisor", "joined_on")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit_finder = UnitFinder()
        self.known = set(Cadre.objects.values_list("staff_no", flat=True))
        self.stripped = {staff_no.lstrip("0"): staff_no for staff_no in self.known}
        self.cadres: dict[str, Cadre] = {}
        self.noted_plain_establishment = False

    def get_queryset(self) -> Any:
        """With what a comparison and its display read, so that no row asks again."""
        return super().get_queryset().select_related("unit", "supervisor")

    def entries(self, layout: str, table: Table) -> list[Entry]:
        self._load_cadres(table)
        found = [self._entry(RowReader(table, row)) for row in table.rows]
        by_key = {entry.key: entry for entry in found}
        for entry in found:
            self._resolve_supervisor(entry, by_key)
        return found

    def _load_cadres(self, table: Table) -> None:
        """The cadres the table names, a few hundred at a time."""
        cells = (row.cells.get(name) for row in table.rows for name in ("staff_no", "supervisor"))
        named = sorted({compact(written(c.value, c.number_format)).upper() for c in cells if c} & self.known)
        for start in range(0, len(named), 500):
            for cadre in self.get_queryset().filter(staff_no__in=named[start : start + 500]):
                self.cadres[cadre.staff_no] = cadre

    def _entry(self, reader: RowReader) -> Entry:
        for name, title in (("staff_no", "工号"), ("name", "姓名"), ("unit", "单位")):
            reader.require(name, title)
        shape = reader.number_format("staff_no")
        staff_no = reader.read("staff_no", lambda value: self._staff_no(value, shape)) or ""
        existing = self.cadres.get(staff_no)
        values: dict[str, Any] = {
            "staff_no": staff_no,
            "name": reader.read("name", _person_name) or "",
            "unit": reader.read("unit", lambda value: self.unit_finder.find(str(value))),
        }
        if reader.has("establishment"):
            values["establishment"] = self._establishment(reader, existing)
        for name in ("post", "rank"):
            if text := reader.text(name):
                values[name] = "" if text == CLEARED else text
        effective_on = reader.read("effective_on", parse_date)
        joined_on = reader.read("joined_on", parse_date)
        if joined_on is not None:
            values["joined_on"] = joined_on
        elif existing is None and effective_on is not None and not reader.has("joined_on"):
            values["joined_on"] = effective_on
            reader.notices.append(f"没有“到岗日期”列，到岗日期按任现职日期 {effective_on} 登记")
        if existing is None and staff_no:
            if "joined_on" not in values:
                reader.require("joined_on", "到岗日期")
            if not values.get("establishment"):
                reader.require("establishment", "编制类型")
        shown = {**values, "effective_on": effective_on, "supervisor": reader.text("supervisor")}
        if values.get("establishment"):
            shown["establishment_label"] = Establishment(values["establishment"]).label
        unit = values["unit"]
        shown["unit"] = self.unit_finder.path(unit) if unit else reader.text("unit")
        return Entry(
            sheet=reader.table.sheet,
            row=reader.row.row,
            key=staff_no,
            values={key: value for key, value in values.items() if value is not None},
            shown=shown,
            table=reader.table,
            extra={
                "key_column": "staff_no",
                "key_shown": staff_no,
                "effective_on": effective_on,
                "supervisor_no": reader.text("supervisor") or None,
                "reader": reader,
            },
            errors=reader.errors,
            contradictions=reader.contradictions,
            notices=reader.notices,
        )

    def _staff_no(self, value: Any, number_format: str) -> str:
        if isinstance(value, float) and not value.is_integer():
            raise PhraseError("工号不能是小数；请把该列设为文本格式后重新填写")
        number = isinstance(value, int | float)
        text = str(int(value)) if isinstance(value, int | float) else compact(value).upper()
        if number and re.fullmatch(r"0+", number_format):
            return text.zfill(len(number_format))
        if number and text not in self.known and (meant := self.stripped.get(text)):
            raise PhraseError(f"工号存成了数字，可能丢了前面的0(系统中有 {meant})；请把该列设为文本格式")
        if not re.fullmatch(r"[0-9A-Z][0-9A-Z._-]*", text):
            raise PhraseError("工号只能由数字、字母和连字符组成")
        return text

    def _establishment(self, reader: RowReader, existing: Cadre | None) -> str | None:
        text = reader.text("establishment")
        if not text:
            return None
        chosen = _ESTABLISHMENTS.get(compact(text))
        if chosen is None:
            reader.refuse("establishment", f"不认识的编制类型“{text}”；请填 在编(公务员)、在编(事业)或编外")
        elif compact(text) == "在编":
            if existing is not None and existing.establishment == Establishment.INSTITUTION:
                return Establishment.INSTITUTION
            if not self.noted_plain_establishment:
                reader.notices.append("编制类型只写“在编”的，都按在编(公务员)登记；事业编制请写“在编(事业)”")
            self.noted_plain_establishment = True
        return chosen

    def _resolve_supervisor(self, entry: Entry, by_key: dict[str, Entry]) -> None:
        text = entry.extra["supervisor_no"]
        if text is None:
            return
        reader: RowReader = entry.extra["reader"]
        if text == CLEARED:
            entry.values["supervisor"] = entry.extra["supervisor_no"] = None
            return
        value = reader.value("supervisor")
        try:
            staff_no = self._staff_no(value, reader.number_format("supervisor"))
        except PhraseError as error:
            reader.refuse("supervisor", str(error))
            return
        entry.extra["supervisor_no"] = staff_no
        if staff_no == entry.key:
            reader.refuse("supervisor", "上级工号是本人的工号")
        elif staff_no not in by_key and staff_no not in self.known:
            reader.refuse("supervisor", f"系统和本文件中都没有工号“{staff_no}”")
        elif staff_no in by_key and _leads_back(entry.key, staff_no, by_key):
            reader.refuse("supervisor", "上级关系成了环：沿着上级找又回到本人")
        else:
            entry.values["supervisor"] = self.cadres.get(staff_no)

    def in_order(self, entries: list[Entry]) -> list[Entry]:
        """Superiors first: a new person's superior may stand further down in the same file."""
        by_key = {entry.key: entry for entry in entries}
        placed: dict[int, Entry] = {}

        def place(entry: Entry) -> None:
            chain = [entry]
            while (above := by_key.get(str(chain[-1].extra["supervisor_no"] or ""))) is not None:
                if id(above) in placed or any(above is link for link in chain):
                    break
                chain.append(above)
            for link in reversed(chain):
                placed.setdefault(id(link), link)

        for entry in entries:
            place(entry)
        return list(placed.values())

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """A superior of the same file has been written by now, or the row is refused with it."""
        entry = self.entry_of(row)
        staff_no = entry.extra["supervisor_no"]
        if staff_no and not entry.errors:
            entry.values["supervisor"] = row["supervisor"] = self.cadres.get(staff_no)
            if row["supervisor"] is None:
                entry.extra["reader"].refuse("supervisor", f"上级“{staff_no}”所在的行有误，未能登记")
        super().before_import_row(row, **kwargs)

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """The search keys follow from the name, as the service will write them."""
        instance.pinyin, instance.initials = search_keys(instance.name)
        super().validate_instance(instance, *args, **kwargs)

    def write(self, entry: Entry, instance: Cadre) -> Cadre:
        cadre = people.save_cadre(
            staff_no=instance.staff_no,
            name=instance.name,
            unit=instance.unit,
            establishment=instance.establishment,
            post=instance.post,
            rank=instance.rank,
            supervisor=instance.supervisor,
            joined_on=instance.joined_on,
            effective_on=entry.extra["effective_on"],
            by=self.by,
            at=self.at,
        )
        self.cadres[cadre.staff_no] = cadre
        return cadre


def _person_name(value: Any) -> str:
    name = tidy_name(value)
    if re.search(r"[0-9=+@<>{}|\\/]", name) or not re.search(r"[^\W\d_]", name):
        raise PhraseError(f"“{name}”不像姓名；请核对")
    return name


def _leads_back(staff_no: str, above: str, by_key: dict[str, Entry]) -> bool:
    seen: set[str] = set()
    while above and above not in seen:
        if above == staff_no:
            return True
        seen.add(above)
        above = str(by_key[above].extra["supervisor_no"] or "") if above in by_key else ""
    return False
