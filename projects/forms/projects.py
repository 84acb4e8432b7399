"""Forms of the record of a project and of the steps of its course."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateInput, PickerField, StepForm, UnitChoiceField, UnitsChoiceField, resolve_pick
from core.models import Cadre, User
from core.queries import cadres_visible_to, open_units_visible_to
from projects.choices import ProjectKind
from projects.models import KeyProject
from projects.queries.projects import suggested_code
from projects.services.projects import FACTS, ProjectFacts

PERSON = "姓名、拼音或工号"
PEOPLE = ("branch_secretary", "discipline_officer")
FIRST_YEAR, LAST_YEAR = 2000, 2100


class ProjectForm(forms.Form):
    """What the record of a project says; with a `project` it is changed, and its number stays."""

    code = forms.CharField(
        label="项目编号", max_length=60, help_text="已填好下一个可用的编号，可以改；保存后不能再改。"
    )
    name = forms.CharField(label="项目名称", max_length=200)
    kind = forms.ChoiceField(label="类别", choices=ProjectKind, initial=ProjectKind.KEY)
    year = forms.IntegerField(label="年度", min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    batch = forms.CharField(
        label="批次", max_length=40, required=False, help_text="如“第一批”“2026 年集中开工”。"
    )
    location = forms.CharField(label="建设地点", max_length=120, required=False)
    owner_enterprise = forms.CharField(label="业主单位", max_length=120, required=False)
    investment_text = forms.CharField(
        label="总投资", max_length=80, required=False, help_text="连单位一起填，如“3.5亿元”“8600万元”。"
    )
    amount_sure = forms.BooleanField(label="金额无误", required=False)
    lead_unit = UnitChoiceField(label="主办单位", empty_label="请选择单位")
    co_units = UnitsChoiceField(
        label="协办单位", required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="可以多选：电脑上按住 Ctrl 再点，手机上逐个点选。",
    )  # fmt: skip
    content = forms.CharField(
        label="建设内容", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    site_office = forms.CharField(label="现场办公室", max_length=120, required=False, help_text="设在哪里。")
    site_office_since = forms.DateField(label="设立日期", widget=DateInput(), required=False)
    temporary_branch = forms.CharField(label="临时党支部", max_length=80, required=False)
    branch_secretary = PickerField(
        label="支部书记", url_name="core:cadre-options", placeholder=PERSON, required=False
    )
    branch_since = forms.DateField(label="成立日期", widget=DateInput(), required=False)
    discipline_officer = PickerField(
        label="派驻纪检干部", url_name="core:cadre-options", placeholder=PERSON, required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, user: User, project: KeyProject | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", self._initial(project))
        super().__init__(*args, **kwargs)
        self.user = user
        self.project = project
        units = open_units_visible_to(user)
        for name in ("lead_unit", "co_units"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = units
        if project is None:
            self.fields["name"].widget.attrs["autofocus"] = True
        else:
            del self.fields["code"]
            # A table may have named a unit that is not of this district: other fields are changed without it.
            self.fields["lead_unit"].required = project.lead_unit_id is not None

    @staticmethod
    def _initial(project: KeyProject | None) -> dict[str, Any]:
        if project is None:
            year = timezone.localdate().year
            return {"code": suggested_code(year), "year": year, "kind": ProjectKind.KEY}
        said = {name: getattr(project, name) for name in FACTS if name != "co_units"}
        return {**said, "co_units": list(project.co_units.all()), "version": project.version}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in PEOPLE:
            if name in data:
                data[name] = self._person(name, data[name])
        return data

    def _person(self, name: str, pick: tuple[str, int | None]) -> Cadre | None:
        """Who was picked: somebody in service, or who stands there already."""
        found: Cadre | None = None
        before: Cadre | None = getattr(self.project, name) if self.project else None
        if before is not None and (pick[1] == before.pk or pick == (before.name, None)):
            return before
        people = cadres_visible_to(self.user).serving_on(timezone.localdate())
        try:
            found = resolve_pick(people, pick, what="人员", names=("name", "staff_no"))
        except forms.ValidationError as error:
            self.add_error(name, error)
        return found

    def facts(self) -> ProjectFacts:
        """What a valid form says."""
        return ProjectFacts(**{name: self.cleaned_data[name] for name in FACTS})

    def shown(self) -> dict[str, str]:
        """Field → what was typed, in words, of a valid form: to be held against what is saved."""
        words = {}
        for name in FACTS:
            value = self.cleaned_data[name]
            if name == "kind":
                value = ProjectKind(value).label
            elif name == "co_units":
                value = "、".join(sorted(map(str, value)))
            words[name] = "" if value is None else str(value)
        return words


class CloseForm(StepForm):
    """The day a project was closed."""

    closed_on = forms.DateField(label="办结日期", widget=DateInput(), initial=timezone.localdate)
