"""Handing out a file made on the spot."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def as_file(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A download under that name, never shown in place; the caller has recorded it."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
