"""Units in selects: in tree order, each below what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import django_filters
import pytest
from django import forms
from django.urls import get_resolver

from core.filters import CadreFilter, UnitChoiceFilter
from core.forms import GrantForm, UnitChoiceField, UnitForm
from core.models import Unit
from core.queries import cadres_visible_to, open_units_visible_to
from core.queries.unit_select import UnitSelect, indented
from core.services import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(district):
    """区 → 局（J1, J2）→ 中心（J1-1）→ 站（J1-1-1)."""
    people.save_unit(
        code="J1-1-1",
        name="河湾征迁站",
        kind="SECOND_TIER",
        parent=district.station,
        by=None,
        at=district.now,
    )
    return district


def test_subordinate_units_stand_below_and_further_in(tree):
    assert [name for _, name in indented(Unit.objects.all())] == [
        "测试区",
        "　建设局",
        "　　征迁服务中心",
        "　　　河湾征迁站",
        "　财政局",
    ]


def test_the_highest_of_those_offered_stands_at_the_edge(tree, django_assert_num_queries):
    head = open_units_visible_to(tree.users["unithead"])
    with django_assert_num_queries(1):
        names = [name for _, name in indented(head)]
    assert names == ["建设局", "　征迁服务中心", "　　河湾征迁站"]
    assert indented(Unit.objects.none()) == []


@pytest.mark.parametrize("form", [GrantForm, UnitForm])
def test_a_form_shows_the_levels_and_takes_the_unit(tree, form):
    name = "unit" if form is GrantForm else "parent"
    field = form().fields[name]
    assert isinstance(field, UnitChoiceField)
    options = list(field.widget.choices)
    assert options[0][0] == ""
    assert (str(options[3][0]), options[3][1]) == (str(tree.station.pk), "　　征迁服务中心")
    assert field.clean(str(tree.station.pk)) == tree.station
    with pytest.raises(forms.ValidationError, match="已撤销，请另选"):
        field.clean("987654")


def test_a_filter_shows_the_levels_and_counts_what_is_below(tree, as_role):
    user = tree.users["dhead"]
    condition = {"unit": str(tree.bureau.pk)}
    listing = CadreFilter(condition, queryset=cadres_visible_to(user), user=user)
    assert ("　　征迁服务中心") in [label for _, label in listing.form.fields["unit"].choices]
    assert {cadre.unit for cadre in listing.qs} == {tree.bureau, tree.station}
    page = as_role("dhead").get("/cadres/", condition).content.decode()
    assert f'<option value="{tree.station.pk}">　　征迁服务中心</option>' in page
    assert "单位（含下级）：建设局" in page  # the chip carries the bare name


def subclasses(kind: type) -> Iterator[type]:
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


def test_every_select_of_units_is_of_this_kind():
    """A form or filter of a page that offers units flat is named here; the API's filters draw no select."""
    assert get_resolver().url_patterns  # everything is imported
    flat, checked = [], 0
    for form in subclasses(forms.BaseForm):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.ModelChoiceField) and field.queryset.model is Unit:
                checked += 1
                if not isinstance(field, UnitSelect):
                    flat.append(f"{form.__module__}.{form.__name__}.{name}")
    for filters in subclasses(django_filters.FilterSet):
        if filters.__module__.endswith(".api"):
            continue
        for name, condition in filters.base_filters.items():
            if isinstance(condition, django_filters.ModelChoiceFilter) and "unit" in name:
                checked += 1
                if not isinstance(condition, UnitChoiceFilter):
                    flat.append(f"{filters.__module__}.{filters.__name__}.{name}")
    assert checked >= 15
    assert flat == []
