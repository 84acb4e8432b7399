"""Forms of the projects."""

from __future__ import annotations

from django import forms

from core.forms import DateInput, FilesField


class MilestoneForm(forms.Form):
    """Progress, the day it was done, a word on it; the version read comes along against lost updates."""

    progress = forms.DecimalField(
        label="进度（%）",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    done_on = forms.DateField(
        label="完成日期",
        widget=DateInput(),
        required=False,
        help_text="只在完成时填写；填 100% 而不填日期，按今天完成。",
    )
    note = forms.CharField(
        label="进展说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填；进度回退时须写明原因。",
    )
    evidence = FilesField()
    version = forms.IntegerField(widget=forms.HiddenInput())
