"""The first page: what this person has to do today, gathered from every app."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.navigation import starts
from core.filters import figures
from core.permissions import Public, SignedInRequest, access_of, requires
from core.queries import todos


@requires(Public.SIGNED_IN)
def workbench(request: SignedInRequest) -> HttpResponse:
    """我的待办: one list by urgency; above it figures for leadership, beside it what one begins."""
    today = timezone.localdate()
    sections = todos.agenda(request.user, today=today)
    context = {
        "sections": sections,
        "today": today,
        "count": sum(section.total for section in sections),
        "figures": figures.overview(request.user, today=today),
        "starts": starts(access_of(request.user)),
    }
    return render(request, "workbench.html", context)
