"""Forms of violations."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone

from conduct.choices import Circumstance, FoundBy, HandlingWay, ViolationState
from conduct.forms.links import SourceField, source_meant
from conduct.models import Prohibition
from conduct.queries.violations import open_handlings, prohibition_choices
from core.forms import DateInput, FilesField, LazyChoiceField, OnceForm, PickerField, StepForm, resolve_pick
from core.models import Cadre, User
from core.queries import cadres_visible_to
from projects.queries.projects import projects_visible_to


class CircumstancesField(forms.MultipleChoiceField):
    """从轻 and 从重, any number, none needed."""

    def __init__(self) -> None:
        super().__init__(
            label="情节", choices=Circumstance, required=False, widget=forms.CheckboxSelectMultiple
        )


def rule_on(key: str, day: date) -> Prohibition:
    """The version of a rule in force on a day. Raises ValidationError when there is none."""
    rule: Prohibition | None = Prohibition.objects.in_force(day).filter(key=key).first()
    if rule is None:
        raise forms.ValidationError(f"所选条款在 {day} 尚未施行或已停用，请核对日期或另选条款。")
    return rule


def settle(form: forms.Form, data: dict[str, Any], name: str, find: Any) -> None:
    """Replace what was entered in a field by what it means; what fits nothing is an error at the field."""
    if name not in data:
        return
    try:
        data[name] = find(data[name])
    except forms.ValidationError as error:
        form.add_error(name, error)


def person_on(user: User, pick: tuple[str, int | None], day: date) -> Cadre | None:
    """The person meant, within the user's scope, with the unit of that day."""
    people = cadres_visible_to(user).with_posting_on(day)
    person: Cadre | None = resolve_pick(people, pick, what="人员", names=("name", "staff_no"))
    return person


def project_meant(user: User, pick: tuple[str, int | None]) -> Any:
    return resolve_pick(projects_visible_to(user), pick, what="项目", names=("name", "code"))


