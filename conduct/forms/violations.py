"""Forms of violations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from conduct.choices import FoundBy, ViolationState
from conduct.models import Prohibition
from conduct.queries.violations import prohibition_choices
from core.forms import DateInput, FilesField, LazyChoiceField, OnceForm, PickerField, resolve_pick
from core.models import User
from core.queries import cadres_visible_to
from projects.queries import projects_visible_to


class ViolationForm(OnceForm):
    """Who, which rule, when, where: the rest is optional or has a default."""

    cadre = PickerField(label="违规人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    prohibition = LazyChoiceField(label="违反条款", choices=prohibition_choices, empty="请选择八不准条款")
    occurred_on = forms.DateField(label="发生日期", widget=DateInput(), initial=timezone.localdate)
    place = forms.CharField(label="发生地点", max_length=120)
    project = PickerField(
        label="涉及项目", url_name="projects:project-options", placeholder="项目名称或编号", required=False
    )
    found_by = forms.ChoiceField(label="发现方式", choices=FoundBy, initial=FoundBy.INSPECTION)
    facts = forms.CharField(
        label="违规事实",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清具体时间和行为；上面已选的人员、条款、地点不用重复。",
    )
    evidence = FilesField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["cadre"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Resolve person, rule and project within the user's scope and as of the day; one statement each."""
        data = super().clean() or {}
        stated = data.get("occurred_on")
        day = stated or timezone.localdate()  # with the date wrong, the rest is still checked at once
        self._settle(
            data,
            "cadre",
            lambda pick: resolve_pick(
                cadres_visible_to(self.user).with_posting_on(day),
                pick,
                what="人员",
                names=("name", "staff_no"),
            ),
        )
        self._settle(
            data,
            "project",
            lambda pick: resolve_pick(
                projects_visible_to(self.user), pick, what="项目", names=("name", "code")
            ),
        )
        if stated is not None:
            self._settle(data, "prohibition", lambda key: self._rule(key, stated))
        return data

    def _settle(self, data: dict[str, Any], name: str, find: Any) -> None:
        if name not in data:
            return
        try:
            data[name] = find(data[name])
        except forms.ValidationError as error:
            self.add_error(name, error)

    def _rule(self, key: str, day: Any) -> Prohibition:
        rule: Prohibition | None = Prohibition.objects.in_force(day).filter(key=key).first()
        if rule is None:
            raise forms.ValidationError(f"所选条款在 {day} 尚未施行或已停用，请核对日期或另选条款。")
        return rule


class DecisionForm(forms.Form):
    state = forms.ChoiceField(
        label="认定结论",
        choices=[
            (s.value, s.label)
            for s in (ViolationState.CONFIRMED, ViolationState.PARTLY, ViolationState.DISMISSED)
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="认定说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="部分属实、不属实须写明理由。",
    )


class WithdrawForm(forms.Form):
    note = forms.CharField(label="撤回原因", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class EvidenceForm(forms.Form):
    evidence = FilesField()

    def clean_evidence(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["evidence"]
        if not files:
            raise forms.ValidationError("请先选择要补充的附件。")
        return files
