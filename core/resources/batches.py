"""What was imported, whose it is to see, and taking a table back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from core.choices import ImportState
from core.models import ImportBatch, User
from core.models.work import WRITTEN
from core.resources import importing
from core.rules.errors import DomainError
from core.services import imports


def batches_open_to(user: User) -> QuerySet[ImportBatch]:
    """One's own uploads, and what anybody imported of a kind that can be taken back and one may import."""
    kinds = [
        kind
        for kind in importing.IMPORTERS
        if importing.importer(kind).takes_back and importing.may_import(kind, user)
    ]
    return ImportBatch.objects.filter(Q(created_by=user) | Q(kind__in=kinds, state__in=WRITTEN)).order_by(
        "-id"
    )


def hindrances(batch: ImportBatch) -> list[str] | None:
    """What hinders taking a batch back; None where that is not possible at all."""
    resource = importing.importer(batch.kind, batch.report)
    if not resource.takes_back or batch.state != ImportState.CONFIRMED or not batch.report["totals"]["new"]:
        return None
    return resource.hindrances(batch)


def take_back_import(*, batch_id: int, by: User, at: datetime) -> list[str]:
    """Remove the records a table brought, as long as nothing hangs on them; the keys of what was removed.

    What the table changed in records that were there before stays. Raises ImportBatch.DoesNotExist outside
    the user's batches, NotAllowed without the permission, DomainError that names what hinders it.
    """
    with transaction.atomic():
        batch = batches_open_to(by).select_for_update(of=("self",)).get(pk=batch_id)
        importing.check_may_import(batch.kind, by)
        if batch.state == ImportState.TAKEN_BACK:
            raise DomainError("这次导入已经撤回过了。")
        found = hindrances(batch)
        if found is None:
            raise DomainError("这次导入没有新增可以撤回的记录。")
        if found:
            raise DomainError(f"不能撤回：{'；'.join(found[:5])}。请先处理这些，再撤回。")
        removed = importing.importer(batch.kind, batch.report).remove(batch, by=by, at=at)
        imports.record_taken_back(batch=batch, removed=removed, by=by, at=at)
        return removed
