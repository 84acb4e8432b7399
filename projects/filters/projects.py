"""Allow-listed filters of the project list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters as filters
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django_filters.fields import ModelChoiceField

from core.filters import ScopedFilterSet, UnitChoiceFilter
from core.models import Cadre
from projects.choices import Light, ProjectKind, ProjectState
from projects.models import KeyProject, Milestone
from projects.queries.projects import leaders_seen_by, projects_visible_to, resting_projects
from projects.rules.milestones import WARN_DAYS

DEFAULT_SCOPE = "在办重点项目"
SCOPES = {"open": "全部在办", "all": "全部项目"}
ASKED_BY_NAME = ("q", "kind", "state", "batch", "source")
"""Conditions that say themselves which projects are meant: with one of them the default scope gives way."""


def _having(light: str, today: date) -> Q:
    """Projects that show this light: their worst milestone's, as `rules.milestones.project_light` reads it,
    or grey when the project itself is suspended."""
    own = Milestone.objects.filter(project=OuterRef("pk"))
    live = own.filter(done_on=None, suspended_reason="")
    unfinished = live.filter(progress__lt=100)
    timed = ~resting_projects(today)
    red = Q(Exists(unfinished.filter(planned_on__lt=today))) & timed
    horizon = today + timedelta(days=WARN_DAYS)
    soon = unfinished.filter(planned_on__gte=today, planned_on__lte=horizon)
    yellow = (Q(Exists(soon)) | Q(Exists(live.filter(progress=100)))) & timed
    far = unfinished.filter(planned_on__gt=horizon)
    green = (Q(Exists(far)) & timed) | Q(Exists(own.exclude(done_on=None)))
    held = Q(state=ProjectState.SUSPENDED)
    return {
        Light.RED: red & ~held,
        Light.YELLOW: yellow & ~red & ~held,
        Light.GREEN: green & ~red & ~yellow & ~held,
        Light.GREY: held | (~green & ~red & ~yellow),
    }[Light(light)]


def red_first(projects: QuerySet[KeyProject], *, today: date) -> QuerySet[KeyProject]:
    """Red before yellow before the rest; closed ones last."""
    pressing = Case(
        When(state=ProjectState.CLOSED, then=Value(3)),
        When(_having(Light.RED, today), then=Value(0)),
        When(_having(Light.YELLOW, today), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return projects.annotate(pressing=pressing).order_by("pressing", "code")


ORDERS = {
    "light": ("红灯在前", ()),
    "code": ("编号", ("code",)),
    "money": ("投资大的在前", (F("investment_yuan").desc(nulls_last=True), "code")),
    "newest": ("新录入的在前", ("-recorded_at", "-id")),
}


class _LeaderField(ModelChoiceField):
    """Two leaders may share a name; the unit tells them apart."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}（{obj.unit}）"


class LeaderFilter(filters.ModelChoiceFilter):
    """The projects somebody leads now."""

    field_class = _LeaderField


class ProjectFilter(ScopedFilterSet):
    """Name, number or words of the content; which projects at all; leader, lead unit with everything below
    it, kind, state, light, year, batch, where the record came from; order from a closed list."""

    q = filters.CharFilter(label="项目名称或编号", method="matching")
    scope = filters.ChoiceFilter(
        label="范围", method="within", choices=list(SCOPES.items()), empty_label=DEFAULT_SCOPE
    )
    light = filters.ChoiceFilter(label="灯色", choices=Light, method="showing", empty_label="全部")
    leader = LeaderFilter(
        label="组长", method="led_by", queryset=Cadre.objects.none(), empty_label="全部组长"
    )
    unit = UnitChoiceFilter(label="主办单位（含下级）", field_name="lead_unit", empty_label="全部单位")
    kind = filters.ChoiceFilter(label="类别", choices=ProjectKind, empty_label="全部类别")
    state = filters.ChoiceFilter(label="状态", choices=ProjectState, empty_label="全部状态")
    year = filters.ChoiceFilter(label="年度", empty_label="全部年度")
    batch = filters.ChoiceFilter(label="批次", empty_label="全部批次")
    source = filters.ChoiceFilter(label="来源", method="brought_by", empty_label="全部来源")
    order = filters.ChoiceFilter(
        label="排序",
        method="ordered",
        choices=[(key, label) for key, (label, _) in ORDERS.items()],
        empty_label=None,
    )

    class Meta:
        model = KeyProject
        fields = [
            "q", "scope", "light", "leader", "unit", "kind", "state", "year", "batch", "source", "order",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["leader"].queryset = leaders_seen_by(self.user)
        for name, choices in (("year", self._years), ("batch", self._batches), ("source", self._sources)):
            if name in self.filters:  # the wall asks less than the list
                self.filters[name].extra["choices"] = choices

    def _seen(self) -> QuerySet[KeyProject]:
        return projects_visible_to(self.user).select_related(None).order_by()

    def _years(self) -> list[tuple[str, str]]:
        years = self._seen().exclude(year=None).values_list("year", flat=True).distinct()
        return [(str(year), f"{year} 年") for year in sorted(filter(None, years), reverse=True)]

    def _batches(self) -> list[tuple[str, str]]:
        names = self._seen().exclude(batch="").values_list("batch", flat=True).distinct()
        return [(name, name) for name in sorted(names)]

    def _sources(self) -> list[tuple[str, str]]:
        """By hand, or by which imported table, the latest first."""
        imported = self._seen().exclude(import_batch=None)
        rows = imported.values_list(
            "import_batch", "import_batch__file_name", "import_batch__confirmed_at"
        ).distinct()
        return [("hand", "手工录入")] + [
            (str(pk), f"{name}（{timezone.localdate(at)} 导入）")
            for pk, name, at in sorted(rows, reverse=True)
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether the list shows only the default scope: key projects that are not closed."""
        self.form.is_valid()
        said = self.form.cleaned_data
        return not said.get("scope") and not any(said.get(name) for name in ASKED_BY_NAME)

    def filter_queryset(self, queryset: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
        found: QuerySet[KeyProject] = super().filter_queryset(queryset)
        return self.narrowed(found) if self.is_narrowed else found

    def narrowed(self, found: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
        """The default scope."""
        return found.filter(kind=ProjectKind.KEY).exclude(state=ProjectState.CLOSED)

    def matching(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(
            Q(name__icontains=value) | Q(code__istartswith=value) | Q(content__icontains=value)
        )

    def within(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.exclude(state=ProjectState.CLOSED) if value == "open" else queryset

    def showing(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(_having(value, timezone.localdate()))

    def led_by(self, queryset: QuerySet[KeyProject], name: str, value: Cadre) -> QuerySet[KeyProject]:
        return queryset.filter(members__cadre=value, members__role="LEADER", members__end_on=None)

    def brought_by(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.filter(import_batch=None if value == "hand" else int(value))

    def ordered(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset.order_by(*ORDERS[value][1]) if ORDERS[value][1] else queryset
