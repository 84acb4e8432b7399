"""Form parts shared by all apps, and the forms of the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.choices import CallableChoiceIterator

from core.choices import ProposalState, RoleCode, UnitKind
from core.models import Cadre, Unit, User
from core.queries.unit_select import UnitSelect
from core.rules.errors import DomainError
from core.rules.files import ALLOWED
from core.services.attachments import check_files

T = TypeVar("T")
UNIT_GONE = {"invalid_choice": "所选单位不存在或已撤销，请另选单位。"}
if TYPE_CHECKING:  # the classes take their model only in the stubs
    _UnitChoice = forms.ModelChoiceField[Unit]
    _UnitsChoice = forms.ModelMultipleChoiceField[Unit]
else:
    _UnitChoice = forms.ModelChoiceField
    _UnitsChoice = forms.ModelMultipleChoiceField


def submit(form: forms.Form, service: Callable[..., T], **arguments: Any) -> T | None:
    """Call a service with a valid form; a broken rule becomes an error at its field and None comes back."""
    try:
        return service(**arguments)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        form.broken_rule = error  # type: ignore[attr-defined]  # for a view that answers one kind differently
        return None


class DateInput(forms.DateInput):
    """The browser's own date picker; its value is ISO whatever the locale."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class LazyChoiceField(forms.CharField):
    """A select whose options are read only when it is drawn; the form's `clean` settles the value."""

    def __init__(
        self, *, choices: Callable[[], list[tuple[str, str]]], empty: str = "请选择", **kwargs: Any
    ) -> None:
        super().__init__(
            widget=forms.Select(choices=CallableChoiceIterator(lambda: [("", empty), *choices()])), **kwargs
        )


class UnitChoiceField(UnitSelect, _UnitChoice):
    """One unit of the tree, in its place; the form sets which are offered."""

    def __init__(self, *, queryset: QuerySet[Unit] | None = None, **kwargs: Any) -> None:
        offered = Unit.objects.none() if queryset is None else queryset
        super().__init__(queryset=offered, **{"error_messages": UNIT_GONE, **kwargs})


class UnitsChoiceField(UnitSelect, _UnitsChoice):
    """Several units of the tree; the form sets which are offered."""

    def __init__(self, *, queryset: QuerySet[Unit] | None = None, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none() if queryset is None else queryset, **kwargs)


class PickerWidget(forms.MultiWidget):
    """Type-ahead over a server-side search: the visible text and the hidden id of what was picked.

    Without JavaScript the text alone is sent and resolved on the server.
    """

    template_name = "forms/picker.html"

    def __init__(self, *, url_name: str, placeholder: str) -> None:
        super().__init__(widgets={"text": forms.TextInput(), "id": forms.HiddenInput()})
        self.url_name = url_name
        self.placeholder = placeholder

    def decompress(self, value: Any) -> list[Any]:
        return [str(value), value.pk] if value is not None and hasattr(value, "pk") else ["", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"url_name": self.url_name, "placeholder": self.placeholder}
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_text" if id_ else id_


class PickerField(forms.MultiValueField):
    """What was typed and picked: (text, id or None). The form resolves it within the user's scope."""

    def __init__(self, *, url_name: str, placeholder: str, **kwargs: Any) -> None:
        fields = (forms.CharField(required=False), forms.IntegerField(required=False))
        super().__init__(
            fields=fields,
            require_all_fields=False,
            widget=PickerWidget(url_name=url_name, placeholder=placeholder),
            **kwargs,
        )

    def compress(self, data_list: list[Any]) -> tuple[str, int | None]:
        text, picked = [*data_list, None, None][:2]
        return (text or "").strip(), picked

    def clean(self, value: Any) -> tuple[str, int | None]:
        if self.required and not any(value or []):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        try:
            return super().clean(value) or ("", None)
        except forms.ValidationError:
            return (str((value or [""])[0] or "").strip(), None)


def resolve_pick(candidates: Any, pick: tuple[str, int | None], *, what: str, names: tuple[str, ...]) -> Any:
    """The one row meant by a pick, from a scoped queryset; None when nothing was entered.

    `names` are the fields whose exact value the typed text may be. Raises ValidationError, with the
    candidates, when the text fits nobody or several: outside the scope reads like not existing.
    """
    text, picked = pick
    if picked is not None:
        row = candidates.filter(pk=picked).first()
        if row is not None:
            return row
    elif not text:
        return None
    exact = candidates.none()
    for name in names:
        exact |= candidates.filter(**{name: text})
    rows = list(exact.order_by("pk")[:6])
    if len(rows) == 1:
        return rows[0]
    if rows:
        listed = "、".join(
            f"{row}({getattr(row, 'staff_no', '') or getattr(row, 'code', '')})" for row in rows
        )
        raise forms.ValidationError(f"“{text}”有多个匹配：{listed}。请从候选中选择，或填写括号中的编号。")
    if hasattr(candidates, "matching") and candidates.matching(text).exists():
        raise forms.ValidationError(f"“{text}”不够具体，符合的{what}不止一个。请继续输入，再从候选中选择。")
    raise forms.ValidationError(f"没有找到{what}“{text}”。请输入姓名、拼音或编号后从候选中选择。")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Optional evidence, several files at once; a bad one is an error here, before anything is saved."""

    def __init__(self, **kwargs: Any) -> None:
        widget = FilesInput(attrs={"accept": ",".join(ALLOWED)})
        help_text = "选填，非必要不上传。PDF、图片、DOCX、XLSX，每个不超过 10 MB。"
        super().__init__(label="附件", required=False, widget=widget, help_text=help_text, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [super(FilesField, self).clean(one, initial) for one in data or []]
        try:
            check_files(files)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return files


class OnceForm(forms.Form):
    """A form that is one record however often it is sent: its key travels with it."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid4)


