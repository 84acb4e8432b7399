"""Conditions of the wall: those of the list of projects, its leader, batch and year, and only what hurts."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from core.filters.listing import Listing
from core.models import Cadre, User
from projects.choices import MemberRole
from projects.filters.projects import ProjectFilter
from projects.models import KeyProject, TaskforceMember
from projects.queries.projects import projects_visible_to
from projects.queries.wall import leaders_of, worked_on, years_and_batches


class WallFilter(ProjectFilter):
    """The conditions of the list, and more.

    `span` and `eyes` choose what is drawn of the projects found: `queries.wall.wall_of` applies them, for
    they depend on more than a project's own row. A light is that of a project which still runs.
    """

    leader = filters.ModelChoiceFilter(
        label="组长", queryset=Cadre.objects.none(), method="led_by", empty_label="全部组长"
    )
    batch = filters.ChoiceFilter(label="批次", empty_label="全部批次")
    year = filters.ChoiceFilter(label="年度", method="left_as_they_are", empty_label="今年")
    """Always on: without one it is the current year."""
    span = filters.ChoiceFilter(
        label="时间范围",
        choices=[("ALL", "全部节点")],
        method="left_as_they_are",
        empty_label="一个年度",
    )
    eyes = filters.ChoiceFilter(
        label="需关注", choices=[("1", "只看需关注的")], method="left_as_they_are", empty_label="全部项目"
    )

    class Meta:
        model = KeyProject
        fields = ["q", "unit", "leader", "light", "kind", "batch", "year", "span", "eyes"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.filters["leader"].queryset = leaders_of(user)
        # Called only when a choice is checked or shown: a figure of the start page asks for neither.
        self.filters["year"].extra["choices"] = lambda: self._named[0]
        self.filters["batch"].extra["choices"] = lambda: self._named[1]

    @cached_property
    def _named(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The other years and the batches to choose from."""
        years, batches = years_and_batches(self.user)
        this_year = timezone.localdate().year
        others = [(str(year), f"{year} 年") for year in years if year != this_year]
        return others, [(batch, batch) for batch in batches]

    def hide_idle(self) -> None:
        """Takes out the conditions that have nothing to choose: they only take room."""
        for name, choices in zip(("year", "batch"), self._named, strict=True):
            if not choices and not self.data.get(name):
                del self.form.fields[name]

    def filter_queryset(self, queryset: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
        found: QuerySet[KeyProject] = super().filter_queryset(queryset)
        return found.filter(worked_on(self.chosen_year))

    def showing(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return super().showing(queryset, name, value).filter(closed_on=None)

    def led_by(self, queryset: QuerySet[KeyProject], name: str, value: Cadre) -> QuerySet[KeyProject]:
        leading = TaskforceMember.objects.filter(
            project=OuterRef("pk"), cadre=value, role=MemberRole.LEADER, end_on=None
        )
        return queryset.filter(Exists(leading))

    def left_as_they_are(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return queryset

    @property
    def chosen_year(self) -> int:
        """The year asked for, else the current one; a year that is not offered counts as none."""
        said = self._said("year")
        return int(said) if said else timezone.localdate().year

    @property
    def every_year(self) -> bool:
        return self._said("span") == "ALL"

    @property
    def only_trouble(self) -> bool:
        return self._said("eyes") == "1"

    def _said(self, name: str) -> str:
        """What a condition says, "" when it is off or wrong."""
        self.form.is_valid()
        return str(getattr(self.form, "cleaned_data", {}).get(name) or "")


WALL = Listing(
    "projects:wall",
    lambda query, user: WallFilter(query, queryset=projects_visible_to(user), user=user),
)
