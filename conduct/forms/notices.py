"""Forms of public notices."""

from __future__ import annotations

from typing import Any

from django import forms

from conduct.models import Violation
from conduct.queries import notices as queries
from core.forms import OnceForm, StepForm
from core.models import User

OFFERED = 50
"""How many of the latest records a draft may be drawn from."""


class RecordChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Violation) -> str:
        return f"{obj.occurred_on} {obj.cadre}（{obj.unit}） {obj.prohibition}"


class NoticeDraftForm(OnceForm):
    """Title and records; the text is then written from them."""

    title = forms.CharField(label="标题", max_length=80, initial="关于违反“八不准”典型案例的通报")
    violations = RecordChoices(
        label="所依据的记录",
        queryset=Violation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="列出最近办结、认定属实的记录；保存后自动成文，姓名默认隐去，还可修改。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["violations"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        latest = queries.citable(user).order_by("-decided_on", "-id")[:OFFERED]
        field.queryset = (
            queries.citable(user).filter(pk__in=[v.pk for v in latest]).order_by("-decided_on", "-id")
        )


class NoticeForm(StepForm):
    title = forms.CharField(label="标题", max_length=80)
    body = forms.CharField(label="正文", max_length=5000, widget=forms.Textarea(attrs={"rows": 10}))
    masked = forms.BooleanField(
        label="隐去姓名", required=False, help_text="不隐去须有依据；审批人会看到这一项。"
    )

    def prepare(self) -> None:
        self.initial = {name: getattr(self.record, name) for name in ("title", "body", "masked")}
