"""Forms of milestones: what is reported, what is asked for, the plan as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.safestring import SafeString

from core.forms import DateInput, FilesField
from projects.choices import MilestoneKind, PlanChangeKind
from projects.models import Milestone
from projects.rules.milestones import scaled_weights, shown, weights_problem
from projects.rules.schedule import Node, plan_problems
from projects.services.plan import PlannedNode

BLANK_ROWS = 1
MORE_ROWS = 3
MAX_ROWS = 60


@dataclass(frozen=True)
class Both:
    """A field of which two people said different things, in words; `typed` is "" where it was left alone."""

    label: str
    now: str
    typed: str


class MilestoneForm(forms.Form):
    """Progress, the dates, a word on it; the version and the values read come along against lost updates."""

    REPORTED = ("progress", "done_on", "started_on", "forecast_on")

    progress = forms.DecimalField(
        label="进度（%）",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
        error_messages={
            "min_value": "进度应在 0 到 100 之间，不能是负数。",
            "max_value": "进度应在 0 到 100 之间；超额完成的填 100，超出的部分写进进展说明。",
        },
    )
    done_on = forms.DateField(
        label="完成日期",
        widget=DateInput(),
        required=False,
        help_text="只在完成时填写；填 100% 而不填日期，按今天完成。",
    )
    started_on = forms.DateField(
        label="实际开始日期",
        widget=DateInput(),
        required=False,
        help_text="选填；填了，系统才能按进度推算哪天完成。",
    )
    forecast_on = forms.DateField(
        label="预计完成日期",
        widget=DateInput(),
        required=False,
        help_text="选填；填了以您的预计为准。计划日期不变，要改计划请申请变更。",
    )
    note = forms.CharField(
        label="进展说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选填；进度回退时须写明原因。",
    )
    evidence = FilesField()
    version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.REPORTED:
            self.fields[name].show_hidden_initial = True

    def values_read(self) -> Iterator[SafeString]:
        """The values the page was opened with, as hidden fields: only so is it known what was touched."""
        for name in self.REPORTED:
            yield self[name].as_hidden(only_initial=True)

    def lay_over(self, milestone: Milestone) -> list[Both]:
        """Lay what was typed over the milestone as somebody else saved it meanwhile.

        What was touched stays as typed, what was not takes the value of now; sending the form again is
        sending it over the version now shown. Returns every field of which the two say something different.
        """
        data: dict[str, Any] = dict(self.data.items())
        found: list[Both] = []
        for name in self.REPORTED:
            value, is_touched = getattr(milestone, name), name in self.changed_data
            now = "" if value is None else shown(value) if isinstance(value, Decimal) else str(value)
            read, typed = data.get(self.add_initial_prefix(name), ""), data.get(name, "")
            if (is_touched and typed != now) or (not is_touched and read != now):
                found.append(Both(str(self.fields[name].label), now, typed if is_touched else ""))
            data[self.add_initial_prefix(name)] = now
            data[name] = typed if is_touched else now
        data["version"] = str(milestone.version)
        self.data = data
        return found


class PlanChangeForm(forms.Form):
    """What is asked for and why; a suspension needs no date."""

    kind = forms.ChoiceField(
        label="申请什么",
        choices=PlanChangeKind,
        initial=PlanChangeKind.MOVE,
        widget=forms.RadioSelect,
    )
    to_on = forms.DateField(
        label="新的计划日期", widget=DateInput(), required=False, help_text="申请暂停的不用填。"
    )
    reason = forms.CharField(label="变更理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class NodeForm(forms.Form):
    """One node of the plan; a new row without a name is left out."""

    milestone_id = forms.IntegerField(required=False, widget=forms.HiddenInput())
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    order = forms.IntegerField(label="顺序", min_value=0, max_value=999, required=False)
    name = forms.CharField(label="节点名称", max_length=80, required=False)
    kind = forms.ChoiceField(label="类别", choices=MilestoneKind, initial=MilestoneKind.OTHER)
    weight = forms.DecimalField(
        label="权重",
        min_value=0,
        max_digits=6,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
        error_messages={"min_value": "权重不能是负数。"},
    )
    after = forms.TypedChoiceField(label="前置节点", required=False, coerce=int, empty_value=None)
    planned_on = forms.DateField(label="计划日期", widget=DateInput(), required=False)

    def __init__(self, *args: Any, standing: Sequence[Milestone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["after"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", "没有"),
            (PREVIOUS, "顺序在前的一个"),
            *((m.pk, m.name) for m in standing),
        ]
        fixed = {m.pk for m in standing if m.planned_on is not None}
        # A fixed date moves by a request that somebody else approves, not here.
        self.fields["planned_on"].disabled = self.initial.get("milestone_id") in fixed

    @property
    def is_blank(self) -> bool:
        data = self.cleaned_data
        return data.get("milestone_id") is None and not data.get("name")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name = (data.get("name") or "").strip()
        if data.get("milestone_id") is None and not name:
            if data.get("planned_on") or data.get("weight"):
                self.add_error("name", "这一行填了日期或权重，请补上节点名称；不要这一行的，请清空。")
            return data
        if not name:
            self.add_error("name", "请填节点名称；不再做的节点，请到节点页撤销。")
        if data.get("weight") is None and "weight" not in self.errors:
            self.add_error("weight", "请填权重，不计入汇总的填 0。")
        return {**data, "name": name}


if TYPE_CHECKING:  # the class takes its form only in the stubs
    _NodeSet = BaseFormSet[NodeForm]
else:
    _NodeSet = BaseFormSet


class BaseNodeFormSet(_NodeSet):
    """The whole plan: judged together, so that each error stands at its row."""

    def clean(self) -> None:
        if any(self.errors):
            return
        forms_ = self._filled()
        nodes = self._nodes(forms_)
        judged = [Node(name=n.name, kind=n.kind, planned_on=n.planned_on, after=n.after) for n in nodes]
        problems = plan_problems(judged)
        for place, field, text in problems:
            forms_[place].add_error(field, text)
        if problem := weights_problem([node.weight for node in nodes]):
            raise forms.ValidationError(problem)
        if problems:
            raise forms.ValidationError("有的节点不能这样安排，见各行的说明。")

    def nodes(self) -> list[PlannedNode]:
        """The plan that was sent, in its order; only of a valid set."""
        return self._nodes(self._filled())

    def _filled(self) -> list[NodeForm]:
        filled = [form for form in self.forms if not form.is_blank]
        last = len(filled) + 1000
        return sorted(filled, key=lambda form: _or(form.cleaned_data["order"], last))

    def _nodes(self, filled: list[NodeForm]) -> list[PlannedNode]:
        places = {
            form.cleaned_data["milestone_id"]: place
            for place, form in enumerate(filled)
            if form.cleaned_data["milestone_id"] is not None
        }
        return [
            PlannedNode(
                milestone_id=data["milestone_id"],
                version=data["version"],
                name=data["name"],
                kind=data["kind"],
                weight=data["weight"],
                planned_on=data["planned_on"],
                after=(place - 1 if place else None)
                if data["after"] == PREVIOUS
                else places.get(data["after"]),
            )
            for place, data in enumerate(form.cleaned_data for form in filled)
        ]


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


_NodeRows = formset_factory(NodeForm, formset=BaseNodeFormSet, extra=BLANK_ROWS, max_num=MAX_ROWS)
PREVIOUS = 0
"""Stands for the node before in the order, which may be new itself; no milestone has this number."""
_KEY_NODES = (MilestoneKind.LAND, MilestoneKind.PERMIT, MilestoneKind.START, MilestoneKind.COMPLETE)
_TYPED = ("order", "name", "kind", "weight", "after")


def node_forms(
    standing: Sequence[Milestone],
    *,
    data: QueryDict | None = None,
    initial: list[dict[str, Any]] | None = None,
    extra: int = BLANK_ROWS,
) -> BaseNodeFormSet:
    """The plan as a form: as it stands, as it was sent (`data`), or as it is shown again (`initial`)."""
    rows = _NodeRows(
        data,
        initial=initial_of(standing) if initial is None else initial,
        form_kwargs={"standing": standing},
    )
    rows.extra = extra
    assert isinstance(rows, BaseNodeFormSet)
    return rows


def initial_of(standing: Sequence[Milestone]) -> list[dict[str, Any]]:
    """The plan as it stands, for the form; a plan that is empty begins with the four key nodes."""
    if not standing:
        weight = 100 // len(_KEY_NODES)
        return [
            {
                "order": place,
                "name": kind.label,
                "kind": kind,
                "weight": weight,
                "after": PREVIOUS if place > 1 else "",
            }
            for place, kind in enumerate(_KEY_NODES, start=1)
        ]
    return [
        {
            "milestone_id": m.pk,
            "version": m.version,
            "order": place,
            "name": m.name,
            "kind": m.kind,
            "weight": shown(m.weight),
            "after": m.after_id,
            "planned_on": m.planned_on,
        }
        for place, m in enumerate(standing, start=1)
    ]


def typed_again(data: QueryDict, standing: Sequence[Milestone], *, scale: bool) -> list[dict[str, Any]]:
    """What was typed so far, to be shown once more unchecked; with `scale` its weights made to sum to 100."""
    known = {str(m.pk): m for m in standing}
    found: list[dict[str, Any]] = []
    for number in range(min(_number(data.get("form-TOTAL_FORMS")), MAX_ROWS)):
        row: dict[str, Any] = {name: data.get(f"form-{number}-{name}", "") for name in _TYPED}
        milestone = known.get(data.get(f"form-{number}-milestone_id", ""))
        planned_on: Any = data.get(f"form-{number}-planned_on", "")
        if milestone is not None:
            row |= {"milestone_id": milestone.pk, "version": data.get(f"form-{number}-version", "")}
            planned_on = milestone.planned_on or planned_on
        if milestone is not None or row["name"].strip():
            found.append({**row, "planned_on": planned_on})
    if scale and all(_is_weight(row["weight"]) for row in found):
        for row, weight in zip(found, scaled_weights([Decimal(row["weight"]) for row in found]), strict=True):
            row["weight"] = shown(weight)
    return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0


def _is_weight(text: str) -> bool:
    try:
        return forms.DecimalField(min_value=0, max_digits=6, decimal_places=2).clean(text) is not None
    except forms.ValidationError:
        return False
