"""From a sheet's rows to the services: parse, compare, preview, confirm; all rows or none.

django-import-export finds the record, sets what the row says, validates the model and keeps the
transaction; what it must never do is save: `save_instance` hands the row to a service. What it reports is
translated to one shape, the same for the page, the command and its `--report` file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, models, transaction
from import_export import resources
from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.results import RowResult
from import_export.widgets import Widget

from core.models import ImportBatch, User
from core.permissions import Permission, may, reach
from core.resources.layout import Column, Skipped, Table, TableRow, find_table, matched_columns, skip_all
from core.resources.workbook import MAX_TEXT, TEMPLATE_HINT, Cell, Sheet, WorkbookRefused, read_workbook
from core.rules.errors import DomainError, NotAllowed
from core.rules.phrases import PhraseError, is_blank, tidy, tidy_line
from core.services import imports

T = TypeVar("T")
LONGEST_EXACT_NUMBER = 15  # digits a spreadsheet keeps; an 18-digit number has already lost its last three
ENTRY = "entry"

Report = dict[str, Any]


@dataclass(frozen=True)
class CellError:
    """What is wrong in one cell; `column` its letter, "" for the row as a whole."""

    column: str
    head: str
    value: str
    reason: str


@dataclass
class Entry:
    """One record a row asks for: typed `values` by field of the resource, and what to show of them."""

    sheet: str
    row: int
    key: str
    values: dict[str, Any]
    shown: dict[str, Any]
    table: Table
    extra: dict[str, Any] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class RowReader:
    """Reads the cells of one row and collects every error with its place."""

    def __init__(self, table: Table, row: TableRow, cells: Mapping[str, Cell] | None = None) -> None:
        self.table, self.row = table, row
        self.cells = row.cells if cells is None else cells
        self.errors: list[CellError] = []
        self.contradictions: list[str] = []
        self.notices: list[str] = []
        for name, cell in self.cells.items():
            if reason := unreadable(cell):
                self.refuse(name, reason)

    def has(self, name: str) -> bool:
        return name in self.cells

    def value(self, name: str) -> Any:
        """The content of a cell, None when it is blank, a mark for blank, or already refused."""
        cell = self.cells.get(name)
        if cell is None or unreadable(cell) or is_blank(cell.value):
            return None
        return cell.value

    def number_format(self, name: str) -> str:
        return self.cells[name].number_format if name in self.cells else ""

    def text(self, name: str) -> str:
        """The text on one line; a number or date as it would be written."""
        return written(self.value(name), self.number_format(name))

    def lines(self, name: str) -> str:
        """The text with its line ends."""
        value = self.value(name)
        return tidy(value) if isinstance(value, str) else self.text(name)

    def read(self, name: str, parse: Callable[[Any], T]) -> T | None:
        """The cell through a parser; None when blank. A `PhraseError` becomes this cell's error."""
        value = self.value(name)
        if value is None:
            return None
        try:
            return parse(value)
        except PhraseError as error:
            self.refuse(name, str(error))
            return None

    def refuse(self, name: str, reason: str) -> None:
        cell = self.cells.get(name)
        letter = cell.column_letter if cell else self.table.letter_of(name)
        head = next((b.head for b in self.table.columns if b.letter == letter), "") if letter else ""
        value = "" if cell is None or cell.value is None else written(cell.value, cell.number_format)
        self.errors.append(CellError(letter, head, value[:200], reason))

    def require(self, name: str, title: str) -> None:
        """Refuse a row whose cell is blank."""
        cell = self.cells.get(name)
        if cell is None or (not unreadable(cell) and is_blank(cell.value)):
            self.refuse(name, f"“{title}”没有填写；请补填")


def unreadable(cell: Cell) -> str:
    """Why a cell cannot be taken whatever its column, "" when it can."""
    if cell.kind == "formula":
        return "单元格是公式；请复制后“选择性粘贴为数值”再导入"
    if cell.kind == "error":
        return f"单元格是错误值 {cell.value}；请改正后再导入"
    value = cell.value
    if isinstance(value, bool):
        return "单元格是“是/否”值；请改为文字或数字"
    if isinstance(value, time | timedelta):
        return "单元格是时刻而不是日期或文字；请核对单元格格式"
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):
        return "单元格不是有限的数字"
    if isinstance(value, int | float) and abs(value) >= 10**LONGEST_EXACT_NUMBER:
        return "超过15位的号码存成了数字，末几位已丢失；请把该列设为文本格式后重新填写"
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"文字有 {len(value)} 个字，超过 {MAX_TEXT} 个；请精简"
    return ""


