"""Reads of clues; the row scope comes from `clues_visible_to` alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Left
from django.urls import reverse

from conduct.choices import ClueState
from conduct.models import Clue, ClueHandover, ClueNotice, ClueSubject, SealOpening
from conduct.rules import clues as rules
from core.models import RoleGrant, User
from core.permissions import ROLES, Permission, may
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workflow import SUBJECT

SUBJECTS = Prefetch("subjects", ClueSubject.objects.in_full())


def _about(user: User) -> Q:
    """Subjects that are this person: by the roster, or by a name the roster did not settle."""
    named = Q(name_text=user.display_name)
    return named if user.cadre_id is None else named | Q(cadre=user.cadre_id)


def clues_visible_to(user: User) -> QuerySet[Clue]:
    """All clues for the discipline office; nobody sees one about oneself, whatever the role.

    Heads hold the same reach: when every officer is a subject, they still see it.
    """
    found = Clue.objects.select_related(
        "handler", "recorded_by", "approved_by", "concluded_by"
    ).prefetch_related(SUBJECTS)
    if not (may(user, Permission.HANDLE_CLUES) or may(user, Permission.APPROVE_CLUES)):
        return found.none()
    return found.exclude(pk__in=ClueSubject.objects.filter(_about(user)).values("clue"))


def locked(clue_id: UUID, user: User) -> Clue:
    """The clue within the user's scope, locked until the transaction ends. Raises Clue.DoesNotExist outside
    it."""
    return clues_visible_to(user).select_for_update(of=("self",)).get(pk=clue_id)


def parts_in(clue: Clue, user: User) -> frozenset[str]:
    """The parts a person plays in a clue, by the names of `rules.clues.CLUE`."""
    parts = {
        "recorder": clue.recorded_by_id == user.pk,
        "handler": clue.handler_id == user.pk,
        "head": may(user, Permission.APPROVE_CLUES),
        SUBJECT: clue.subjects.filter(_about(user)).exists(),
    }
    return frozenset(part for part, plays in parts.items() if plays)


def may_open_seal(clue: Clue, user: User) -> bool:
    """The named handler, or one who approves; the caller has found the clue within the user's scope."""
    handles = clue.handler_id == user.pk and may(user, Permission.HANDLE_CLUES)
    return handles or may(user, Permission.APPROVE_CLUES)


def office(permission: Permission, *, on: date) -> QuerySet[User]:
    """Accounts that hold a permission on a day."""
    roles = [code for code, role in ROLES.items() if permission in role.permissions]
    holders = RoleGrant.objects.in_force(on).filter(role__in=roles).values("user")
    return User.objects.filter(is_active=True, pk__in=holders).order_by("username")


def office_for(clue: Clue, permission: Permission, *, on: date) -> QuerySet[User]:
    """Accounts that hold a permission and are not what the clue is about."""
    subjects = ClueSubject.objects.filter(clue=clue)
    cadres, names = subjects.exclude(cadre=None).values("cadre"), subjects.values("name_text")
    return office(permission, on=on).exclude(cadre__in=cadres).exclude(display_name__in=names)


def handlers_for(clue: Clue, *, on: date) -> QuerySet[User]:
    return office_for(clue, Permission.HANDLE_CLUES, on=on)


def subjects_in_words(clue: Clue) -> str:
    """Whom a clue found in `clues_visible_to` is about, told apart from namesakes."""
    return "、".join(subject.in_full for subject in clue.subjects.all())


def openings_of(clue: Clue) -> QuerySet[SealOpening]:
    """Who looked at the identity and why; who may see the clue may see it."""
    return clue.openings.select_related("opened_by")


def sealed_otherwise(key: str) -> QuerySet[Clue]:
    """Named clues whose identity another key seals: for the change of keys, nobody's view of clues."""
    # Compared by characters: LIKE would take k1 for K1 on SQLite.
    mark = f"{key}$"
    found = Clue.objects.filter(is_named=True).annotate(sealed_with=Left("identity", len(mark)))
    return found.exclude(sealed_with=mark).order_by("pk")


def related_to(clue: Clue, user: User) -> list[Clue]:
    """The clue it was merged into and those merged into it, within what the reader may see."""
    return list(
        clues_visible_to(user)
        .filter(Q(duplicate_of=clue) | Q(pk=clue.duplicate_of_id))
        .order_by("-received_on", "-id")
    )


def mergeable_into(clue: Clue, user: User) -> QuerySet[Clue]:
    """Clues that another may be merged into: alive, and not itself."""
    gone = (ClueState.MERGED, ClueState.TRANSFERRED)
    return clues_visible_to(user).exclude(pk=clue.pk).exclude(state__in=gone)


def similar_clues(
    user: User, *, title: str, cadre_ids: Collection[int], today: date, unlike: Clue | None = None
) -> list[Clue]:
    """Visible clues of the last 12 months about the same cadre or with a title like it, newest first."""
    since = date(today.year - 1, today.month, 1)
    recent = clues_visible_to(user).filter(received_on__gte=since).order_by("-received_on", "-id")
    if unlike is not None:
        recent = recent.exclude(pk=unlike.pk)
    same = list(recent.filter(subjects__cadre__in=list(cadre_ids)).distinct()[:5]) if cadre_ids else []
    if len(title.strip()) >= 4:
        alike = [
            clue for clue in recent[:500]
            if clue not in same and rules.likeness(title, clue.title) >= rules.SIMILAR
        ]  # fmt: skip
        same += alike[:5]
    return same


