"""Handing out an official document as a file; who took it is audited."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from core.models import User
from core.services import audit

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def hand_out(content: bytes, *, kind: str, name: str, owner: Model, by: User) -> HttpResponse:
    """A document made from `owner` as a download; `kind` is one of `CONTENT_TYPES`."""
    audit.note_read(
        what=f"导出{owner._meta.verbose_name}",
        target=owner,
        detail={"format": kind},
        by=by,
        at=timezone.now(),
    )
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{kind}") or "attachment"
    return response
