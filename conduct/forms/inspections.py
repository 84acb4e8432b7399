"""Forms of inspections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from conduct.choices import FindingSeverity, PlanOccasion, SamplingMethod, VisitKind
from conduct.models import InspectionPlan, PublicSupervisor
from conduct.queries import inspections as queries
from conduct.queries.violations import prohibition_choices
from core.forms import (
    DateInput,
    LazyChoiceField,
    OnceForm,
    PickerField,
    StepForm,
    UnitChoiceField,
    UnitsChoiceField,
    resolve_pick,
)
from core.models import Cadre, User
from core.queries import cadres_visible_to, open_units_visible_to, units_visible_to
from projects.queries.projects import projects_visible_to

ROWS = 6
"""Rows for findings on one screen: a visit rarely finds more; a second visit form takes the rest."""


class SupervisorForm(OnceForm):
    name = forms.CharField(label="姓名", max_length=40)
    organisation = forms.CharField(label="单位或社区", max_length=80, required=False)
    phone = forms.CharField(label="联系电话", max_length=40, required=False, help_text="只有纪检人员能看到。")
    appointed_on = forms.DateField(label="聘任日期", widget=DateInput(), initial=timezone.localdate)


class EndForm(forms.Form):
    ended_on = forms.DateField(label="解聘日期", widget=DateInput(), initial=timezone.localdate)


class PlanForm(OnceForm):
    """What, when and how many; the draw is made when the plan is started."""

    title = forms.CharField(label="计划名称", max_length=80)
    occasion = forms.ChoiceField(label="时机", choices=PlanOccasion, initial=PlanOccasion.DAILY)
    first_day = forms.DateField(label="开始日期", widget=DateInput(), initial=timezone.localdate)
    last_day = forms.DateField(label="结束日期", widget=DateInput())
    method = forms.ChoiceField(
        label="抽取方式",
        choices=SamplingMethod,
        initial=SamplingMethod.RANDOM,
        help_text="启动时由系统抽取，种子和权重留存可核对。",
    )
    planned_visits = forms.IntegerField(
        label="计划检查次数", min_value=1, max_value=1000, initial=5, help_text="抽取时即抽取的单位数。"
    )
    units = UnitsChoiceField(
        label="指定单位",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text="只在“指定单位”时选；电脑上按住 Ctrl 可多选。",
    )
    project = PickerField(
        label="监督项目",
        url_name="projects:project-options",
        placeholder="项目名称或编号",
        required=False,
        help_text="项目全程监督必填，并选“指定单位”。",
    )
    officer = forms.ModelChoiceField(
        label="监督人员", queryset=Cadre.objects.none(), required=False, empty_label="不指定"
    )
    theme = forms.CharField(
        label="检查重点", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["units"].queryset = open_units_visible_to(user)  # type: ignore[attr-defined]
        officers = queries.inspecting_cadres(timezone.localdate())
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]

    def clean_project(self) -> Any:
        pick = self.cleaned_data["project"]
        return resolve_pick(projects_visible_to(self.user), pick, what="项目", names=("name", "code"))

    @staticmethod
    def of(plan: InspectionPlan) -> dict[str, Any]:
        """What the form shows first when a draft is changed."""
        names = ("title", "occasion", "first_day", "last_day", "method", "planned_visits", "project", "theme")
        chosen = [row.unit_id for row in plan.units.all()]
        return {name: getattr(plan, name) for name in names} | {"officer": plan.officer_id, "units": chosen}


class FinishForm(StepForm):
    note = forms.CharField(
        label="结束说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="有问题待处理或检查次数不足时必须写明理由，其余可不填。",
    )


class SeenForm(forms.Form):
    """What may still be corrected on a recorded visit."""

    place = forms.CharField(label="地点", max_length=120)
    headcount = forms.IntegerField(
        label="检查人数", min_value=0, max_value=100000, required=False, help_text="应在岗或查到的人数。"
    )
    note = forms.CharField(
        label="情况说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class VisitCorrectionForm(SeenForm, StepForm):
    reason = forms.CharField(label="更正原因", max_length=500)

    def prepare(self) -> None:
        self.initial = {name: getattr(self.record, name) for name in SeenForm.base_fields}


class InspectionForm(SeenForm, OnceForm):
    """Where, when, who went: most of it has a default on the spot."""

    plan = LazyChoiceField(label="所属计划", choices=list, empty="不属于计划", required=False)
    unit = UnitChoiceField(label="受检单位", required=False, empty_label="请选择")
    on = forms.DateField(label="检查日期", widget=DateInput(), initial=timezone.localdate)
    kind = forms.ChoiceField(label="方式", choices=VisitKind, initial=VisitKind.COVERT)
    project = PickerField(
        label="受检项目",
        url_name="projects:project-options",
        placeholder="项目名称或编号",
        required=False,
        help_text="填了项目可不选单位。",
    )
    inspectors = forms.ModelMultipleChoiceField(
        label="检查人员", queryset=Cadre.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    supervisors = forms.ModelMultipleChoiceField(
        label="随同群众监督员",
        queryset=PublicSupervisor.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        today = timezone.localdate()
        plan = self.fields["plan"]
        choices = [("", "不属于计划"), *queries.plan_choices(user)]
        plan.widget.choices = choices
        self.fields["unit"].queryset = units_visible_to(user)  # type: ignore[attr-defined]
        self.fields["inspectors"].queryset = queries.inspecting_cadres(today)  # type: ignore[attr-defined]
        self.fields["inspectors"].initial = [user.cadre_id] if user.cadre_id else []
        roster = queries.supervisors_visible_to(user)
        self.fields["supervisors"].queryset = roster.filter(ended_on=None)  # type: ignore[attr-defined]

    def clean_plan(self) -> InspectionPlan | None:
        text = self.cleaned_data["plan"]
        if not text:
            return None
        plan = queries.plans_visible_to(self.user).filter(pk=text).first() if text.isdigit() else None
        if plan is None:
            raise forms.ValidationError("没有找到所选计划，请重新选择。")
        return plan

    def clean_project(self) -> Any:
        pick = self.cleaned_data["project"]
        return resolve_pick(projects_visible_to(self.user), pick, what="项目", names=("name", "code"))


class FindingRowForm(forms.Form):
    """One line of what was found; left blank it is none."""

    what = forms.CharField(
        label="发现的问题", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    cadre = PickerField(
        label="涉及人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号", required=False
    )
    prohibition_key = LazyChoiceField(
        label="涉及条款", choices=prohibition_choices, empty="暂不确定", required=False
    )
    severity = forms.ChoiceField(
        label="程度", choices=FindingSeverity, initial=FindingSeverity.COMMON, required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_cadre(self) -> Cadre | None:
        pick = self.cleaned_data["cadre"]
        found: Cadre | None = resolve_pick(
            cadres_visible_to(self.user), pick, what="人员", names=("name", "staff_no")
        )
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["severity"] = data.get("severity") or FindingSeverity.COMMON
        if (data.get("cadre") or data.get("prohibition_key")) and not data.get("what"):
            self.add_error("what", "填了人员或条款的，请写明发现的问题；没有问题的请清空本行。")
        return data


FindingRows = forms.formset_factory(FindingRowForm, extra=ROWS, max_num=ROWS, validate_max=True)


class ToViolationForm(StepForm):
    """Asks only for what the finding does not say yet."""

    cadre = PickerField(label="涉及人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    prohibition_key = LazyChoiceField(label="涉及条款", choices=prohibition_choices, empty="请选择八不准条款")
    distinct = forms.BooleanField(
        label="确认不是同一件事",
        required=False,
        help_text="只在系统提示此人当日已有同一条款的记录时才需要勾选。",
    )

    def prepare(self) -> None:
        if self.record.cadre_id is not None:
            del self.fields["cadre"]
        if self.record.prohibition_key:
            del self.fields["prohibition_key"]
        if not self.is_bound:  # asked for only once the same finding turns out to be on record
            self.fields["distinct"].widget = forms.HiddenInput()

    def clean_cadre(self) -> Cadre | None:
        pick = self.cleaned_data["cadre"]
        found: Cadre | None = resolve_pick(
            cadres_visible_to(self.user), pick, what="人员", names=("name", "staff_no")
        )
        return found


class PeriodForm(forms.Form):
    """From which day to which the statistics count."""

    since = forms.DateField(label="检查日期起", widget=DateInput())
    until = forms.DateField(label="检查日期止", widget=DateInput())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "结束日期早于开始日期，请核对。")
        return data
