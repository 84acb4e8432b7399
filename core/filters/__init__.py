"""Allow-listed filters of the core's lists."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.db.models import Q, QuerySet
from django_filters.fields import ModelChoiceField

from core.choices import Establishment, ProposalKind, ProposalState
from core.models import AuditEvent, Cadre, Proposal, Unit, User
from core.models.people import CadreQuerySet
from core.queries import unit_ids_under, units_visible_to
from core.queries.unit_select import UnitSelect


def conditions(form: forms.Form) -> list[tuple[str, str, str]]:
    """(field, label, text) of the conditions of a list that are on, in the words of the page."""
    form.is_valid()
    found = []
    for field in form:
        value = form.cleaned_data.get(field.name)
        if value in (None, "") or field.name == "order":
            continue
        if isinstance(field.field.widget, forms.Select) and not isinstance(value, models.Model):
            named = {str(code): label for code, label in field.field.widget.choices}
            value = named.get(str(value), value)
        found.append((field.name, str(field.label), str(value)))
    return found


class _UnitField(UnitSelect, ModelChoiceField):
    """The select of a `UnitChoiceFilter`."""


class UnitChoiceFilter(filters.ModelChoiceFilter):
    """A unit with everything below it; `field_name` leads from the rows to their unit."""

    field_class = _UnitField

    def filter(self, qs: QuerySet[Any], value: Unit | None) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": unit_ids_under([value.pk])}) if value else qs


class ScopedFilterSet(filters.FilterSet):
    """Conditions that offer only the units the user may see."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for condition in self.filters.values():
            if isinstance(condition, UnitChoiceFilter):
                condition.queryset = units_visible_to(user)


class CadreFilter(ScopedFilterSet):
    """Name or pinyin, unit with everything below it, establishment."""

    q = filters.CharFilter(label="姓名、拼音或工号", method="matching")
    unit = UnitChoiceFilter(label="单位（含下级）", empty_label="全部单位")
    establishment = filters.ChoiceFilter(label="编制类型", choices=Establishment, empty_label="全部")

    class Meta:
        model = Cadre
        fields = ["q", "unit", "establishment"]

    def matching(self, queryset: CadreQuerySet, name: str, value: str) -> CadreQuerySet:
        return queryset.matching(value)


class UnitFilter(filters.FilterSet):
    """Open units by words of the name or by code."""

    q = filters.CharFilter(label="单位名称或代码", method="matching")

    class Meta:
        model = Unit
        fields = ["q"]

    def matching(self, queryset: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        return queryset.filter(Q(name__icontains=value.strip()) | Q(code__iexact=value.strip()))


class ProposalFilter(filters.FilterSet):
    """Kind and state of proposals."""

    kind = filters.ChoiceFilter(label="类别", choices=ProposalKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=ProposalState, empty_label="全部状态")

    class Meta:
        model = Proposal
        fields = ["kind", "state"]


def _date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class AuditFilter(filters.FilterSet):
    """Who, what, on which object, when."""

    actor = filters.CharFilter(label="操作人", field_name="actor_name", lookup_expr="contains")
    action = filters.CharFilter(label="动作", lookup_expr="contains")
    target = filters.CharFilter(label="对象编号", field_name="target_id")
    since = filters.DateFilter(label="起", field_name="at", lookup_expr="date__gte", widget=_date_input())
    until = filters.DateFilter(label="止", field_name="at", lookup_expr="date__lte", widget=_date_input())

    class Meta:
        model = AuditEvent
        fields = ["actor", "action", "target", "since", "until"]

    @property
    def qs(self) -> QuerySet[AuditEvent]:
        found: QuerySet[AuditEvent] = super().qs
        return found.order_by("-seq")
