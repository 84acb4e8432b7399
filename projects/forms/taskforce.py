"""Forms of a project's taskforce."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateInput, PickerField, resolve_pick
from core.models import Cadre, User
from core.queries import cadres_visible_to
from projects.choices import MemberRole


class AppointForm(forms.Form):
    """Who joins, in which role, doing what, from when."""

    cadre = PickerField(label="人员", url_name="core:cadre-options", placeholder="姓名、拼音或工号")
    role = forms.ChoiceField(
        label="角色", choices=MemberRole, initial=MemberRole.MEMBER,
        help_text="新任组长自动接替原组长；组长一般由处级干部担任。",
    )  # fmt: skip
    duty = forms.CharField(
        label="职责", max_length=120, required=False, help_text="如“统筹推进”“征地拆迁”“手续报批”。"
    )
    on = forms.DateField(label="起始日期", widget=DateInput(), initial=timezone.localdate)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_cadre(self) -> Cadre:
        found: Cadre | None = resolve_pick(
            cadres_visible_to(self.user), self.cleaned_data["cadre"], what="人员", names=("name", "staff_no")
        )
        if found is None:
            raise forms.ValidationError("请输入姓名、拼音或工号，再从候选中选择。")
        return found


class ChangeMemberForm(forms.Form):
    """Another role from a day on, or another duty."""

    role = forms.ChoiceField(label="角色", choices=MemberRole)
    duty = forms.CharField(label="职责", max_length=120, required=False)
    on = forms.DateField(
        label="改任日期", widget=DateInput(), initial=timezone.localdate, help_text="只改职责的，不看日期。"
    )


class EndMemberForm(forms.Form):
    """When and why a membership ends."""

    end_on = forms.DateField(label="截止日期", widget=DateInput(), initial=timezone.localdate)
    reason = forms.CharField(label="退出原因", max_length=200, help_text="如“工作调动”“退休”。")
