"""The public case ledger: one row is one published case, found by its code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from conduct.models import CaseRecord
from conduct.rules import cases as rules
from conduct.services.cases import save_case
from core.permissions import Permission
from core.resources.importing import Entry, ImportResource, RowReader
from core.resources.layout import Column, Table
from core.resources.sheets import PrintedSheet, printed_workbook
from core.rules.phrases import PhraseError, compact

COLUMNS = (
    Column("code", "案例号", required=True),
    Column("source", "来源"),
    Column("happened_text", "行为时间_原文", ("行为时间",)),
    Column("handled_text", "处理时间_原文", ("处理时间",)),
    Column("region", "地区"),
    Column("unit_type", "单位类型"),
    Column("identity", "身份"),
    Column("persons", "涉及人数", required=True),
    Column("class_text", "八不准归类(整理者判断)", ("八不准归类",), required=True),
    Column("facts", "行为描述", required=True),
    Column("amount", "涉及金额_元", ("涉及金额",)),
    Column("result_text", "处理结果"),
    Column("results", "处理结果_归一", ("处理结果归一",)),
    Column("remark", "备注"),
)
WIDTHS = (10, 8, 16, 18, 14, 16, 16, 9, 24, 48, 12, 36, 24, 24)
LONGEST_FACTS = 2000
TEXTS = (
    "source",
    "happened_text",
    "handled_text",
    "region",
    "unit_type",
    "identity",
    "facts",
    "result_text",
    "remark",
)


class CaseResource(ImportResource):
    """公开案例库. An absent column leaves its field alone; contradictions are told and stop no row."""

    kind = "violations"
    label = "违规记录、公开案例"
    permission = Permission.IMPORT_VIOLATIONS
    layouts = {"cases": COLUMNS}
    preview = (
        ("code", "案例号"),
        ("handled_text", "处理时间"),
        ("region", "地区"),
        ("unit_type", "单位类型"),
        ("persons", "人数"),
        ("class_text", "归类"),
        ("results", "处理结果"),
        ("form", "形态"),
    )

    class Meta(ImportResource.Meta):
        model = CaseRecord
        import_id_fields = ("code",)
        fields = (
            "code",
            *TEXTS,
            "happened_year",
            "happened_month",
            "handled_year",
            "handled_month",
            "persons",
            "prohibition_key",
            "class_text",
            "amount",
            "results",
            "form",
        )

    def entries(self, layout: str, table: Table) -> list[Entry]:
        return [self._entry(RowReader(table, row)) for row in table.rows]

    def _entry(self, reader: RowReader) -> Entry:
        for name, title in (("code", "案例号"), ("persons", "涉及人数"), ("facts", "行为描述")):
            reader.require(name, title)
        reader.require("class_text", "八不准归类")
        code = reader.read("code", _code) or ""
        values: dict[str, Any] = {"code": code}
        for name in TEXTS:
            if reader.has(name):
                values[name] = reader.text(name)
        for name, title in (("happened", "行为时间"), ("handled", "处理时间")):
            if reader.has(f"{name}_text"):
                when = rules.read_when(values[f"{name}_text"], title)
                values |= {f"{name}_year": when.year, f"{name}_month": when.month}
                reader.contradictions.extend(when.doubts)
        if len(values.get("facts", "")) > LONGEST_FACTS:
            reader.refuse("facts", f"行为描述超过 {LONGEST_FACTS} 个字；请精简")
        persons = reader.read("persons", _count)
        if persons is not None:
            values["persons"] = persons
            reader.contradictions.extend(rules.persons_doubts(persons, reader.text("remark")))
        values |= self._class(reader)
        values |= self._results(reader)
        if reader.has("amount"):
            values["amount"] = reader.read("amount", _yuan)
            reader.contradictions.extend(rules.amount_doubts(values["amount"], reader.text("remark")))
        shown = {**values, "code": code or reader.text("code")}
        return Entry(
            sheet=reader.table.sheet,
            row=reader.row.row,
            key=code,
            values=values,
            shown=shown,
            table=reader.table,
            extra={"key_column": "code"},
            errors=reader.errors,
            contradictions=reader.contradictions,
            notices=reader.notices,
        )

    def _class(self, reader: RowReader) -> dict[str, Any]:
        text = reader.text("class_text")
        if not text:
            return {}
        key = rules.prohibition_key(text)
        if key is None:
            reader.refuse("class_text", f"不认识的归类“{text}”；请写成“7不准……”或“不属八不准:……”")
            return {}
        return {"class_text": text, "prohibition_key": key}

    def _results(self, reader: RowReader) -> dict[str, Any]:
        if not reader.has("results"):
            return {}
        parts = (part.strip() for part in re.split(r"[;；]", reader.text("results")))
        results = list(dict.fromkeys(part for part in parts if part))
        if unknown := rules.unknown_results(results):
            reader.contradictions.append(f"处理结果“{'、'.join(unknown)}”没有对应的形态，形态只按其余结果计")
        form = rules.form_of_handling(results)
        if form is None:
            reader.notices.append("没有写明处理结果，处理形态留空")
        return {"results": results, "form": form}

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """With the time the service will set, so that only the row's own values are judged."""
        if instance.pk is None:
            instance.imported_at = self.at
        super().validate_instance(instance, *args, **kwargs)

    def write(self, entry: Entry, instance: CaseRecord) -> CaseRecord:
        values = {name: value for name, value in entry.values.items() if name != "code"}
        return save_case(code=entry.key, values=values, by=self.by, at=self.at)


def case_workbook(cases: Iterable[CaseRecord], *, told: str) -> bytes:
    """Cases under the heads of the import, so that the file goes in again as it came out."""
    rows = ([_cell(case, column.field) for column in COLUMNS] for case in cases)
    heads = [column.title for column in COLUMNS]
    return printed_workbook([PrintedSheet("案例库", "公开案例库", told, heads, rows, WIDTHS, blank="")])


def _cell(case: CaseRecord, field: str) -> str | int | Decimal | None:
    if field == "results":
        return ";".join(case.results)
    value: str | int | Decimal | None = getattr(case, field)
    return value


def _code(value: Any) -> str:
    text = compact(value).upper()
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z._-]{0,19}", text):
        raise PhraseError("案例号只能由数字、字母和连字符组成，不超过 20 个")
    return text


def _count(value: Any) -> int:
    text = compact(int(value) if isinstance(value, float) and value.is_integer() else value)
    if not re.fullmatch(r"\d{1,6}", text):
        raise PhraseError(f"涉及人数“{text}”不是整数；请填人数，处理对象是单位的填 0")
    return int(text)


def _yuan(value: Any) -> Decimal:
    text = compact(value).replace(",", "")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise PhraseError(f"金额“{text}”不是数字；请换算成元填写") from error
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise PhraseError(f"金额“{text}”应不小于 0、最多两位小数；请核对")
    return amount
