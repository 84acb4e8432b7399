"""Forms of investment: the sheet of a year, the plan, the amount brought forward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from core.rules.errors import DomainError
from projects.choices import OpeningScope
from projects.queries.investment import MonthLine
from projects.rules import investment as rules


class MoneyField(forms.CharField):
    """An amount as people write it; its value is `rules.Money`, or None when nothing was typed."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"})
        super().__init__(**{"max_length": 80, "widget": widget, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return rules.money_typed(text)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


def shown_text(line: MonthLine) -> str:
    """What the field of a month shows of what is stored."""
    return rules.shown_text(line.entry.amount_text) if line.entry else ""


class YearForm(forms.Form):
    """One project's months of a year. A month counts as typed when its text differs from what was shown;
    `version_N` and `was_N` travel with it against lost updates."""

    def __init__(self, *args: Any, lines: Sequence[MonthLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_lines = [line for line in lines if line.open]
        for line in self.open_lines:
            number, entry = line.month.month, line.entry
            shown = shown_text(line)
            label = f"{number}月"
            self.fields[f"amount_{number}"] = MoneyField(label=f"{label}完成", required=False, initial=shown)
            self.fields[f"note_{number}"] = forms.CharField(
                label=f"{label}说明", required=False, max_length=300, initial=""
            )
            self.fields[f"sure_{number}"] = forms.BooleanField(label=f"{label}金额无误", required=False)
            self.fields[f"was_{number}"] = forms.CharField(
                required=False, initial=shown, widget=forms.HiddenInput()
            )
            self.fields[f"version_{number}"] = forms.IntegerField(
                required=False, initial=entry.version if entry else 0, widget=forms.HiddenInput()
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for line in self.open_lines:
            number = line.month.month
            was, name = data.get(f"was_{number}", ""), f"amount_{number}"
            if was and name in data and data[name] is None:
                self.add_error(
                    name, f"{number}月已填报 {was}，不能清空。没有完成的填 0，填错的改为正确的数并写说明。"
                )
            elif name in data and data.get(f"note_{number}") and not self._is_touched(number, data):
                self.add_error(
                    f"note_{number}",
                    f"{number}月只写了说明，金额没有改动。说明随金额一起保存，请改金额或清空说明。",
                )
        return data

    def _is_touched(self, number: int, data: dict[str, Any]) -> bool:
        """Whether the amount of a month says something else than what was shown."""
        text = str(self[f"amount_{number}"].value() or "").strip()
        return text != str(data.get(f"was_{number}") or "").strip()

    @property
    def typed(self) -> list[rules.Typed]:
        """The months whose amount was changed on the page, of a valid form."""
        data = self.cleaned_data
        return [
            rules.Typed(
                month=line.month,
                money=data[f"amount_{number}"],
                note=data[f"note_{number}"],
                sure=data[f"sure_{number}"],
                version=data[f"version_{number}"] or 0,
            )
            for line in self.open_lines
            if (number := line.month.month) and data[f"amount_{number}"] is not None
            if self._is_touched(number, data)
        ]

    def parts(self, month: date) -> dict[str, BoundField]:
        """The fields of one month by what they are; {} for a month that is not open."""
        names = ("amount", "note", "sure", "was", "version")
        number = month.month
        return {name: self[f"{name}_{number}"] for name in names if f"{name}_{number}" in self.fields}

    def wrong(self) -> Iterator[tuple[str, str, str]]:
        """(id of the field, label, message) of everything wrong, for the head of the page.

        A doubt leads to the amount, not to the box that waves it through.
        """
        for name, messages in self.errors.items():
            place = name.replace("sure_", "amount_")
            if place in self.fields:
                for message in messages:
                    yield self[place].id_for_label, str(self.fields[place].label or ""), str(message)


class PlanForm(forms.Form):
    """A project's plan of a year."""

    amount = MoneyField(
        label="年度计划", help_text="不写单位按万元，如 36000；也可以写 3.6亿元。按您写的保存原文。"
    )
    reason = forms.CharField(
        label="原因",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="改动计划须写明；第一次设定可以不写。",
    )
    sure = forms.BooleanField(label="金额无误", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput())


class OpeningForm(PlanForm):
    """What a project had taken before it was reported by month."""

    amount = MoneyField(label="期初累计", help_text="不写单位按万元；也可以写 3.6亿元。按您写的保存原文。")
    month = forms.TypedChoiceField(label="截至月份", coerce=date.fromisoformat, help_text="含这个月。")
    scope = forms.ChoiceField(label="口径", choices=OpeningScope)

    field_order = ["amount", "month", "scope", "reason", "sure"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months: list[tuple[str, str]] = []
        month = rules.month_before(today)
        while len(months) < MONTHS_BACK:
            months.append((month.isoformat(), f"{month.year}年{month.month}月"))
            month = rules.month_before(month)
        field = self.fields["month"]
        if isinstance(field, forms.ChoiceField):
            field.choices = months
        self.fields["reason"].help_text = "改动期初累计须写明；第一次设定可以不写。"


MONTHS_BACK = 60
