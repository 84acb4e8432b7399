"""Forms of supervision letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from conduct.choices import CheckResult
from conduct.forms.links import SourceField, source_meant
from conduct.queries.letters import similar_to
from conduct.rules.letters import contact_problem
from conduct.rules.rectification import deadline_problem, default_deadline
from conduct.services.letters import Demand
from core.forms import DateInput, FilesField, OnceForm, PickerField, StepForm, UnitChoiceField, resolve_pick
from core.models import Unit, User
from core.queries import cadres_visible_to, open_units_visible_to, workday_overrides
from core.queries.unit_select import indented
from core.rules.workdays import Overrides

BLANK_ROWS = 5
MORE_ROWS = 3
MAX_ROWS = 60


class QuietForm(forms.Form):
    """A form that can be shown again with what was typed before anything is checked (再加一行)."""

    def __init__(self, *args: Any, quiet: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quiet = quiet

    def full_clean(self) -> None:
        super().full_clean()
        if self.quiet:
            self.errors.clear()


class LetterForm(QuietForm, OnceForm):
    """To whom, about what; the contact and everything that can be known is filled in."""

    title = forms.CharField(label="标题", max_length=80, help_text="如“关于××问题的督办函”，不超过 80 字。")
    unit = UnitChoiceField(label="主送单位", empty_label="请选择单位")
    matter = forms.CharField(
        label="问题",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写清来源、时间、事实。",
    )
    basis = forms.CharField(label="依据", max_length=300, required=False, help_text="选填，条款或文件名。")
    contact = forms.CharField(
        label="联系人及电话", max_length=80, help_text="如“张三 0000-1234567”，下次自动带出。"
    )
    cc = forms.CharField(label="抄送", max_length=200, required=False, help_text="选填。")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    about = SourceField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = open_units_visible_to(user)
        self.fields["title"].widget.attrs["autofocus"] = True
        self.user = user

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"]
        if problem := contact_problem(contact):
            raise forms.ValidationError(problem)
        return contact

    def clean_about(self) -> Any:
        return source_meant(self.user, self.cleaned_data["about"])


class DemandForm(QuietForm):
    """One item; a row with neither demand nor standard is left out."""

    what = forms.CharField(label="整改事项", max_length=300, required=False)
    standard = forms.CharField(label="完成标准", max_length=300, required=False)
    due_on = forms.DateField(label="时限", widget=DateInput(), required=False)
    unit = forms.ChoiceField(label="责任单位", required=False)
    cadre = PickerField(
        label="责任人", url_name="core:cadre-options", placeholder="选填，姓名或工号", required=False
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        units: list[tuple[str, str]],
        overrides: Overrides,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.overrides = overrides
        choice = self.fields["unit"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = units

    @property
    def is_blank(self) -> bool:
        data = self.cleaned_data if self.is_bound else {}
        return not (data.get("what") or data.get("standard"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("what") or data.get("standard")):
            for name in list(self.errors):
                del self.errors[name]
            return data
        for name, said in (
            ("what", "请写明要整改什么。"),
            ("standard", "请写明做到什么程度算完成。"),
            ("due_on", "请填完成时限。"),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, said)
        due_on = data.get("due_on")
        if due_on and (
            problem := deadline_problem(due_on, today=timezone.localdate(), overrides=self.overrides)
        ):
            self.add_error("due_on", problem)
        if "cadre" in data:
            try:
                data["cadre"] = resolve_pick(
                    cadres_visible_to(self.user), data["cadre"], what="人员", names=("name", "staff_no")
                )
            except forms.ValidationError as error:
                self.add_error("cadre", error)
        return data


class DemandFormSet(BaseFormSet):  # type: ignore[type-arg]  # has no type parameter at run time
    """The rows of a letter's items."""

    def demands(self) -> list[Demand]:
        """The filled rows of a valid set, in order."""
        rows = [form.cleaned_data for form in self.forms if not form.is_blank]
        named = {row["unit"] for row in rows if row.get("unit")}
        units = {str(unit.pk): unit for unit in Unit.objects.filter(pk__in=named)} if named else {}
        return [
            Demand(
                what=row["what"],
                standard=row["standard"],
                due_on=row["due_on"],
                unit=units.get(row.get("unit") or ""),
                cadre=row.get("cadre") or None,
            )
            for row in rows
        ]


def demand_forms(
    *,
    user: User,
    data: Any = None,
    initial: list[dict[str, Any]] | None = None,
    quiet: bool = False,
) -> DemandFormSet:
    """The rows of a letter's items: those there are and some blank ones, each with a default deadline."""
    offered = indented(open_units_visible_to(user))
    units = [("", "主送单位"), *((str(unit.pk), name) for unit, name in offered)]
    blank = BLANK_ROWS if not initial else max(BLANK_ROWS - len(initial), 2)
    overrides = workday_overrides()
    due = default_deadline(timezone.localdate(), overrides)
    start = [*(initial or []), *({"due_on": due} for _ in range(blank))]
    kind = formset_factory(
        DemandForm, formset=DemandFormSet, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS
    )
    made = kind(
        data,
        initial=start,
        prefix="items",
        form_kwargs={"user": user, "units": units, "overrides": overrides, "quiet": quiet},
    )
    assert isinstance(made, DemandFormSet)
    return made


def with_more_rows(data: Any) -> Any:
    """What was sent, with some more blank rows that have the default deadline."""
    more = data.copy()
    total = data.get("items-TOTAL_FORMS", "")
    count = min(int(total) if total.isdigit() else BLANK_ROWS, MAX_ROWS - MORE_ROWS)
    due = default_deadline(timezone.localdate(), workday_overrides())
    more["items-TOTAL_FORMS"] = str(count + MORE_ROWS)
    for row in range(count, count + MORE_ROWS):
        more[f"items-{row}-due_on"] = due.isoformat()
    return more


class IssueForm(StepForm):
    not_a_repeat = forms.BooleanField(label="已核对，不是重复督办", required=False)

    def prepare(self) -> None:
        if not similar_to(self.record, today=timezone.localdate()):
            self.fields["not_a_repeat"].widget = forms.HiddenInput()


class PlanForm(StepForm):
    plan = forms.CharField(
        label="整改方案",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="措施、分工和步骤，可以简短。",
    )


class ReportForm(StepForm):
    text = forms.CharField(label="整改情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    evidence = FilesField()


class CheckForm(StepForm):
    result = forms.ChoiceField(label="核验结果", choices=CheckResult, widget=forms.RadioSelect)
    note = forms.CharField(
        label="核验意见",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回时须写明原因。",
    )


class ExtensionForm(forms.Form):
    due_on = forms.DateField(label="申请延至", widget=DateInput())
    reason = forms.CharField(label="延期理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ExtensionDecisionForm(StepForm):
    grant = forms.TypedChoiceField(
        label="审批结果",
        choices=[("1", "同意"), ("0", "不同意")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="审批意见",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不同意时须写明理由。",
    )
