"""Forms of 六定 tasks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from core.forms import (
    DateInput,
    FilesField,
    OnceForm,
    PickerField,
    StepForm,
    UnitChoiceField,
    UnitsChoiceField,
    resolve_pick,
)
from core.models import Cadre, Unit, User
from projects.choices import IncentiveKind, PersonRole
from projects.models import Assignment, Incentive, KeyProject, Milestone
from projects.queries import assignments as queries
from projects.services.assignments import Content, Named, content_of

HANDLERS = ("handler_1", "handler_2", "handler_3")
PEOPLE_URL = "projects:assignment-people"
ROWS = 8
"""Units one form hands the same task to."""


def _person(label: str, placeholder: str = "姓名、拼音或工号") -> PickerField:
    return PickerField(label=label, url_name=PEOPLE_URL, placeholder=placeholder, required=False)


def _text_of(field: str) -> Any:
    """A text field of a task, as long as the table holds it."""
    model_field: Any = Assignment._meta.get_field(field)
    return model_field.max_length


class SharedForm(OnceForm):
    """What one task, or several alike, say: all of the six but the unit and the people."""

    title = forms.CharField(
        label="任务", max_length=_text_of("title"), help_text="一句话，如“完成一期 12 户房屋征收”。"
    )
    duty = forms.CharField(
        label="责任",
        max_length=_text_of("duty"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="负什么责、做到什么程度算完成。",
    )
    start_on = forms.DateField(label="开始日期", widget=DateInput(), required=False)
    due_on = forms.DateField(label="时限", widget=DateInput(), required=False)
    standard = forms.CharField(
        label="进度要求",
        max_length=_text_of("standard"),
        required=False,
        help_text="分几步、各到哪一天，如“10 月底签约过半，11 月底全部交地”。",
    )
    milestone = forms.ModelChoiceField(
        label="对应节点", queryset=Milestone.objects.none(), required=False, empty_label="不对应节点"
    )
    reward = forms.ModelChoiceField(
        label="奖励", queryset=Incentive.objects.none(), required=False, empty_label="未定"
    )
    penalty = forms.ModelChoiceField(
        label="惩戒", queryset=Incentive.objects.none(), required=False, empty_label="未定"
    )

    def __init__(
        self, *args: Any, user: User, project: KeyProject, parent: Assignment | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.project, self.parent = user, project, parent
        today = timezone.localdate()
        self._offer("milestone", queries.milestones_offered(project))
        self._offer("reward", queries.incentives_offered(IncentiveKind.REWARD, today))
        self._offer("penalty", queries.incentives_offered(IncentiveKind.PENALTY, today))
        if parent is not None and parent.due_on is not None:
            self.fields["due_on"].help_text = f"不晚于上级任务的时限 {parent.due_on}。"
        self.fields["title"].widget.attrs["autofocus"] = True

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def _shared(self) -> dict[str, Any]:
        names = ("title", "duty", "standard", "start_on", "due_on", "milestone", "reward", "penalty")
        return {name: self.cleaned_data[name] for name in names}


class TaskForm(SharedForm):
    """A task with its units and people; whatever is not known yet may stay open until it is issued."""

    lead_unit = UnitChoiceField(label="主办单位", required=False, empty_label="未定")
    co_units = UnitsChoiceField(
        label="协办单位", required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    answers = _person("责任领导", "选填，姓名或工号")
    owner = _person("责任人")
    handler_1 = _person("经办人", "选填")
    handler_2 = _person("经办人", "选填")
    handler_3 = _person("经办人", "选填")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = queries.units_offered(self.user, self.project)
        self._offer("lead_unit", units)
        self._offer("co_units", units)
        self.fields["co_units"].help_text = "选填，按住 Ctrl 可以多选。"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        offered = queries.people_offered(self.user, self.project)
        for name in ("answers", "owner", *HANDLERS):
            try:
                data[name] = resolve_pick(
                    offered, data.get(name) or ("", None), what="人员", names=("name", "staff_no")
                )
            except forms.ValidationError as error:
                self.add_error(name, error)
        return data

    def content(self) -> Content:
        """What a valid form says."""
        roles = [(PersonRole.ANSWERS, "answers"), (PersonRole.OWNER, "owner")]
        roles += [(PersonRole.HANDLER, name) for name in HANDLERS]
        return Content(
            **self._shared(),
            lead_unit=self.cleaned_data["lead_unit"],
            co_units=list(self.cleaned_data["co_units"]),
            people=[Named(role, self.cleaned_data[name]) for role, name in roles if self.cleaned_data[name]],
        )


def values_of(task: Assignment) -> dict[str, Any]:
    """What the form shows of a draft."""
    said = content_of(task)
    handlers = [named.cadre for named in said.people if named.role == PersonRole.HANDLER]
    shown: dict[str, Any] = {**said.fields(), "co_units": [u.pk for u in said.co_units]}
    for named in said.people:
        if named.role != PersonRole.HANDLER:
            shown["answers" if named.role == PersonRole.ANSWERS else "owner"] = named.cadre
    shown |= dict(zip(HANDLERS, handlers, strict=False))
    return {**shown, "version": task.version, "submission_key": task.submission_key}


def start_of(project: KeyProject, parent: Assignment | None) -> dict[str, Any]:
    """What a new task begins with: a part takes over limit, unit and incentives of its whole."""
    if parent is None:
        return {"lead_unit": project.lead_unit_id}
    return {
        "lead_unit": parent.lead_unit_id,
        "due_on": parent.due_on,
        "milestone": parent.milestone_id,
        "reward": parent.reward_id,
        "penalty": parent.penalty_id,
    }


class SeveralForm(SharedForm):
    """The same task for several units."""

    issue = forms.BooleanField(
        label="保存后立即下达", required=False, initial=True, help_text="不勾选的存为草稿。"
    )

    def content(self) -> Content:
        """What a valid form says; unit and owner stand in its rows."""
        return Content(**self._shared())


class UnitRowForm(forms.Form):
    """One unit that gets the task, and who owns it there; a row without a unit is left out."""

    unit = UnitChoiceField(label="主办单位", required=False, empty_label="空行不保存")
    owner = _person("责任人")

    def __init__(self, *args: Any, user: User, project: KeyProject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.project = user, project
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queries.units_offered(user, project)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        pick = data.get("owner") or ("", None)
        if any(pick) and data.get("unit") is None and "unit" not in self.errors:
            self.add_error("unit", "填了责任人，请选单位；不要这一行的，把责任人清空。")
        try:
            offered = queries.people_offered(self.user, self.project)
            data["owner"] = resolve_pick(offered, pick, what="人员", names=("name", "staff_no"))
        except forms.ValidationError as error:
            self.add_error("owner", error)
        return data


class UnitRows(BaseFormSet):  # type: ignore[type-arg]  # has no type parameter at run time
    """The rows of several tasks alike."""

    def filled(self) -> list[tuple[Unit, Cadre | None]]:
        """(unit, owner) of the filled rows of a valid set, in order."""
        rows = [form.cleaned_data for form in self.forms]
        return [(row["unit"], row.get("owner")) for row in rows if row.get("unit")]


def unit_rows(*, user: User, project: KeyProject, data: Any = None) -> UnitRows:
    """Blank rows, or those that were sent."""
    kind = formset_factory(UnitRowForm, formset=UnitRows, extra=ROWS, max_num=ROWS, absolute_max=ROWS)
    made = kind(data, prefix="rows", form_kwargs={"user": user, "project": project})
    assert isinstance(made, UnitRows)
    return made


class ReportForm(StepForm):
    progress = forms.DecimalField(
        label="进度（%）",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    forecast_on = forms.DateField(
        label="预计完成日期", widget=DateInput(), required=False, help_text="赶不上时限的，写明预计哪天完成。"
    )
    note = forms.CharField(
        label="进展说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填；进度回退时须写明原因。",
    )
    forecast_read = forms.CharField(required=False, widget=forms.HiddenInput())
    version = forms.IntegerField(widget=forms.HiddenInput())

    def prepare(self) -> None:
        self.initial = {
            "progress": f"{self.record.progress.normalize():f}",
            "forecast_on": self.record.forecast_on,
            "forecast_read": str(self.record.forecast_on or ""),
            "version": self.record.version,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.pop("forecast_read", None)
        return data

    def lay_over(self, task: Assignment) -> None:
        """Lay what was typed over the task as somebody else saved it meanwhile: an expected day that was left
        alone is the one kept now, nobody clears another's by not typing it."""
        data: dict[str, Any] = dict(self.data.items())
        now = str(task.forecast_on or "")
        if data.get("forecast_on", "") == data.get("forecast_read", ""):
            data["forecast_on"] = now
        self.data = {**data, "forecast_read": now, "version": str(task.version)}


class SubmitForm(StepForm):
    done_on = forms.DateField(label="实际完成日期", widget=DateInput(), initial=timezone.localdate)
    note = forms.CharField(
        label="完成情况",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填，一句话说明做到了什么。",
    )
    evidence = FilesField()


class ChangeForm(forms.Form):
    """What is to be different; what stays empty stays as it is."""

    due_on = forms.DateField(label="新时限", widget=DateInput(), required=False)
    lead_unit = UnitChoiceField(label="新主办单位", required=False, empty_label="不变")
    owner = _person("新责任人", "不变的不填")
    reason = forms.CharField(label="变更理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: User, project: KeyProject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.project = user, project
        field = self.fields["lead_unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queries.units_offered(user, project)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            offered = queries.people_offered(self.user, self.project)
            data["owner"] = resolve_pick(
                offered, data.get("owner") or ("", None), what="人员", names=("name", "staff_no")
            )
        except forms.ValidationError as error:
            self.add_error("owner", error)
        return data
