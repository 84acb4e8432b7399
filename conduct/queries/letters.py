"""Reads of supervision letters; the row scope comes from `letters_visible_to` alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ItemState, LetterState
from conduct.models import (
    Chase,
    Extension,
    ItemReport,
    RectificationItem,
    SupervisionLetter,
)
from conduct.queries.entries import FileEntry
from conduct.rules import letters as rules
from core.models import Attachment, Cadre, Unit, User
from core.permissions import Permission, may, reach
from core.queries import Todo, unit_ids_under, workday_overrides
from core.rules.workdays import Overrides


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
    return sent.filter(unit__in=unit_ids_under(scope.unit_ids)) if scope.unit_ids else found.none()


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


def light_letters(letters: Iterable[SupervisionLetter], *, today: date) -> None:
    """Give each letter `light`, of its most pressing open item; None while nothing is running."""
    overrides = workday_overrides()
    for letter in letters:
        due = getattr(letter, "next_due", None)
        letter.light = (  # type: ignore[attr-defined]
            rules.item_light(state=ItemState.OPEN, due_on=due, today=today, overrides=overrides)
            if due is not None and letter.state in rules.RUNNING
            else None
        )


def answers_for(user: User, unit_id: int) -> bool:
    """Whether the user answers letters of the unit: head of it or of a unit above it."""
    scope = reach(user, Permission.ANSWER_LETTERS)
    return bool(scope.unit_ids) and unit_id in unit_ids_under(scope.unit_ids)


def parts_in(letter: SupervisionLetter, user: User) -> frozenset[str]:
    """The parts a person plays in a letter, by the names of `rules.letters.LETTER`."""
    parts = {"drafter": letter.recorded_by_id == user.pk, "addressee": answers_for(user, letter.unit_id)}
    return frozenset(part for part, plays in parts.items() if plays)


def parts_in_item(item: RectificationItem, user: User) -> frozenset[str]:
    """The parts a person plays in an item, by the names of `rules.letters.ITEM`."""
    last = item.reports.order_by("-id").first()
    return _item_parts(item, user, addressee=answers_for(user, item.letter.unit_id), last=last)


def _item_parts(
    item: RectificationItem, user: User, *, addressee: bool, last: ItemReport | None
) -> frozenset[str]:
    parts = {
        "addressee": addressee,
        "reporter": last is not None and last.reported_by_id == user.pk,
        "responsible": user.cadre_id is not None and item.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def parts_in_extension(extension: Extension, user: User) -> frozenset[str]:
    """The parts a person plays in a request, by the names of `rules.letters.EXTENSION`."""
    parts = {
        "asker": extension.recorded_by_id == user.pk,
        "responsible": user.cadre_id is not None and extension.item.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


@dataclass
class ItemLine:
    """An item as the letter's page shows it, with everything that happened to it."""

    item: RectificationItem
    light: rules.Light
    reports: list[ItemReport]
    extensions: list[Extension]
    chases: list[Chase]
    files: list[Attachment]
    parts: frozenset[str]


def item_lines(letter: SupervisionLetter, user: User, *, today: date) -> list[ItemLine]:
    """A letter's items in order, in a fixed number of statements however many there are."""
    items = list(
        letter.items.select_related("unit", "cadre")
        .prefetch_related(
            Prefetch(
                "reports", ItemReport.objects.select_related("reported_by", "checked_by").order_by("id")
            ),
            Prefetch(
                "extensions", Extension.objects.select_related("recorded_by", "decided_by").order_by("id")
            ),
            Prefetch("chases", Chase.objects.select_related("by").order_by("id")),
        )
        .order_by("order", "id")
    )
    overrides = workday_overrides()
    files: dict[str, list[Attachment]] = {}
    for attachment in attachments_of_items(letter):
        files.setdefault(attachment.owner_id, []).append(attachment)
    lines = []
    addressee = answers_for(user, letter.unit_id)
    for item in items:
        item.letter = letter
        reports = list(item.reports.all())
        lines.append(
            ItemLine(
                item=item,
                light=rules.item_light(
                    state=item.state, due_on=item.due_on, today=today, overrides=overrides
                ),
                reports=reports,
                extensions=list(item.extensions.all()),
                chases=list(item.chases.all()),
                files=files.get(str(item.pk), []),
                parts=_item_parts(item, user, addressee=addressee, last=reports[-1] if reports else None),
            )
        )
    return lines


def items_left(letter: SupervisionLetter) -> list[RectificationItem]:
    """The items that have not passed, in order: what stands between a letter and its closing."""
    return list(letter.items.exclude(state=ItemState.PASSED).order_by("order"))


