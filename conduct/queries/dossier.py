"""一人一档: everything good and bad about one person in date order, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import StatementState
from conduct.models import FileStatement
from conduct.queries import education, letters, unit_measures, violations
from conduct.queries.entries import FileEntry, Side
from core.models import Cadre, Unit, User
from core.models.people import CadreQuerySet
from core.permissions import Permission, may, reach
from core.queries import cadres_reached, person_scope, postings_of, units_reached
from core.queries.todos import Todo, Waiting, waiting
from projects.models import TaskforceMember
from projects.queries import performance

Source = Callable[..., Iterable[FileEntry]]


def dossiers_visible_to(user: User) -> CadreQuerySet:
    """The people whose file the user may read."""
    return cadres_reached(user, Permission.VIEW_DOSSIERS)


def statements_visible_to(user: User) -> QuerySet[FileStatement]:
    """Statements on the files the user may read."""
    rows = person_scope(user, Permission.VIEW_DOSSIERS, unit="cadre__unit", cadre="cadre")
    found = FileStatement.objects.select_related("cadre__unit", "recorded_by")
    return found if rows is None else found.filter(rows)


def parts_in(statement: FileStatement, user: User) -> frozenset[str]:
    """The parts a person plays in a statement, by the names of `rules.dossier.STATEMENT`."""
    return frozenset({"author"} if statement.recorded_by_id == user.pk else ())


def _postings(cadre: Cadre, *, user: User) -> list[FileEntry]:
    return [
        FileEntry(on=p.start_on, kind="任职", title=f"{p.unit} {p.post}".strip(), detail=p.rank, record=p)
        for p in postings_of(cadre)
    ]


def _taskforces(cadre: Cadre, *, user: User) -> list[FileEntry]:
    rows = TaskforceMember.objects.filter(cadre=cadre).select_related("project").order_by("-start_on", "-id")
    return [
        FileEntry(
            on=m.start_on,
            kind="项目攻坚",
            title=f"{m.project} {m.get_role_display()}",
            detail=m.duty,
            state=f"至 {m.end_on}" if m.end_on else "在任",
            record=m,
        )
        for m in rows
    ]


EVER = date(1949, 10, 1)
"""Before anything a file tells of."""


def _achievements(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """Milestones done while leading, tasks accepted, problems solved; in time is good, late no offence."""
    today = timezone.localdate()
    done = performance.deeds(since=EVER, until=today, today=today, cadre=cadre, handled=True)
    return [
        FileEntry(
            on=deed.on,
            kind=deed.kind,
            title=deed.title,
            detail=deed.detail,
            state=deed.word,
            side=Side.PLAIN if deed.timing == "LATE" else Side.GOOD,
        )
        for deed in done
        if deed.timing != "OVERDUE"
    ]


SOURCES: tuple[Source, ...] = (
    _postings,
    _taskforces,
    _achievements,
    violations.file_entries,
    letters.file_entries,
    education.file_entries,
)
"""Each kind of record answers in a fixed number of statements."""


def file_of(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """The file's lines, newest first."""
    return _in_order(line for source in SOURCES for line in source(cadre, user=user))


def _in_order(lines: Iterable[FileEntry]) -> list[FileEntry]:
    return sorted(lines, key=lambda line: (line.on, line.kind, line.title), reverse=True)


UNIT_SOURCES: tuple[Source, ...] = (
    unit_measures.unit_file_entries,
    letters.unit_file_entries,
    education.unit_file_entries,
)
"""What stands in the file of a unit itself; its people have their own."""


def unit_files_visible_to(user: User) -> QuerySet[Unit]:
    """The units whose file the user may read: all, or the own subtree; one's own file is not the unit's."""
    found: QuerySet[Unit] = Unit.objects.all()
    if reach(user, Permission.VIEW_DOSSIERS).everywhere:
        return found
    return found.filter(pk__in=units_reached(user, Permission.VIEW_DOSSIERS))


def file_of_unit(unit: Unit, *, user: User) -> list[FileEntry]:
    """The lines of a unit's file, newest first."""
    return _in_order(line for source in UNIT_SOURCES for line in source(unit, user=user))


def line_of(cadre: Cadre, reference: str, *, user: User) -> FileEntry | None:
    """The line of a file that a reference names, or None."""
    if not reference:
        return None
    return next((line for line in file_of(cadre, user=user) if line.reference == reference), None)


def open_requests(label: str, pk: int, user: User) -> QuerySet[FileStatement]:
    """What is asked about a record and not yet done with, for those who answer; oldest first."""
    if not may(user, Permission.ANSWER_DOSSIERS):
        return FileStatement.objects.none()
    waiting = (StatementState.FILED, StatementState.ACCEPTED)
    found = statements_visible_to(user).filter(about_label=label, about_id=str(pk), state__in=waiting)
    return found.order_by("recorded_at", "id")


def line_choices(lines: Iterable[FileEntry]) -> list[tuple[str, str]]:
    """(reference, words) of the lines a request for correction may point at."""
    return [(line.reference, line.words) for line in lines if line.reference]


def todos(user: User, *, today: date) -> list[Waiting]:
    """Statements that wait for this person's answer, and granted corrections to be made; oldest first. They
    have no list but the files."""
    if not may(user, Permission.ANSWER_DOSSIERS):
        return []
    open_states = (StatementState.FILED, StatementState.ACCEPTED)
    unsettled = statements_visible_to(user).filter(state__in=open_states).exclude(recorded_by=user)
    return [
        waiting(
            unsettled.order_by("recorded_at", "id"),
            lambda s: Todo(
                title=f"{s.get_kind_display()}：{s.text[:40]}",
                who=f"{s.cadre}（{s.cadre.unit}）",
                detail="，".join(filter(None, (s.about_name, f"{timezone.localdate(s.recorded_at)} 提出"))),
                url=reverse("conduct:dossier", args=[s.cadre_id]) + "#statements",
                action="答复" if s.state == StatementState.FILED else "改正",
            ),
            label="待答复、待改正的档案说明",
            url="",
            today=today,
        )
    ]
