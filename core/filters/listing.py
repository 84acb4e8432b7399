"""A list page as other pages refer to it: what it shows under some conditions, and at which address.

Count and address come from the same conditions, so that a number and the list behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from core.models import User


@dataclass(frozen=True)
class Listing:
    """`filtered` applies conditions, as an address carries them, to the rows the user may see."""

    url_name: str
    filtered: Callable[[QueryDict, User], filters.FilterSet]

    def rows(self, user: User, conditions: Mapping[str, str]) -> QuerySet[Any]:
        found: QuerySet[Any] = self.filtered(_query(conditions), user).qs
        return found

    def url(self, conditions: Mapping[str, str]) -> str:
        return f"{reverse(self.url_name)}?{_query(conditions).urlencode()}"


def _query(conditions: Mapping[str, str]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(conditions)
    return query
