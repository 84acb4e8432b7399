"""Forms of unit measures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from conduct.choices import UnitMeasureKind
from core.forms import DateInput, OnceForm, UnitChoiceField
from core.models import User
from core.queries import open_units_visible_to


class UnitMeasureForm(OnceForm):
    """Which unit, what, how long, on which basis and why."""

    unit = UnitChoiceField(label="单位", empty_label="请选择单位")
    kind = forms.ChoiceField(label="处理方式", choices=UnitMeasureKind)
    first_day = forms.DateField(label="起始日期", widget=DateInput(), initial=timezone.localdate)
    last_day = forms.DateField(
        label="截止日期", widget=DateInput(), required=False, help_text="当天也算；只有通报批评可以不填。"
    )
    basis = forms.CharField(
        label="依据", max_length=300, help_text="文件或会议名称；保存后还可以引用法规条款。"
    )
    reason = forms.CharField(label="事由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = open_units_visible_to(user)
