"""Serving an attachment: the view of its record has already seen to the permission."""

from __future__ import annotations

from django.db.models import Model
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from core.models import User
from core.queries import attachments_of
from core.rules.errors import DomainError
from core.services import attachments, audit


def download(*, owner: Model, pk: int, by: User) -> FileResponse:
    """The file as a download, never shown in place; each download is audited. A changed file is refused."""
    attachment = get_object_or_404(attachments_of(owner), pk=pk)
    if not attachments.intact(attachment):
        raise DomainError(
            f"附件“{attachment.name}”与上传时的摘要不符，可能已被改动。请联系系统管理员保全并核查。"
        )
    audit.note_read(
        what="下载附件",
        target=owner,
        detail={"attachment": attachment.pk, "name": attachment.name},
        by=by,
        at=timezone.now(),
    )
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
