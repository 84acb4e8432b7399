"""Deny by default: every address declares who may use it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path
from django.views import View

from core.permissions import Public, declared_rule, requires

# Addresses that third-party views guard themselves. At most five, each with its reason.
SELF_GUARDED = {
    "admin/": "CatalogueAdmin.has_permission lets in by role and model",
}


def addresses(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every (path, view) below the patterns."""
    for entry in patterns:
        here = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, here)
        else:
            yield here, entry.callback


def undeclared(patterns: Iterable[URLPattern | URLResolver]) -> list[str]:
    return [
        here
        for here, view in addresses(patterns)
        if declared_rule(view) is None and not here.startswith(tuple(SELF_GUARDED))
    ]


def test_every_view_declares_who_may_use_it() -> None:
    patterns = get_resolver().url_patterns
    assert len(list(addresses(patterns))) >= 40
    assert undeclared(patterns) == []


def test_the_exemptions_are_few_and_used() -> None:
    assert len(SELF_GUARDED) <= 5
    found = [here for here, _ in addresses(get_resolver().url_patterns)]
    for prefix, reason in SELF_GUARDED.items():
        assert reason
        assert any(here.startswith(prefix) for here in found), f"{prefix} no longer exists"


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class Bare(View):
    pass


@requires(Public.SIGNED_IN)
class Declared(View):
    pass


def test_a_view_without_a_declaration_is_found() -> None:
    patterns = [
        path("function/", bare),
        path("app/", include([path("class/", Bare.as_view()), path("declared/", Declared.as_view())])),
        path("declared/", requires(Public.ANYONE)(lambda request: HttpResponse())),
    ]
    assert undeclared(patterns) == ["function/", "app/class/"]
