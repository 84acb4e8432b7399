"""The period over which people's records on projects are compared."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateInput


class SpanForm(forms.Form):
    """From which day to which; this year so far when nothing is said."""

    since = forms.DateField(label="起", widget=DateInput())
    until = forms.DateField(label="止", widget=DateInput())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", f"截止日期 {until} 早于起始日期 {since}，请核对。")
        return data

    @staticmethod
    def default() -> dict[str, date]:
        today = timezone.localdate()
        return {"since": today.replace(month=1, day=1), "until": today}
