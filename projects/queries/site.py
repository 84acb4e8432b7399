"""Reads of site logs and frontline postings; the row scope comes from `…_visible_to` alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.urls import reverse

from core.models import Cadre, User
from core.models.people import CadreQuerySet
from core.permissions import Permission, may, reach
from core.queries import cadres_reached, cadres_visible_to, steps_of, units_reached
from projects.choices import FrontlineState, SiteLogState
from projects.models import FrontlinePosting, KeyProject, SiteLog, SiteScene, TaskforceMember
from projects.queries.overview import Card, Event
from projects.queries.projects import membership, projects_visible_to
from projects.rules.site import Share

PRESENT = SiteLog.people.through


def sitelogs_visible_to(user: User) -> QuerySet[SiteLog]:
    """Logs of visible projects, of the own units and of visits of their people; one's own."""
    people = Prefetch("people", Cadre.objects.order_by("pinyin", "id"))
    found = SiteLog.objects.select_related("project", "scene", "unit", "recorded_by").prefetch_related(people)
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return found
    rows = Q(recorded_by=user) | Q(project__in=projects_visible_to(user).values("pk"))
    here = PRESENT.objects.filter(sitelog=OuterRef("pk"))
    if units := units_reached(user, Permission.VIEW_PROJECTS):
        rows |= Q(unit__in=units) | Q(Exists(here.filter(cadre__unit__in=units)))
    if user.cadre_id is not None:
        rows |= Q(Exists(here.filter(cadre=user.cadre_id)))
    return found.filter(rows)


def scenes_on(day: date) -> list[tuple[str, str]]:
    """The seven scenes in force on a day, as (key, name)."""
    found = SiteScene.objects.in_force(day).order_by("order", "key", "id")
    return list(found.values_list("key", "name"))


def projects_to_log(user: User) -> QuerySet[KeyProject]:
    """Projects on whose site one works: those one is appointed to, those of the units one heads."""
    if not may(user, Permission.LOG_SITE_WORK):
        return KeyProject.objects.none()
    rows = Q(membership(user, project="pk"))
    if units := units_reached(user, Permission.LOG_SITE_WORK):
        through = KeyProject.co_units.through.objects.filter(unit__in=units)
        rows |= Q(lead_unit__in=units) | Q(pk__in=through.values("keyproject"))
    return KeyProject.objects.select_related("lead_unit").filter(rows)


def people_to_name(user: User) -> CadreQuerySet:
    """Whom one may name beside those one sees: colleagues of the own unit and of one's taskforces."""
    rows = Q(pk__in=cadres_visible_to(user).values("pk"))
    if user.cadre is not None:
        mine = TaskforceMember.objects.filter(cadre=user.cadre, end_on=None).values("project")
        teams = TaskforceMember.objects.filter(project__in=mine, end_on=None)
        rows |= Q(unit=user.cadre.unit_id) | Q(pk__in=teams.values("cadre"))
    if units := units_reached(user, Permission.LOG_SITE_WORK):
        teams = TaskforceMember.objects.filter(project__lead_unit__in=units, end_on=None)
        rows |= Q(pk__in=teams.values("cadre"))
    return Cadre.objects.select_related("unit").filter(rows)


def log_parts(log: SiteLog, user: User) -> frozenset[str]:
    """The parts a person plays in a log, by the names of `rules.site.SITE_LOG`."""
    parts = {
        "recorder": log.recorded_by_id == user.pk,
        "head": log.unit_id in units_reached(user, Permission.LOG_SITE_WORK),
    }
    return frozenset(part for part, plays in parts.items() if plays)


def postings_visible_to(user: User) -> QuerySet[FrontlinePosting]:
    """All, those of the own units' people, one's own, and those to projects one works on."""
    found = FrontlinePosting.objects.select_related("cadre", "unit", "project", "recorded_by")
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return found
    rows = Q(membership(user, project="project")) & Q(project__isnull=False)
    if units := units_reached(user, Permission.VIEW_PROJECTS):
        rows |= Q(unit__in=units)
    if user.cadre_id is not None:
        rows |= Q(cadre=user.cadre_id)
    return found.filter(rows)


