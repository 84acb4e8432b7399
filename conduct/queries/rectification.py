"""Reads of what letters demand: items with what happened to them, their lights, and whom they wait for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Min, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from conduct.choices import ChaseKind, CheckResult, ExtensionState, ItemState, LetterState
from conduct.models import Chase, Extension, ItemReport, RectificationItem, SupervisionLetter
from conduct.queries.letters import (
    answers_for,
    extensions_visible_to,
    items_visible_to,
    letters_visible_to,
)
from conduct.rules import letters, rectification
from core.models import Attachment, User
from core.permissions import Permission, may
from core.queries import CourseLine, course_of, steps_of, units_reached, workday_overrides
from core.queries.todos import Todo, Waiting, waiting
from core.rules.workdays import add_workdays

SHOWN = 80
"""Characters of a long text that the time line shows; the item shows all of it."""


def with_reports(items: QuerySet[RectificationItem]) -> QuerySet[RectificationItem]:
    """Items with `reported_at`, the moment of their last feedback."""
    last = ItemReport.objects.filter(item=OuterRef("pk")).order_by("-id").values("reported_at")
    return items.annotate(reported_at=Subquery(last[:1]))


def lights_on(day: date) -> Callable[[RectificationItem], rectification.Light]:
    """item of `with_reports` → its light on a day: what every page, list and interface shows of it."""
    overrides = workday_overrides()

    def light(item: Any) -> rectification.Light:
        return rectification.item_light(
            state=item.state,
            due_on=item.due_on,
            reported_on=timezone.localdate(item.reported_at) if item.reported_at else None,
            today=day,
            overrides=overrides,
        )

    return light


def light_letters(found: Iterable[SupervisionLetter], *, today: date) -> None:
    """Give each letter `light`, that of its most pressing item; None while it is not sent."""
    sent = [letter for letter in found if letter.state in letters.SENT]
    light, lit = lights_on(today), dict[int, list[rectification.Light]]()
    for item in with_reports(RectificationItem.objects.filter(letter__in=[one.pk for one in sent])):
        lit.setdefault(item.letter_id, []).append(light(item))
    for letter in found:
        letter.light = rectification.most_pressing(lit.get(letter.pk, ()))  # type: ignore[attr-defined]


def parts_in_item(item: RectificationItem, user: User) -> frozenset[str]:
    """The parts a person plays in an item, by the names of `rules.rectification.ITEM`."""
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
    """The parts a person plays in a request, by the names of `rules.rectification.EXTENSION`."""
    parts = {
        "asker": extension.recorded_by_id == user.pk,
        "responsible": user.cadre_id is not None and extension.item.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def with_history(items: QuerySet[RectificationItem]) -> QuerySet[RectificationItem]:
    """Items of `with_reports`, everything that happened to them at hand, the oldest first."""
    return with_reports(items).prefetch_related(
        Prefetch("reports", ItemReport.objects.select_related("reported_by", "checked_by").order_by("id")),
        Prefetch("extensions", Extension.objects.select_related("recorded_by", "decided_by").order_by("id")),
        Prefetch("chases", Chase.objects.select_related("by").order_by("id")),
    )


@dataclass
class ItemLine:
    """An item as the letter's page shows it, with everything that happened to it."""

    item: RectificationItem
    light: rectification.Light
    news: list[str]
    reports: list[ItemReport]
    extensions: list[Extension]
    chases: list[Chase]
    files: list[Attachment]
    parts: frozenset[str]


def item_lines(letter: SupervisionLetter, user: User, *, today: date) -> list[ItemLine]:
    """A letter's items in order, in a fixed number of statements however many there are."""
    items = list(with_history(letter.items.select_related("unit", "cadre")).order_by("order", "id"))
    light, addressee = lights_on(today), answers_for(user, letter.unit_id)
    files: dict[str, list[Attachment]] = {}
    for attachment in attachments_of_items(items):
        files.setdefault(attachment.owner_id, []).append(attachment)
    lines = []
    for item in items:
        item.letter = letter
        reports = list(item.reports.all())
        lines.append(
            ItemLine(
                item=item,
                light=light(item),
                news=news_of(item),
                reports=reports,
                extensions=list(item.extensions.all()),
                chases=list(item.chases.all()),
                files=files.get(str(item.pk), []),
                parts=_item_parts(item, user, addressee=addressee, last=reports[-1] if reports else None),
            )
        )
    return lines


