"""REST of supervision letters: reading only, for every step is a person's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import viewsets

from conduct.filters.letters import LetterFilter
from conduct.models import RectificationItem, SupervisionLetter
from conduct.queries import letters as queries
from conduct.queries.rectification import lights_on, with_reports
from conduct.rules.rectification import Light
from conduct.serializers.letters import SupervisionLetterSerializer
from core.models import User
from core.permissions import Permission, requires


@requires(Permission.VIEW_LETTERS)
class SupervisionLetterViewSet(viewsets.ReadOnlyModelViewSet[SupervisionLetter]):
    """Supervision letters within the caller's scope, with their items; drafts inside the office only."""

    serializer_class = SupervisionLetterSerializer
    queryset = SupervisionLetter.objects.none()

    @cached_property
    def light(self) -> Callable[[RectificationItem], Light]:
        """For the serializer: an item's light today."""
        return lights_on(timezone.localdate())

    def get_queryset(self) -> QuerySet[SupervisionLetter]:
        assert isinstance(self.request.user, User)
        items = with_reports(RectificationItem.objects.select_related("unit", "cadre")).order_by(
            "order", "id"
        )
        return queries.letters_visible_to(self.request.user).prefetch_related(Prefetch("items", items))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        assert isinstance(self.request.user, User)
        if self.action != "list":
            return queryset
        found: QuerySet[Any] = LetterFilter(
            self.request.query_params, queryset=queryset, user=self.request.user
        ).qs
        return found
