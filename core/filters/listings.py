"""The lists of the core as the search refers to them."""

from __future__ import annotations

from django.urls import reverse

from core.filters import CadreFilter, UnitFilter
from core.filters.listing import Listing
from core.filters.search import Hit, Kind, whole
from core.models import Cadre, Unit
from core.queries import cadres_visible_to, open_units_visible_to

CADRES = Listing(
    "core:cadre-list",
    lambda query, user: CadreFilter(query, queryset=cadres_visible_to(user), user=user),
)
UNITS = Listing("core:unit-list", lambda query, user: UnitFilter(query, queryset=open_units_visible_to(user)))


def _cadre(cadre: Cadre) -> Hit:
    parts = [str(cadre.unit), cadre.post, f"工号 {cadre.staff_no}", "已离任" if cadre.left_on else ""]
    url = reverse("core:cadre-detail", args=[cadre.pk])
    return Hit(cadre.name, "，".join(part for part in parts if part), url)


def _unit(unit: Unit) -> Hit:
    return Hit(
        unit.name,
        f"{unit.get_kind_display()}，代码 {unit.code}",
        f"{reverse('core:cadre-list')}?unit={unit.pk}",
    )


SEARCHED = (
    Kind("人员", CADRES, _cadre, whole("staff_no")),
    Kind("单位", UNITS, _unit, whole("code")),
)
