"""Writing the public case ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from conduct.models import CaseRecord
from core.models import User
from core.permissions import Permission, may
from core.rules.errors import NotAllowed
from core.services import audit


@transaction.atomic
def save_case(*, code: str, values: Mapping[str, Any], by: User | None, at: datetime) -> CaseRecord:
    """Take a published case into the ledger, or correct the one of that code; no change, no writing.

    `by=None` is the operator of the command line. Raises NotAllowed without the permission.
    """
    if by is not None and not may(by, Permission.IMPORT_VIOLATIONS):
        raise NotAllowed("您的角色没有导入违规和案例的权限。")
    case = CaseRecord.objects.select_for_update().filter(code=code).first()
    is_new = case is None
    if case is None:
        case = CaseRecord(code=code, imported_by=by, imported_at=at)
    before, after = audit.changes({name: getattr(case, name) for name in values}, values)
    if not is_new and not after:
        return case
    for name, value in values.items():
        setattr(case, name, value)
    case.save()
    audit.record(
        action="登记案例" if is_new else "更正案例",
        target=case,
        by=by,
        at=at,
        before={} if is_new else before,
        after=after,
    )
    return case
