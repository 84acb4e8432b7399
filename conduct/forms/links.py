"""The hidden field that says from which record a new one comes."""

from __future__ import annotations

from typing import Any

from django import forms

from conduct.queries.links import record_of
from core.models import User


class SourceField(forms.CharField):
    """A reference as `conduct.queries.links.reference` writes it; the form's `clean` settles the record."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=120, widget=forms.HiddenInput())


def source_meant(user: User, text: str) -> Any | None:
    """The record named, None when nothing is. Raises ValidationError outside the scope."""
    found = record_of(text, user) if text else None
    if text and found is None:
        raise forms.ValidationError("来源记录不存在，或不在您的权限范围内。请从来源记录的页面重新进入。")
    return found