SEPARATORS = re.compile(r"[\n,，、;；]")


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
    others = forms.CharField(
        label="同案人员",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填。一行一个姓名或工号；每人各成一条记录，其余内容相同。",
    )
    circumstances = CircumstancesField()
    evidence = FilesField()
    distinct = forms.BooleanField(label="确认不是同一件事", required=False)
    about = SourceField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["cadre"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Resolve people, rule and project within the user's scope and as of the day; one statement each."""
        data = super().clean() or {}
        stated = data.get("occurred_on")
        day = stated or timezone.localdate()  # with the date wrong, the rest is still checked at once
        settle(self, data, "cadre", lambda pick: person_on(self.user, pick, day))
        settle(self, data, "others", lambda text: self._others(text, day, data.get("cadre")))
        settle(self, data, "project", lambda pick: project_meant(self.user, pick))
        settle(self, data, "about", lambda text: source_meant(self.user, text))
        if stated is not None:
            settle(self, data, "prohibition", lambda key: rule_on(key, stated))
        return data

    def _others(self, text: str, day: date, first: Any) -> list[Cadre]:
        """The further people, each once. All lines that fit nobody are told together."""
        found: list[Cadre] = []
        wrong: list[forms.ValidationError] = []
        for line in filter(None, (part.strip() for part in SEPARATORS.split(text))):
            try:
                person = person_on(self.user, (line, None), day)
            except forms.ValidationError as error:
                wrong.append(error)
                continue
            if person is not None and (person == first or person in found):
                wrong.append(forms.ValidationError(f"“{line}”填了两次，同一个人只填一次。"))
            elif person is not None:
                found.append(person)
        if wrong:
            raise forms.ValidationError(wrong)
        return found


class AmendmentForm(StepForm):
    """The words of a decided record, as they stand now."""

    place = forms.CharField(label="发生地点", max_length=120)
    project = PickerField(
        label="涉及项目", url_name="projects:project-options", placeholder="项目名称或编号", required=False
    )
    facts = forms.CharField(label="违规事实", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    note = forms.CharField(label="勘误原因", max_length=500)

    def prepare(self) -> None:
        self.initial = {name: getattr(self.record, name) for name in self.fields if name != "note"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        settle(self, data, "project", lambda pick: project_meant(self.user, pick))
        return data


class CorrectionForm(AmendmentForm):
    """What the recorder may still correct before a decision, as it stands now."""

    cadre = PickerField(label="违规人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    prohibition = LazyChoiceField(label="违反条款", choices=prohibition_choices)
    occurred_on = forms.DateField(label="发生日期", widget=DateInput())
    found_by = forms.ChoiceField(label="发现方式", choices=FoundBy)
    distinct = forms.BooleanField(
        label="确认不是同一件事",
        required=False,
        help_text="只在系统提示此人当日已有同一条款的记录时才需要勾选。",
    )
    field_order = ("cadre", "prohibition", "occurred_on", "found_by", "place", "project", "facts", "note")

    def prepare(self) -> None:
        super().prepare()
        self.fields["note"].label = "更正原因"
        self.initial["prohibition"] = self.record.prohibition.key
        if not self.is_bound:
            self.fields["distinct"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Rule, project and the person's unit as of the (new) day."""
        data = super().clean()
        day = data.get("occurred_on")
        if day is not None:
            settle(self, data, "prohibition", lambda key: rule_on(key, day))
            settle(self, data, "cadre", lambda pick: person_on(self.user, pick, day))
            data["unit_id"] = getattr(data.get("cadre"), "unit_id_on", None)
        return data


class RoundForm(OnceForm):
    """What the findings of one round share."""

    occurred_on = forms.DateField(label="检查日期", widget=DateInput(), initial=timezone.localdate)
    place = forms.CharField(label="地点", max_length=120)
    found_by = forms.ChoiceField(label="发现方式", choices=FoundBy, initial=FoundBy.INSPECTION)


class RowForm(forms.Form):
    """One finding of a round."""

    cadre = PickerField(label="违规人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    prohibition = LazyChoiceField(label="违反条款", choices=prohibition_choices, empty="请选择条款")
    facts = forms.CharField(label="违规事实", max_length=2000)
    distinct = forms.BooleanField(label="确认不是同一件事", required=False)


if TYPE_CHECKING:  # the class takes its form only in the stubs
    _Rows = forms.BaseFormSet[RowForm]
else:
    _Rows = forms.BaseFormSet


class RowsOfRound(_Rows):
    """The rows of one round; blank ones are left out, `day` is the round's day where it was given."""

    def __init__(self, *args: Any, user: User, day: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.day = day

    def clean(self) -> None:
        """People and rules as of the day; the same person and rule twice is pointed out at the later row."""
        filled: dict[tuple[int, str], int] = {}
        for number, form in enumerate(self.forms, start=1):
            data = form.cleaned_data if hasattr(form, "cleaned_data") else {}
            if not form.has_changed():
                continue
            day = self.day or timezone.localdate()
            settle(form, data, "cadre", lambda pick, day=day: person_on(self.user, pick, day))
            settle(form, data, "prohibition", lambda key, day=day: rule_on(key, day))
            if form.errors:
                continue
            pair = (data["cadre"].pk, data["prohibition"].key)
            if pair in filled:
                form.add_error("cadre", f"与第 {filled[pair]} 行是同一个人、同一条款，请合并为一行。")
            filled.setdefault(pair, number)
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError("一行也没有填。请至少填一行，空行不登记。")


RowFormSet = forms.formset_factory(RowForm, formset=RowsOfRound, extra=8, max_num=40, absolute_max=40)


class DecisionForm(StepForm):
    state = forms.ChoiceField(
        label="认定结论",
        choices=[
            (s.value, s.label)
            for s in (ViolationState.CONFIRMED, ViolationState.PARTLY, ViolationState.DISMISSED)
        ],
        widget=forms.RadioSelect,
    )
    verification = forms.CharField(
        label="核实情况",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="部分属实、不属实必填：怎样核实、哪些属实。仅纪检人员可见。",
    )
    note = forms.CharField(
        label="认定说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填，当事人可见。核实情况未填时以本栏为准。",
    )
    circumstances = CircumstancesField()

    def prepare(self) -> None:
        self.initial["circumstances"] = self.record.circumstances


class EvidenceForm(StepForm):
    evidence = FilesField()

    def clean_evidence(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["evidence"]
        if not files:
            raise forms.ValidationError("请先选择要补充的附件。")
        return files


class HandlingEntryForm(StepForm):
    way = forms.ChoiceField(label="处理方式", choices=HandlingWay, widget=forms.RadioSelect)
    on = forms.DateField(label="处理日期", widget=DateInput(), initial=timezone.localdate)
    note = forms.CharField(label="处理说明", max_length=500, required=False, help_text="选填，当事人可见。")


class CompletionForm(StepForm):
    handling = forms.TypedChoiceField(label="处理", coerce=int)
    completed_on = forms.DateField(label="完成日期", widget=DateInput(), initial=timezone.localdate)

    def prepare(self) -> None:
        field = self.fields["handling"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(row.pk, str(row)) for row in open_handlings(self.record)]
