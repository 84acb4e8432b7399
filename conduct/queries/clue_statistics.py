"""Counts of clues, for those who handle clues.

Who sees which total: nobody outside the discipline office sees a count of clues at all, and everybody of it
sees a count of exactly the clues in the own list. A clue about an officer is therefore in none of the numbers
of that officer: list and sums agree with and without it, and nothing can be subtracted. The price is that two
officers may have different totals; the page says so to everybody alike, names nobody, and is not cut by
subject, unit or handler. Real names are one share of the whole, never of a channel or a month, where one in
ten would be somebody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import Max, Min
from django.utils import timezone

from conduct.choices import ClueChannel, ClueNoticeHow, ClueNoticeKind, ClueState, HandoverLevel, Timeliness
from conduct.models import Clue
from conduct.queries.clues import clues_visible_to, handovers_visible_to, notices_visible_to
from conduct.queries.statistics import MonthsRow
from conduct.rules import clues as rules
from conduct.rules.statistics import Month, months_between, share
from core.models import StepTaken, User
from core.queries import workday_overrides

DONE = (ClueState.REPORTED, ClueState.CONCLUDED)
"""States in which the handler has reported."""


@dataclass(frozen=True)
class ClockRow:
    """How many met one limit and how many did not, in the order of `Timeliness`."""

    label: str
    limit: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def lines(self) -> list[tuple[str, int]]:
        return list(zip(Timeliness.labels, self.counts, strict=True))

    @property
    def on_time(self) -> Decimal | None:
        """Share in time of those whose limit has been met or missed; None while there are none."""
        counted = dict(zip(Timeliness, self.counts, strict=True))
        met = counted[Timeliness.ON_TIME]
        return share(met, met + counted[Timeliness.LATE] + counted[Timeliness.OVERDUE])


@dataclass(frozen=True)
class ClueStatistics:
    since: date
    until: date
    months: tuple[Month, ...]
    channels: tuple[MonthsRow, ...]
    monthly: tuple[int, ...]
    counted: int
    """Counted once more by the database, to hold the sums against."""
    named: int
    disposals: tuple[tuple[str, int], ...]
    clocks: tuple[ClockRow, ...]
    """处置意见 and 办理 of every clue, then both notices to those who gave their name, then hand-overs."""
    unreachable: int
    handovers: tuple[tuple[str, int], ...]

    @property
    def sum_of_months(self) -> int:
        return sum(self.monthly)

    @property
    def handed_over(self) -> int:
        return sum(n for _, n in self.handovers)

    @property
    def named_share(self) -> Decimal | None:
        return share(self.named, self.counted)

    @property
    def agrees(self) -> bool:
        opinion, handling, acceptance, _, handover = (row.total for row in self.clocks)
        sums = {
            self.sum_of_months,
            sum(row.total for row in self.channels),
            sum(n for _, n in self.disposals),
            opinion,
            handling,
        }
        # Every real-name report owes the notice of acceptance, from the moment it is registered.
        return sums == {self.counted} and acceptance == self.named and handover == self.handed_over


def clue_statistics(user: User, since: date, until: date) -> ClueStatistics:
    """Everything the page shows of clues received in a range of days, as the reader may see them."""
    seen = clues_visible_to(user).filter(received_on__range=(since, until))
    rows = list(
        seen.select_related(None)
        .prefetch_related(None)
        .order_by()
        .values_list(
            "pk", "channel", "received_on", "state", "method", "approved_on", "handle_by", "is_named"
        )
    )
    today, overrides = timezone.localdate(), workday_overrides()
    proposed, reported = _days_of_steps(since)
    by_channel: Counter[tuple[str, Month]] = Counter()
    by_disposal: Counter[str] = Counter()
    opinions: Counter[Timeliness] = Counter()
    handling: Counter[Timeliness] = Counter()
    for pk, channel, received_on, state, method, approved_on, handle_by, _ in rows:
        key = str(pk)
        by_channel[channel, (received_on.year, received_on.month)] += 1
        place = rules.disposal(state=state, method=method, approved=approved_on is not None)
        by_disposal[place] += 1
        gone = state in (ClueState.TRANSFERRED, ClueState.MERGED)
        opinion_due = rules.disposal_due(received_on, overrides)
        opinions[
            rules.timeliness(
                due_on=None if gone and key not in proposed else opinion_due,
                done_on=proposed.get(key),
                today=today,
            )
        ] += 1
        handling[
            rules.timeliness(
                due_on=None if gone else handle_by,
                done_on=reported.get(key) if state in DONE else None,
                today=today,
            )
        ] += 1
    months = tuple(months_between(since, until))
    notices, unreachable = _notices(user, since, until, today)
    handovers = list(
        handovers_visible_to(user)
        .filter(received_on__range=(since, until))
        .order_by()
        .values_list("level", "due_on", "handed_on")
    )
    levels = Counter(level for level, _, _ in handovers)
    handed = Counter(rules.timeliness(due_on=due, done_on=done, today=today) for _, due, done in handovers)
    return ClueStatistics(
        since=since,
        until=until,
        months=months,
        channels=tuple(
            MonthsRow(str(channel.label), tuple(by_channel[channel.value, month] for month in months))
            for channel in ClueChannel
        ),
        monthly=tuple(sum(by_channel[channel.value, month] for channel in ClueChannel) for month in months),
        counted=seen.count(),
        named=sum(1 for row in rows if row[-1]),
        disposals=tuple((label, by_disposal[key]) for key, label in rules.DISPOSALS.items()),
        clocks=(
            _clock("提出处置意见", "收到之日起 1 个月", opinions),
            _clock("办理", "谈话函询 15 个工作日、初步核实 2 个月，或审批时定的期限", handling),
            _clock("实名受理告知", "收到之日起 15 个工作日", notices[ClueNoticeKind.ACCEPTANCE]),
            _clock("实名结果反馈", "了结之日起 15 个工作日", notices[ClueNoticeKind.FEEDBACK]),
            _clock("上级管辖的移交", "收到之日起 5 个工作日", handed),
        ),
        unreachable=unreachable,
        handovers=tuple((str(level.label), levels[level.value]) for level in HandoverLevel),
    )


def _clock(label: str, limit: str, counts: Counter[Timeliness]) -> ClockRow:
    return ClockRow(label, limit, tuple(counts[place] for place in Timeliness))


def _days_of_steps(since: date) -> tuple[dict[str, date], dict[str, date]]:
    """Row → day of the first opinion, and day of the last report. No step is older than its clue."""
    start = timezone.make_aware(datetime.combine(since, time.min))
    taken = (
        StepTaken.objects.filter(owner_label=Clue._meta.label, step__in=("dispose", "report"), at__gte=start)
        .order_by()
        .values_list("owner_id", "step")
        .annotate(first=Min("at"), last=Max("at"))
    )
    proposed, reported = {}, {}
    for owner, step, first, last in taken:
        if step == "dispose":
            proposed[owner] = timezone.localdate(first)
        else:
            reported[owner] = timezone.localdate(last)
    return proposed, reported


def _notices(user: User, since: date, until: date, today: date) -> tuple[dict[str, Counter[Timeliness]], int]:
    """Kind → how the notices of these clues stand, and how many found nobody."""
    found: dict[str, Counter[Timeliness]] = {kind: Counter() for kind in ClueNoticeKind.values}
    unreachable = 0
    owed = notices_visible_to(user).filter(clue__received_on__range=(since, until)).order_by()
    for kind, due_on, done_on, how in owed.values_list("kind", "due_on", "done_on", "how"):
        found[kind][rules.timeliness(due_on=due_on, done_on=done_on, today=today)] += 1
        unreachable += how == ClueNoticeHow.NONE
    return found, unreachable
