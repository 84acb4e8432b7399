"""Making, starting and ending campaigns; reports at dispatches, findings at checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conduct.choices import CampaignState, RoundKind
from conduct.models import (
    Campaign,
    CampaignRound,
    CheckItem,
    CheckPoints,
    ProblemTag,
    RoundCheck,
    RoundReport,
)
from conduct.queries import campaigns as queries
from conduct.rules import campaigns as rules
from core.models import Unit, User
from core.permissions import Permission, may
from core.queries import workday_overrides
from core.rules.errors import DomainError, NotAllowed
from core.services import audit, steps


def _put_parts(*, campaign: Campaign, units: Sequence[Unit], items: Sequence[tuple[str, Decimal]]) -> None:
    """Units and check items in place of the old ones."""
    campaign.units.set(units)
    campaign.items.all().delete()
    CheckItem.objects.bulk_create(
        CheckItem(campaign=campaign, order=order, text=text, full_points=worth)
        for order, (text, worth) in enumerate(items, start=1)
    )


def _check(
    *, first_day: date, last_day: date, units: Sequence[Unit], items: Sequence[tuple[str, Decimal]]
) -> None:
    if problem := rules.period_problem(first_day, last_day):
        raise DomainError(problem, field="last_day")
    if not units:
        raise DomainError("请至少选一个参加单位。", field="units")
    closed = next((unit for unit in units if unit.closed_on is not None), None)
    if closed is not None:
        raise DomainError(f"“{closed}”已于 {closed.closed_on} 撤销，不能参加；请去掉。", field="units")
    if not items:
        raise DomainError("请至少写一项检查内容和满分。", field="items")
    wrong = next((text for text, worth in items if worth <= 0), None)
    if wrong is not None:
        raise DomainError(f"“{wrong}”的满分应大于 0。", field="items")


@transaction.atomic
def create_campaign(
    *,
    title: str,
    kind: str,
    goal: str,
    first_day: date,
    last_day: date,
    units: Sequence[Unit],
    items: Sequence[tuple[str, Decimal]],
    submission_key: UUID,
    by: User,
    at: datetime,
) -> Campaign:
    """Prepare a campaign: its units and what the monthly check looks at, (text, full points) in order.

    Raises NotAllowed without the permission, DomainError for a wrong period, no unit, a closed unit, no
    item, or points that are not above zero.
    """
    if not may(by, Permission.MANAGE_CAMPAIGNS):
        raise NotAllowed("您的角色没有组织专项活动的权限。")
    _check(first_day=first_day, last_day=last_day, units=units, items=items)
    campaign, created = Campaign.objects.get_or_create(
        submission_key=submission_key,
        recorded_by=by,
        defaults={
            "title": title.strip(),
            "kind": kind,
            "goal": goal.strip(),
            "first_day": first_day,
            "last_day": last_day,
            "recorded_at": at,
        },
    )
    if created:
        _put_parts(campaign=campaign, units=units, items=items)
        facts = {"title": title, "first_day": first_day, "last_day": last_day, "units": len(units)}
        steps.begin(record=campaign, workflow=rules.CAMPAIGN, facts=facts, by=by, at=at)
    return campaign


def _locked(*, campaign_id: int, by: User) -> Campaign:
    return queries.campaigns_visible_to(by).select_for_update(of=("self",)).get(pk=campaign_id)


@transaction.atomic
def edit_campaign(
    *,
    campaign_id: int,
    title: str,
    kind: str,
    goal: str,
    first_day: date,
    last_day: date,
    units: Sequence[Unit],
    items: Sequence[tuple[str, Decimal]],
    by: User,
    at: datetime,
) -> Campaign:
    """Change a campaign in preparation. Raises like `create_campaign`, NotAllowed once it was started."""
    campaign = _locked(campaign_id=campaign_id, by=by)
    steps.check(record=campaign, workflow=rules.CAMPAIGN, step="edit", parts=(), by=by)
    _check(first_day=first_day, last_day=last_day, units=units, items=items)
    changes = {
        "title": title.strip(),
        "kind": kind,
        "goal": goal.strip(),
        "first_day": first_day,
        "last_day": last_day,
    }
    _put_parts(campaign=campaign, units=units, items=items)
    facts = {"units": [unit.pk for unit in units], "items": [f"{text} {worth}" for text, worth in items]}
    steps.take(
        record=campaign, workflow=rules.CAMPAIGN, step="edit", parts=(), changes=changes, facts=facts, by=by,
        at=at,
    )  # fmt: skip
    return campaign


@transaction.atomic
def start_campaign(*, campaign_id: int, by: User, at: datetime) -> Campaign:
    """Start it and put its dispatches and checks on the calendar: from today on, nobody is late at once.

    Raises DomainError when its last day has passed.
    """
    campaign = _locked(campaign_id=campaign_id, by=by)
    today = timezone.localdate(at)
    if campaign.last_day < today:
        raise DomainError(f"活动已于 {campaign.last_day} 到期，请先修改结束日期，再启动。")
    planned = rules.rounds(max(campaign.first_day, today), campaign.last_day, workday_overrides())
    steps.take(
        record=campaign,
        workflow=rules.CAMPAIGN,
        step="start",
        parts=(),
        facts={"rounds": len(planned)},
        by=by,
        at=at,
    )
    CampaignRound.objects.bulk_create(
        CampaignRound(campaign=campaign, kind=kind, due_on=day) for kind, day in planned
    )
    return campaign


@transaction.atomic
def finish_campaign(*, campaign_id: int, note: str, by: User, at: datetime) -> Campaign:
    """End it with a summary. What was not checked stays unchecked, never zero."""
    campaign = _locked(campaign_id=campaign_id, by=by)
    steps.take(record=campaign, workflow=rules.CAMPAIGN, step="finish", parts=(), note=note, by=by, at=at)
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign_id: int, note: str, by: User, at: datetime) -> Campaign:
    """Call it off, with the reason."""
    campaign = _locked(campaign_id=campaign_id, by=by)
    steps.take(record=campaign, workflow=rules.CAMPAIGN, step="cancel", parts=(), note=note, by=by, at=at)
    return campaign


def _round_of_running(*, round_id: int, kind: RoundKind, by: User) -> CampaignRound:
    """Raises CampaignRound.DoesNotExist outside the scope, DomainError unless the campaign is running."""
    campaigns = queries.campaigns_visible_to(by)
    found = CampaignRound.objects.select_for_update(of=("self",)).select_related("campaign")
    entry = found.get(pk=round_id, kind=kind, campaign__in=campaigns)
    if entry.campaign.state != CampaignState.RUNNING:
        raise DomainError(f"“{entry.campaign}”{entry.campaign.get_state_display()}，不能再填。")
    return entry


@transaction.atomic
def report_round(*, round_id: int, unit: Unit, text: str, by: User, at: datetime) -> RoundReport:
    """A unit's word at a dispatch; said again, it replaces the earlier one, which the audit keeps.

    Raises NotAllowed for a unit one does not head, DomainError without a text or out of season.
    """
    entry = _round_of_running(round_id=round_id, kind=RoundKind.DISPATCH, by=by)
    if unit.pk not in {one.pk for one in queries.reportable_units(entry.campaign, by)}:
        raise NotAllowed("只能替本单位或下级参加单位填报。")
    if not text.strip():
        raise DomainError("请写明进展和问题；没有变化写“无变化”即可。", field="text")
    earlier = RoundReport.objects.filter(round=entry, unit=unit).first()
    report, _ = RoundReport.objects.update_or_create(
        round=entry, unit=unit, defaults={"text": text.strip(), "reported_by": by, "reported_at": at}
    )
    audit.record(
        action="填报调度",
        target=report,
        by=by,
        at=at,
        before={"text": earlier.text} if earlier else {},
        after={"text": report.text},
    )
    return report


@transaction.atomic
def record_check(
    *,
    round_id: int,
    unit: Unit,
    points: Mapping[int, Decimal],
    tags: Sequence[ProblemTag] = (),
    note: str = "",
    by: User,
    at: datetime,
) -> RoundCheck:
    """The monthly check of one unit: item id → points for every item. Made again, it replaces the earlier.

    Raises NotAllowed without the permission, DomainError (field `item-<id>`) for an item left out or more
    than its full points, or for a unit that does not take part.
    """
    if not may(by, Permission.MANAGE_CAMPAIGNS):
        raise NotAllowed("您的角色没有组织专项活动的权限。")
    entry = _round_of_running(round_id=round_id, kind=RoundKind.CHECK, by=by)
    if not entry.campaign.units.filter(pk=unit.pk).exists():
        raise DomainError(f"“{unit}”没有参加本次活动，请核对。", field="unit")
    items = {item.pk: item for item in entry.campaign.items.all()}
    for pk, item in items.items():
        got = points.get(pk)
        if got is None:
            raise DomainError(f"“{item}”还没有打分。", field=f"item-{pk}")
        if not 0 <= got <= item.full_points:
            raise DomainError(f"“{item}”应为 0 到 {item.full_points.normalize():f} 分。", field=f"item-{pk}")
    check, _ = RoundCheck.objects.update_or_create(
        round=entry, unit=unit, defaults={"note": note.strip(), "checked_by": by, "checked_at": at}
    )
    check.tags.set(tags)
    before = {str(row.item_id): row.points for row in check.points.all()}
    for pk in items:
        CheckPoints.objects.update_or_create(
            check_record=check, item=items[pk], defaults={"points": points[pk]}
        )
    audit.record(
        action="记录检查",
        target=check,
        by=by,
        at=at,
        before=before,
        after={**{str(pk): points[pk] for pk in items}, "tags": [tag.key for tag in tags], "note": note},
    )
    return check
