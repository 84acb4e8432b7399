"""The lists of conduct as the search and the overview refer to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.urls import reverse

from conduct.filters.campaigns import LATE, CampaignFilter
from conduct.filters.clues import ClueFilter
from conduct.filters.letters import LetterFilter
from conduct.filters.regulations import RegulationFilter
from conduct.filters.violations import COUNTED, ViolationFilter
from conduct.models import Clue, Regulation, SupervisionLetter, Violation
from conduct.queries.campaigns import campaigns_visible_to
from conduct.queries.clues import clues_visible_to
from conduct.queries.letters import letters_visible_to
from conduct.queries.regulations import regulations
from conduct.queries.violations import violations_visible_to
from conduct.rules.letters import bracketed
from core.filters.figures import Figure
from core.filters.listing import Listing
from core.filters.search import Hit, Kind, whole

VIOLATIONS = Listing(
    "conduct:violation-list",
    lambda query, user: ViolationFilter(query, queryset=violations_visible_to(user), user=user),
)
CLUES = Listing("conduct:clue-list", lambda query, user: ClueFilter(query, queryset=clues_visible_to(user)))
LETTERS = Listing(
    "conduct:letter-list",
    lambda query, user: LetterFilter(query, queryset=letters_visible_to(user), user=user),
)
REGULATIONS = Listing(
    "conduct:regulation-list", lambda query, _user: RegulationFilter(query, queryset=regulations())
)
CAMPAIGNS = Listing(
    "conduct:campaign-list",
    lambda query, user: CampaignFilter(query, queryset=campaigns_visible_to(user), user=user),
)


def _violation(violation: Violation) -> Hit:
    return Hit(
        f"{violation.cadre} · {violation.prohibition}",
        f"{violation.pk} 号，{violation.unit}，{violation.occurred_on}，{violation.get_state_display()}",
        violation.get_absolute_url(),
    )


def _clue(clue: Clue) -> Hit:
    return Hit(
        clue.title,
        f"{clue.number}，{clue.get_channel_display()}，{clue.received_on} 收到，{clue.get_state_display()}",
        clue.get_absolute_url(),
    )


def _letter(letter: SupervisionLetter) -> Hit:
    number = letter.number or "未编号"
    return Hit(
        letter.title, f"{number}，主送{letter.unit}，{letter.get_state_display()}", letter.get_absolute_url()
    )


def _regulation(regulation: Regulation) -> Hit:
    number = f"{regulation.doc_no}，" if regulation.doc_no else ""
    until = f"，{regulation.retired_on} 停用" if regulation.retired_on else ""
    return Hit(
        regulation.name,
        f"{number}{regulation.get_kind_display()}，{regulation.effective_from} 施行{until}",
        reverse("conduct:regulation-detail", args=[regulation.pk]),
    )


SEARCHED = (
    Kind("违规记录", VIOLATIONS, _violation),
    Kind("线索", CLUES, _clue, whole("number")),
    Kind("督办函", LETTERS, _letter, lambda words: whole("number")(bracketed(words))),
    Kind("法规制度", REGULATIONS, _regulation, whole("doc_no")),
)


def _decided_in(first: date, last: date) -> Mapping[str, str]:
    return {"finding": COUNTED, "decided_since": first.isoformat(), "decided_until": last.isoformat()}


def _this_month(today: date) -> Mapping[str, str]:
    return _decided_in(today.replace(day=1), today)


def _last_month(today: date) -> Mapping[str, str]:
    last = today.replace(day=1) - timedelta(days=1)
    return _decided_in(last.replace(day=1), last)


FIGURES = (
    Figure("有逾期整改项的督办函", LETTERS, {"pressing": "overdue"}),
    Figure(
        "本月认定属实的违规",
        VIOLATIONS,
        _this_month,
        before=Figure("上月", VIOLATIONS, _last_month),
    ),
    Figure("有单位欠账的专项活动", CAMPAIGNS, {"late": LATE}),
)