def times_written(user: User, indexes: Collection[str]) -> int:
    """How many visible clues came from the same contact, by its blind indexes."""
    return clues_visible_to(user).filter(contact_index__in=list(indexes)).count() if indexes else 0


def twin_of(
    user: User, *, title: str, received_on: date, cadre_ids: Collection[int], unlike: Clue | None = None
) -> Clue | None:
    """The visible clue of that day with the very same title and a subject in common."""
    alike = clues_visible_to(user).filter(
        title=title, received_on=received_on, subjects__cadre__in=list(cadre_ids)
    )
    if unlike is not None:
        alike = alike.exclude(pk=unlike.pk)
    return alike.order_by("recorded_at", "id").first()


def notices_visible_to(user: User) -> QuerySet[ClueNotice]:
    """Notices of visible clues."""
    return ClueNotice.objects.filter(clue__in=clues_visible_to(user).values("pk")).select_related(
        "clue__handler", "done_by"
    )


def handovers_visible_to(user: User) -> QuerySet[ClueHandover]:
    """Hand-overs name nobody; the whole office sees them. Those still to be handed over come first."""
    found = ClueHandover.objects.select_related("recorded_by").order_by(
        F("handed_on").desc(nulls_first=True), "-received_on", "-id"
    )
    return found if may(user, Permission.HANDLE_CLUES) else found.none()


def handover_counts(user: User) -> list[tuple[str, int]]:
    """(level, how many) of all hand-overs, by level."""
    rows = handovers_visible_to(user).order_by("level").values("level").annotate(n=Count("pk"))
    labels = dict(ClueHandover._meta.get_field("level").flatchoices)
    return [(labels[row["level"]], row["n"]) for row in rows]


def todos(user: User, *, today: date) -> list[Waiting]:
    """What clues wait for from this person, the nearest limit first."""
    if not may(user, Permission.HANDLE_CLUES):
        return []
    seen = clues_visible_to(user).order_by("due_on", "id")
    approves = may(user, Permission.APPROVE_CLUES)
    in_hand, asked = (ClueState.ASSIGNED, ClueState.IN_HAND), (ClueState.PROPOSED, ClueState.REPORTED)
    clues = reverse("conduct:clue-list")
    kinds = [
        (seen.filter(handler=user, state__in=in_hand), "办理", "我承办的线索", f"{clues}?handler={user.pk}")
    ]
    notices = (
        notices_visible_to(user)
        .filter(done_on=None)
        .filter(Q(clue__handler=user) | (Q(clue__handler=None) if approves else Q(pk__in=())))
    )
    if approves:
        new = seen.filter(state=ClueState.REGISTERED)
        proposed = seen.filter(state__in=asked).exclude(handler=user)
        kinds = [
            (new, "分派", "待分派的线索", f"{clues}?state={ClueState.REGISTERED}"),
            (proposed, "审批", "待审批的线索", clues),
            *kinds,
        ]
    handovers = handovers_visible_to(user).filter(recorded_by=user, handed_on=None)
    soon = today + timedelta(days=rules.SOON_DAYS)
    return [
        *(
            waiting(
                rows,
                partial(_todo, action=action),
                label=label,
                url=url,
                today=today,
                due="due_on",
                soon=soon,
            )
            for rows, action, label, url in kinds
        ),
        waiting(
            notices.order_by("due_on", "id"),
            lambda notice: Todo(
                title=f"{notice.get_kind_display()}：{notice.clue.title}",
                who="实名举报人",
                detail=f"线索 {notice.clue.number}",
                url=notice.clue.get_absolute_url(),
                action="告知",
                due_on=notice.due_on,
            ),
            label="待告知的实名举报",
            url=reverse("conduct:clue-notices"),
            today=today,
            due="due_on",
            soon=soon,
        ),
        waiting(
            handovers.order_by("due_on", "id"),
            lambda handover: Todo(
                title=f"{handover.get_level_display()}干部线索移交",
                who=f"移交{handover.get_handed_to_display()}",
                detail=f"{handover.get_channel_display()}，{handover.received_on} 收到",
                url=reverse("conduct:handover-list"),
                action="移交",
                due_on=handover.due_on,
            ),
            label="待移交的线索",
            url=reverse("conduct:handover-list"),
            today=today,
            due="due_on",
            soon=soon,
        ),
    ]


def _todo(clue: Clue, *, action: str) -> Todo:
    subjects = [str(subject) for subject in clue.subjects.all()]
    return Todo(
        title=clue.title,
        who="、".join(subjects[:2]) + ("等" if len(subjects) > 2 else ""),
        detail=f"线索 {clue.number}，{clue.get_channel_display()}，{clue.received_on} 收到",
        url=clue.get_absolute_url(),
        action=action,
        due_on=clue.due_on,
    )
