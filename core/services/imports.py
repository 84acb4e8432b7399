"""Import batches: what was uploaded, what was shown, who confirmed it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from core.choices import ImportState
from core.models import ImportBatch, User
from core.rules.errors import DomainError
from core.rules.phrases import tidy_line
from core.services import audit


def _batch(
    *,
    kind: str,
    file_name: str,
    content: bytes,
    report: dict[str, Any],
    digest: str,
    by: User | None,
    at: datetime,
) -> ImportBatch:
    return ImportBatch(
        kind=kind,
        file_name=tidy_line(file_name)[-200:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        report=report,
        digest=digest,
        state=ImportState.REFUSED if report["totals"]["refused"] else ImportState.PREVIEWED,
        created_by=by,
        created_at=at,
    )


@transaction.atomic
def record_preview(
    *, kind: str, file_name: str, content: bytes, report: dict[str, Any], digest: str, by: User, at: datetime
) -> ImportBatch:
    """Keep an uploaded file with its preview; a file with refused rows can be seen but not confirmed."""
    batch = _batch(
        kind=kind, file_name=file_name, content=content, report=report, digest=digest, by=by, at=at
    )
    batch.save()
    audit.record(
        action="上传表格",
        target=batch,
        by=by,
        at=at,
        after={"kind": kind, "sha256": batch.sha256, "state": batch.state},
    )
    return batch


def claim(*, batch_id: int, by: User) -> ImportBatch:
    """The batch, locked for its confirmation; call inside a transaction.

    Raises `ImportBatch.DoesNotExist` for another person's batch, `DomainError` when it was confirmed
    before, has refused rows, changes nothing, or its file is not the one uploaded.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id, created_by=by)
    totals = batch.report["totals"]
    if batch.state == ImportState.TAKEN_BACK:
        raise DomainError("这次导入已经撤回；需要的话，请重新上传文件。")
    if batch.state == ImportState.CONFIRMED:
        raise DomainError("这个文件已经导入过了，没有重复导入；可在预览页查看结果。")
    if batch.state == ImportState.REFUSED or totals["refused"]:
        raise DomainError(f"有 {totals['refused']} 行有误，没有导入；请按预览中的提示改正文件后重新上传。")
    if not totals["new"] + totals["changed"]:
        raise DomainError("文件内容与系统一致，没有需要导入的行。")
    if hashlib.sha256(bytes(batch.content)).hexdigest() != batch.sha256:
        raise DomainError("保存的文件与上传时不一致，没有导入；请重新上传。")
    return batch


@transaction.atomic
def record_confirmed(*, batch: ImportBatch, by: User | None, at: datetime) -> ImportBatch:
    """Mark the batch as imported, in the transaction that wrote its rows, each with its own audit row."""
    batch.state, batch.confirmed_at = ImportState.CONFIRMED, at
    batch.save()
    audit.record(
        action="导入表格",
        target=batch,
        by=by,
        at=at,
        after={"kind": batch.kind, "sha256": batch.sha256, "totals": batch.report["totals"]},
    )
    return batch


@transaction.atomic
def record_taken_back(*, batch: ImportBatch, removed: Sequence[str], by: User, at: datetime) -> ImportBatch:
    """Mark a batch as taken back, in the transaction that removed its records; `removed` are their codes."""
    batch.state, batch.taken_back_at, batch.taken_back_by = ImportState.TAKEN_BACK, at, by
    batch.save(update_fields=["state", "taken_back_at", "taken_back_by"])
    audit.record(
        action="撤回导入",
        target=batch,
        by=by,
        at=at,
        before={"state": ImportState.CONFIRMED},
        after={"state": batch.state, "sha256": batch.sha256, "codes": list(removed)},
    )
    return batch


@transaction.atomic
def record_import(
    *,
    kind: str,
    file_name: str,
    content: bytes,
    report: dict[str, Any],
    digest: str,
    by: User | None,
    at: datetime,
) -> ImportBatch:
    """An import without a preview page: from the command line."""
    batch = _batch(
        kind=kind, file_name=file_name, content=content, report=report, digest=digest, by=by, at=at
    )
    return record_confirmed(batch=batch, by=by, at=at)
