"""Forms of site logs and frontline postings, and how people of the own work are named."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from core.forms import (
    DateInput,
    FilesField,
    LazyChoiceField,
    OnceForm,
    PickerField,
    StepForm,
    UnitChoiceField,
    resolve_pick,
)
from core.models import Cadre, User
from projects.choices import IssueKind
from projects.models import KeyProject
from projects.queries import site as queries
from projects.queries.issues import owner_units
from projects.queries.projects import projects_visible_to
from projects.rules.site import LATE_LOG, LATE_POSTING
from projects.services.site import Found

MOST_PEOPLE = 50
SEPARATORS = re.compile(r"[\s,，、;；]+")


class PersonField(PickerField):
    """One of the people one may name, or left blank."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(url_name="projects:people-options", placeholder="姓名、拼音或工号", **kwargs)


def people_named(user: User, text: str) -> list[Cadre]:
    """Everybody named; the own name means oneself, whoever else has it. Raises one ValidationError with all
    that could not be settled."""
    names = list(dict.fromkeys(name for name in SEPARATORS.split(text) if name))
    if len(names) > MOST_PEOPLE:
        raise forms.ValidationError(f"一次最多填 {MOST_PEOPLE} 人，填了 {len(names)} 人。")
    allowed, found, problems = queries.people_to_name(user), [], []
    for name in names:
        if user.cadre is not None and name in {user.cadre.name, user.cadre.staff_no}:
            found.append(user.cadre)
            continue
        try:
            found.append(resolve_pick(allowed, (name, None), what="人员", names=("name", "staff_no")))
        except forms.ValidationError as error:
            # A list of names has no candidates to choose from, as the picker's own words would have it.
            known = allowed.filter(Q(name=name) | Q(staff_no=name)).exists()
            problems.extend(error.messages if known else [f"没有找到“{name}”，请核对姓名，或改填工号。"])
    if problems:
        raise forms.ValidationError([*problems, "只能填本单位和同一攻坚小组的人员。"])
    return list(dict.fromkeys(found))


class LogWords(forms.Form):
    """What was done on the site, as it is recorded and as it is put right."""

    user: User

    scene = LazyChoiceField(
        label="现场", choices=lambda: queries.scenes_on(timezone.localdate()), empty="请选择七现场"
    )
    what = forms.CharField(
        label="做了什么", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="一两句即可。"
    )
    on = forms.DateField(label="日期", widget=DateInput(), initial=timezone.localdate)
    people = forms.CharField(
        label="到场人员", max_length=2000, help_text="姓名或工号，用顿号或空格分开；同名的填工号。"
    )
    people_helped = forms.IntegerField(
        label="服务群众和企业（人次）", min_value=0, max_value=100_000, required=False, initial=0
    )
    problems_solved = forms.IntegerField(
        label="解决问题（件）", min_value=0, max_value=10_000, required=False, initial=0
    )

    def clean_people(self) -> list[Cadre]:
        return people_named(self.user, self.cleaned_data["people"])

    def clean_people_helped(self) -> int:
        return self.cleaned_data["people_helped"] or 0

    def clean_problems_solved(self) -> int:
        return self.cleaned_data["problems_solved"] or 0


class LogForm(LogWords, OnceForm):
    """Six things to say, most of them filled in; everything else is optional and folds away."""

    project = PickerField(
        label="项目",
        url_name="projects:project-options",
        placeholder="项目名称或编号",
        required=False,
        help_text="与项目无关的不填。",
    )
    place = forms.CharField(
        label="地点", max_length=120, required=False, help_text="不填的，用项目的建设地点。"
    )
    late_reason = forms.CharField(
        label="补记原因",
        max_length=200,
        required=False,
        help_text=f"补记 {LATE_LOG.days} 天以前的才填。",
    )
    evidence = FilesField()
    issue_kind = forms.ChoiceField(
        label="问题类别", choices=[("", "没有要提出的问题"), *IssueKind.choices], required=False
    )
    issue_title = forms.CharField(label="问题", max_length=120, required=False)
    issue_unit = UnitChoiceField(
        label="责任单位", required=False, empty_label="项目主办单位", help_text="时限按类别自动排，可以再改。"
    )

    field_order = ["scene", "project", "place", "people", "what", "on"]

    def __init__(self, *args: Any, user: User, project: KeyProject | None = None, **kwargs: Any) -> None:
        start = {
            "project": project,
            "place": project.location if project is not None else "",
            "people": user.cadre.name if user.cadre is not None else "",
        }
        super().__init__(*args, **kwargs)
        self.initial = start
        self.user = user
        unit = self.fields["issue_unit"]
        if isinstance(unit, UnitChoiceField):
            unit.queryset = owner_units()

    def clean_project(self) -> KeyProject | None:
        found: KeyProject | None = resolve_pick(
            queries.projects_to_log(self.user),
            self.cleaned_data["project"],
            what="项目",
            names=("name", "code"),
        )
        return found

    def clean(self) -> dict[str, Any]:
        """An issue is raised when it is named; half of one is an error at what is missing."""
        data = super().clean() or {}
        kind, title = data.pop("issue_kind", ""), (data.pop("issue_title", "") or "").strip()
        unit, project = data.pop("issue_unit", None), data.get("project")
        data["found"] = None
        if not kind and not title:
            return data
        if not kind:
            self.add_error("issue_kind", "请选择问题的类别；没有问题的，清空问题一栏。")
        elif not title:
            self.add_error("issue_title", "请写明是什么问题；没有问题的，类别选“没有要提出的问题”。")
        elif project is None and "project" not in self.errors:
            self.add_error("project", "问题要落到项目上，请选择项目。")
        elif project is not None:
            unit = unit or project.lead_unit
            if unit is None:
                self.add_error("issue_unit", "该项目没有登记主办单位，请选择责任单位。")
            else:
                data["found"] = Found(kind, title, unit)
        return data


