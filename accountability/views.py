"""The catalogues to read, and the calculator of influence periods; neither touches a business record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accountability import queries
from accountability.choices import PersonKind
from accountability.forms import MeasureRows, PersonForm, measure_rows, with_more_rows
from accountability.models import Ground
from accountability.rules.book import Book, version_on
from accountability.rules.grounds import in_words, parse_prohibitions
from accountability.rules.impact import assess
from accountability.rules.timeline import timeline
from core.permissions import Public, SignedInRequest, requires


@requires(Public.SIGNED_IN)
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Grounds, measures with their effects, and rules of combination in force on a day: today, or `?on=`."""
    today = timezone.localdate()
    day = _asked_day(request) or today
    kinds = list(queries.measure_kinds_on(day))
    context = {
        "day": day,
        "grounds": _grounds(day, {kind.key: kind.name for kind in kinds}),
        "kinds": [(kind, kind.spec()) for kind in kinds],
        "combinations": queries.combinations_on(day),
    }
    return render(request, "accountability/catalogue.html", context)


def _grounds(day: date, measures: dict[str, str]) -> list[tuple[Ground, list[str], list[tuple[str, str]]]]:
    """Each ground, its suggestions in words, and the 八不准 it covers as (key, name)."""
    names = queries.prohibition_names(day)
    return [
        (
            ground,
            [
                f"{label}：{in_words(text, measures)}"
                for label, text in (("轻", ground.light), ("中", ground.medium), ("重", ground.heavy))
            ],
            [(key, names.get(key, key)) for key in parse_prohibitions(ground.prohibition_keys)],
        )
        for ground in queries.grounds_on(day)
    ]


def _asked_day(request: SignedInRequest) -> date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


@requires(Public.SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def calculator(request: SignedInRequest) -> HttpResponse:
    """Compute what was typed in and show it; nothing is stored, so everybody signed in may try."""
    book, today = queries.book(), timezone.localdate()
    if request.method != "POST":
        return _page(request, PersonForm(initial={"on": today}), measure_rows(book))
    if "more" in request.POST:
        more = with_more_rows(request.POST)
        return _page(request, PersonForm(more), measure_rows(book, data=more, quiet=True))
    form, rows = PersonForm(request.POST), measure_rows(book, data=request.POST)
    if not (form.is_valid() & rows.is_valid()):
        return _page(request, form, rows)
    person = PersonKind(form.cleaned_data["person"])
    if not rows.filled_rows():
        form.add_error(None, "还没有填措施。请至少选一项措施并填生效日。")
    elif rows.check(book, person):
        return _page(request, form, rows, **_result(book, person, rows, form.cleaned_data["on"]))
    return _page(request, form, rows)


def _result(book: Book, person: PersonKind, rows: MeasureRows, on: date | None) -> dict[str, Any]:
    measures, numbers = rows.measures(), rows.numbers()
    outcome = assess(book, person, measures, numbers)
    kinds = [version_on(book.kinds[measure.code], measure.day)[0] for measure in measures]
    return {
        "outcome": outcome,
        "person": person,
        "typed": list(zip(numbers, kinds, measures, strict=True)),
        "then": outcome.on(on) if on is not None else None,
        "timeline": timeline(outcome, on),
        "today": timezone.localdate(),
    }


def _page(request: SignedInRequest, form: PersonForm, rows: MeasureRows, **result: Any) -> HttpResponse:
    return render(request, "accountability/calculator.html", {"form": form, "rows": rows, **result})
