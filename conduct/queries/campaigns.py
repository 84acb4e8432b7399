"""Reads of campaigns; a unit head sees those the own units take part in, and only the own units' lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from conduct.choices import CampaignState, RoundKind
from conduct.models import Campaign, CampaignRound, CheckPoints, ProblemTag, RoundCheck, RoundReport
from conduct.rules.campaigns import UnitStanding, standing
from core.models import Unit, User
from core.permissions import Permission, may, reach
from core.queries import units_reached
from core.queries.todos import Todo, Waiting, waiting

SOON = timedelta(days=3)
"""A round turns yellow so many days before it is due."""


def units_in_reach(user: User, permission: Permission = Permission.VIEW_CAMPAIGNS) -> frozenset[int] | None:
    """The units whose lines a user may read (or report for); None means all."""
    scope = reach(user, permission)
    if scope.everywhere:
        return None
    return units_reached(user, permission)


def campaigns_visible_to(user: User) -> QuerySet[Campaign]:
    """All for the office and the district, started ones of the own units for a unit head."""
    found = Campaign.objects.select_related("recorded_by")
    units = units_in_reach(user)
    if units is None:
        return found
    mine = Campaign.objects.filter(units__in=units).exclude(state=CampaignState.DRAFT)
    return found.filter(pk__in=mine.values("pk"))


def units_of(campaign: Campaign, user: User) -> list[Unit]:
    """The units of a campaign whose lines the user may read, in tree order."""
    units = units_in_reach(user)
    found = campaign.units.order_by("code")
    return list(found if units is None else found.filter(pk__in=units))


def reportable_units(campaign: Campaign, user: User) -> list[Unit]:
    """The units of a campaign that the user reports for."""
    if not may(user, Permission.REPORT_CAMPAIGNS):
        return []
    units = units_in_reach(user, Permission.REPORT_CAMPAIGNS) or frozenset()
    return list(campaign.units.filter(pk__in=units).order_by("code"))


def tag_choices() -> list[tuple[str, str]]:
    """(id, name) of the tags in force today, each with what it means."""
    tags = ProblemTag.objects.in_force(timezone.localdate()).order_by("order", "key", "id")
    return [(str(tag.pk), f"{tag.name}（{tag.description}）") for tag in tags]


@dataclass(frozen=True)
class UnitLine:
    """One unit's line of the result table."""

    unit: Unit
    standing: UnitStanding
    tags: list[tuple[str, int]]


def result_table(campaign: Campaign, user: User, *, today: date) -> list[UnitLine]:
    """Each visible unit's checks, share of points, dispatches answered of those due, and tags."""
    units = units_of(campaign, user)
    ids = [unit.pk for unit in units]
    points: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    rows = CheckPoints.objects.filter(check_record__round__campaign=campaign, check_record__unit__in=ids)
    for unit_id, got, worth in rows.values_list("check_record__unit", "points", "item__full_points"):
        points[unit_id].append((got, worth))
    checked = RoundCheck.objects.filter(round__campaign=campaign, unit__in=ids)
    checks = Counter(checked.values_list("unit", flat=True))
    tags: dict[int, Counter[str]] = defaultdict(Counter)
    for unit_id, name in checked.filter(tags__isnull=False).values_list("unit", "tags__name"):
        tags[unit_id][name] += 1
    reports = RoundReport.objects.filter(round__campaign=campaign, unit__in=ids)
    reported = Counter(reports.values_list("unit", flat=True))
    due = campaign.rounds.filter(kind=RoundKind.DISPATCH, due_on__lte=today).count()
    return [
        UnitLine(
            unit=unit,
            standing=standing(points[unit.pk], checks=checks[unit.pk], reported=reported[unit.pk], due=due),
            tags=sorted(tags[unit.pk].items(), key=lambda pair: (-pair[1], pair[0])),
        )
        for unit in units
    ]