def written(value: Any, number_format: str = "General") -> str:
    """A cell as one line of text: dates ISO, whole numbers without a point, 0012 with its zeros."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and re.fullmatch(r"0+", number_format):
        return str(value).zfill(len(number_format))
    if isinstance(value, float) and "%" in number_format:
        return f"{(Decimal(repr(value)) * 100).normalize():f}%"
    return tidy_line(value)


class Given(Widget):
    """The value as parsed; the entry has already read the cell."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value


class ImportResource(resources.ModelResource):
    """Base of all imports. A subclass names its layouts, turns table rows into entries, and writes one entry.

    Create one per run: it remembers the run's entries.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    permission: ClassVar[Permission]
    layouts: ClassVar[Mapping[str, Sequence[Column]]]
    template_name: ClassVar[str] = ""
    """What the workbook to fill in is called; where published tables go in as they are, there is none."""
    preview: ClassVar[tuple[tuple[str, str], ...]]
    """(key of an entry's shown values, column title) of the preview page."""

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        skip_diff = False
        skip_html_diff = True
        store_instance = True
        instance_loader_class = CachedInstanceLoader

    def __init__(self, *, by: User | None, at: datetime) -> None:
        super().__init__()
        self.by, self.at = by, at
        self.run_entries: list[Entry] = []

    # What a subclass says.

    def entries(self, layout: str, table: Table) -> list[Entry]:
        """The records the table's rows ask for, with their cell errors."""
        raise NotImplementedError

    def write(self, entry: Entry, instance: Any) -> models.Model:
        """Hand one entry to a service; `instance` carries the parsed values."""
        raise NotImplementedError

    def differences(self, entry: Entry, original: Any, instance: Any) -> dict[str, tuple[Any, Any]]:
        """Old and new of every field the entry would change in an existing record."""
        return {
            name: (getattr(original, name), getattr(instance, name))
            for name in entry.values
            if getattr(original, name) != getattr(instance, name)
        }

    takes_back: ClassVar[bool] = False
    """Whether what a table brought can be taken back as long as nothing hangs on it."""

    @classmethod
    def keep(cls, batch: ImportBatch, codes: Sequence[str]) -> None:
        """Remember the batch on the records it brought, named by their keys."""

    @classmethod
    def hindrances(cls, batch: ImportBatch) -> list[str]:
        """What hangs on the records a batch brought, one sentence each; empty when it can be taken back."""
        raise NotImplementedError

    @classmethod
    def remove(cls, batch: ImportBatch, *, by: User, at: datetime) -> list[str]:
        """Remove what a batch brought; the keys of what was removed."""
        raise NotImplementedError

    def table_checks(self, layout: str, table: Table, entries: Sequence[Entry]) -> list[tuple[int, str]]:
        """Contradictions of a whole table: (row, sentence)."""
        return []

    def in_order(self, entries: list[Entry]) -> list[Entry]:
        """The order of writing, where one row needs another."""
        return entries

    # What import-export asks.

    @classmethod
    def field_from_django_field(cls, field_name: str, _: Any, readonly: bool) -> Field:
        """Every model field takes the value the entry parsed, foreign keys the record itself."""
        return Field(attribute=field_name, column_name=field_name, widget=Given(), readonly=readonly)

    def entry_of(self, row: Mapping[str, Any]) -> Entry:
        return self.run_entries[int(row[ENTRY])]

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        if self.entry_of(row).errors:
            raise ValidationError("row has cell errors")

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """A column the sheet does not have leaves the record's field alone."""
        if field.column_name in self.entry_of(row).values:
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Every field by the model's own rules. Keys, uniqueness and table constraints are not asked one by
        one: the row is written in the preview too, and the database refuses what breaks them."""
        errors = dict(import_validation_errors or {})
        records = {f.name for f in instance._meta.concrete_fields if f.is_relation}
        try:
            instance.full_clean(
                exclude={*errors, *records}, validate_unique=False, validate_constraints=False
            )
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if import_validation_errors or original is None or original.pk is None:
            return False
        entry = self.entry_of(row)
        entry.extra["differences"] = self.differences(entry, original, instance)
        return not entry.extra["differences"]

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        entry = self.entry_of(row)
        try:
            with transaction.atomic():
                saved = self.write(entry, instance)
        except DomainError as error:
            raise ValidationError({error.field or NON_FIELD_ERRORS: [error.message]}) from error
        except DatabaseError as error:
            raise ValidationError("数据库不接受这一行(值过长、过大或重复)；请核对后再导入") from error
        instance.pk = saved.pk

    def save_m2m(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Nothing: the service has written the record whole."""


IMPORTERS: dict[str, tuple[type[ImportResource], ...]] = {}


def register(*resources: type[ImportResource]) -> None:
    """Make a kind importable; called once per kind when its app is ready.

    Several resources of one kind share label and permission; the head of the table chooses between them.
    """
    IMPORTERS[resources[0].kind] = resources


def importers(kind: str) -> tuple[type[ImportResource], ...]:
    """The resources of a kind. Raises `DomainError` for a kind nobody registered."""
    if kind not in IMPORTERS:
        known = "、".join(sorted(IMPORTERS))
        raise DomainError(f"没有“{kind}”这种导入；可用：{known}", field="kind")
    return IMPORTERS[kind]


def importer(kind: str, report: Mapping[str, Any] | None = None) -> type[ImportResource]:
    """The resource that made a report; without one the first of the kind, which speaks for it."""
    name = (report or {}).get("resource", "")
    found = importers(kind)
    return next((resource for resource in found if resource.__name__ == name), found[0])


def kinds_open_to(user: User) -> list[tuple[str, str]]:
    """(code, label) of what the user may import, for the upload form."""
    return [
        (kind, importer(kind).label) for kind in sorted(IMPORTERS, reverse=True) if may_import(kind, user)
    ]


def may_import(kind: str, user: User) -> bool:
    permission = importer(kind).permission
    return may(user, permission) and reach(user, permission).everywhere


def check_may_import(kind: str, user: User) -> None:
    """Raises `NotAllowed` unless the user may import this kind for the whole district."""
    if not may_import(kind, user):
        permission = importer(kind).permission
        raise NotAllowed(f"您没有“{permission}”的权限；如工作需要，请联系安全管理员授权。")


# --- one run ------------------------------------------------------------------------------------------


def run_import(*, kind: str, name: str, data: bytes, by: User | None, at: datetime, write: bool) -> Report:
    """Read, check and, with `write`, import a file; without it nothing stays written.

    All rows or none: one refused row and nothing is written. `by=None` is the operator of the command
    line. Returns the report (amounts and decimals as strings, dates ISO). Raises `WorkbookRefused`
    when the file as a whole cannot be taken, `NotAllowed` without the permission.
    """
    if by is not None:
        check_may_import(kind, by)
    sheets = read_workbook(name, data)
    resource = _resource_for(kind, sheets)(by=by, at=at)
    tables, skipped = _tables(resource, sheets)
    by_table = [(layout, table, resource.entries(layout, table)) for layout, table in tables]
    entries = [entry for _, _, found in by_table for entry in found]
    if not entries:
        raise WorkbookRefused(f"文件里没有可导入的数据行；{TEMPLATE_HINT}")
    _refuse_doubled_keys(entries)
    statuses = _through_resource(resource, entries, write=write)
    contradictions = [(e.sheet, e.row, what) for e in entries for what in e.contradictions]
    for layout, table, found in by_table:
        contradictions += [
            (table.sheet, row, what) for row, what in resource.table_checks(layout, table, found)
        ]
    notices = [(e.sheet, e.row, what) for e in entries for what in e.notices]
    return _report(resource, sheets, entries, statuses, skipped, contradictions, notices)


def _resource_for(kind: str, sheets: Sequence[Sheet]) -> type[ImportResource]:
    """The resource of the kind whose heads the file has most of. Raises `WorkbookRefused` for none."""
    candidates = importers(kind)
    if len(candidates) == 1:
        return candidates[0]
    visible = [sheet for sheet in sheets if not sheet.hidden]

    def fit(resource: type[ImportResource]) -> int:
        found = (matched_columns(s, columns) for s in visible for columns in resource.layouts.values())
        return max(found, default=0)

    best = max(candidates, key=fit)
    if not fit(best):
        heads = "；或 ".join(_required_heads(resource) for resource in candidates)
        raise WorkbookRefused(f"没有找到{best.label}的表头(至少要有：{heads})；{TEMPLATE_HINT}")
    return best


def _required_heads(resource: ImportResource | type[ImportResource]) -> str:
    return "、".join(c.title for columns in resource.layouts.values() for c in columns if c.required)


def _tables(
    resource: ImportResource, sheets: Sequence[Sheet]
) -> tuple[list[tuple[str, Table]], list[Skipped]]:
    """Each visible sheet's table by the layout that fits it; the rest is skipped row by row."""
    tables: list[tuple[str, Table]] = []
    skipped: list[Skipped] = []
    for sheet in sheets:
        found = None if sheet.hidden else _fitting_table(resource, sheet)
        if found is None:
            skipped += skip_all(sheet, "hidden" if sheet.hidden else "note")
        else:
            tables.append(found)
            skipped += found[1].skipped
    if not tables:
        heads = _required_heads(resource)
        raise WorkbookRefused(f"没有找到{resource.label}的表头(至少要有：{heads})；{TEMPLATE_HINT}")
    return tables, skipped


def _fitting_table(resource: ImportResource, sheet: Sheet) -> tuple[str, Table] | None:
    refusals: list[tuple[int, WorkbookRefused]] = []
    fits: list[tuple[int, str, Table]] = []
    for layout, columns in resource.layouts.items():
        try:
            table = find_table(sheet, columns)
        except WorkbookRefused as refused:
            refusals.append((matched_columns(sheet, columns), refused))
            continue
        if table is not None:
            fits.append((len(table.columns), layout, table))
    if fits:
        _, layout, table = max(fits, key=lambda fit: fit[0])
        return layout, table
    if refusals:
        raise max(refusals, key=lambda refusal: refusal[0])[1]
    return None


def _refuse_doubled_keys(entries: Sequence[Entry]) -> None:
    """A key that stands twice in a file refuses every row it stands in."""
    places: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.key:
            places.setdefault(entry.key, []).append(entry)
    for same in places.values():
        for entry in same if len(same) > 1 else ():
            others = "、".join(f"“{e.sheet}”第 {e.row} 行" for e in same if e is not entry)
            column = str(entry.extra.get("key_column", ""))
            entry.errors.append(
                CellError(
                    entry.table.letter_of(column),
                    entry.table.head_of(column),
                    str(entry.extra.get("key_shown", entry.key)),
                    f"与{others}重复；请只保留一行",
                )
            )


def _through_resource(resource: ImportResource, entries: list[Entry], *, write: bool) -> list[str]:
    """Runs import-export over the entries; the status of each, new | changed | same | refused."""
    resource.run_entries = resource.in_order(entries)
    names = [f.column_name for f in resource.get_import_fields()]
    dataset = tablib.Dataset(headers=[*names, ENTRY])
    for index, entry in enumerate(resource.run_entries):
        dataset.append([*(entry.values.get(name) for name in names), index])
    result = resource.import_data(
        dataset,
        dry_run=not write,
        raise_errors=False,
        use_transactions=True,
        rollback_on_validation_errors=True,
    )
    for error in [*result.base_errors, *(error for _, errors in result.row_errors() for error in errors)]:
        raise error.error  # a fault of ours, not of the file: never shown as a refused row
    found: dict[int, str] = {}
    for entry, row in zip(resource.run_entries, result.rows, strict=True):
        if row.validation_error is not None and not entry.errors:
            entry.errors += _cell_errors(entry, row.validation_error)
        found[id(entry)] = _STATUS[row.import_type]
    return [found[id(entry)] for entry in entries]


_STATUS = {
    RowResult.IMPORT_TYPE_NEW: "new",
    RowResult.IMPORT_TYPE_UPDATE: "changed",
    RowResult.IMPORT_TYPE_SKIP: "same",
    RowResult.IMPORT_TYPE_INVALID: "refused",
}


def _cell_errors(entry: Entry, error: ValidationError) -> list[CellError]:
    """Model and service errors at the column their field came from."""
    by_field: dict[str, list[str]] = (
        error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    )
    out = []
    for name, messages in by_field.items():
        letter = entry.table.letter_of(name)
        value = plain(entry.values.get(name)) if name in entry.values else ""
        out += [
            CellError(letter, entry.table.head_of(name), str(value or ""), message) for message in messages
        ]
    return out


# --- the report ---------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A JSON value: decimals and amounts as strings, dates ISO, records by name."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _report(
    resource: ImportResource,
    sheets: Sequence[Sheet],
    entries: Sequence[Entry],
    statuses: Sequence[str],
    skipped: Sequence[Skipped],
    contradictions: Iterable[tuple[str, int, str]],
    notices: Iterable[tuple[str, int, str]],
) -> Report:
    totals = {status: statuses.count(status) for status in ("new", "changed", "same", "refused")}
    return {
        "kind": resource.kind,
        "resource": type(resource).__name__,
        "sheets": [sheet.name for sheet in sheets],
        "totals": {**totals, "skipped": len(skipped)},
        "rows": [
            {
                "sheet": entry.sheet,
                "row": entry.row,
                "key": entry.key,
                "status": status,
                "values": plain(entry.shown),
                "errors": [
                    {"column": e.column, "head": e.head, "value": e.value, "reason": e.reason}
                    for e in entry.errors
                ],
                "changes": plain(entry.extra.get("differences", {})) if status == "changed" else {},
            }
            for entry, status in zip(entries, statuses, strict=True)
        ],
        "skipped": [{"sheet": s.sheet, "row": s.row, "reason": s.reason} for s in skipped],
        "contradictions": [{"sheet": sheet, "row": row, "what": what} for sheet, row, what in contradictions],
        "notices": [{"sheet": sheet, "row": row, "what": what} for sheet, row, what in notices],
    }


