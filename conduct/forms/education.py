"""Forms of education and care."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone

from conduct.choices import CommendationKind, EducationKind, PaperLevel
from conduct.models import Test, TestResult
from conduct.queries.education import SheetRow, paper_problem
from conduct.rules import education as rules
from conduct.services.testing import Marks
from core.forms import DateInput, OnceForm, PickerField, StepForm, UnitChoiceField, resolve_pick
from core.models import Cadre, Unit, User
from core.queries import cadres_visible_to, open_units_visible_to

MOST_NAMES = 300
"""So many people may be named in one box; a whole unit needs none."""


def _offer_units(form: forms.Form, user: User) -> None:
    for field in form.fields.values():
        if isinstance(field, UnitChoiceField):
            field.queryset = open_units_visible_to(user)


class NamesField(forms.CharField):
    """Names or staff numbers, one a line or parted by commas."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, max_length=8000, widget=widget, **kwargs)


def resolve_names(user: User, text: str) -> list[Cadre]:
    """Everybody named; raises one ValidationError with all that could not be settled."""
    names = [name for name in re.split(r"[\s,，、;；]+", text) if name]
    if len(names) > MOST_NAMES:
        raise forms.ValidationError(f"一次最多填 {MOST_NAMES} 人，整个单位参加的请直接选单位。")
    found, problems = [], []
    for name in dict.fromkeys(names):
        try:
            found.append(
                resolve_pick(cadres_visible_to(user), (name, None), what="人员", names=("name", "staff_no"))
            )
        except forms.ValidationError as error:
            problems.extend(error.messages)
    if problems:
        raise forms.ValidationError(problems)
    return list(dict.fromkeys(found))


