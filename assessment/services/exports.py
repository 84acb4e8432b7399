"""What leaves the system leaves a row behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from assessment.models import Run
from core.models import User
from core.permissions import Permission, may
from core.rules.errors import NotAllowed
from core.services import audit


@transaction.atomic
def record_export(
    *, run: Run, rows: int, sha256: str, filters: Mapping[str, str], by: User | None, at: datetime
) -> None:
    """Note an exported ranking with the digest of the file, the number of people and what it was limited to.

    Raises NotAllowed without the permission: a file that cannot be recorded is not handed out.
    """
    if by is not None and not may(by, Permission.EXPORT_RANKING):
        raise NotAllowed("您的角色没有导出排名的权限。")
    after = {"sha256": sha256, "rows": rows, "filters": dict(filters)}
    audit.record(action="导出排名", target=run, by=by, at=at, after=after)