def refusal_report(kind: str, message: str) -> Report:
    """The report of a file that could not be taken at all: no rows, and why."""
    totals = dict.fromkeys(("new", "changed", "same", "refused", "skipped"), 0)
    return {
        "kind": kind,
        "sheets": [],
        "totals": totals,
        "rows": [],
        "skipped": [],
        "contradictions": [],
        "notices": [],
        "error": message,
    }


def digest_of(report: Report) -> str:
    """What was shown, as one number: a preview and its confirmation must agree on it."""
    return hashlib.sha256(json.dumps(report, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


# --- preview and confirm ------------------------------------------------------------------------------


def preview_import(*, kind: str, name: str, data: bytes, by: User, at: datetime) -> ImportBatch:
    """Check a file without writing records, and keep it with what was shown until it is confirmed.

    Raises as `run_import`.
    """
    report = run_import(kind=kind, name=name, data=data, by=by, at=at, write=False)
    return imports.record_preview(
        kind=kind, file_name=name, content=data, report=report, digest=digest_of(report), by=by, at=at
    )


def confirm_import(*, batch_id: int, by: User, at: datetime) -> ImportBatch:
    """Import exactly what the preview showed, once, by the person who saw it.

    The file is run again in one transaction; when the result differs from the preview (data have changed
    since), or any row is refused, nothing is written. Raises `DomainError`, `ImportBatch.DoesNotExist`.
    """
    with transaction.atomic():
        batch = imports.claim(batch_id=batch_id, by=by)
        report = run_import(
            kind=batch.kind, name=batch.file_name, data=bytes(batch.content), by=by, at=at, write=True
        )
        if digest_of(report) != batch.digest:
            raise DomainError(
                "预览之后系统里的数据有变动，这次没有导入；请重新上传文件，核对新的预览后再确认。"
            )
        _keep(batch)
        return imports.record_confirmed(batch=batch, by=by, at=at)


def _keep(batch: ImportBatch) -> None:
    """Have the new records of a batch remember it."""
    report = batch.report
    codes = [row["key"] for row in report["rows"] if row["status"] == "new"]
    importer(batch.kind, report).keep(batch, codes)


def import_now(*, kind: str, name: str, data: bytes, by: User | None, at: datetime) -> Report:
    """Import a file without a preview (the command line); nothing is written when a row is refused."""
    with transaction.atomic():
        report = run_import(kind=kind, name=name, data=data, by=by, at=at, write=True)
        totals = report["totals"]
        if not totals["refused"] and totals["new"] + totals["changed"]:
            batch = imports.record_import(
                kind=kind, file_name=name, content=data, report=report, digest=digest_of(report), by=by, at=at
            )
            _keep(batch)
    return report
