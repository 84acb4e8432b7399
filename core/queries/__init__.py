"""Reads across tables; the row scope of people and units comes from here alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import CharField, Count, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from core.choices import ProposalState
from core.models import (
    Attachment,
    Cadre,
    ImportBatch,
    Job,
    Posting,
    Proposal,
    RoleGrant,
    StepTaken,
    Unit,
    User,
    WorkdayOverride,
)
from core.models.people import CadreQuerySet
from core.permissions import Permission, Reach, may, reach
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workdays import Overrides
from core.rules.workflow import Workflow


def unit_ids_under(roots: Iterable[int]) -> frozenset[int]:
    """The ids of the given units and all units below them."""
    ids: set[int] = set()
    for root in roots:
        ids.update(Unit.objects.descendants(root, include_self=True).values_list("pk", flat=True))
    return frozenset(ids)


def units_reached(user: User, permission: Permission) -> frozenset[int]:
    """The ids of the unit subtrees a permission reaches; a tree is read once per user object, so once per
    request."""
    roots = reach(user, permission).unit_ids
    known: dict[frozenset[int], frozenset[int]] | None = getattr(user, "_subtrees", None)
    if known is None:
        known = user._subtrees = {}  # type: ignore[attr-defined]
    if roots not in known:
        known[roots] = unit_ids_under(roots)
    return known[roots]


def person_scope(user: User, permission: Permission, *, unit: str, cadre: str) -> Q | None:
    """The rows of people's records a user reaches with a permission; None means all rows.

    `unit` and `cadre` are the lookup paths of the record's unit-of-its-day and its person.
    """
    scope: Reach = reach(user, permission)
    if scope.everywhere:
        return None
    rows = Q(pk__in=())
    if scope.unit_ids:
        rows |= Q(**{f"{unit}__in": units_reached(user, permission)})
    if scope.own_self and user.cadre_id is not None:
        rows |= Q(**{cadre: user.cadre_id})
    return rows


def cadres_reached(user: User, permission: Permission) -> CadreQuerySet:
    """The people a permission reaches: everybody, the own unit subtree, or oneself."""
    rows = person_scope(user, permission, unit="unit", cadre="pk")
    cadres = Cadre.objects.select_related("unit")
    return cadres if rows is None else cadres.filter(rows)


def cadres_visible_to(user: User) -> CadreQuerySet:
    """Cadres the user may see."""
    return cadres_reached(user, Permission.VIEW_CADRES)


def units_visible_to(user: User) -> QuerySet[Unit]:
    """Units the user may see: the whole tree, the own subtree, or the own unit."""
    scope = reach(user, Permission.VIEW_CADRES)
    if scope.everywhere:
        everything: QuerySet[Unit] = Unit.objects.all()
        return everything
    rows = Q(pk__in=units_reached(user, Permission.VIEW_CADRES))
    if scope.own_self and user.cadre_id is not None:
        rows |= Q(pk__in=Cadre.objects.filter(pk=user.cadre_id).order_by().values("unit"))
    some: QuerySet[Unit] = Unit.objects.filter(rows)
    return some


def open_units_visible_to(user: User) -> QuerySet[Unit]:
    """Units the user may see that are not closed."""
    return units_visible_to(user).filter(closed_on=None)


def workday_overrides() -> Overrides:
    """The office's own corrections to the official calendar, for `core.rules.workdays`."""
    return dict(WorkdayOverride.objects.values_list("day", "is_workday"))


def serving_cadres(day: date) -> CadreQuerySet:
    """Everybody in service on a day, with the unit of that day."""
    return Cadre.objects.serving_on(day).with_posting_on(day)


def accounts(*, search: str = "") -> QuerySet[User]:
    """All accounts, for the system administrator; no business data beyond the person's name."""
    found = User.objects.select_related("cadre__unit").order_by("username")
    return (
        found.filter(Q(username__icontains=search) | Q(display_name__icontains=search)) if search else found
    )


def grants_by_account(*, search: str = "") -> QuerySet[User]:
    """Accounts with `live_grants`, for the security administrator."""
    live = RoleGrant.objects.filter(revoked_at=None).select_related("unit", "granted_by")
    return accounts(search=search).prefetch_related(Prefetch("grants", live, to_attr="live_grants"))


def postings_of(cadre: Cadre) -> QuerySet[Posting]:
    """A cadre's moves, newest first."""
    return cadre.postings.select_related("unit", "supervisor").order_by("-start_on", "-id")


def unit_outline(found: QuerySet[Unit]) -> list[Unit]:
    """Some units in tree order, each with `tree_depth` and `headcount` of those in service."""
    wanted = set(found.values_list("pk", flat=True))
    serving = Count("cadres", filter=Q(cadres__left_on=None))
    heads = dict(Unit.objects.annotate(n=serving).order_by().values_list("pk", "n"))
    units = [unit for unit in Unit.objects.with_tree_fields() if unit.pk in wanted]
    for unit in units:
        unit.headcount = heads[unit.pk]
    return units


