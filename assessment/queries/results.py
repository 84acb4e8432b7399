"""Results: who may see which, the ranking, and how every point of one came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from assessment.choices import Effect, LineNote, RunState, Source
from assessment.models import Rating, Result, Run
from assessment.rules import digest
from assessment.rules.scheme import Indicator, SchemeSpec
from assessment.rules.scoring import Line, Reading
from conduct.models import Violation
from conduct.queries.violations import violations_visible_to
from core.models import User
from core.permissions import Permission, may, reach
from core.queries import person_scope
from projects.models import Milestone
from projects.queries.milestones import milestones_visible_to


def results_visible_to(user: User) -> QuerySet[Result]:
    """Results of finished runs the user may see: all, those of the own unit subtree (unit of that day), or
    one's own; provisional ones only with all."""
    rows = person_scope(user, Permission.VIEW_RESULTS, unit="unit", cadre="cadre")
    results = Result.objects.filter(run__state=RunState.DONE).select_related("cadre", "unit")
    # A look ahead is the assessment side's own; nobody else takes it for a result.
    return results if rows is None else results.filter(rows, run__provisional=False)


def sees_only_self(user: User) -> bool:
    """Whether the user sees no result but the own one: then ranks of others are not shown either."""
    scope = reach(user, Permission.VIEW_RESULTS)
    return not scope.everywhere and not scope.unit_ids


def runs_visible_to(user: User) -> QuerySet[Run]:
    """Finished runs, for whoever may see any result; the rows inside stay scoped."""
    runs = Run.objects.filter(state=RunState.DONE).select_related("period", "scheme", "started_by")
    return (
        runs.order_by("-period__first_day", "period__kind", "-number", "id")
        if may(user, Permission.VIEW_RESULTS)
        else runs.none()
    )


def ranking(user: User, run: Run) -> QuerySet[Result]:
    """The run's results the user may see, in the one order every page and the workbook share."""
    return results_visible_to(user).filter(run=run).order_by("order", "id")


def whole_ranking(run: Run) -> QuerySet[Result]:
    """Every result of a run in order, for the command line, which stands outside the roles."""
    return Result.objects.filter(run=run).select_related("cadre", "unit").order_by("order", "id")


def own_results(user: User) -> QuerySet[Result]:
    """The user's own results, newest period first, the latest version of each period first."""
    results = results_visible_to(user).select_related("run__period", "run__scheme")
    return results.filter(cadre=user.cadre_id).order_by("-run__period__last_day", "-run__number", "id")


def standing_band(result: Result) -> str:
    """Where a person stands, as the person is told: a quarter of the ranked people, never a place.

    Personal rankings are shown to the assessment side only; a cadre sees the own stretch.
    """
    if result.rank_in_district is None:
        return "未排名"
    ranked = Result.objects.filter(run=result.run_id, group=result.group, total__isnull=False).count()
    quarter = (result.rank_in_district * 4 - 1) // ranked
    return ("前 25%", "25%–50%", "50%–75%", "后 25%")[min(quarter, 3)]


@dataclass(frozen=True)
class ShownLine:
    """One indicator of one result, ready for the page: numbers as numbers, the note in words."""

    indicator: Indicator
    line: Line
    reading: Reading | None
    milestones: Sequence[Milestone] = ()
    violations: Sequence[Violation] = ()
    ratings: Sequence[Rating] = ()
    hidden: int = 0

    @property
    def raw(self) -> Decimal | None:
        """The value before weighting, to four places."""
        return None if self.reading is None else self.reading.raw.quantize(Decimal("0.0001"))

    @property
    def sample(self) -> int:
        return 0 if self.reading is None else self.reading.sample

    @property
    def is_deduction(self) -> bool:
        return self.indicator.effect is Effect.DEDUCTION

    @property
    def own_marks(self) -> list[dict[str, Any]]:
        """Who gave which mark for this work style."""
        return [
            {"rater": rating.rater, "mark": getattr(rating, self.indicator.style)} for rating in self.ratings
        ]

    @property
    def note(self) -> str:
        """Why the line is not simply weight × score; the scheme's own words for what is missing."""
        if self.line.note in {LineNote.MISSING, LineNote.TOO_FEW}:
            return self.indicator.missing_text
        return str(self.line.note.label)

    @property
    def unit(self) -> str:
        """What the sample counts."""
        return {
            Source.WORK_STYLE_RATING: "名评分人",
            Source.MILESTONE_PROGRESS: "个节点",
            Source.VIOLATION_DEDUCTION: "件违规",
        }[self.indicator.source]


def heads(spec: SchemeSpec) -> list[tuple[str, list[Indicator]]]:
    """The indicators under their common headings, in order; without a heading one stands for itself."""
    found: list[tuple[str, list[Indicator]]] = []
    for indicator in spec.indicators:
        if indicator.heading and found and found[-1][0] == indicator.heading:
            found[-1][1].append(indicator)
        else:
            found.append((indicator.heading, [indicator]))
    return found


def shown_lines(spec: SchemeSpec, result: Result) -> list[ShownLine]:
    """The breakdown of a result, without the records behind it; no query."""
    return [
        ShownLine(indicator, *digest.unpack(packed))
        for indicator, packed in zip(spec.indicators, result.lines, strict=True)
    ]


def lines_and_marks(spec: SchemeSpec, result: Result) -> tuple[list[ShownLine], list[str]]:
    """The breakdown, and what is missing in it, each in the scheme's words and once: 样本不足, 无承担节点."""
    lines = shown_lines(spec, result)
    return lines, list(dict.fromkeys(line.note for line in lines if line.line.points is None and line.note))


def explanation(user: User, result: Result, spec: SchemeSpec) -> list[ShownLine]:
    """The breakdown with those records behind it that the reader may see elsewhere too; at most 3 queries.

    Raters' names go with the marks only to who manages the assessment; `hidden` counts the records
    outside the reader's scope.
    """
    lines = shown_lines(spec, result)
    milestone_ids = _evidence(lines, Source.MILESTONE_PROGRESS)
    violation_ids = _evidence(lines, Source.VIOLATION_DEDUCTION)
    milestones = (
        {row.pk: row for row in milestones_visible_to(user).filter(pk__in=milestone_ids)}
        if milestone_ids
        else {}
    )
    violations = (
        {row.pk: row for row in violations_visible_to(user).filter(pk__in=violation_ids)}
        if violation_ids
        else {}
    )
    ratings: list[Rating] = []
    if may(user, Permission.RUN_ASSESSMENT):
        given = Rating.objects.filter(period=result.run.period_id, cadre=result.cadre_id)
        ratings = list(given.select_related("rater").order_by("rater__username", "id"))
    shown = []
    for one in lines:
        ids = one.reading.evidence if one.reading else ()
        behind = (
            [milestones[pk] for pk in ids if pk in milestones]
            if one.indicator.source is Source.MILESTONE_PROGRESS
            else []
        )
        broken = (
            [violations[pk] for pk in ids if pk in violations]
            if one.indicator.source is Source.VIOLATION_DEDUCTION
            else []
        )
        shown.append(
            ShownLine(
                indicator=one.indicator,
                line=one.line,
                reading=one.reading,
                milestones=behind,
                violations=broken,
                ratings=ratings if one.indicator.source is Source.WORK_STYLE_RATING else (),
                hidden=len(ids) - len(behind) - len(broken),
            )
        )
    return shown


def _evidence(lines: Sequence[ShownLine], source: Source) -> set[int]:
    return {
        pk for one in lines if one.indicator.source is source and one.reading for pk in one.reading.evidence
    }
