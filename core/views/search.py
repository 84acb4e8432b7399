"""One box that finds people, units, projects and records."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.filters import search as finder
from core.permissions import Public, SignedInRequest, requires

KEPT = "searched"
"""Where the session keeps the last words."""


@requires(Public.SIGNED_IN)
def search(request: SignedInRequest) -> HttpResponse:
    """What the words find of what the person may see; a record's whole number leads straight to it.

    Words come by POST and stay in the session until sign-out, so that they stand in no address: not in the
    browser's history, not in a proxy's log, not in a Referer. An address with `q` works as well.
    """
    if request.method == "POST":
        request.session[KEPT] = finder.tidy(request.POST.get("q", ""))
        return redirect(reverse("core:search") + "?go")
    words = finder.tidy(request.GET.get("q", request.session.get(KEPT, "")))
    found = finder.search(request.user, words)
    if found.straight and ("go" in request.GET or "q" in request.GET):
        return redirect(found.straight)
    return render(request, "core/search.html", {"found": found, "labels": finder.labels()})
