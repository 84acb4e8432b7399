"""Optional evidence of any record: checked, hashed, stored under a name of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.db import models

from core.models import Attachment, User
from core.queries import attachments_of
from core.rules.errors import DomainError
from core.rules.files import content_type_of

MAX_FILES = 5


def check_files(files: Sequence[File[bytes]]) -> list[str]:
    """Content types of acceptable files. Raises DomainError naming the first that is not."""
    if len(files) > MAX_FILES:
        raise DomainError(
            f"一次最多上传 {MAX_FILES} 个附件，选了 {len(files)} 个。非必要不上传。", field="evidence"
        )
    types = []
    for file in files:
        head = file.read(16)
        file.seek(0)
        types.append(content_type_of(name=file.name or "", head=head, size=file.size))
    return types


def store(
    *, owner: models.Model, files: Sequence[File[bytes]], called: str = "", by: User, at: datetime
) -> list[Attachment]:
    """Store files with their SHA-256 as evidence of `owner`, inside the caller's transaction. All or none.

    `called` is a word they are named by, with a number, where their own names may say what must not be told.
    The step that brings them tells them to its own audit row with `told`. Raises DomainError by
    `check_files`.
    """
    stored: list[Attachment] = []
    before = attachments_of(owner).count() if called and files else 0
    for file, content_type in zip(files, check_files(files), strict=True):
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        name = PurePosixPath((file.name or "").replace("\\", "/")).name[-200:]
        suffix = PurePosixPath(name).suffix.lower()
        if called:
            name = f"{called}{before + len(stored) + 1}{suffix}"
        row = Attachment(
            owner_label=owner._meta.label,
            owner_id=str(owner.pk),
            name=name,
            content_type=content_type,
            size=file.size,
            sha256=digest.hexdigest(),
            uploaded_by=by,
            uploaded_at=at,
        )
        row.file.save(f"{uuid4().hex}{suffix}", file, save=False)
        row.save()
        stored.append(row)
    return stored


def told(stored: Sequence[Attachment]) -> dict[str, Any]:
    """What an audit row says of stored files: name, hash and size; nothing when there are none."""
    if not stored:
        return {}
    return {"files": [{"name": a.name, "sha256": a.sha256, "size": a.size} for a in stored]}


def intact(attachment: Attachment) -> bool:
    """Whether the stored bytes still have the hash they were received with."""
    digest = hashlib.sha256()
    with attachment.file.open("rb") as file:
        for chunk in iter(lambda: file.read(65536), b""):
            digest.update(chunk)
    return digest.hexdigest() == attachment.sha256
