"""Reads of education and care; the row scope comes from the `…_visible_to` functions alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse

from conduct.choices import CommendationState, EventState, PaperLevel
from conduct.models import Attendance, Commendation, EducationEvent, StudyPlan, Test, TestResult
from conduct.queries.entries import FileEntry, Side
from conduct.rules import education as rules
from core.models import Cadre, Unit, User
from core.permissions import Permission, may, reach
from core.queries import CourseLine, course_of, person_scope, unit_ids_under
from core.queries.todos import Todo, Waiting, listed, waiting
from core.rules.workflow import SUBJECT

FAILED = Q(score=None) | Q(score__lt=F("test__pass_mark"))
"""Results that ask for a make-up: absent, or below the pass mark."""
PAPER = Q(score__isnull=False) | Q(makeup_score__isnull=False)
"""Results with a paper that can be read."""


def attendances_visible_to(user: User) -> QuerySet[Attendance]:
    """All, those of the own unit subtree (unit of that day), or one's own."""
    rows = person_scope(user, Permission.VIEW_EDUCATION, unit="unit", cadre="cadre")
    found = Attendance.objects.select_related("cadre", "unit", "event").order_by("unit_id", "id")
    return found if rows is None else found.filter(rows)


def events_visible_to(user: User) -> QuerySet[EducationEvent]:
    """All; those the own unit subtree held or attended; those one attended oneself."""
    found = EducationEvent.objects.select_related("host_unit", "talker", "recorded_by").order_by("-on", "-id")
    scope = reach(user, Permission.VIEW_EDUCATION)
    if scope.everywhere:
        return found
    attended = attendances_visible_to(user).order_by().values("event")
    return found.filter(Q(host_unit__in=unit_ids_under(scope.unit_ids)) | Q(pk__in=attended))


def may_read_note(event: EducationEvent, user: User) -> bool:
    """A talk's note is for those who talked and who wrote it down; any other note for who sees the event."""
    if event.kind not in rules.TALKS or event.recorded_by_id == user.pk:
        return True
    if user.cadre_id is None:
        return False
    talked = event.talker_id == user.cadre_id
    return talked or event.attendances.filter(cadre=user.cadre_id, present=True).exists()


def event_parts(event: EducationEvent, user: User) -> frozenset[str]:
    """The parts a person plays in an event, by the names of `rules.education.EVENT`.

    Whom a talk was had with stays out of it; having attended a lesson bars nobody.
    """
    talked_to = event.kind in rules.TALKS and user.cadre_id is not None
    parts = {
        "reader": may_read_note(event, user),
        SUBJECT: talked_to and event.attendances.filter(cadre=user.cadre_id).exists(),
    }
    return frozenset(part for part, plays in parts.items() if plays)


def course_of_event(event: EducationEvent, user: User) -> list[CourseLine]:
    """The history; why it was corrected is for the office, what a talk's note said for who may read it."""
    lines = course_of(event, rules.EVENT, inside=may(user, Permission.RECORD_EDUCATION))
    if may_read_note(event, user):
        return lines
    label = str(EducationEvent._meta.get_field("note").verbose_name)
    return [replace(line, old={k: v for k, v in line.old.items() if k != label}) for line in lines]


def tests() -> QuerySet[Test]:
    """Every test: that one was held is no secret, results have their own scope."""
    return Test.objects.select_related("recorded_by").order_by("-on", "-id")


def results_visible_to(user: User) -> QuerySet[TestResult]:
    """All, those of the own unit subtree (unit of that day), or one's own."""
    rows = person_scope(user, Permission.VIEW_EDUCATION, unit="unit", cadre="cadre")
    found = TestResult.objects.select_related("cadre", "unit", "test").order_by("unit_id", "id")
    return found if rows is None else found.filter(rows)


def papers(user: User, level: PaperLevel, *, test: Test, unit: Unit) -> QuerySet[TestResult]:
    """The papers of a unit within the user's scope for reading at this level."""
    rows = person_scope(user, Permission[rules.PAPER_NEEDS[level]], unit="unit", cadre="cadre")
    found = TestResult.objects.filter(PAPER, test=test, unit=unit)
    found = found.select_related("cadre", "read_by", "sampled_by").order_by("cadre__pinyin", "cadre_id")
    return found if rows is None else found.filter(rows)


def paper_problem(result: TestResult, level: PaperLevel, user: User) -> str | None:
    """Why the user cannot read this paper at this level, or None."""
    return rules.paper_problem(
        level=level,
        read=result.read_by_id is not None,
        sampled=result.sampled_by_id is not None,
        own=user.cadre_id == result.cadre_id,
        is_reader=result.read_by_id == user.pk,
    )


