"""One running campaign of the demo district, with a check and some dispatches behind it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from conduct.choices import CampaignKind, RoundKind
from conduct.models import ProblemTag
from conduct.services import campaigns
from config.demo.district import District
from core.choices import RoleCode, UnitKind
from core.models import User

ITEMS = [
    ("首问负责、限时办结、一次性告知落实", Decimal(30)),
    ("工作纪律和在岗情况", Decimal(30)),
    ("群众诉求按时办结", Decimal(20)),
    ("学习和整改台账真实", Decimal(20)),
]


def make(d: District) -> None:
    by = d.users["discipline2"]
    first = (d.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    units = [unit for unit in d.units.values() if unit.kind == UnitKind.ORGAN]
    campaign = campaigns.create_campaign(
        title=f"{first.year}年六型机关创建活动",
        kind=CampaignKind.SIX_TYPES,
        goal="创建学习型、创新型、务实型、服务型、和谐型、廉洁型机关，着力解决“混、怕、推、空、散”问题。",
        first_day=first,
        last_day=first + timedelta(days=150),
        units=units,
        items=ITEMS,
        submission_key=UUID(int=d.rng.getrandbits(128), version=4),
        by=by,
        at=d.at(first),
    )
    campaigns.start_campaign(campaign_id=campaign.pk, by=by, at=d.at(first))
    items = list(campaign.items.order_by("order"))
    tags = list(ProblemTag.objects.order_by("order"))
    for entry in campaign.rounds.filter(due_on__lt=d.today.replace(day=1)).order_by("due_on", "kind"):
        if entry.kind == RoundKind.CHECK:
            for unit in units[:8]:
                campaigns.record_check(
                    round_id=entry.pk,
                    unit=unit,
                    points={item.pk: item.full_points - d.rng.randint(0, 6) for item in items},
                    tags=d.rng.sample(tags, k=d.rng.randint(0, 2)),
                    note="",
                    by=by,
                    at=d.at(entry.due_on, 16),
                )
            continue
        for unit in units:
            head = User.objects.filter(
                grants__role=RoleCode.UNIT_HEAD, grants__unit=unit, grants__revoked_at=None
            ).first()
            if head is not None and head.username == "unithead":
                campaigns.report_round(
                    round_id=entry.pk, unit=unit, text="无变化。", by=head, at=d.at(entry.due_on, 11)
                )
