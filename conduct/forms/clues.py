"""Forms of clues. What names a complainant is never kept by the browser."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from conduct.choices import ClueChannel, ClueMethod, ClueNoticeHow, HandoverLevel, HandoverTo
from conduct.queries.clues import handlers_for
from core.forms import (
    DateInput,
    FilesField,
    OnceForm,
    PickerField,
    StepForm,
    UnitChoiceField,
    resolve_pick,
)
from core.models import User
from core.queries import cadres_visible_to, units_visible_to

PEOPLE = ("cadre_1", "cadre_2", "cadre_3")
NOT_KEPT = {"autocomplete": "off", "spellcheck": "false"}
NOT_THE_NAME = "不要上传带举报人姓名的页，身份填在密封栏；原文件名不保存，附件按顺序编号。"


def _area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})


def _person(label: str) -> PickerField:
    return PickerField(
        label=label, url_name="core:cadre-options", placeholder="姓名、拼音或工号", required=False
    )


class SaidForm(forms.Form):
    """What was heard and about whom, as both registering and correcting ask it; `user` is who types."""

    template_name = "conduct/clue_fields.html"
    user: User
    channel = forms.ChoiceField(label="来源渠道", choices=ClueChannel, initial=ClueChannel.LETTER)
    received_on = forms.DateField(label="收到日期", widget=DateInput(), initial=timezone.localdate)
    cadre_1 = _person("被反映人")
    cadre_2 = _person("被反映人（二）")
    cadre_3 = _person("被反映人（三）")
    unit = UnitChoiceField(label="被反映单位", required=False, empty_label="无")
    names = forms.CharField(
        label="其他被反映人", max_length=120, required=False, widget=forms.TextInput(attrs=NOT_KEPT),
        help_text="花名册中没有的人，多个用顿号分开。",
    )  # fmt: skip
    title = forms.CharField(
        label="反映事项",
        max_length=80,
        widget=forms.TextInput(attrs=NOT_KEPT),
        help_text="一句话，80 字以内。",
    )
    content = forms.CharField(
        label="反映内容", max_length=4000, widget=_area(5), help_text="不要写举报人的姓名和联系方式。"
    )
    is_named = forms.BooleanField(label="实名举报", required=False)
    complainant = forms.CharField(
        label="举报人姓名", max_length=40, required=False, widget=forms.TextInput(attrs=NOT_KEPT)
    )
    contact = forms.CharField(
        label="联系方式", max_length=80, required=False, widget=forms.TextInput(attrs=NOT_KEPT),
        help_text="加密保存，只有承办人和审批人写明理由后可以查看，每次查看都有记录。",
    )  # fmt: skip
    again = forms.BooleanField(
        label="确属另一件", required=False, help_text="同一天、同一人、同一事项已有线索，确属另一件时勾选。"
    )

    def offer_units(self, *, beside: Collection[int] = ()) -> None:
        """Open units within the user's scope, and those of `beside` though they were closed."""
        unit = self.fields["unit"]
        if isinstance(unit, forms.ModelChoiceField):
            unit.queryset = units_visible_to(self.user).filter(Q(closed_on=None) | Q(pk__in=beside))

    def names_others(self) -> bool:
        """Whether the fields for further people say anything."""
        more = [self[name].value() for name in (*PEOPLE[1:], "names")]
        return any(any(value) if isinstance(value, list) else value for value in more)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        cadres = []
        for name in PEOPLE:
            try:
                found = resolve_pick(
                    cadres_visible_to(self.user), data.pop(name, ("", None)), what="人员",
                    names=("name", "staff_no"),
                )  # fmt: skip
            except forms.ValidationError as error:
                self.add_error(name, error)
            else:
                cadres += [found] if found else []
        unit = data.pop("unit", None)
        names = [n for n in re.split(r"[、，,;；\s]+", data.pop("names", "")) if n]
        if any(len(name) > 40 for name in names):
            self.add_error("names", "每个姓名不超过 40 字，多个用顿号分开。")
        return {**data, "cadres": cadres, "units": [unit] if unit else [], "names": names}


class ClueForm(SaidForm, OnceForm):
    """Channel, day, whom about, what; everything else has a default or is optional."""

    evidence = FilesField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.offer_units()
        evidence = self.fields["evidence"]
        evidence.help_text = f"信访件扫描、录音截图等。{NOT_THE_NAME}{evidence.help_text}"