def waiting_for_makeup(user: User, test: Test) -> QuerySet[TestResult]:
    """Who was absent or failed and has no make-up result yet."""
    return results_visible_to(user).filter(FAILED, test=test, makeup_score=None)


@dataclass(frozen=True)
class SheetRow:
    """One person of a unit on the day of a test, with the result so far."""

    cadre: Cadre
    result: TestResult | None


def sheet(test: Test, unit: Unit) -> list[SheetRow]:
    """Those who served in a unit on the day of the test, and those with a result for that unit."""
    results = {r.cadre_id: r for r in TestResult.objects.filter(test=test).select_related("cadre")}
    serving = Cadre.objects.serving_on(test.on).posted_to(unit, test.on).order_by("pinyin", "id")
    return [SheetRow(cadre, results.get(cadre.pk)) for cadre in serving]


@dataclass(frozen=True)
class ReviewLine:
    """A unit's results of a period: how many sat, passed, passed in the end; the mean of those who sat;
    how many papers there are, how many of them were read and sampled. `serving` is how many were in service
    on the day of the one test, 0 for a period."""

    unit_id: int
    unit: str
    serving: int
    entered: int
    tested: int
    absent: int
    passed: int
    passed_after: int
    average: Decimal | None
    papers: int
    read: int
    sampled: int

    @property
    def missing(self) -> int:
        """How many of those in service have no result yet, not even an absence."""
        return max(self.serving - self.entered, 0)

    @property
    def unsampled(self) -> bool:
        """Whether there are papers and the discipline office has looked at none."""
        return self.papers > 0 and self.sampled == 0


def review(user: User, *, first_day: date, last_day: date, test: Test | None = None) -> list[ReviewLine]:
    """Per unit, within the reader's scope. Absence is not a zero: it lowers no average."""
    found = results_visible_to(user).filter(test__on__gte=first_day, test__on__lte=last_day)
    if test is not None:
        found = found.filter(test=test)
    after = Q(score__gte=F("test__pass_mark")) | Q(makeup_score__gte=F("test__pass_mark"))
    groups = (
        found.order_by()
        .values("unit_id", "unit__name", "unit__order")
        .annotate(
            entered=Count("id"),
            tested=Count("score"),
            passed=Count("id", filter=Q(score__gte=F("test__pass_mark"))),
            passed_after=Count("id", filter=after),
            total=Sum("score"),
            papers=Count("id", filter=PAPER),
            read=Count("read_by", filter=PAPER),
            sampled=Count("sampled_by", filter=PAPER),
        )
        .order_by("unit__order", "unit_id")
    )
    serving = Cadre.objects.numbers_by_unit(test.on) if test is not None else {}
    return [
        ReviewLine(
            unit_id=group["unit_id"],
            unit=group["unit__name"],
            serving=serving.get(group["unit_id"], 0),
            entered=group["entered"],
            tested=group["tested"],
            absent=group["entered"] - group["tested"],
            passed=group["passed"],
            passed_after=group["passed_after"],
            average=(
                (Decimal(group["total"]) / group["tested"]).quantize(Decimal("0.01"))
                if group["tested"]
                else None
            ),
            papers=group["papers"],
            read=group["read"],
            sampled=group["sampled"],
        )
        for group in groups
    ]


def plans_visible_to(user: User) -> QuerySet[StudyPlan]:
    """The plans of the units one reaches, of one's own unit, and the district's."""
    found = StudyPlan.objects.select_related("unit").order_by("-month", "unit__order", "unit_id", "id")
    scope = reach(user, Permission.VIEW_EDUCATION)
    if scope.everywhere:
        return found
    units = set(unit_ids_under(scope.unit_ids))
    if user.cadre is not None:
        units.add(user.cadre.unit_id)
    return found.filter(Q(unit__in=units) | Q(unit__parent=None))


def commendations_visible_to(user: User) -> QuerySet[Commendation]:
    """All, those of the own unit subtree, or one's own; unconfirmed ones only the discipline office sees."""
    rows = person_scope(user, Permission.VIEW_EDUCATION, unit="unit", cadre="cadre")
    found = Commendation.objects.select_related("cadre", "unit", "recorded_by", "confirmed_by")
    found = found.order_by("-on", "-id")
    if not may(user, Permission.RECORD_EDUCATION):
        found = found.filter(state=CommendationState.CONFIRMED)
    return found if rows is None else found.filter(rows)


def parts_in(commendation: Commendation, user: User) -> frozenset[str]:
    """The parts a person plays in a record, by the names of `rules.education.COMMENDATION`."""
    parts = {
        "recorder": commendation.recorded_by_id == user.pk,
        SUBJECT: user.cadre_id is not None and commendation.cadre_id == user.cadre_id,
    }
    return frozenset(part for part, plays in parts.items() if plays)


