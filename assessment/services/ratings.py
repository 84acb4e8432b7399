"""五干 ratings by the head of a unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assessment.choices import MAX_RATING, WORK_STYLE_FIELDS, PeriodState
from assessment.models import Period, Rating
from assessment.queries.periods import postings_to_rate, rating_day
from assessment.rules import periods as calendar
from core.models import Cadre, User
from core.permissions import Permission, may
from core.rules.errors import DomainError, NotAllowed
from core.services import audit

Marks = tuple[int, ...]
"""快 猛 苦 巧 净, each a whole number from 0 to 100."""
NAMED = 30
"""People whom the audit row of a rating names."""


@transaction.atomic
def save_ratings(*, period_id: int, marks: Mapping[int, Marks], by: User, at: datetime) -> int:
    """Write the rater's marks of a period, cadre id → five marks; returns how many people's changed.

    People not named keep what they have. All or nothing. Raises NotAllowed without the permission,
    DomainError (with the field `<style>-<cadre id>` where there is one) for a period that is being or has
    been computed or has not begun, a person outside the own units, oneself, and marks outside 0 to 100.
    """
    if not may(by, Permission.RATE_STAFF):
        raise NotAllowed("您的角色没有五干评分的权限。")
    period = Period.objects.select_for_update().get(pk=period_id)
    today = timezone.localdate(at)
    allowed, reason = calendar.can_rate(PeriodState(period.state), period.span)
    if not allowed:
        raise DomainError(reason)
    if period.first_day > today:
        raise DomainError(f"{period.span.label}尚未开始，请在 {period.first_day} 以后评分。")
    if by.cadre_id in marks:
        raise DomainError("不能给本人评分，请由上级评分。")
    units = dict(postings_to_rate(by, rating_day(period, today)).values_list("cadre_id", "unit_id"))
    if not marks.keys() <= units.keys():
        raise DomainError("所选人员不在您的评分范围内（可能已调离本单位）。请刷新页面后重新填写。")
    for cadre_id, given in marks.items():
        _check_marks(cadre_id, given)
    known = {
        rating.cadre_id: rating for rating in Rating.objects.filter(period=period, rater=by, cadre__in=marks)
    }
    changed = {
        cadre_id: given
        for cadre_id, given in marks.items()
        if cadre_id not in known or known[cadre_id].marks != tuple(given)
    }
    if not changed:
        return 0
    rows = [
        Rating(
            pk=known[cadre_id].pk if cadre_id in known else None,
            period=period,
            cadre_id=cadre_id,
            unit_id=units[cadre_id],
            rater=by,
            rated_at=at,
            **dict(zip(WORK_STYLE_FIELDS, given, strict=True)),
        )
        for cadre_id, given in changed.items()
    ]
    Rating.objects.bulk_create([row for row in rows if row.pk is None])
    Rating.objects.bulk_update(
        [row for row in rows if row.pk in {one.pk for one in known.values()}],
        [*WORK_STYLE_FIELDS, "unit", "rated_at"],
    )
    audit.record(
        action="五干评分",
        target=period,
        name=f"{period} {_named(changed)}",
        by=by,
        at=at,
        before={str(pk): list(known[pk].marks) for pk in changed if pk in known},
        after={str(pk): list(given) for pk, given in changed.items()},
    )
    return len(changed)


def _named(cadre_ids: Iterable[int]) -> str:
    """Whom the marks are about, as the audit log calls them."""
    names = list(Cadre.objects.filter(pk__in=list(cadre_ids)).values_list("name", flat=True))
    return "、".join(names[:NAMED]) + (f"等 {len(names)} 人" if len(names) > NAMED else "")


def _check_marks(cadre_id: int, given: Marks) -> None:
    if len(given) != len(WORK_STYLE_FIELDS):
        raise DomainError("五项评分须填齐。", field=f"{WORK_STYLE_FIELDS[0]}-{cadre_id}")
    for style, mark in zip(WORK_STYLE_FIELDS, given, strict=True):
        if isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= MAX_RATING:
            raise DomainError(
                f"评分应为 0 到 {MAX_RATING} 的整数，填的是 {mark}。", field=f"{style}-{cadre_id}"
            )
