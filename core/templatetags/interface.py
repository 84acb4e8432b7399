"""Small things every template uses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms, template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page
from django.db import models
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.choices import RoleCode
from core.filters import conditions
from core.models import AuditEvent
from core.models.audit import EVERY
from core.permissions import AUDITOR_READS, Access, Permission

register = template.Library()

LIGHT_LABELS = {"GREEN": "正常", "YELLOW": "临期", "RED": "逾期", "GREY": "不计时"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the local sprite; with a label it speaks to screen readers, without it is decoration."""
    sprite = static("vendor/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@register.simple_tag
def light(value: str, reason: str = "") -> SafeString:
    """A traffic light that does not rely on colour alone."""
    return format_html(
        '<span class="light light-{}" title="{}"><span class="light-dot" aria-hidden="true"></span>{}</span>',
        value.lower(),
        reason,
        LIGHT_LABELS[value],
    )


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The current query string with some parameters changed; None removes one."""
    params: QueryDict = context["request"].GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value is not None:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag
def once_key() -> str:
    """A fresh submission key for a form that must be one record however often it is sent."""
    return str(uuid4())


@register.filter
def percent(value: Decimal | None) -> str:
    """33.0 → 33%, 33.5 → 33.5%, None → —."""
    if value is None:
        return "—"
    text = f"{value.normalize():f}"
    return f"{text}%"


@register.filter
def score(value: Decimal | None) -> str:
    """A score with two decimals; a missing one is a dash, never a zero."""
    return "—" if value is None else f"{value:.2f}"


@register.filter
def yi(value: Decimal | None) -> str:
    """Yuan as 亿元 or 万元, as offices speak of them."""
    if value is None:
        return "—"
    for size, unit in ((Decimal(100_000_000), "亿元"), (Decimal(10_000), "万元")):
        if value >= size:
            return f"{(value / size).quantize(Decimal('0.01')).normalize():f}{unit}"
    return f"{value.normalize():f}元"


@register.simple_block_tag(takes_context=True)
def titled(context: template.Context, content: str) -> str:
    """Keeps what stands in the block as `page_title`, so that <title> and <h1> are written once."""
    title = content.strip()
    context["page_title"] = title
    return title


@register.filter
def role_names(access: Access | None) -> str:
    """The roles an account holds, in the order of the role list."""
    return "、".join(role.label for role in RoleCode if access is not None and role in access.roles)


@register.filter
def may(access: Access | None, name: str) -> bool:
    """Whether the account holds the permission of this name: `{% if access|may:"LOG_VIOLATIONS" %}`."""
    return access is not None and access.has(Permission[name])


# Which look a widget gets; every other input is a plain text control.
_WIDGET_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.RadioSelect, ""),
    (forms.HiddenInput, ""),
    (forms.Select, "form-select"),
)


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """The field's widget with its look, and its help and error tied to it for screen readers."""
    widget = field.field.widget
    look = next((look for kind, look in _WIDGET_CLASSES if isinstance(widget, kind)), "form-control")
    attrs = {"class": f"{widget.attrs.get('class', '')} {look}".strip()}
    if field.aria_describedby:
        attrs["aria-describedby"] = field.aria_describedby
    return field.as_widget(attrs={key: value for key, value in attrs.items() if value})


@dataclass(frozen=True)
class ActiveFilter:
    """A condition that is on: its label, its value in words, the address without it."""

    label: str
    text: str
    url: str


@register.simple_tag(takes_context=True)
def active_filters(context: dict[str, Any], form: forms.Form | str) -> list[ActiveFilter]:
    """The conditions of a list that are on; without a filter form, its one search box `q`."""
    if not isinstance(form, forms.Form):
        q = context.get("q")
        return [ActiveFilter("查找", q, query(context, q=None, page=None))] if q else []
    return [
        ActiveFilter(label, text, query(context, **{name: None, "page": None}))
        for name, label, text in conditions(form)
    ]


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    """Page numbers to offer: first, last, and around the current one; None is a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_ends=1)
    return [n if isinstance(n, int) else None for n in numbers]


@dataclass(frozen=True)
class FieldChange:
    """One field of an audit row: its label, old and new value in words."""

    label: str
    before: str
    after: str


# Words for what services record beside a model's own fields.
_AUDIT_WORDS = {
    "note": "说明",
    "role": "角色",
    "unit": "单位",
    "starts_on": "生效日期",
    "ends_on": "失效日期",
    "co_units": "协办单位",
    "ended": "卸任",
    "cadre": "干部",
    "start_on": "起始日期",
    "project": "项目",
    "actor": "操作人",
    "action": "动作",
    "target": "对象",
    "since": "起",
    "until": "止",
    "page": "页码",
    "rows": "行数",
    "file": "文件",
    "sha256": "文件摘要",
    "kind": "类别",
    "totals": "行数",
    "new": "新增",
    "changed": "变更",
    "same": "无变化",
    "refused": "有误",
    "skipped": "跳过",
    "state": "状态",
    "attachment": "附件",
    "name": "名称",
    "owner": "所属",
    "sealing_key": "密封密钥",
    "resealed": "重新密封",
    "already": "原已密封",
    "broken": "打不开",
    "subjects": "被反映对象",
    "files": "附件",
}


_AUDIT_IDS = frozenset({"unit", "co_units", "cadre", "project", "attachment"})


@register.filter
def field_changes(event: AuditEvent) -> list[FieldChange]:
    """What an audit row says, field by field, in form words; a gone model's rows stay legible.

    Of a business record only the names of the fields are told: its content is not the auditor's. An act on
    all records of a kind has no record's content.
    """
    try:
        model = apps.get_model(event.target_label)
    except (LookupError, ValueError):
        model = None
    found = [
        FieldChange(
            _audit_label(model, key),
            _audit_value(model, key, event.before.get(key)),
            _audit_value(model, key, event.after.get(key)),
        )
        for key in dict.fromkeys([*event.before, *event.after])
    ]
    changed = [change for change in found if change.before != change.after]
    if event.target_label in AUDITOR_READS or event.target_id == EVERY:
        return changed
    # A key that is somebody's number is content too.
    labels = dict.fromkeys(change.label for change in changed if not change.label.startswith("编号 "))
    return [FieldChange(label, "", "") for label in labels]


@register.filter
def target_shown(event: AuditEvent) -> str:
    """The name of what the row speaks of, unless it is a business record: then its number says enough."""
    return event.target_name if event.target_label in AUDITOR_READS else ""


@register.filter
def target_word(event: AuditEvent) -> str:
    """The kind of thing an audit row speaks of, in Chinese."""
    try:
        return str(apps.get_model(event.target_label)._meta.verbose_name)
    except (LookupError, ValueError):
        return event.target_label


def _model_field(model: type[models.Model] | None, key: str) -> models.Field[Any, Any] | None:
    if model is None:
        return None
    try:
        found = model._meta.get_field(key)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def _audit_label(model: type[models.Model] | None, key: str) -> str:
    found = _model_field(model, key)
    if found is not None:
        return str(found.verbose_name)
    return f"编号 {key}" if key.isdigit() else _AUDIT_WORDS.get(key, key)


def _audit_value(model: type[models.Model] | None, key: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_audit_value(model, key, item) for item in value)
    if isinstance(value, dict):
        return "，".join(f"{_audit_label(None, k)} {_audit_value(None, k, v)}" for k, v in value.items())
    found = _model_field(model, key)
    if found.is_relation if found is not None else key in _AUDIT_IDS:
        return f"编号 {value}"
    choices = dict(found.flatchoices) if found is not None else {}
    return str(choices.get(value, value))