def _commended(commendation: Commendation) -> FileEntry:
    return FileEntry(
        on=commendation.on,
        kind="嘉奖表彰",
        title=commendation.get_kind_display(),
        detail=commendation.reason,
        state=commendation.get_state_display(),
        url=reverse("conduct:commendation-detail", args=[commendation.pk]),
        side=Side.GOOD,
        record=commendation,
    )


def file_entries(cadre: Cadre, *, user: User) -> list[FileEntry]:
    """A person's commendations (the good side), education and test results, within the reader's scope."""
    confirmed = commendations_visible_to(user).filter(cadre=cadre, state=CommendationState.CONFIRMED)
    entries = [_commended(commendation) for commendation in confirmed]
    entries += [
        FileEntry(
            on=attendance.event.on,
            kind="教育关爱",
            title=attendance.event.get_kind_display(),
            detail=attendance.event.topic,
            state=attendance.standing,
            url=reverse("conduct:event-detail", args=[attendance.event_id]),
            record=attendance,
        )
        for attendance in attendances_visible_to(user).filter(cadre=cadre, event__state=EventState.RECORDED)
    ]
    entries += [
        FileEntry(
            on=result.test.on,
            kind="考阅炼评",
            title=result.test.title,
            detail=outcome(result),
            url=reverse("conduct:test-detail", args=[result.test_id]),
            record=result,
        )
        for result in results_visible_to(user).filter(cadre=cadre)
    ]
    return entries


def unit_file_entries(unit: Unit, *, user: User) -> list[FileEntry]:
    """What a unit itself was commended for, within the reader's scope."""
    found = commendations_visible_to(user).filter(unit=unit, cadre=None, state=CommendationState.CONFIRMED)
    return [_commended(commendation) for commendation in found]


def outcome(result: TestResult) -> str:
    """A result in words."""
    first = "缺考" if result.score is None else f"{result.score:f} 分"
    return first if result.makeup_score is None else f"{first}，补考 {result.makeup_score:f} 分"


def todos(user: User, *, today: date) -> list[Waiting]:
    """Commendations to confirm, papers to read."""
    return [*_commendation_todos(user, today=today), *_paper_todos(user, today=today)]


def _commendation_todos(user: User, *, today: date) -> list[Waiting]:
    """Commendations waiting for this person's confirmation, oldest first."""
    if not may(user, Permission.RECORD_EDUCATION):
        return []
    proposed = commendations_visible_to(user).filter(state=CommendationState.PROPOSED)
    proposed = proposed.exclude(recorded_by=user)
    if user.cadre_id is not None:
        proposed = proposed.filter(Q(cadre=None) | ~Q(cadre=user.cadre_id))
    return [
        waiting(
            proposed.order_by("recorded_at", "id"),
            lambda commendation: Todo(
                title=f"{commendation.get_kind_display()}：{commendation.reason[:40]}",
                who=f"{commendation.cadre}（{commendation.unit}）"
                if commendation.cadre
                else str(commendation.unit),
                detail=f"{commendation.on}，{commendation.recorded_by.display_name}提出",
                url=reverse("conduct:commendation-detail", args=[commendation.pk]),
                action="确认",
            ),
            label="待确认的嘉奖表彰",
            url=reverse("conduct:commendation-list") + f"?state={CommendationState.PROPOSED}",
            today=today,
        )
    ]


def _paper_todos(user: User, *, today: date) -> list[Waiting]:
    """This half-year's papers that a unit head has not read, a line for each test and unit."""
    if not may(user, Permission.REVIEW_PAPERS) or reach(user, Permission.REVIEW_PAPERS).everywhere:
        return []  # the office reads where no head can
    rows = person_scope(user, Permission.REVIEW_PAPERS, unit="unit", cadre="cadre")
    unread = TestResult.objects.filter(PAPER, rows, read_by=None, test__on__gte=rules.half_year(today)[0])
    if user.cadre_id is not None:
        unread = unread.exclude(cadre=user.cadre_id)
    groups = unread.values("test", "test__title", "test__on", "unit", "unit__name").annotate(n=Count("id"))
    lines = [
        Todo(
            title=group["test__title"],
            who=group["unit__name"],
            detail=f"{group['test__on']} 考试，{group['n']} 份未初阅",
            url=f"{reverse('conduct:test-papers', args=[group['test']])}?unit={group['unit']}",
            action="初阅",
        )
        for group in groups.order_by("test__on", "test", "unit")
    ]
    return [listed(lines, label="待初阅的试卷", url=reverse("conduct:test-list"), today=today)]
