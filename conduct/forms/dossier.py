"""Forms of a person's file."""

from __future__ import annotations

from typing import Any

from django import forms

from conduct.choices import StatementKind, StatementState
from core.forms import OnceForm, StepForm


class StatementForm(OnceForm):
    kind = forms.ChoiceField(
        label="类别", choices=StatementKind, widget=forms.RadioSelect, initial="STATEMENT"
    )
    about = forms.ChoiceField(label="哪一条记录", required=False)
    text = forms.CharField(
        label="内容",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清哪里不符、有什么依据；不用另附材料。",
    )

    def __init__(self, *args: Any, lines: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = self.fields["about"]
        if isinstance(about, forms.ChoiceField):
            about.choices = [("", "不指哪一条"), *lines]


class AnswerForm(StepForm):
    """Its choices are those that fit the kind of the statement."""

    state = forms.ChoiceField(label="答复", widget=forms.RadioSelect)
    note = forms.CharField(label="答复意见", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        asked = self.record.kind == StatementKind.CORRECTION
        fitting = (StatementState.ACCEPTED, StatementState.DECLINED) if asked else (StatementState.NOTED,)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(state.value, state.label) for state in fitting]
        if not asked:
            field.initial = StatementState.NOTED
