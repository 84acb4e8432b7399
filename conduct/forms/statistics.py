"""Forms of statistics."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from conduct.rules.statistics import range_problem
from core.forms import DateInput

YEARS_BACK = 10
LONGEST_PASTE = 200_000


class RangeForm(forms.Form):
    """A year, or days that stand above it; without anything this year until today.

    `day` says of which day the range is.
    """

    year = forms.TypedChoiceField(label="年份", coerce=int, required=False, empty_value=None)
    since = forms.DateField(widget=DateInput(), required=False)
    until = forms.DateField(widget=DateInput(), required=False)

    def __init__(self, *args: Any, day: str = "发生日期", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].label, self.fields["until"].label = f"{day}起", f"{day}止"
        this = timezone.localdate().year
        years = [(year, f"{year}年") for year in range(this, this - YEARS_BACK, -1)]
        field = self.fields["year"]
        if isinstance(field, forms.ChoiceField):
            field.choices = years

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = self._days(data)
        if problem := range_problem(since, until):
            self.add_error("since", problem)
        data["since"], data["until"] = since, until
        return data

    def _days(self, data: dict[str, Any]) -> tuple[date, date]:
        today = timezone.localdate()
        since, until = data.get("since"), data.get("until")
        year = data.get("year") or (since or until or today).year
        last = min(date(year, 12, 31), today) if year <= today.year else date(year, 12, 31)
        return since or (date(until.year, 1, 1) if until else date(year, 1, 1)), until or last

    @property
    def days(self) -> tuple[date, date]:
        """The range asked for; of a wrong form the year until today."""
        today = timezone.localdate()
        if self.is_valid():
            return self.cleaned_data["since"], self.cleaned_data["until"]
        return date(today.year, 1, 1), today


class ChainForm(forms.Form):
    """A table to check: a file or what was copied from one; it is read and not kept."""

    file = forms.FileField(
        label="表格文件",
        required=False,
        help_text=".xlsx 或 .csv，要有“期间、口径、范围”三列；只核对，不保存。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    text = forms.CharField(
        label="或者粘贴表格",
        required=False,
        max_length=LONGEST_PASTE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="从 Excel 或 WPS 复制后直接粘贴，连同表头。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not (data.get("text") or "").strip() and not self.errors:
            self.add_error("file", "请选择文件，或在下面粘贴表格。")
        return data
