"""Small things every template uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms, template
from django.core.paginator import Page
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.choices import RoleCode
from core.filters import conditions
from core.permissions import Access, Permission
from core.rules.deadlines import span_in_words

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
def until(due: date, today: date) -> str:
    """How far a day is from today: 逾期 3 天, 逾期 10 年多, 今天, 还有 3 天."""
    days = (due - today).days
    return f"还有 {days} 天" if days > 0 else f"逾期 {span_in_words(-days)}" if days else "今天"


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
