"""Forms of project issues."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateInput, OnceForm, PickerField, StepForm, UnitChoiceField, resolve_pick
from core.models import Cadre, Unit, User
from projects.choices import IssueKind, IssueState, SolvedHow
from projects.forms.site import PersonField
from projects.models import KeyProject
from projects.queries import issues as queries
from projects.queries.site import people_to_name
from projects.rules.issues import SUGGESTED_DAYS

DUE_HELP = (
    "不填的，按类别自动排："
    + "、".join(f"{kind.label} {days} 个" for kind, days in SUGGESTED_DAYS.items())
    + "工作日。"
)


class IssueWords(forms.Form):
    """What the issue is and who is to solve it."""

    user: User

    kind = forms.ChoiceField(label="类别", choices=[("", "请选择类别"), *IssueKind.choices])
    title = forms.CharField(label="问题", max_length=120, help_text="一句话说清卡在哪里。")
    owner_unit = UnitChoiceField(label="责任单位", empty_label="请选择单位")
    owner = PersonField(
        label="责任人",
        required=False,
        help_text="选填，只能填本单位和同一攻坚小组的人；不填的由责任单位负责人办理。",
    )

    def offer(self) -> None:
        """Any open unit may be asked to solve."""
        field = self.fields["owner_unit"]
        if isinstance(field, UnitChoiceField):
            field.queryset = queries.owner_units()

    def clean_owner(self) -> Cadre | None:
        found: Cadre | None = resolve_pick(
            people_to_name(self.user), self.cleaned_data["owner"], what="人员", names=("name", "staff_no")
        )
        return found


class IssueForm(IssueWords, OnceForm):
    """Six things to say, two of them optional; a longer story folds away."""

    project = PickerField(label="项目", url_name="projects:project-options", placeholder="项目名称或编号")
    due_on = forms.DateField(label="时限", widget=DateInput(), required=False, help_text=DUE_HELP)
    detail = forms.CharField(
        label="情况", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    field_order = ["project", "kind", "title", "owner_unit", "owner", "due_on", "detail"]

    def __init__(self, *args: Any, user: User, project: KeyProject | None = None, **kwargs: Any) -> None:
        start = {"project": project, "owner_unit": project.lead_unit if project is not None else None}
        super().__init__(*args, **kwargs)
        self.initial = start
        self.user = user
        self.offer()

    def clean_project(self) -> KeyProject:
        found: KeyProject | None = resolve_pick(
            queries.projects_to_report(self.user),
            self.cleaned_data["project"],
            what="项目",
            names=("name", "code"),
        )
        if found is None:
            raise forms.ValidationError("请选择项目。")
        return found


class CorrectionForm(IssueWords, StepForm):
    """An issue as it stands, to be put right or given to another."""

    detail = forms.CharField(
        label="情况", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    note = forms.CharField(label="更正原因", max_length=500)

    field_order = ["kind", "title", "owner_unit", "owner", "detail", "note"]

    def prepare(self) -> None:
        names = ("kind", "title", "owner_unit", "owner", "detail")
        self.initial = {name: getattr(self.record, name) for name in names}
        self.offer()
        unit = self.fields["owner_unit"]
        if isinstance(unit, UnitChoiceField):  # it may have been closed since the day
            unit.queryset = unit.queryset | Unit.objects.filter(pk=self.record.owner_unit_id)

    def clean_owner(self) -> Cadre | None:
        text, picked = self.cleaned_data["owner"]
        now: Cadre | None = self.record.owner
        if now is not None and (picked == now.pk or (picked is None and text == now.name)):
            return now
        return super().clean_owner()


class SolvingForm(StepForm):
    solved_how = forms.ChoiceField(label="解决方式", widget=forms.RadioSelect)
    solved_on = forms.DateField(label="解决日期", widget=DateInput(), initial=timezone.localdate)
    solution = forms.CharField(
        label="解决情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="怎样解决的，一两句即可。",
    )

    def prepare(self) -> None:
        field = self.fields["solved_how"]
        assert isinstance(field, forms.ChoiceField)
        escalated = self.record.state == IssueState.ESCALATED
        field.choices = [c for c in SolvedHow.choices if escalated or c[0] != SolvedHow.ESCALATED]
        field.initial = SolvedHow.ESCALATED if escalated else SolvedHow.ON_SITE


class EscalationForm(StepForm):
    escalated_to = UnitChoiceField(label="提级至", empty_label="请选择上级单位")
    note = forms.CharField(label="提级原因", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        field = self.fields["escalated_to"]
        if isinstance(field, UnitChoiceField):
            field.queryset = queries.units_above(self.record)


class ExtensionForm(StepForm):
    due_on = forms.DateField(label="新时限", widget=DateInput())
    note = forms.CharField(label="延期原因", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