class EventFacts(forms.Form):
    """What, when, where and by whom; within what `user`, set by the form itself, may see."""

    user: User

    kind = forms.ChoiceField(label="类别", choices=EducationKind)
    on = forms.DateField(label="日期", widget=DateInput(), initial=timezone.localdate)
    topic = forms.CharField(label="主题", max_length=80)
    host_unit = UnitChoiceField(label="组织单位", empty_label="请选择单位")
    speaker = forms.CharField(label="主讲人", max_length=80, required=False)
    talker = PickerField(
        label="谈话人", url_name="core:cadre-options", placeholder="姓名、拼音或工号", required=False,
        help_text="谈话类填写；谈话记录只有谈话双方和登记人能看。",
    )  # fmt: skip
    note = forms.CharField(
        label="记录", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_talker(self) -> Cadre | None:
        pick = self.cleaned_data["talker"]
        found: Cadre | None = resolve_pick(
            cadres_visible_to(self.user), pick, what="人员", names=("name", "staff_no")
        )
        return found


class EventForm(EventFacts, OnceForm):
    """An event with who attended; a whole unit needs no names."""

    whole_unit = UnitChoiceField(
        label="整个单位参加",
        empty_label="不按单位",
        required=False,
        help_text="当天在岗的全体人员，不含下级单位。",
    )
    present = NamesField(label="到场人员", help_text="姓名或工号，每行一个；已选整个单位的不用再填。")
    absent = NamesField(label="缺席人员", help_text="姓名或工号，每行一个；没有就不填。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        _offer_units(self, user)

    def clean_present(self) -> list[Cadre]:
        return resolve_names(self.user, self.cleaned_data["present"])

    def clean_absent(self) -> list[Cadre]:
        return resolve_names(self.user, self.cleaned_data["absent"])


class EventCorrectionForm(EventFacts, StepForm):
    """An event as it stands, to be corrected."""

    reason = forms.CharField(label="更正原因", max_length=500)

    def prepare(self) -> None:
        self.initial = {name: getattr(self.record, name) for name in EventFacts.base_fields}
        _offer_units(self, self.user)
        host = self.fields["host_unit"]
        if isinstance(host, UnitChoiceField):  # it may have been closed since the day
            host.queryset = host.queryset | Unit.objects.filter(pk=self.record.host_unit_id)


class AttendanceForm(StepForm):
    """Who is to be added, said to have been there or not, taken out."""

    present = NamesField(label="到场人员", help_text="漏记的，或原记为缺席的；姓名或工号，每行一个。")
    absent = NamesField(label="缺席人员", help_text="漏记的，或原记为到场的；姓名或工号，每行一个。")
    removed = NamesField(label="移出人员", help_text="本来不该参加、记错了的人员；姓名或工号，每行一个。")
    note = forms.CharField(label="增减原因", max_length=500)

    def clean(self) -> dict[str, Any]:
        """Every name that cannot be settled is told at its field."""
        data = super().clean() or {}
        for name in ("present", "absent", "removed"):
            try:
                data[name] = resolve_names(self.user, data.get(name, ""))
            except forms.ValidationError as error:
                self.add_error(name, error)
        return data


class TestForm(OnceForm):
    title = forms.CharField(label="名称", max_length=80)
    on = forms.DateField(label="考试日期", widget=DateInput(), initial=timezone.localdate)
    full_mark = forms.DecimalField(label="满分", max_digits=5, decimal_places=2, min_value=1, initial=100)
    pass_mark = forms.DecimalField(label="合格分", max_digits=5, decimal_places=2, min_value=0, initial=60)


class UnitChoiceForm(forms.Form):
    """Which unit's sheet to open."""

    unit = UnitChoiceField(label="录入哪个单位", empty_label="请选择单位")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self, user)


ABSENT = {"缺", "缺考"}


def _mark(text: str) -> Decimal | None:
    """A typed score; None for 缺考. Raises ValidationError for anything else."""
    if text in ABSENT:
        return None
    try:
        mark = Decimal(text)
    except InvalidOperation:
        mark = Decimal("NaN")
    if not mark.is_finite() or mark != mark.quantize(Decimal("0.01")):
        raise forms.ValidationError(f"“{text[:20]}”不是成绩，请填数字（最多两位小数）或“缺考”。")
    return mark


class ResultSheet(forms.Form):
    """One row a person: score or 缺考, make-up score; rows left blank stay as they are."""

    def __init__(self, data: Any = None, *, test: Test, rows: list[SheetRow]) -> None:
        super().__init__(data)
        self.test, self.rows = test, rows
        self.marks: dict[int, Marks] = {}
        for row in rows:
            pk, old = row.cadre.pk, row.result
            first = "" if old is None else "缺考" if old.score is None else f"{old.score:f}"
            again = "" if old is None or old.makeup_score is None else f"{old.makeup_score:f}"
            self._add(
                f"score-{pk}",
                forms.CharField(label=f"{row.cadre} 成绩", required=False, max_length=12),
                first,
            )
            self._add(
                f"makeup-{pk}",
                forms.CharField(label=f"{row.cadre} 补考成绩", required=False, max_length=12),
                again,
            )

    def _add(self, name: str, field: forms.Field, initial: object) -> None:
        field.initial = initial
        self.fields[name] = field

    @property
    def lines(self) -> list[tuple[SheetRow, Any, Any]]:
        """(person, score, make-up) with bound fields, for the page."""
        return [(row, self[f"score-{row.cadre.pk}"], self[f"makeup-{row.cadre.pk}"]) for row in self.rows]

    def clean(self) -> dict[str, Any]:
        """Every wrong cell is named at once."""
        data = super().clean() or {}
        for row in self.rows:
            pk = row.cadre.pk
            first = str(data.get(f"score-{pk}") or "").strip()
            again = str(data.get(f"makeup-{pk}") or "").strip()
            if not first:
                if row.result is not None:
                    self.add_error(f"score-{pk}", "已录过，不能清空；可改为新的成绩或“缺考”。")
                elif again:
                    self.add_error(f"score-{pk}", "请先填成绩或“缺考”。")
                continue
            score = self._settled(f"score-{pk}", first)
            makeup = self._settled(f"makeup-{pk}", again) if again else None
            problem = rules.makeup_problem(score=score, makeup=makeup, pass_mark=self.test.pass_mark)
            if problem:
                self.add_error(f"makeup-{pk}", problem)
            self.marks[pk] = Marks(score, makeup)
        return data

    def _settled(self, name: str, text: str) -> Decimal | None:
        try:
            mark = _mark(text)
        except forms.ValidationError as error:
            self.add_error(name, error)
            return None
        if problem := rules.score_problem(score=mark, full_mark=self.test.full_mark):
            self.add_error(name, problem)
        return mark


class PaperSheet(forms.Form):
    """One row a paper: a tick and a remark where the user can read it at this level."""

    every = forms.BooleanField(label="勾选下面全部可以调阅的试卷", required=False)

    def __init__(
        self, data: Any = None, *, papers: Sequence[TestResult], level: PaperLevel, user: User
    ) -> None:
        super().__init__(data)
        self.papers = papers
        self.barred = {paper.cadre_id: paper_problem(paper, level, user) for paper in papers}
        self.open = [paper for paper in papers if self.barred[paper.cadre_id] is None]
        self.remarks: dict[int, str] = {}
        for paper in self.open:
            who = f"{paper.cadre} {level.label}"
            tick = forms.CheckboxInput(attrs={"aria-label": who})
            words = forms.TextInput(attrs={"aria-label": f"{who}意见", "placeholder": "意见"})
            self.fields[f"paper-{paper.cadre_id}"] = forms.BooleanField(
                label=who, required=False, widget=tick
            )
            self.fields[f"remark-{paper.cadre_id}"] = forms.CharField(
                label=f"{who}意见", required=False, max_length=200, widget=words
            )

    @property
    def lines(self) -> list[tuple[TestResult, Any, Any, str | None]]:
        """(paper, tick, remark, why not) for the page; no fields where there is a reason."""
        found: list[tuple[TestResult, Any, Any, str | None]] = []
        for paper in self.papers:
            pk, why = paper.cadre_id, self.barred[paper.cadre_id]
            fields = (None, None) if why else (self[f"paper-{pk}"], self[f"remark-{pk}"])
            found.append((paper, *fields, why))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for paper in self.open:
            pk = paper.cadre_id
            remark = str(data.get(f"remark-{pk}") or "").strip()
            if data.get("every") or data.get(f"paper-{pk}"):
                self.remarks[pk] = remark
            elif remark:
                self.add_error(f"remark-{pk}", "写了意见的请勾选这份试卷。")
        return data


class PlanForm(forms.Form):
    unit = UnitChoiceField(label="单位", empty_label="请选择单位", help_text="选区一级即为全区计划。")
    month = forms.DateField(
        label="月份", widget=DateInput(), initial=timezone.localdate, help_text="选该月任何一天。"
    )
    topic = forms.CharField(label="主题", max_length=80)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self, user)


