"""Reads of supervision letters; the row scope comes from `letters_visible_to` alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from conduct.choices import ItemState, LetterState
from conduct.models import Extension, RectificationItem, SupervisionLetter
from conduct.queries.entries import FileEntry
from conduct.rules import letters as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, may, reach
from core.queries import draft_todos, units_reached
from core.queries.todos import Todo, Waiting, waiting


def letters_visible_to(user: User) -> QuerySet[SupervisionLetter]:
    """The discipline office sees all; leadership what was issued; a unit head what was issued to the own
    subtree. A draft stays inside the office."""
    found = SupervisionLetter.objects.select_related(
        "unit", "recorded_by", "approved_by", "issued_by", "received_by"
    )
    if may(user, Permission.DRAFT_LETTERS):
        return found
    scope = reach(user, Permission.VIEW_LETTERS)
    sent = found.filter(state__in=rules.SENT)
    if scope.everywhere:
        return sent
    return (
        sent.filter(unit__in=units_reached(user, Permission.VIEW_LETTERS)) if scope.unit_ids else found.none()
    )


def items_visible_to(user: User) -> QuerySet[RectificationItem]:
    """The items of the letters the user may see."""
    return RectificationItem.objects.filter(letter__in=letters_visible_to(user)).select_related(
        "letter__unit", "unit", "cadre", "recorded_by"
    )


def extensions_visible_to(user: User) -> QuerySet[Extension]:
    """Requests for more time on items the user may see."""
    return Extension.objects.filter(item__letter__in=letters_visible_to(user)).select_related(
        "item__letter__unit", "item__cadre", "recorded_by"
    )


def with_progress(letters: QuerySet[SupervisionLetter]) -> QuerySet[SupervisionLetter]:
    """Letters with `items_total`, `items_passed` and `next_due`, the earliest deadline still open, the newest
    first: counting drops the model's own order."""
    return letters.order_by("-recorded_at", "-id").annotate(
        items_total=Count("items"),
        items_passed=Count("items", filter=Q(items__state=ItemState.PASSED)),
        next_due=Min("items__due_on", filter=Q(items__state=ItemState.OPEN)),
    )


def answers_for(user: User, unit_id: int) -> bool:
    """Whether the user answers letters of the unit: head of it or of a unit above it."""
    return unit_id in units_reached(user, Permission.ANSWER_LETTERS)


def parts_in(letter: SupervisionLetter, user: User) -> frozenset[str]:
    """The parts a person plays in a letter, by the names of `rules.letters.LETTER`."""
    parts = {"drafter": letter.recorded_by_id == user.pk, "addressee": answers_for(user, letter.unit_id)}
    return frozenset(part for part, plays in parts.items() if plays)


def last_contact(user: User) -> str:
    """Whom the user's last letter names, phone included; at first the name alone."""
    last = SupervisionLetter.objects.filter(recorded_by=user).order_by("-recorded_at", "-id")
    return last.values_list("contact", flat=True).first() or user.display_name


def items_left(letter: SupervisionLetter) -> list[RectificationItem]:
    """The items that have not passed, in order: what stands between a letter and its closing."""
    return list(letter.items.exclude(state=ItemState.PASSED).order_by("order"))


def similar_letters(
    *, unit: Unit, title: str, sources: Sequence[tuple[str, str]], exclude: int, today: date
) -> list[SupervisionLetter]:
    """Letters of the last year to the same unit, not over, about the same source or alike in title."""
    near = (
        SupervisionLetter.objects.filter(unit=unit, recorded_at__date__gte=today - rules.LOOK_BACK)
        .exclude(state__in=rules.OVER)
        .exclude(pk=exclude)
        .select_related("unit", "recorded_by")
        .prefetch_related("sources")
        .order_by("-recorded_at", "-id")
    )
    wanted = set(sources)
    return [
        letter
        for letter in near
        if rules.alike(letter.title, title)
        or wanted & {(m.source_label, m.source_id) for m in letter.sources.all()}
    ]


def similar_to(letter: SupervisionLetter, *, today: date) -> list[SupervisionLetter]:
    """The open letters that look like this one."""
    sources = [(m.source_label, m.source_id) for m in letter.sources.all()]
    return similar_letters(
        unit=letter.unit, title=letter.title, sources=sources, exclude=letter.pk, today=today
    )


def file_entries(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """What letters demanded of a person, within what the reader may see; neither good nor bad by itself."""
    items = (
        items_visible_to(user)
        .filter(cadre=cadre, letter__state__in=rules.SENT)
        .order_by("-letter__issued_on", "-id")
    )
    return [_entry(item) for item in items]


def unit_file_entries(unit: Unit, *, user: User) -> list[FileEntry]:
    """The letters a unit received, within what the reader may see."""
    letters = letters_visible_to(user).filter(unit=unit, state__in=rules.SENT).order_by("-issued_on", "-id")
    return [
        FileEntry(
            on=letter.issued_on,
            kind="督办函",
            title=str(letter),
            state=letter.get_state_display(),
            url=reverse("conduct:letter-detail", args=[letter.pk]),
        )
        for letter in letters
        if letter.issued_on is not None
    ]


def _entry(item: RectificationItem) -> FileEntry:
    letter = item.letter
    assert letter.issued_on is not None
    return FileEntry(
        on=letter.issued_on,
        kind="督办函责任事项",
        title=str(letter),
        detail=f"{item.what}（时限 {item.due_on}）",
        state=item.get_state_display(),
        url=reverse("conduct:letter-detail", args=[letter.pk]),
        record=item,
    )


def todos(user: User, *, today: date) -> list[Waiting]:
    """What letters wait for from this person of the discipline office, from the draft to the closing; what
    their items wait for stands in `queries.rectification`."""
    if not may(user, Permission.DRAFT_LETTERS):
        return []
    known = letters_visible_to(user).order_by("recorded_at", "id")
    own, others = known.filter(recorded_by=user), known.exclude(recorded_by=user)
    mended = known.exclude(items__state__in=[ItemState.OPEN, ItemState.REPORTED])
    found = [
        draft_todos(
            own.filter(state=LetterState.DRAFT),
            who=lambda letter: str(letter.unit),
            label="您起草的督办函",
            url=_listed_as(LetterState.DRAFT),
            today=today,
        ),
        _letters(others, LetterState.IN_REVIEW, "审核", today=today),
    ]
    if may(user, Permission.ISSUE_LETTERS):
        found.append(_letters(others, LetterState.APPROVED, "签发", today=today))
    found.append(_letters(mended.order_by("issued_on", "id"), LetterState.RECTIFYING, "销号", today=today))
    return found


def _listed_as(state: LetterState) -> str:
    return reverse("conduct:letter-list") + f"?state={state}"


def _letters(rows: QuerySet[SupervisionLetter], state: LetterState, action: str, *, today: date) -> Waiting:
    return waiting(
        rows.filter(state=state),
        lambda letter: Todo(
            title=letter.title,
            who=str(letter.unit),
            detail="，".join(filter(None, (letter.number, f"{letter.recorded_by.display_name}拟稿"))),
            url=letter.get_absolute_url(),
            action=action,
        ),
        label=f"待{action}的督办函",
        url=_listed_as(state),
        today=today,
    )
