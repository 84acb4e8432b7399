"""Reads of what letters demand: items with what happened to them, their lights, and whom they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from conduct.choices import ChaseKind, CheckResult, ExtensionState, ItemState, LetterState
from conduct.models import Chase, Extension, ItemReport, RectificationItem, SupervisionLetter
from conduct.queries.letters import answers_for, extensions_visible_to, items_visible_to
from conduct.rules import letters, rectification
from core.models import Attachment, User
from core.permissions import Permission, may, reach
from core.queries import CourseLine, Todo, course_of, steps_of, unit_ids_under, workday_overrides

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


def _item_todo(item: RectificationItem, action: str, light: rectification.Light) -> Todo:
    said = [*news_of(item), light.reason, item.letter.number]
    return Todo(
        title=f"{item.what}（{item.unit.name}）",
        detail="；".join(said),
        url=item.get_absolute_url(),
        action=action,
        due_on=item.due_on,
        light=light.light,
    )


def _addressee_todos(user: User, *, today: date) -> list[Todo]:
    """What a unit's head has to answer: letters to receive and to plan, items to mend."""
    light = lights_on(today)
    units = unit_ids_under(reach(user, Permission.ANSWER_LETTERS).unit_ids)
    items = items_visible_to(user).filter(letter__unit__in=units, state=ItemState.OPEN)
    mine = with_history(items).order_by("due_on", "id")
    unread = {LetterState.ISSUED.value: "签收", LetterState.RECEIVED.value: "报送方案"}
    first: dict[int, tuple[RectificationItem, list[str]]] = {}
    for item in mine.filter(letter__state__in=unread):
        news = [f"第 {item.order} 项{told}" for told in news_of(item)]
        first.setdefault(item.letter_id, (item, []))[1].extend(news)
    found = [
        Todo(
            title=str(item.letter),
            detail="；".join([*news, f"第 {item.order} 项{light(item).reason}"]),
            url=item.letter.get_absolute_url(),
            action=unread[item.letter.state],
            due_on=item.due_on,
            light=light(item).light,
        )
        for item, news in list(first.values())[:20]
    ]
    waiting = mine.filter(letter__state=LetterState.RECTIFYING)[:20]
    return found + [
        _item_todo(item, "重新反馈" if item.reports.all() else "反馈", light(item)) for item in waiting
    ]


def _office_todos(user: User, *, today: date) -> list[Todo]:
    """What the discipline office has to do about items: check, decide on more time, chase."""
    light = lights_on(today)
    running = items_visible_to(user).filter(letter__state__in=letters.RUNNING).order_by("due_on", "id")
    found = [
        _item_todo(item, "核验", light(item))
        for item in with_reports(running.filter(state=ItemState.REPORTED))[:20]
    ]
    asked = extensions_visible_to(user).filter(state=ExtensionState.ASKED).exclude(recorded_by=user)
    found += [
        Todo(
            title=f"{e.item.what}（{e.item.letter.unit.name}）",
            detail=f"申请由 {e.old_due_on} 延至 {e.due_on}：{e.reason}",
            url=e.item.get_absolute_url(),
            action="审批延期",
            light="YELLOW",
        )
        for e in asked.order_by("recorded_at", "id")[:20]
    ]
    overdue = running.filter(state=ItemState.OPEN, due_on__lt=today).exclude(
        Q(chases__kind=ChaseKind.PROPOSAL) | Q(chases__on=today)
    )
    return found + [_item_todo(item, "催办", light(item)) for item in with_history(overdue)[:20]]


def todos(user: User, *, today: date) -> list[Todo]:
    """What the items of letters wait for from this person."""
    found = _addressee_todos(user, today=today) if may(user, Permission.ANSWER_LETTERS) else []
    return found + (_office_todos(user, today=today) if may(user, Permission.DRAFT_LETTERS) else [])
