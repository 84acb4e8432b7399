"""Forms of campaigns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from conduct.choices import CampaignKind
from conduct.models import CheckItem, ProblemTag, RoundCheck
from conduct.queries.campaigns import tag_choices
from core.forms import DateInput, OnceForm, StepForm, UnitsChoiceField
from core.models import User
from core.queries import open_units_visible_to

_ITEM = re.compile(r"^(?P<text>.+?)[\s，,:：]+(?P<points>\d{1,3}(?:\.\d)?)\s*分?$")


class CampaignFields(forms.Form):
    """Title, goal, period, units, and the check items, one a line with its full points at the end."""

    title = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="类别", choices=CampaignKind)
    first_day = forms.DateField(label="开始日期", widget=DateInput())
    last_day = forms.DateField(label="结束日期", widget=DateInput())
    goal = forms.CharField(label="目标", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    items = forms.CharField(
        label="检查内容",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一项，末尾写满分，例如：首问负责、限时办结落实 20。",
    )
    units = UnitsChoiceField(label="参加单位", widget=forms.CheckboxSelectMultiple)

    def offer_units(self, user: User) -> None:
        """The units the user reaches, without the district itself."""
        field = self.fields["units"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = open_units_visible_to(user).filter(parent__isnull=False)

    def clean_items(self) -> list[tuple[str, Decimal]]:
        items = []
        for number, line in enumerate(self.cleaned_data["items"].splitlines(), start=1):
            if not line.strip():
                continue
            match = _ITEM.match(line.strip())
            if match is None:
                raise forms.ValidationError(
                    f"第 {number} 行“{line.strip()[:30]}”没有读出满分；请在末尾写数字，如“…… 20”。"
                )
            if len(match["text"]) > 200:
                raise forms.ValidationError(f"第 {number} 行超过 200 字，请精简。")
            items.append((match["text"].strip(), Decimal(match["points"])))
        return items


class CampaignForm(OnceForm, CampaignFields):
    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_units(user)


class CampaignEditForm(StepForm, CampaignFields):
    """A campaign in preparation as it stands now."""

    def prepare(self) -> None:
        self.offer_units(self.user)
        plain = ("title", "kind", "first_day", "last_day", "goal")
        items = self.record.items.order_by("order")
        self.initial = {
            **{name: getattr(self.record, name) for name in plain},
            "items": "\n".join(f"{item.text} {item.full_points.normalize():f}" for item in items),
            "units": list(self.record.units.values_list("pk", flat=True)),
        }


class ReportForm(forms.Form):
    text = forms.CharField(
        label="进展和问题",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="没有变化写“无变化”即可，不用附材料。",
    )


class CheckForm(forms.Form):
    """One field per check item, then the tags and a note."""

    def __init__(
        self, data: Any = None, *, items: Sequence[CheckItem], earlier: RoundCheck | None = None
    ) -> None:
        super().__init__(data)
        known = {row.item_id: row.points for row in earlier.points.all()} if earlier else {}
        for item in items:
            self.fields[f"item-{item.pk}"] = forms.DecimalField(
                label=f"{item.text}（满分 {item.full_points.normalize():f}）",
                min_value=0,
                max_value=item.full_points,
                max_digits=5,
                decimal_places=1,
                initial=known.get(item.pk),
                error_messages={
                    "max_value": f"得分不能超过满分 {item.full_points.normalize():f}。",
                    "min_value": "得分不能小于 0。",
                },
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
            )
        self.fields["tags"] = forms.MultipleChoiceField(
            label="问题标签",
            choices=tag_choices(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=[str(tag.pk) for tag in earlier.tags.all()] if earlier else [],
        )
        self.fields["note"] = forms.CharField(
            label="发现的问题",
            max_length=1000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            initial=earlier.note if earlier else "",
        )

    def clean_tags(self) -> list[ProblemTag]:
        return list(ProblemTag.objects.filter(pk__in=self.cleaned_data["tags"]).order_by("order", "id"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["points"] = {
            int(name.removeprefix("item-")): data.pop(name) for name in list(data) if name.startswith("item-")
        }
        return data