def jobs_visible_to(user: User) -> QuerySet[Job]:
    """One's own jobs; those of the system to who manages the periods."""
    mine = Q(created_by=user)
    if may(user, Permission.RUN_ASSESSMENT):
        mine |= Q(created_by=None)
    return Job.objects.filter(mine)


def attachments_of(owner: Model) -> QuerySet[Attachment]:
    """A record's attachments in the order they came; who may see the record may see them."""
    return Attachment.objects.filter(owner_label=owner._meta.label, owner_id=str(owner.pk)).order_by("id")


def import_batches_of(user: User) -> QuerySet[ImportBatch]:
    """One's own uploads, the latest first: who confirms a preview is who saw it."""
    return ImportBatch.objects.filter(created_by=user).order_by("-id")


@dataclass(frozen=True)
class CourseLine:
    """One line of a record's history: what was done, by whom (None: the system), when, with which words;
    `old` is what the record said before, label → text."""

    label: str
    by: User | None
    at: datetime
    note: str = ""
    old: Mapping[str, str] = field(default_factory=dict)


def steps_of(records: Iterable[Model]) -> QuerySet[StepTaken]:
    """The steps taken on several records, oldest first; who may see the records may see them."""
    keys: dict[str, list[str]] = {}
    for record in records:
        keys.setdefault(record._meta.label, []).append(str(record.pk))
    owned = Q(pk__in=())
    for label, ids in keys.items():
        owned |= Q(owner_label=label, owner_id__in=ids)
    return StepTaken.objects.filter(owned).select_related("by").order_by("at", "id")


def course_of(record: Any, workflow: Workflow, *, inside: bool = True) -> list[CourseLine]:
    """A record's history, oldest first; who may see the record may see it.

    The first line is the making of the record, from its `recorded_by` and `recorded_at`. To who is not
    `inside` the office, internal steps come without their reason and the text they replaced.
    """
    first = CourseLine(workflow.begin, record.recorded_by, record.recorded_at)
    hidden = set() if inside else {step.name for step in workflow.steps if step.internal}
    return [first] + [
        CourseLine(step.label, step.by, step.at)
        if step.step in hidden
        else CourseLine(step.label, step.by, step.at, step.note, step.old)
        for step in steps_of([record])
    ]


def draft_todos(
    drafts: QuerySet[Any], *, who: Callable[[Any], str], label: str, url: str, today: date
) -> Waiting:
    """One's own drafts, to be sent to review; why, where a reviewer gave one back (the step `return`)."""
    returned = StepTaken.objects.filter(
        owner_label=drafts.model._meta.label, owner_id=Cast(OuterRef("pk"), CharField()), step="return"
    )
    last = returned.order_by("-at", "-id").values("note")[:1]

    def line(draft: Any) -> Todo:
        is_new = draft.returned_for is None
        return Todo(
            title=str(draft),
            who=who(draft),
            detail="您的草稿，还没有送审" if is_new else f"退回修改：{draft.returned_for}",
            url=draft.get_absolute_url(),
            action="送审" if is_new else "修改后送审",
        )

    return waiting(drafts.annotate(returned_for=Subquery(last)), line, label=label, url=url, today=today)


def page_of(label: str, pk: str) -> str:
    """The page of a record named by label and id, "" where it has none; who may see it the page asks."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return ""
    record = model._default_manager.filter(pk=pk).first()
    address = getattr(record, "get_absolute_url", None)
    return str(address()) if address else ""


def proposals_visible_to(user: User) -> QuerySet[Proposal]:
    """Proposals for those who answer them; nobody sees one about oneself."""
    found = Proposal.objects.select_related("cadre", "unit", "proposed_by", "answered_by")
    if not may(user, Permission.ANSWER_PROPOSALS):
        return found.none()
    return found if user.cadre_id is None else found.exclude(cadre=user.cadre_id)


def proposals_from(owner: Model) -> QuerySet[Proposal]:
    """What was proposed because of a record; who may see the record may see it."""
    return (
        Proposal.objects.filter(source_label=owner._meta.label, source_id=str(owner.pk))
        .select_related("proposed_by", "answered_by")
        .order_by("id")
    )


def proposal_todos(user: User, *, today: date) -> list[Waiting]:
    """Proposals this person may answer, oldest first: not one's own, not about oneself."""
    open_ones = proposals_visible_to(user).filter(state=ProposalState.OPEN).exclude(proposed_by=user)
    return [
        waiting(
            open_ones.order_by("proposed_at", "id"),
            lambda proposal: Todo(
                title=proposal.get_kind_display(),
                who=str(proposal.cadre or proposal.unit or ""),
                detail=f"因{proposal.source_name}，{proposal.proposed_by or '系统'}于 "
                f"{timezone.localdate(proposal.proposed_at)} 提出",
                url=reverse("core:proposal-detail", args=[proposal.pk]),
                action="研判",
            ),
            label="待研判的建议",
            url=reverse("core:proposal-list") + "?state=OPEN",
            today=today,
        )
    ]