def chase_due(item: RectificationItem) -> str | None:
    """The rung that an overdue item of a running letter is chased with today, None when it cannot be."""
    chases = sorted(item.chases.all(), key=lambda chase: chase.pk)
    taken = [chase.kind for chase in chases]
    problem = rules.chase_problem(
        taken=taken,
        last_on=chases[-1].on if chases else None,
        due_on=item.due_on,
        today=timezone.localdate(),
    )
    return None if problem or item.letter.state not in rules.RUNNING else rules.next_rung(taken)


def attachments_of_items(letter: SupervisionLetter) -> QuerySet[Attachment]:
    """What was handed in with the feedback on a letter's items."""
    keys = [str(pk) for pk in letter.items.values_list("pk", flat=True)]
    return Attachment.objects.filter(owner_label=RectificationItem._meta.label, owner_id__in=keys).order_by(
        "id"
    )


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


def _letter_todo(letter: SupervisionLetter, action: str) -> Todo:
    return Todo(
        title=str(letter),
        detail=f"主送{letter.unit.name}，{letter.recorded_by.display_name}拟稿",
        url=reverse("conduct:letter-detail", args=[letter.pk]),
        action=action,
        light="YELLOW",
    )


def _item_todo(item: RectificationItem, action: str, overrides: Overrides, today: date) -> Todo:
    light = rules.item_light(state=item.state, due_on=item.due_on, today=today, overrides=overrides)
    return Todo(
        title=f"{item.what}（{item.unit.name}）",
        detail=f"{item.letter.number}，{light.reason}",
        url=reverse("conduct:letter-detail", args=[item.letter_id]) + f"#item-{item.pk}",
        action=action,
        due_on=item.due_on,
        light="YELLOW" if light.light == "GREY" else light.light,
    )


def todos(user: User, *, today: date) -> list[Todo]:
    """What letters wait for from this person, from review to closing."""
    found: list[Todo] = []
    overrides = workday_overrides() if may(user, Permission.VIEW_LETTERS) else {}
    running = items_visible_to(user).filter(letter__state__in=rules.RUNNING).order_by("due_on", "id")
    if may(user, Permission.ANSWER_LETTERS):
        scope = reach(user, Permission.ANSWER_LETTERS)
        units = unit_ids_under(scope.unit_ids)
        mine = letters_visible_to(user).filter(unit__in=units).order_by("issued_on", "id")
        waiting = mine.filter(state__in=[LetterState.ISSUED, LetterState.RECEIVED])[:20]
        found += [
            _letter_todo(letter, "签收" if letter.state == LetterState.ISSUED else "报送方案")
            for letter in waiting
        ]
        due = running.filter(
            letter__unit__in=units, letter__state=LetterState.RECTIFYING, state=ItemState.OPEN
        )
        found += [_item_todo(item, "反馈", overrides, today) for item in due[:20]]
    if may(user, Permission.DRAFT_LETTERS):
        others = letters_visible_to(user).exclude(recorded_by=user).order_by("recorded_at", "id")
        found += [_letter_todo(x, "审核") for x in others.filter(state=LetterState.IN_REVIEW)[:20]]
        if may(user, Permission.ISSUE_LETTERS):
            found += [_letter_todo(x, "签发") for x in others.filter(state=LetterState.APPROVED)[:20]]
        found += [
            _item_todo(item, "核验", overrides, today)
            for item in running.filter(state=ItemState.REPORTED)[:20]
        ]
        asked = extensions_visible_to(user).filter(state="ASKED").exclude(recorded_by=user)
        found += [
            Todo(
                title=f"{e.item.what}（{e.item.letter.unit.name}）",
                detail=f"申请由 {e.old_due_on} 延至 {e.due_on}：{e.reason}",
                url=reverse("conduct:letter-detail", args=[e.item.letter_id]) + f"#item-{e.item_id}",
                action="审批延期",
                light="YELLOW",
            )
            for e in asked.order_by("recorded_at", "id")[:20]
        ]
        overdue = running.filter(state=ItemState.OPEN, due_on__lt=today).exclude(
            Q(chases__kind="PROPOSAL") | Q(chases__on=today)
        )
        found += [_item_todo(item, "催办", overrides, today) for item in overdue.distinct()[:20]]
        done = (
            letters_visible_to(user)
            .filter(state=LetterState.RECTIFYING)
            .exclude(items__state__in=[ItemState.OPEN, ItemState.REPORTED])
        )
        found += [_letter_todo(x, "销号") for x in done.order_by("issued_on", "id")[:20]]
    return found