class CorrectionForm(SaidForm, StepForm):
    """What was registered, as it stands; the identity is not shown, and stays where nothing is typed."""

    note = forms.CharField(
        label="更正原因", max_length=500, widget=_area(), help_text="不要写举报人的姓名和联系方式。"
    )

    def prepare(self) -> None:
        clue, subjects = self.record, list(self.record.subjects.all())
        units = [s.unit for s in subjects if s.unit]
        self.initial = {
            **{
                name: getattr(clue, name)
                for name in ("channel", "received_on", "title", "content", "is_named")
            },
            **dict(zip(PEOPLE, (s.cadre for s in subjects if s.cadre), strict=False)),
            "unit": units[0].pk if units else None,
            "names": "、".join(s.name_text for s in subjects if s.name_text),
        }
        self.offer_units(beside=[unit.pk for unit in units])
        if clue.is_named:
            self.fields["is_named"].help_text = "取消勾选改为匿名的，已密封的身份随即删除，不能恢复。"
            self.fields["complainant"].help_text = "已密封。不填则不变；要更换的，姓名和联系方式一并重填。"


class GateForm(forms.Form):
    """The one question before anything is typed."""

    above = forms.ChoiceField(
        label="是否反映区管以上干部（省管、市管等不归本区管理的干部）？",
        choices=[("no", "否，由本区受理"), ("yes", "是，只登记移交，不录入内容")],
        widget=forms.RadioSelect,
    )


class HandoverForm(OnceForm):
    """Closed lists and dates: no field could carry a name or a word of what was said."""

    received_on = forms.DateField(label="收到日期", widget=DateInput(), initial=timezone.localdate)
    channel = forms.ChoiceField(label="来源渠道", choices=ClueChannel, initial=ClueChannel.LETTER)
    level = forms.ChoiceField(label="干部管理权限", choices=HandoverLevel, initial=HandoverLevel.CITY)
    handed_to = forms.ChoiceField(label="移交单位", choices=HandoverTo, initial=HandoverTo.CITY)
    handed_on = forms.DateField(
        label="移交日期", widget=DateInput(), required=False, help_text="还没有移交的先不填，移交后再登记。"
    )


class HandedForm(forms.Form):
    handed_on = forms.DateField(label="移交日期", widget=DateInput(), initial=timezone.localdate)


class AssignForm(StepForm):
    handler = forms.ModelChoiceField(
        label="承办人", queryset=User.objects.none(), empty_label="请选择",
        help_text="被反映人不在名单中；承办人不能审批自己的处置意见。",
    )  # fmt: skip

    def prepare(self) -> None:
        handler = self.fields["handler"]
        if isinstance(handler, forms.ModelChoiceField):
            handler.queryset = handlers_for(self.record, on=timezone.localdate())


class DisposeForm(StepForm):
    method = forms.ChoiceField(label="处置方式", choices=ClueMethod, widget=forms.RadioSelect)
    opinion = forms.CharField(label="处置意见", max_length=2000, widget=_area())


class ApproveForm(StepForm):
    due_on = forms.DateField(
        label="办理期限", widget=DateInput(), required=False,
        help_text="不填则按规定：谈话函询 15 个工作日，初步核实 2 个月。",
    )  # fmt: skip


class ReportForm(StepForm):
    result = forms.CharField(label="办理结果", max_length=4000, widget=_area(3))


class TransferForm(StepForm):
    to = forms.CharField(label="移送单位", max_length=80)
    note = forms.CharField(label="移送理由", max_length=500, widget=_area())


class MergeForm(StepForm):
    number = forms.CharField(label="并入的线索号", max_length=16, widget=forms.TextInput(attrs=NOT_KEPT))
    note = forms.CharField(label="并案理由", max_length=500, widget=_area())


class NoticeForm(forms.Form):
    done_on = forms.DateField(label="告知日期", widget=DateInput(), initial=timezone.localdate)
    how = forms.ChoiceField(label="告知方式", choices=ClueNoticeHow)


class SealForm(OnceForm):
    reason = forms.CharField(
        label="查看理由", max_length=200, widget=forms.TextInput(attrs=NOT_KEPT),
        help_text="至少 4 个字；查看人、理由和时间会留下记录。",
    )  # fmt: skip
