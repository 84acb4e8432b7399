"""What 双九十 is computed from, gathered for a month; the rule is `rules.frontline`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from core.models import Cadre, Posting, Unit, User
from core.permissions import Permission, reach
from core.queries import units_reached, workday_overrides
from projects.choices import FrontlineState, SiteLogState
from projects.models import FrontlinePosting, SiteLog, TaskforceMember
from projects.rules import frontline as rules
from projects.rules.site import Share


@dataclass
class Behind:
    """The records behind one person's days."""

    postings: list[FrontlinePosting] = field(default_factory=list)
    taskforces: list[TaskforceMember] = field(default_factory=list)
    logs: list[SiteLog] = field(default_factory=list)


@dataclass(frozen=True)
class PersonLine:
    """One person of a unit: the shares, and what they come from."""

    cadre: Cadre
    share: rules.PersonShare
    behind: Behind


@dataclass(frozen=True)
class UnitLine:
    """One unit in tree order."""

    unit: Unit
    share: rules.UnitShare
    depth: int
    """Levels below the highest unit shown."""


def working_days(month: date, *, today: date) -> list[date]:
    """The working days of the month of that day that have gone by, today included."""
    return rules.working_days(month.year, month.month, until=today, overrides=workday_overrides())


def units_measured(user: User) -> QuerySet[Unit]:
    """Units whose shares the reader may see: all, or the own subtree."""
    units: QuerySet[Unit] = Unit.objects.all()
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return units
    return units.filter(pk__in=units_reached(user, Permission.VIEW_PROJECTS))


def unit_lines(user: User, days: Sequence[date]) -> tuple[list[UnitLine], rules.UnitShare]:
    """Every unit the reader may see that is open or had people on these days, and all of them together.

    A fixed number of statements, whatever the number of units and people. Together, somebody who moved is one
    person of each unit, with the days served there.
    """
    units = list(units_measured(user).order_by().with_tree_fields())  # type: ignore[attr-defined]
    found: dict[int, list[rules.PersonShare]] = defaultdict(list)
    for (unit_id, _), (share, _) in _people({unit.pk for unit in units}, days).items():
        found[unit_id].append(share)
    top = min((unit.tree_depth for unit in units), default=0)
    lines = [
        UnitLine(unit, rules.unit_share(found[unit.pk]), unit.tree_depth - top)
        for unit in units
        if unit.closed_on is None or found[unit.pk]
    ]
    return lines, rules.unit_share(share for shares in found.values() for share in shares)


def people_of(unit: Unit, days: Sequence[date]) -> list[PersonLine]:
    """The people behind the shares of a unit the reader may see, by name and never by share."""
    known = _people({unit.pk}, days)
    named = Cadre.objects.filter(pk__in=[cadre_id for _, cadre_id in known]).order_by("pinyin", "id")
    lines = [PersonLine(cadre, *known[unit.pk, cadre.pk]) for cadre in named]
    return [line for line in lines if line.share.days]


def line_of(cadre: Cadre, days: Sequence[date]) -> PersonLine:
    """What is counted of one person, in the unit served in now."""
    share, behind = _people({cadre.unit_id}, days, cadre=cadre).get(
        (cadre.unit_id, cadre.pk), (rules.PersonShare(0), Behind())
    )
    return PersonLine(cadre, share, behind)


def _people(
    unit_ids: Collection[int], days: Sequence[date], *, cadre: Cadre | None = None
) -> dict[tuple[int, int], tuple[rules.PersonShare, Behind]]:
    """(unit, cadre) → shares and records of everybody, or of one, who served there on one of the days."""
    if not days or not unit_ids:
        return {}
    first, last = days[0], days[-1]
    within = Q(start_on__lte=last) & (Q(end_on=None) | Q(end_on__gte=first))
    served = Posting.objects.filter(within)
    if len(unit_ids) == 1:
        served = served.filter(unit__in=unit_ids)
    if cadre is not None:
        served = served.filter(cadre=cadre)
    service: dict[tuple[int, int], list[Share]] = defaultdict(list)
    for cadre_id, unit_id, start, end, joined, left in served.order_by("start_on", "id").values_list(
        "cadre_id", "unit_id", "start_on", "end_on", "cadre__joined_on", "cadre__left_on"
    ):
        ends = [day for day in (end, left) if day is not None]
        stretch = Share(max(start, joined), min(ends, default=None), rules.WHOLE)
        if unit_id in unit_ids and stretch.first <= last and (stretch.last is None or stretch.last >= first):
            service[unit_id, cadre_id].append(stretch)
    cadres = served.order_by().values("cadre")
    behind = _behind(cadres, within, first, last)
    known = {}
    for (unit_id, cadre_id), stretches in service.items():
        records = behind.get(cadre_id, Behind())
        facts = rules.Facts(
            service=stretches,
            postings=[Share(p.start_on, p.end_on, p.share) for p in records.postings],
            taskforces=[_at_the_site(member) for member in records.taskforces],
            logged=frozenset(log.on for log in records.logs),
        )
        known[unit_id, cadre_id] = (rules.person_share(facts, days=days), records)
    return known


def _behind(cadres: QuerySet[Posting, Any], within: Q, first: date, last: date) -> dict[int, Behind]:
    """Cadre → the records of the days; three statements."""
    found: dict[int, Behind] = defaultdict(Behind)
    postings = FrontlinePosting.objects.filter(within, state=FrontlineState.RECORDED, cadre__in=cadres)
    for posting in postings.select_related("project").order_by("start_on", "id"):
        found[posting.cadre_id].postings.append(posting)
    members = TaskforceMember.objects.filter(within, cadre__in=cadres).exclude(project__site_office="")
    for member in members.select_related("project").order_by("start_on", "id"):
        stretch = _at_the_site(member)
        if stretch.first <= last and (stretch.last is None or stretch.last >= max(first, stretch.first)):
            found[member.cadre_id].taskforces.append(member)
    logs = SiteLog.objects.filter(state=SiteLogState.RECORDED, on__gte=first, on__lte=last)
    present = logs.filter(people__in=cadres).annotate(cadre_id=F("people")).order_by("on", "id")
    for log in present:
        found[log.cadre_id].logs.append(log)
    return found


def _at_the_site(member: TaskforceMember) -> Share:
    """From when the office is at the site, or the membership where that day is not known, to the end of the
    membership or of the project."""
    project = member.project
    first = max(member.start_on, project.site_office_since or member.start_on)
    ends = [day for day in (member.end_on, project.closed_on) if day is not None]
    return Share(first, min(ends, default=None), rules.WHOLE)
