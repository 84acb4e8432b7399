"""挂图作战: all projects on one page, on a screen on the wall, on one sheet of paper."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.permissions import Permission, SignedInRequest, requires
from projects.filters.wall import WALL
from projects.queries import wall as queries
from projects.rules import wall as rules

LANES = 500
"""A wall is one page; above this number it is more than anybody looks at, and a browser likes, at once."""
SCREEN_ROWS = 13
"""Lanes of one picture of the big screen: 39 projects are three pictures."""


def _context(request: SignedInRequest) -> dict[str, Any]:
    listing = WALL.filtered(request.GET, request.user)
    today = timezone.localdate()
    wall = queries.wall_of(
        listing.qs,
        year=listing.chosen_year,
        every_year=listing.every_year,
        only_trouble=listing.only_trouble,
        today=today,
    )
    listing.hide_idle()
    return {
        "filter": listing,
        "wall": wall,
        "ticks": rules.ticks(wall.window),
        "years": rules.years(wall.window),
        "today_at": wall.window.at(today) if wall.window.side(today) == "inside" else None,
        "elapsed": rules.elapsed(today, wall.year),
        "now": timezone.localtime(),
    }


@requires(Permission.VIEW_PROJECTS)
def wall(request: SignedInRequest) -> HttpResponse:
    """The wall on a desk, a phone and paper."""
    context = _context(request)
    context["page"] = Paginator(context["wall"].lanes, LANES).get_page(request.GET.get("page"))
    template = "projects/wall.html#table" if request.headers.get("HX-Request") else "projects/wall.html"
    return render(request, template, context)


@requires(Permission.VIEW_PROJECTS)
def wall_screen(request: SignedInRequest) -> HttpResponse:
    """The wall on a big screen: pictures of SCREEN_ROWS lanes that follow each other, conditions as there."""
    context = _context(request)
    lanes = context["wall"].lanes
    context["pictures"] = [lanes[at : at + SCREEN_ROWS] for at in range(0, len(lanes), SCREEN_ROWS)]
    template = (
        "projects/wall_screen.html#live" if request.headers.get("HX-Request") else "projects/wall_screen.html"
    )
    return render(request, template, context)
