"""Forms of regulations, their clauses, and citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from conduct.choices import RegulationKind
from conduct.forms.letters import QuietForm
from conduct.models import Clause, Regulation
from conduct.queries.regulations import clause_choices
from conduct.rules.regulations import EditionText, Wording
from core.forms import DateInput, LazyChoiceField

BLANK_ROWS = 3
MAX_ROWS = 300
LAST_NUMBER = 999
COMPARED = "已对照官方文本"
SUCCEEDS = "现行版本自这一天起停用，之前发生的事仍按原版本。"


class EditionTextForm(QuietForm):
    """What a version says of itself."""

    name = forms.CharField(label="名称", max_length=80)
    doc_no = forms.CharField(label="文号", max_length=60, required=False)
    kind = forms.ChoiceField(label="类别", choices=RegulationKind)
    issuer = forms.CharField(label="制定机关", max_length=80)
    basis = forms.CharField(
        label="依据",
        max_length=200,
        required=False,
        help_text="不填就是文号；没有文号的，写明由哪次会议或者哪个文件通过。",
    )
    description = forms.CharField(
        label="说明", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    verified = forms.BooleanField(
        label=COMPARED,
        required=False,
        help_text="条文已经逐条核对。不勾选的，页面上标明“未对照官方文本”。",
    )

    def text(self) -> EditionText:
        """What was filled in, once the form is valid."""
        return EditionText(**{name: self.cleaned_data[name] for name in EditionText.__dataclass_fields__})


class EditionForm(EditionTextForm):
    """The next version of a regulation; begins with what does not change from one to the next."""

    effective_from = forms.DateField(
        label="施行日期", widget=DateInput(), initial=timezone.localdate, help_text=SUCCEEDS
    )
    gap_accepted = forms.BooleanField(required=False, widget=forms.HiddenInput())
    field_order = ["name", "doc_no", "effective_from"]


class RegulationForm(EditionTextForm):
    """A regulation the library does not have yet."""

    effective_from = forms.DateField(label="施行日期", widget=DateInput())
    key = forms.CharField(
        label="代码",
        max_length=30,
        required=False,
        validators=[RegexValidator(r"^[A-Z0-9-]+\Z", "代码只用大写字母、数字和连字符。")],
        help_text="留空由系统编号，建好后不能更改。",
    )
    field_order = ["name", "doc_no", "effective_from"]


class CorrectRegulationForm(EditionTextForm):
    note = forms.CharField(label="更正原因", max_length=500)


class ClauseWordsForm(forms.Form):
    """The words of a clause and where they come from."""

    name = forms.CharField(label="条款标题", max_length=80)
    description = forms.CharField(label="条款内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    basis = forms.CharField(label="依据", max_length=200, help_text="文件的名称和文号。")
    verified = forms.BooleanField(label=COMPARED, required=False)
    field_order = ["number", "name", "description", "effective_from"]


class ClauseForm(ClauseWordsForm):
    """One more clause."""

    number = forms.IntegerField(label="第几条", min_value=1, max_value=LAST_NUMBER)
    effective_from = forms.DateField(label="施行日期", widget=DateInput())


class AmendForm(ClauseWordsForm):
    """The next version of a clause; begins with the words of the open one."""

    effective_from = forms.DateField(
        label="施行日期", widget=DateInput(), initial=timezone.localdate, help_text=SUCCEEDS
    )


class CorrectClauseForm(ClauseWordsForm):
    note = forms.CharField(label="更正原因", max_length=500)


class RetireForm(forms.Form):
    on = forms.DateField(label="停用日期", widget=DateInput(), help_text="这一天起不再施行。")
    note = forms.CharField(label="停用原因", max_length=500, help_text="如被哪个文件废止、替代。")


class ClauseRow(QuietForm):
    """A clause that a new edition finds, or a blank one for a clause it adds."""

    clause = forms.IntegerField(required=False, widget=forms.HiddenInput())
    number = forms.IntegerField(label="第几条", required=False, min_value=1, max_value=LAST_NUMBER)
    name = forms.CharField(label="条款标题", max_length=80, required=False)
    description = forms.CharField(
        label="条款内容", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    drop = forms.BooleanField(label="自施行日期起删去这一条", required=False)

    @property
    def is_new(self) -> bool:
        """Whether the row is for a clause that the edition adds."""
        return not self["clause"].value()

    @property
    def is_blank(self) -> bool:
        return self.is_new and not (self.cleaned_data.get("name") or self.cleaned_data.get("description"))

    @property
    def wording(self) -> Wording:
        data = self.cleaned_data
        return Wording(data["number"], data["name"], data["description"])

    def clean_description(self) -> str:
        """Lines end the same way whatever the browser: an untouched text is no new version."""
        return str(self.cleaned_data["description"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("drop") or ("name" in data and "description" in data and self.is_blank):
            return data
        for name, said in (
            ("number", "请填第几条。"),
            ("name", "请填条款标题。"),
            ("description", "请填条款内容；不要这一条的，请勾选“删去”。"),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, said)
        return data


class ClauseRows(BaseFormSet):  # type: ignore[type-arg]  # has no type parameter at run time
    """The clauses of an edition: those there are, then blank ones."""

    def kept_and_changed(self) -> dict[int, Wording | None]:
        """By the id of each clause there is, what it says from then on; None drops it."""
        rows = [row for row in self.forms if not row.is_new]
        return {row.cleaned_data["clause"]: None if row.cleaned_data["drop"] else row.wording for row in rows}

    def added(self) -> list[Wording]:
        return [row.wording for row in self.forms if row.is_new and not row.is_blank]


def clause_rows(data: Any = None, *, clauses: Sequence[Clause] = (), quiet: bool = False) -> ClauseRows:
    """A row for each clause there is and blank ones, numbered on: one where there are clauses."""
    there: list[Mapping[str, Any]] = [
        {"clause": c.pk, "number": c.number, "name": c.name, "description": c.description} for c in clauses
    ]
    last = max((clause.number for clause in clauses), default=0)
    blank = [{"number": last + n} for n in range(1, 2 if clauses else BLANK_ROWS + 1)]
    kind = formset_factory(ClauseRow, formset=ClauseRows, extra=0, max_num=MAX_ROWS, absolute_max=MAX_ROWS)
    made = kind(data, initial=[*there, *blank], prefix="clauses", form_kwargs={"quiet": quiet})
    assert isinstance(made, ClauseRows)
    return made


def with_more_rows(data: Any) -> Any:
    """What was sent, with some more blank rows, numbered on."""
    more = data.copy()
    sent = data.get("clauses-TOTAL_FORMS", "")
    count = min(int(sent) if sent.isdecimal() else 0, MAX_ROWS - BLANK_ROWS)
    numbers = [data.get(f"clauses-{row}-number", "") for row in range(count)]
    last = max((int(n) for n in numbers if n.isdecimal()), default=0)
    more["clauses-TOTAL_FORMS"] = str(count + BLANK_ROWS)
    for row in range(count, count + BLANK_ROWS):
        more[f"clauses-{row}-number"] = str(last + 1 + row - count)
    return more


def carried_over(regulation: Regulation) -> dict[str, Any]:
    """What the next version of a regulation most likely says of itself like the last one."""
    return {name: getattr(regulation, name) for name in ("name", "kind", "issuer")}


class CiteForm(forms.Form):
    """Which clause a record rests on, out of those in force on the record's day."""

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = clause_choices(day)
        self.fields["clause"] = LazyChoiceField(
            label=f"条款（{day} 施行中的）", choices=lambda: self.options, empty="请选择条款"
        )

    def clean_clause(self) -> Clause:
        value = str(self.cleaned_data["clause"])
        found: Clause | None = Clause.objects.filter(pk=value).first() if value.isdecimal() else None
        if found is None:
            raise forms.ValidationError("没有这一条款，请从列表中重新选择。")
        return found


class UnciteForm(forms.Form):
    note = forms.CharField(label="撤销原因", max_length=500)
