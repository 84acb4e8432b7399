"""Forms of dispatch meetings and what they decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateInput, OnceForm, PickerField, StepForm, UnitChoiceField, resolve_pick
from core.models import User
from core.queries import cadres_visible_to, open_units_visible_to
from projects.choices import DecisionBecomes, DispatchKind
from projects.models import DispatchMeeting
from projects.queries.projects import projects_visible_to


class MeetingForm(forms.Form):
    """Which meeting, on which day; everything it tells is gathered by itself."""

    kind = forms.ChoiceField(label="类别", choices=DispatchKind, widget=forms.HiddenInput())
    held_on = forms.DateField(label="召开日期", widget=DateInput())

    def __init__(self, *args: Any, word: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].label = f"{word}召开日期"  # two of these forms stand side by side


class _Minutes(StepForm):
    """Where, under whom, and a word on how it went."""

    place = forms.CharField(label="地点", max_length=120, required=False)
    chair = PickerField(
        label="主持人", url_name="core:cadre-options", placeholder="姓名、拼音或工号", required=False
    )
    minutes = forms.CharField(
        label="会议情况",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="选填。议定事项已逐件记下的，这里不用再抄。",
    )

    def prepare(self) -> None:
        self.initial = {name: getattr(self.record, name) for name in ("place", "chair", "minutes")}

    def clean_chair(self) -> Any:
        people = cadres_visible_to(self.user)
        pick = self.cleaned_data["chair"]
        return resolve_pick(people, pick, what="干部", names=("name", "staff_no"))


class HoldForm(_Minutes):
    """Everything may stay empty: what was decided has its own lines."""


class CorrectionForm(_Minutes):
    note = forms.CharField(label="更正原因", max_length=500)


class MoveForm(StepForm):
    held_on = forms.DateField(label="改到哪一天", widget=DateInput())

    def prepare(self) -> None:
        self.initial = {"held_on": self.record.held_on}


class DoneForm(StepForm):
    note = forms.CharField(label="落实情况", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    done_on = forms.DateField(label="落实日期", widget=DateInput(), initial=timezone.localdate)


class DecisionForm(OnceForm):
    """What was decided about which project, who answers, until when, and what becomes of it."""

    project = PickerField(label="项目", url_name="projects:project-options", placeholder="项目名称或编号")
    what = forms.CharField(label="议定事项", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    unit = UnitChoiceField(label="责任单位", empty_label="项目的主办单位", required=False)
    cadre = PickerField(
        label="责任人", url_name="core:cadre-options", placeholder="选填，姓名或工号", required=False
    )
    due_on = forms.DateField(label="时限", widget=DateInput())
    becomes = forms.ChoiceField(
        label="转办",
        choices=DecisionBecomes,
        initial=DecisionBecomes.NOTE,
        widget=forms.RadioSelect,
        help_text="转为任务的，生成一份拟定中的任务，补齐六定后下达；建议发函的，会议召开后由纪检负责人研判。",
    )

    def __init__(self, *args: Any, user: User, meeting: DispatchMeeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        unit = self.fields["unit"]
        if isinstance(unit, forms.ModelChoiceField):
            unit.queryset = open_units_visible_to(user)
        self.fields["due_on"].widget.attrs["min"] = meeting.held_on.isoformat()
        if self.initial.get("project"):  # "议定" at a project's row: what was decided is left to say
            self.fields["what"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        project = data.get("project")
        if project is not None and data.get("unit") is None and "unit" not in self.errors:
            data["unit"] = project.lead_unit
            if project.lead_unit is None:
                self.add_error("unit", f"“{project}”没有主办单位，请选择责任单位。")
        return data

    def clean_project(self) -> Any:
        pick = self.cleaned_data["project"]
        return resolve_pick(projects_visible_to(self.user), pick, what="项目", names=("name", "code"))

    def clean_cadre(self) -> Any:
        pick = self.cleaned_data["cadre"]
        return resolve_pick(cadres_visible_to(self.user), pick, what="干部", names=("name", "staff_no"))