class DoneForm(forms.Form):
    done_on = forms.DateField(label="完成日期", widget=DateInput(), initial=timezone.localdate)


class CommendationForm(OnceForm):
    """A person or a unit, what for, by whom."""

    kind = forms.ChoiceField(label="类别", choices=CommendationKind)
    cadre = PickerField(
        label="人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号", required=False,
        help_text="嘉奖个人时填写。",
    )  # fmt: skip
    unit = UnitChoiceField(
        label="单位", empty_label="不是嘉奖单位", required=False, help_text="嘉奖单位时选择；与人员只填一个。"
    )
    on = forms.DateField(label="日期", widget=DateInput(), initial=timezone.localdate)
    issuer = forms.CharField(label="作出机关", max_length=80)
    reason = forms.CharField(label="事由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        _offer_units(self, user)

    def clean_cadre(self) -> Cadre | None:
        pick = self.cleaned_data["cadre"]
        found: Cadre | None = resolve_pick(
            cadres_visible_to(self.user), pick, what="人员", names=("name", "staff_no")
        )
        return found


class ReviewForm(forms.Form):
    """Any day of the half-year to look at."""

    on = forms.DateField(label="半年内任一天", widget=DateInput(), required=False)
    unsampled = forms.BooleanField(label="只看没有抽阅过的单位", required=False)
