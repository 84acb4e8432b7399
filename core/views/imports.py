"""Importing a spreadsheet in the browser: upload, preview, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.forms import ImportForm, submit
from core.models import ImportBatch
from core.permissions import Permission, SignedInRequest, requires
from core.queries import import_batches_of
from core.resources import batches, importing
from core.resources.sheets import MEDIA_TYPE
from core.resources.template import templates_open_to, workbook_to_fill
from core.resources.workbook import MAX_BYTES
from core.rules.errors import DomainError
from core.views.downloads import as_file

ROWS_A_PAGE = 100
SHOWN_ERRORS = 500
RECENT = 10
STATUS_LABELS = {"new": "新增", "changed": "变更", "same": "无变化", "refused": "有误"}
REASON_LABELS = {
    "title": "标题",
    "head": "表头",
    "subtotal": "合计行",
    "note": "说明、落款",
    "blank": "空行",
    "hidden": "隐藏行",
}


@requires(Permission.IMPORT_TABLES)
def import_upload(request: SignedInRequest) -> HttpResponse:
    """Choose a kind and a file; a file that cannot be taken is explained at the field."""
    kinds = importing.kinds_open_to(request.user)
    only = {"kind": kinds[0][0]} if len(kinds) == 1 else {}
    form = ImportForm(request.POST or None, request.FILES or None, kinds=kinds, initial=only)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = submit(
            form,
            importing.preview_import,
            kind=form.cleaned_data["kind"],
            name=file.name,
            data=file.read(MAX_BYTES + 1),
            by=request.user,
            at=timezone.now(),
        )
        if isinstance(batch, ImportBatch):
            return redirect("core:import-preview", pk=batch.pk)
    recent = import_batches_of(request.user).defer("content", "report")[:RECENT]
    shared = batches.batches_open_to(request.user).exclude(created_by=request.user)
    context = {
        "form": form,
        "recent": recent,
        "shared": shared.select_related("created_by").defer("content", "report")[:RECENT],
        "kinds": dict(kinds),
        "templates": templates_open_to(request.user),
    }
    return render(request, "core/import_upload.html", context)


@requires(Permission.IMPORT_TABLES)
def import_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a file would change, row by row; after confirmation, what it did change."""
    batch = get_object_or_404(batches.batches_open_to(request.user).defer("content"), pk=pk)
    report = batch.report
    resource = importing.importer(batch.kind, report)
    status = request.GET.get("status", "")
    rows = [row for row in report["rows"] if status in ("", row["status"])]
    errors = [(row, error) for row in report["rows"] for error in row["errors"]]
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "label": resource.label,
        "totals": [(key, label, report["totals"][key]) for key, label in STATUS_LABELS.items()],
        "status": status,
        "columns": [label for _, label in resource.preview],
        "page": page,
        "rows": [_line(row, resource.preview) for row in page],
        "errors": errors[:SHOWN_ERRORS],
        "error_count": len(errors),
        "skipped": [{**item, "reason": REASON_LABELS[item["reason"]]} for item in report["skipped"]],
        "report": report,
        "writes": report["totals"]["new"] + report["totals"]["changed"],
        "is_own": batch.created_by_id == request.user.pk,
        "hindrances": batches.hindrances(batch),
    }
    template = (
        "core/import_preview.html#table" if request.headers.get("HX-Request") else "core/import_preview.html"
    )
    return render(request, template, context)


def _line(row: dict[str, Any], preview: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """A row of the report as the table shows it."""
    cells = []
    for field, label in preview:
        value = row["values"].get(field)
        text = "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        cells.append({"label": label, "text": text})
    labels = dict(preview)
    changes = [
        {"label": labels.get(key, key), "before": before, "after": after}
        for key, (before, after) in row["changes"].items()
    ]
    return {**row, "status_label": STATUS_LABELS[row["status"]], "cells": cells, "change_list": changes}


@requires(Permission.IMPORT_TABLES)
@require_POST
def import_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Import what was shown; a broken rule comes back to the preview as a message."""
    try:
        batch = importing.confirm_import(batch_id=pk, by=request.user, at=timezone.now())
    except ImportBatch.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    else:
        totals = batch.report["totals"]
        messages.success(request, f"已导入：新增 {totals['new']} 条，变更 {totals['changed']} 条。")
    return redirect("core:import-preview", pk=pk)


@requires(Permission.IMPORT_TABLES)
@require_POST
def import_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove what a table brought; what hinders it comes back to the page as a message."""
    try:
        removed = batches.take_back_import(batch_id=pk, by=request.user, at=timezone.now())
    except ImportBatch.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已撤回这次导入，删除新增的 {len(removed)} 条；文件和预览留存备查。")
    return redirect("core:import-preview", pk=pk)


@requires(Permission.IMPORT_TABLES)
def import_template(request: SignedInRequest, kind: str) -> HttpResponse:
    """The workbook to fill in, for a kind the user may import."""
    names = dict(templates_open_to(request.user))
    if kind not in names:
        raise Http404
    return as_file(workbook_to_fill(kind), name=f"{names[kind]}模板.xlsx", content_type=MEDIA_TYPE)
