"""What leaves the statistics pages leaves a row behind."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.models import User
from core.permissions import Permission, may
from core.rules.errors import NotAllowed
from core.services import audit


def record_export(*, what: str, content: bytes, detail: Mapping[str, Any], by: User, at: datetime) -> None:
    """Note an exported workbook with its digest; raises NotAllowed without the permission."""
    if not may(by, Permission.VIEW_STATISTICS):
        raise NotAllowed("您的角色没有查看作风统计的权限。")
    digest = hashlib.sha256(content).hexdigest()
    audit.note_read(what=what, detail={**detail, "sha256": digest}, by=by, at=at)