def attachments_of_items(items: Iterable[RectificationItem]) -> QuerySet[Attachment]:
    """What was handed in with the feedback on items."""
    keys = [str(item.pk) for item in items]
    return Attachment.objects.filter(owner_label=RectificationItem._meta.label, owner_id__in=keys).order_by(
        "id"
    )


def course_with_items(
    letter: SupervisionLetter, lines: Iterable[ItemLine], *, inside: bool
) -> list[CourseLine]:
    """The history of a letter and of everything it demands as one time line, oldest first.

    The words of its review are told `inside` the office only.
    """
    places, asked = dict[tuple[str, str], str](), []
    records: list[Model] = []
    for line in lines:
        place = f"第 {line.item.order} 项"
        for record, words in [(line.item, f"{place}："), *((e, f"{place}延期：") for e in line.extensions)]:
            places[record._meta.label, str(record.pk)] = words
            records.append(record)
        asked += [
            CourseLine(
                f"{place}：{rectification.EXTENSION.begin}",
                e.recorded_by,
                e.recorded_at,
                f"由 {e.old_due_on} 延至 {e.due_on}：{e.reason}",
            )
            for e in line.extensions
        ]
    taken = [
        CourseLine(
            places[step.owner_label, step.owner_id] + step.label,
            step.by,
            step.at,
            step.note if len(step.note) <= SHOWN else f"{step.note[:SHOWN]}…",
        )
        for step in steps_of(records)
    ]
    return sorted(
        [*course_of(letter, letters.LETTER, inside=inside), *asked, *taken], key=lambda line: line.at
    )


def chase_due(item: RectificationItem) -> str | None:
    """The rung that an overdue item of a running letter is chased with today, None when it cannot be."""
    chases = sorted(item.chases.all(), key=lambda chase: chase.pk)
    taken = [chase.kind for chase in chases]
    problem = rectification.chase_problem(
        taken=taken,
        last_on=chases[-1].on if chases else None,
        due_on=item.due_on,
        today=timezone.localdate(),
    )
    return None if problem or item.letter.state not in letters.RUNNING else rectification.next_rung(taken)


def news_of(item: RectificationItem) -> list[str]:
    """What the addressee of an open item has to know, from its history: why the last feedback was returned,
    and, since then, how it was chased last and what was decided of more time."""
    if item.state != ItemState.OPEN:
        return []
    last = max(item.reports.all(), key=lambda report: report.pk, default=None)

    def is_new(moment: datetime | None) -> bool:
        return moment is not None and (last is None or moment > last.reported_at)

    told = [f"退回：{last.check_note}"] if last is not None and last.result == CheckResult.RETURNED else []
    decided = [e for e in item.extensions.all() if e.state != ExtensionState.ASKED and is_new(e.decided_at)]
    for extension in decided[-1:]:
        granted = extension.state == ExtensionState.GRANTED
        told.append(f"已同意延至 {extension.due_on}" if granted else f"不同意延期：{extension.decision_note}")
    chases = [chase for chase in item.chases.all() if is_new(chase.at)]
    told += [f"{chase}（{chase.on}）" + (f"：{chase.note}" if chase.note else "") for chase in chases[-1:]]
    return [text.rstrip("。") for text in told]


def _item_todos(
    rows: QuerySet[RectificationItem], action: str, *, condition: str, today: date, soon: date | None = None
) -> Waiting:
    """Items of `with_history`. Without `soon` the clock of the items stands still: their deadline was the
    unit's, not the reader's."""
    light = lights_on(today)

    def line(item: RectificationItem) -> Todo:
        progress = f"时限 {item.due_on}，{light(item).reason}" if soon is None else ""
        said = [*news_of(item), progress, f"{item.letter.number} 第 {item.order} 项"]
        again = action == "反馈" and item.reports.all()
        return Todo(
            title=item.what,
            who=str(item.unit),
            detail="；".join(filter(None, said)),
            url=item.get_absolute_url(),
            action="重新反馈" if again else action,
            due_on=item.due_on if soon else None,
        )

    return waiting(
        rows.order_by("due_on", "id"),
        line,
        label=f"待{action}的整改项",
        url=reverse("conduct:letter-list") + f"?pressing={condition}",
        today=today,
        due="due_on" if soon else "",
        soon=soon,
    )


