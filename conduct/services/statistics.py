"""What leaves the statistics page leaves a row behind."""

from __future__ import annotations

from datetime import date, datetime

from core.models import User
from core.permissions import Permission, may
from core.rules.errors import NotAllowed
from core.services import audit


def record_export(*, since: date, until: date, sha256: str, counted: int, by: User, at: datetime) -> None:
    """Note an exported workbook with its digest; raises NotAllowed without the permission."""
    if not may(by, Permission.VIEW_STATISTICS):
        raise NotAllowed("您的角色没有查看作风统计的权限。")
    detail = {"since": since, "until": until, "counted": counted, "sha256": sha256}
    audit.note_read(what="导出作风统计", detail=detail, by=by, at=at)
