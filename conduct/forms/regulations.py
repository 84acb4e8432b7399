"""Forms of regulations and citations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from conduct.models import Clause
from conduct.queries.regulations import clause_choices
from core.forms import DateInput, LazyChoiceField


class AmendForm(forms.Form):
    """The next version of a clause; begins with the words of the open one."""

    name = forms.CharField(label="条款标题", max_length=80)
    description = forms.CharField(label="条款内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    effective_from = forms.DateField(
        label="施行日期",
        widget=DateInput(),
        initial=timezone.localdate,
        help_text="现行版本自这一天起停用，之前发生的事仍按原版本。",
    )
    basis = forms.CharField(label="依据", max_length=200, help_text="修订文件的名称和文号。")
    verified = forms.BooleanField(label="已对照官方文本", required=False)


class CiteForm(forms.Form):
    """Which clause a record rests on, out of those in force on the record's day."""

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"] = LazyChoiceField(
            label=f"条款（{day} 施行中的）", choices=lambda: clause_choices(day), empty="请选择条款"
        )

    def clean_clause(self) -> Clause:
        value = str(self.cleaned_data["clause"])
        found: Clause | None = Clause.objects.filter(pk=value).first() if value.isdigit() else None
        if found is None:
            raise forms.ValidationError("没有这一条款，请从列表中重新选择。")
        return found


class UnciteForm(forms.Form):
    note = forms.CharField(label="撤销原因", max_length=500)