def _unanswered_todos(user: User, units: Collection[int], *, today: date, soon: date) -> Waiting:
    """Letters to receive and to plan, each with the nearest of its deadlines and all news of its items."""
    actions = {LetterState.ISSUED.value: "签收", LetterState.RECEIVED.value: "报送方案"}
    still_open = RectificationItem.objects.filter(state=ItemState.OPEN)
    items = Prefetch("items", with_history(still_open).order_by("due_on", "id"), to_attr="open_items")
    unread = letters_visible_to(user).filter(
        unit__in=units, state__in=actions, pk__in=still_open.order_by().values("letter")
    )

    def line(letter: Any) -> Todo:
        news = [f"第 {item.order} 项{told}" for item in letter.open_items for told in news_of(item)]
        return Todo(
            title=letter.title,
            who=str(letter.unit),
            detail="；".join([*news, letter.number, f"第 {letter.open_items[0].order} 项最先到期"]),
            url=letter.get_absolute_url(),
            action=actions[letter.state],
            due_on=letter.next_due,
        )

    return waiting(
        unread.annotate(next_due=Min("items__due_on", filter=Q(items__state=ItemState.OPEN)))
        .order_by("next_due", "id")
        .prefetch_related(items),
        line,
        label="待签收、待报送方案的督办函",
        url=reverse("conduct:letter-list") + "?pressing=open",
        today=today,
        due="next_due",
        soon=soon,
    )


def _addressee_todos(user: User, *, today: date) -> list[Waiting]:
    """What a unit's head has to answer: letters to receive and to plan, items to mend."""
    units = units_reached(user, Permission.ANSWER_LETTERS)
    mine = items_visible_to(user).filter(
        letter__unit__in=units, letter__state=LetterState.RECTIFYING, state=ItemState.OPEN
    )
    soon = add_workdays(today, rectification.WARN_WORKDAYS, workday_overrides())
    return [
        _unanswered_todos(user, units, today=today, soon=soon),
        _item_todos(with_history(mine), "反馈", condition="open", today=today, soon=soon),
    ]


def _office_todos(user: User, *, today: date) -> list[Waiting]:
    """What the discipline office has to do about items: check, decide on more time, chase."""
    running = with_history(items_visible_to(user).filter(letter__state__in=letters.RUNNING))
    overdue = running.filter(state=ItemState.OPEN, due_on__lt=today).exclude(
        Q(chases__kind=ChaseKind.PROPOSAL) | Q(chases__on=today)
    )
    asked = extensions_visible_to(user).filter(state=ExtensionState.ASKED).exclude(recorded_by=user)
    return [
        _item_todos(overdue, "催办", condition="overdue", today=today, soon=today),
        _item_todos(running.filter(state=ItemState.REPORTED), "核验", condition="open", today=today),
        waiting(
            asked.order_by("recorded_at", "id"),
            lambda extension: Todo(
                title=f"申请延期：{extension.item.what}",
                who=str(extension.item.letter.unit),
                detail=f"由 {extension.old_due_on} 延至 {extension.due_on}，理由：{extension.reason}",
                url=extension.item.get_absolute_url(),
                action="审批延期",
            ),
            label="待审批的延期申请",
            url=reverse("conduct:letter-list") + "?pressing=open",
            today=today,
        ),
    ]


def todos(user: User, *, today: date) -> list[Waiting]:
    """What the items of letters wait for from this person."""
    found = _addressee_todos(user, today=today) if may(user, Permission.ANSWER_LETTERS) else []
    return found + (_office_todos(user, today=today) if may(user, Permission.DRAFT_LETTERS) else [])
