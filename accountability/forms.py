"""The calculator's form: whose measures, and one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from accountability.choices import PersonKind
from accountability.rules.book import Book
from accountability.rules.measures import Imposed, problems
from core.forms import DateInput

FIRST_ROWS = 3
MORE_ROWS = 3
MAX_ROWS = 30
RARE = ("cancelled", "months", "term")
"""Fields most measures do not have; they stand folded."""


class PersonForm(forms.Form):
    person = forms.ChoiceField(
        label="人员类别",
        choices=PersonKind,
        initial=PersonKind.CIVIL_SERVANT,
        help_text="参照公务员法管理的人员选公务员。",
    )
    on = forms.DateField(
        label="查看哪一天", widget=DateInput(), required=False, help_text="选填；列出这一天有哪些后果。"
    )


class MeasureForm(forms.Form):
    code = forms.ChoiceField(label="措施", required=False)
    effective = forms.DateField(label="生效日", widget=DateInput(), required=False)
    decided = forms.DateField(label="决定日", widget=DateInput(), required=False)
    ended = forms.DateField(label="终止日", widget=DateInput(), required=False)
    batch = forms.CharField(label="同一决定", max_length=20, required=False)
    cancelled = forms.DateField(label="撤销日", widget=DateInput(), required=False)
    months = forms.IntegerField(
        label="另定期限（月）",
        min_value=1,
        max_value=48,
        required=False,
        help_text="同一决定有数个相同政务处分时，机关定的期限。",
    )
    term = forms.TypedChoiceField(
        label="察看期",
        choices=[("", "不适用"), ("12", "一年"), ("24", "两年")],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="只用于留党察看。",
    )

    def __init__(
        self, *args: Any, codes: Sequence[tuple[str, Any]], quiet: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.quiet = quiet
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择措施"), *codes]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.filled and not self.quiet:
            if not data.get("code") and "code" not in self.errors:
                self.add_error("code", "这一项没有选措施。请选择措施，或者把这一行清空。")
            if not data.get("effective") and "effective" not in self.errors:
                self.add_error("effective", "没有填生效日，影响期从这一天起算。")
        return data

    @property
    def filled(self) -> bool:
        """Whether anything was entered in the row; an empty row is no measure."""
        return any(self.data.get(self.add_prefix(name)) for name in self.fields)

    @property
    def rare_open(self) -> bool:
        """Whether the folded fields say something, or something is wrong with them."""
        return any(self[name].value() or self[name].errors for name in RARE)

    def measure(self) -> Imposed:
        return Imposed(**{**self.cleaned_data, "batch": self.cleaned_data["batch"].strip()})


class MeasureRows(BaseFormSet):  # type: ignore[type-arg]  # has no type parameter at run time
    """The rows that were filled in are the measures, in their order."""

    def filled_rows(self) -> list[tuple[int, MeasureForm]]:
        return [(index, form) for index, form in enumerate(self.forms) if form.filled]

    def measures(self) -> list[Imposed]:
        return [form.measure() for _, form in self.filled_rows()]

    def numbers(self) -> list[int]:
        """How the page counts the filled rows."""
        return [index + 1 for index, _ in self.filled_rows()]

    def check(self, book: Book, person: PersonKind) -> bool:
        """Put what makes the list impossible at its fields; True when nothing does."""
        rows = self.filled_rows()
        found = problems(book, person, self.measures())
        for problem in found:
            rows[problem.index][1].add_error(problem.field, problem.message)
        return not found


def measure_rows(book: Book, *, data: Any = None, quiet: bool = False) -> MeasureRows:
    """The rows, with the kinds of measures by nature; `quiet` does not complain of what is not there yet."""
    kind = formset_factory(
        MeasureForm, formset=MeasureRows, extra=FIRST_ROWS, max_num=MAX_ROWS, absolute_max=MAX_ROWS
    )
    made = kind(data, prefix="rows", form_kwargs={"codes": code_choices(book), "quiet": quiet})
    assert isinstance(made, MeasureRows)
    return made


def code_choices(book: Book) -> list[tuple[str, Any]]:
    """The newest name of every kind, grouped by nature in the order of the catalogue."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for versions in book.kinds.values():
        kind = versions[-1]
        groups.setdefault(str(kind.nature.label), []).append((kind.key, kind.title))
    return list(groups.items())


def with_more_rows(data: Any) -> Any:
    """What was sent, with some more empty rows."""
    more = data.copy()
    total = data.get("rows-TOTAL_FORMS", "")
    count = int(total) if total.isdigit() and len(total) < 4 else FIRST_ROWS
    more["rows-TOTAL_FORMS"] = str(min(count + MORE_ROWS, MAX_ROWS))
    return more
