"""重用候选: whose record on projects is the best of a period, each figure with what it is made of."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core.models import Cadre
from core.permissions import Permission, SignedInRequest, requires
from core.queries import cadres_visible_to
from projects.forms.candidates import SpanForm
from projects.queries import performance as queries
from projects.rules import performance as rules

SECTIONS = (
    ("EARLY", "提前一个月以上完成"),
    ("ON_TIME", "按期完成"),
    ("LATE", "逾期完成"),
    ("OVERDUE", "逾期未完成"),
    ("SOLVED", "解决的问题"),
)


def _span(request: SignedInRequest) -> tuple[SpanForm, date, date]:
    """The period asked for; one that is wrong shows its errors and the year so far."""
    form = SpanForm(request.GET if "since" in request.GET or "until" in request.GET else SpanForm.default())
    chosen = form.cleaned_data if form.is_valid() else SpanForm.default()
    return form, chosen["since"], chosen["until"]


@requires(Permission.VIEW_CANDIDATES)
def candidate_list(request: SignedInRequest) -> HttpResponse:
    form, since, until = _span(request)
    found = queries.candidates(since=since, until=until, today=timezone.localdate())
    ranked = [candidate for candidate in found if candidate.placed.rank is not None]
    context = {
        "form": form,
        "since": since,
        "until": until,
        "page": Paginator(ranked, 50).get_page(request.GET.get("page")),
        "few": [candidate for candidate in found if candidate.placed.rank is None],
        "enough": rules.ENOUGH,
    }
    return render(request, "projects/candidate_list.html", context)


@requires(Permission.VIEW_CANDIDATES)
def candidate_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    cadre: Cadre = get_object_or_404(cadres_visible_to(request.user), pk=pk)
    form, since, until = _span(request)
    found = list(queries.deeds(since=since, until=until, today=timezone.localdate(), cadre=cadre))
    found.sort(key=lambda deed: (deed.on, deed.key), reverse=True)
    context = {
        "cadre": cadre,
        "form": form,
        "since": since,
        "until": until,
        "record": queries.record_of(cadre.staff_no, found),
        "sections": [
            (timing, word, [deed for deed in found if deed.timing == timing]) for timing, word in SECTIONS
        ],
    }
    return render(request, "projects/candidate_detail.html", context)