class LogCorrectionForm(LogWords, StepForm):
    """A log as it stands, to be put right."""

    place = forms.CharField(label="地点", max_length=120)
    note = forms.CharField(label="更正原因", max_length=500)

    field_order = ["scene", "on", "place", "people", "what", "people_helped", "problems_solved", "note"]

    def prepare(self) -> None:
        same = ("on", "place", "what", "people_helped", "problems_solved")
        self.present = list(self.record.people.all())
        self.initial = {
            **{name: getattr(self.record, name) for name in same},
            "scene": self.record.scene.key,
            "people": "、".join(person.staff_no for person in self.present),
        }
        scene = self.fields["scene"].widget
        assert isinstance(scene, forms.Select)
        scene.choices = queries.scenes_on(self.record.on)

    def clean_people(self) -> list[Cadre]:
        """Who stands there already may stay, whoever puts the log right."""
        known = {person.staff_no: person for person in self.present}
        names = [name for name in SEPARATORS.split(self.cleaned_data["people"]) if name]
        more = people_named(self.user, " ".join(name for name in names if name not in known))
        return list(dict.fromkeys([*(known[name] for name in names if name in known), *more]))


class FrontlineForm(OnceForm):
    """Who goes where, from when to when, with which share of the time."""

    cadre = PickerField(label="干部", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    project = PickerField(
        label="项目",
        url_name="projects:project-options",
        placeholder="项目名称或编号",
        required=False,
        help_text="下沉到村、社区、企业的不填。",
    )
    place = forms.CharField(
        label="下沉地点", max_length=120, required=False, help_text="不填的，用项目的建设地点。"
    )
    start_on = forms.DateField(label="起始日期", widget=DateInput(), initial=timezone.localdate)
    end_on = forms.DateField(
        label="截止日期", widget=DateInput(), required=False, help_text="当天也算；还不知道的不填。"
    )
    share = forms.IntegerField(
        label="一线时间占比（%）",
        min_value=1,
        max_value=100,
        initial=100,
        help_text="全脱产填 100，每周去三天填 60。",
    )
    duty = forms.CharField(label="任务", max_length=200, required=False)
    late_reason = forms.CharField(
        label="补登原因",
        max_length=200,
        required=False,
        help_text=f"补登 {LATE_POSTING.days} 天以前开始的才填。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_cadre(self) -> Cadre:
        found: Cadre | None = resolve_pick(
            queries.people_to_post(self.user),
            self.cleaned_data["cadre"],
            what="人员",
            names=("name", "staff_no"),
        )
        if found is None:
            raise forms.ValidationError("请选择干部。")
        return found

    def clean_project(self) -> KeyProject | None:
        found: KeyProject | None = resolve_pick(
            projects_visible_to(self.user),
            self.cleaned_data["project"],
            what="项目",
            names=("name", "code"),
        )
        return found


class EndingForm(StepForm):
    end_on = forms.DateField(
        label="结束日期", widget=DateInput(), initial=timezone.localdate, help_text="在一线的最后一天。"
    )


class MonthForm(forms.Form):
    """Which month; without one, the running month."""

    month = forms.CharField(
        label="月份", required=False, widget=forms.DateInput(attrs={"type": "month"}), max_length=7
    )

    def clean_month(self) -> date:
        """The last day of the month; a month to come is refused."""
        text, today = self.cleaned_data["month"].strip(), timezone.localdate()
        try:
            first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
        except ValueError as error:
            raise forms.ValidationError("月份请写成 2026-11 的样子。") from error
        if first > today:
            raise forms.ValidationError(f"{text} 还没有到，请选本月或以前的月份。")
        return first.replace(day=monthrange(first.year, first.month)[1])
