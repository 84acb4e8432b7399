"""How amounts and growth are shown."""

from __future__ import annotations

from decimal import Decimal

from django import template

from projects.rules.investment import WAN, spoken

register = template.Library()


@register.filter
def wan(yuan: Decimal | None) -> str:
    """Yuan in 万元 without rounding: 30000000 → 3,000, 5000 → 0.5; a missing amount is a dash."""
    return "—" if yuan is None else f"{(yuan / WAN).normalize():,f}"


@register.filter
def money(yuan: Decimal | None) -> str:
    """An exact amount with its unit, as people say it; a missing one is a dash."""
    return "—" if yuan is None else spoken(yuan)


@register.filter
def signed(percent: Decimal | None) -> str:
    """Growth in percent with its sign: +12.5%, -3%, 0%; none is a dash."""
    if percent is None:
        return "—"
    return f"{'+' if percent > 0 else ''}{percent.normalize():f}%"