def people_to_post(user: User) -> CadreQuerySet:
    """Whom one may post to the front line: own people, or anybody for who may post everywhere."""
    return cadres_reached(user, Permission.POST_FRONTLINE)


def may_post_of(user: User, unit_id: int) -> bool:
    """Whether the user posts people of this unit."""
    scope = reach(user, Permission.POST_FRONTLINE)
    return scope.everywhere or unit_id in units_reached(user, Permission.POST_FRONTLINE)


def posting_parts(posting: FrontlinePosting, user: User) -> frozenset[str]:
    """The parts a person plays in a posting, by the names of `rules.site.FRONTLINE`."""
    return frozenset({"poster"} if may_post_of(user, posting.unit_id) else ())


def shares_of(cadre: Cadre, *, since: date) -> list[tuple[Share, FrontlinePosting]]:
    """A person's postings that last into the days from `since`, each with its share."""
    found = FrontlinePosting.objects.filter(
        Q(end_on=None) | Q(end_on__gte=since), cadre=cadre, state=FrontlineState.RECORDED
    )
    return [(Share(p.start_on, p.end_on, p.share), p) for p in found.order_by("start_on", "id")]


def standing_of(posting: FrontlinePosting, today: date) -> str:
    """What a posting is today, in words: read off the calendar, no job writes it."""
    if posting.state == FrontlineState.WITHDRAWN:
        return str(FrontlineState.WITHDRAWN.label)
    if today < posting.start_on:
        return "未开始"
    return "已结束" if posting.end_on is not None and posting.end_on < today else "在一线"


def now_at(project: KeyProject, *, today: date) -> QuerySet[FrontlinePosting]:
    """Who is posted to a project's site today."""
    return (
        FrontlinePosting.objects.filter(
            Q(end_on=None) | Q(end_on__gte=today),
            project=project,
            state=FrontlineState.RECORDED,
            start_on__lte=today,
        )
        .select_related("cadre", "unit")
        .order_by("start_on", "id")
    )


def card(project: KeyProject, user: User, today: date) -> Card:
    """What happens on the project's site."""
    logs = SiteLog.objects.filter(project=project, state=SiteLogState.RECORDED)
    counts: dict[str, Any] = logs.aggregate(
        month=Count("pk", filter=Q(on__gte=today.replace(day=1), on__lte=today)),
        helped=Sum("people_helped"),
        solved=Sum("problems_solved"),
    )
    return Card(
        title="现场工作",
        figures=[
            ("本月", f"{counts['month']} 次"),
            ("服务群众和企业", f"{counts['helped'] or 0} 人次"),
            ("解决问题", f"{counts['solved'] or 0} 件"),
            ("下沉一线", f"{now_at(project, today=today).count()} 人"),
        ],
        url=reverse("projects:project-site", args=[project.pk]),
        order=60,
    )


def history(project: KeyProject, user: User) -> list[Event]:
    """Site logs and postings of the project that the reader may see."""
    logs = list(sitelogs_visible_to(user).filter(project=project).order_by("-on", "-id"))
    withdrawn = {s.owner_id: s.note for s in steps_of(logs) if s.step == "withdraw"}
    events = [
        Event(
            on=log.on,
            kind="现场工作",
            title=f"{log.scene}：{log.place}",
            detail=f"已撤回：{withdrawn[str(log.pk)]}" if str(log.pk) in withdrawn else log.what,
            who="、".join(person.name for person in log.people.all()),
            url=log.get_absolute_url(),
        )
        for log in logs
    ]
    postings = postings_visible_to(user).filter(project=project, state=FrontlineState.RECORDED)
    for posting in postings.order_by("-start_on", "-id"):
        until = f"至 {posting.end_on}" if posting.end_on else "起"
        events.append(
            Event(
                on=posting.start_on,
                kind="下沉一线",
                title=str(posting),
                detail=f"{posting.start_on} {until}，占 {posting.share}%",
                who=posting.recorded_by.display_name,
                url=posting.get_absolute_url(),
            )
        )
    return events