def check_rates(*, first: date, last: date, unit_ids: Iterable[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Unit id → (points, full points) of the checks due in a period, for an assessment indicator."""
    rows = CheckPoints.objects.filter(
        check_record__round__due_on__gte=first,
        check_record__round__due_on__lte=last,
        check_record__unit__in=list(unit_ids),
    )
    sums: dict[int, tuple[Decimal, Decimal]] = {}
    for unit_id, got, worth in rows.values_list("check_record__unit", "points", "item__full_points"):
        before = sums.get(unit_id, (Decimal(0), Decimal(0)))
        sums[unit_id] = (before[0] + got, before[1] + worth)
    return sums


@dataclass(frozen=True)
class RoundLine:
    """A round on the campaign's page: how many of the visible units are done."""

    round: CampaignRound
    done: int
    of: int
    light: str


def round_lines(campaign: Campaign, user: User, *, today: date) -> list[RoundLine]:
    """The rounds in order, each with its light: red past its day, yellow within three days."""
    ids = [unit.pk for unit in units_of(campaign, user)]
    reports = RoundReport.objects.filter(round__campaign=campaign, unit__in=ids)
    checks = RoundCheck.objects.filter(round__campaign=campaign, unit__in=ids)
    done = Counter([*reports.values_list("round", flat=True), *checks.values_list("round", flat=True)])
    lines = []
    for entry in campaign.rounds.order_by("due_on", "kind", "id"):
        complete = done[entry.pk] >= len(ids)
        late = entry.due_on < today
        soon = entry.due_on <= today + SOON
        light = "GREEN" if complete else "RED" if late else "YELLOW" if soon else "GREY"
        lines.append(RoundLine(entry, done[entry.pk], len(ids), light))
    return lines


def open_rounds(user: User, permission: Permission, *, due_by: date) -> QuerySet[CampaignRound]:
    """Rounds of running campaigns, due by a day, that units within the permission's reach still lack.

    A dispatch is done by a unit's report, a check by its check.
    """
    units = units_in_reach(user, permission)
    mine = Q() if units is None else Q(unit__in=units)

    def count(rows: QuerySet[Any], group: str, outer: str) -> Coalesce:
        same = rows.filter(mine, **{group: OuterRef(outer)}).order_by().values(group)
        return Coalesce(Subquery(same.annotate(n=Count("pk")).values("n")), 0)

    done = Case(
        When(kind=RoundKind.DISPATCH, then=count(RoundReport.objects.all(), "round", "pk")),
        default=count(RoundCheck.objects.all(), "round", "pk"),
    )
    of = count(Campaign.units.through.objects.all(), "campaign", "campaign")
    running = CampaignRound.objects.filter(campaign__state=CampaignState.RUNNING, due_on__lte=due_by)
    return (
        running.annotate(of=of, done=done)
        .filter(done__lt=F("of"))
        .select_related("campaign")
        .order_by("due_on", "kind", "id")
    )


def todos(user: User, *, today: date) -> list[Waiting]:
    """Dispatches this person's units still answer, checks the office still makes; due within three days."""
    found = []
    if may(user, Permission.REPORT_CAMPAIGNS):
        found.append(_waiting(user, Permission.REPORT_CAMPAIGNS, RoundKind.DISPATCH, "填报", today=today))
    if may(user, Permission.MANAGE_CAMPAIGNS):
        found.append(_waiting(user, Permission.MANAGE_CAMPAIGNS, RoundKind.CHECK, "检查", today=today))
    return found


def _waiting(user: User, permission: Permission, kind: RoundKind, action: str, *, today: date) -> Waiting:
    soon = today + SOON
    units = units_in_reach(user, permission)
    there = Unit.objects.all() if units is None else Unit.objects.filter(pk__in=units)
    answers = "reports" if kind == RoundKind.DISPATCH else "checks"

    def line(entry: CampaignRound) -> Todo:
        done = {answer.unit_id for answer in getattr(entry, answers).all()}
        missing = [unit.name for unit in entry.campaign.units.all() if unit.pk not in done]
        return Todo(
            title=f"{entry.campaign} · {entry.due_on:%-m月%-d日}{entry.get_kind_display()}",
            who=missing[0] if len(missing) == 1 else f"{missing[0]}等 {len(missing)} 个单位",
            url=reverse("conduct:campaign-round", args=[entry.campaign_id, entry.pk]),
            action=action,
            due_on=entry.due_on,
        )

    return waiting(
        open_rounds(user, permission, due_by=soon)
        .filter(kind=kind)
        .prefetch_related(answers, Prefetch("campaign__units", there)),
        line,
        label=f"待{action}的专项活动",
        url=reverse("conduct:campaign-list") + f"?state={CampaignState.RUNNING}",
        today=today,
        due="due_on",
        soon=soon,
    )