class StepForm(forms.Form):
    """What a step of a workflow asks; on its own a button: nothing to fill in.

    `record` is what the step is taken on, `user` who takes it; `prepare` sets what hangs on them.
    """

    def __init__(self, *args: Any, record: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.user = user
        self.prepare()

    def prepare(self) -> None:
        """Choices and initial values that hang on the record."""


class ReasonForm(StepForm):
    """A reason that must be given, in the words of the step that asks for it."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label


class OpinionForm(StepForm):
    """A word that may be added."""

    note = forms.CharField(
        label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ProposalAnswerForm(forms.Form):
    state = forms.ChoiceField(
        label="研判结论",
        choices=[(ProposalState.ACCEPTED.value, "采纳"), (ProposalState.DECLINED.value, "不采纳")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(label="研判意见", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class SignInForm(AuthenticationForm):
    username = forms.CharField(
        label="账号", widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": "账号或密码不正确。连续 5 次错误将锁定 15 分钟；忘记密码请联系系统管理员重置。",
        "inactive": "账号或密码不正确。连续 5 次错误将锁定 15 分钟；忘记密码请联系系统管理员重置。",
    }


class NewPassword(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(
            strip=False, widget=widget, help_text="至少 10 位，不能全是数字或过于常见。", **kwargs
        )


class PasswordForm(forms.Form):
    old_password = forms.CharField(
        label="当前密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new_password = NewPassword(label="新密码")
    again = forms.CharField(
        label="再输一遍", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old_password(self) -> str:
        value: str = self.cleaned_data["old_password"]
        if not self.user.check_password(value):
            raise forms.ValidationError("当前密码不正确。")
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new_password") and data.get("again") and data["new_password"] != data["again"]:
            self.add_error("again", "两次输入的新密码不一致。")
        return data


class TemporaryPasswordForm(forms.Form):
    password = NewPassword(label="临时密码")


class AccountForm(forms.Form):
    username = forms.CharField(
        label="账号", max_length=40, help_text="英文字母、数字，可以用 . _ -，建好后不能更改。"
    )
    cadre = forms.CharField(
        label="干部工号", required=False, help_text="业务人员填写，姓名自动取自花名册；三员账号留空。"
    )
    display_name = forms.CharField(
        label="姓名", max_length=40, required=False, help_text="填了工号就不用填。"
    )
    password = NewPassword(label="临时密码")

    def clean_cadre(self) -> Cadre | None:
        staff_no = self.cleaned_data["cadre"].strip().upper()
        if not staff_no:
            return None
        cadre = Cadre.objects.filter(staff_no=staff_no).first()
        if cadre is None:
            raise forms.ValidationError(f"花名册中没有工号“{staff_no}”，请核对。")
        return cadre

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        cadre, name = data.get("cadre"), data.get("display_name", "")
        if cadre is not None and name not in ("", cadre.name):
            self.add_error(
                "display_name", f"工号 {cadre.staff_no} 是“{cadre.name}”，与填的姓名不符，请核对。"
            )
        elif cadre is not None:
            data["display_name"] = cadre.name
        elif "cadre" in data and not name:
            self.add_error("display_name", "没有填工号时，请填姓名。")
        return data


class GrantForm(forms.Form):
    role = forms.ChoiceField(label="角色", choices=[("", "请选择角色"), *RoleCode.choices])
    unit = UnitChoiceField(
        label="管辖单位",
        queryset=Unit.objects.all(),
        required=False,
        empty_label="不适用",
        help_text="只有“单位负责人”需要选择。",
    )
    starts_on = forms.DateField(label="生效日期", widget=DateInput(), initial=timezone.localdate)
    ends_on = forms.DateField(label="失效日期", widget=DateInput(), required=False, help_text="不填为长期。")


class UnitForm(forms.Form):
    code = forms.CharField(
        label="单位代码", max_length=32, help_text="建好后不能更改，导入花名册时可用来指定单位。"
    )
    name = forms.CharField(label="单位名称", max_length=80)
    kind = forms.ChoiceField(label="类别", choices=UnitKind, initial=UnitKind.ORGAN)
    parent = UnitChoiceField(
        label="上级单位",
        queryset=Unit.objects.filter(closed_on=None),
        required=False,
        empty_label="无（最上级）",
    )
    order = forms.IntegerField(label="排序", min_value=0, initial=0, help_text="同级单位中数小的在前。")

    def __init__(self, *args: Any, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.fields["code"].disabled = unit is not None

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if self.unit is None and Unit.objects.filter(code=code).exists():
            raise forms.ValidationError(f"单位代码“{code}”已被使用，请换一个。")
        return code


class ClosingForm(forms.Form):
    closed_on = forms.DateField(label="撤销日期", widget=DateInput(), initial=timezone.localdate)


class LeavingForm(forms.Form):
    left_on = forms.DateField(
        label="离任日期", widget=DateInput(), initial=timezone.localdate, help_text="在岗的最后一天。"
    )


class ImportForm(forms.Form):
    """A spreadsheet and what is in it; `kinds` are (code, label) of what this installation imports."""

    kind = forms.ChoiceField(label="导入内容", widget=forms.RadioSelect)
    file = forms.FileField(
        label="表格文件",
        help_text=".xlsx 或 .csv，不超过 10 MB、20000 行。先出预览，确认之后才写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = kinds
