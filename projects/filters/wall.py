"""Conditions of the wall: those of the list of projects that make sense on it, and only what hurts."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone

from core.filters.listing import Listing
from projects.choices import ProjectKind
from projects.filters.projects import ProjectFilter
from projects.models import KeyProject
from projects.queries.projects import projects_visible_to
from projects.queries.wall import worked_on


class WallFilter(ProjectFilter):
    """Key projects worked on in a year, closed ones among them.

    `span` and `eyes` choose what is drawn of the projects found: `queries.wall.wall_of` applies them, for
    they depend on more than a project's own row. A light is that of a project which still runs.
    """

    scope = state = source = order = None
    """What a list asks and a wall does not: it shows all, and what hurts first."""
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

    def _years(self) -> list[tuple[str, str]]:
        this_year = str(timezone.localdate().year)
        return [(year, label) for year, label in super()._years() if year != this_year]

    def hide_idle(self) -> None:
        """Takes out the conditions that have nothing to choose: they only take room."""
        for name, choices in (("year", self._years), ("batch", self._batches)):
            if not self.data.get(name) and not choices():
                del self.form.fields[name]

    def filter_queryset(self, queryset: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
        found: QuerySet[KeyProject] = super().filter_queryset(queryset)
        return found.filter(worked_on(self.chosen_year))

    def narrowed(self, found: QuerySet[KeyProject]) -> QuerySet[KeyProject]:
        return found.filter(kind=ProjectKind.KEY)

    def showing(self, queryset: QuerySet[KeyProject], name: str, value: str) -> QuerySet[KeyProject]:
        return super().showing(queryset, name, value).filter(closed_on=None)

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
