"""The score of each subject, from the readings of each indicator: exact decimals, rounded once.

A reading is a fraction (amount over base), so that a mean such as 250/3 is never rounded on the way. Sums
are carried with 40 digits and snapped to 25 places before the one rounding: the exact value is a fraction
whose denominator has far fewer than 20 digits, so the snap only removes the noise of the representation
(1/3 + 1/3 + 1/3 is 1, not 0.999…) and can never move a value across a rounding boundary.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TypeVar

from assessment.choices import Effect, LineNote, MissingPolicy, Rounding
from assessment.rules.scheme import Indicator, SchemeSpec, decimal_text
from core.rules.errors import DomainError

K = TypeVar("K", bound=Hashable)

EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)
_SNAP = Decimal(1).scaleb(-25)
_WEIGHT_PLACES = Decimal("0.0001")
_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.TRUNCATE: ROUND_DOWN}


class SubjectError(DomainError):
    """Somebody cannot be scored; `subject` is whom, as the caller named them."""

    subject: Hashable = None

    def put_name(self, name: str) -> None:
        """Say in the message who it is about."""
        self.message = f"{name}：{self.message}"
        self.args = (self.message,)


class ScoreRangeError(SubjectError):
    """A source gave more than the full mark, or less than nothing."""


class MissingReadingError(SubjectError):
    """The scheme does not allow this indicator to be missing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says of one subject: `amount / base`, from `sample` records.

    `evidence` are the ids of those records where the page should lead to them.
    """

    amount: Decimal
    base: Decimal
    sample: int
    evidence: tuple[int, ...] = ()

    @property
    def raw(self) -> Decimal:
        """The value itself, to 40 digits."""
        return EXACT.divide(self.amount, self.base)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of one subject, as the page shows it.

    `points` is None where there is no reading (missing is not zero); the others sum to the total.
    `weight` is the weight that counted, after what others left was shared out, to 4 places.
    """

    weight: Decimal
    points: Decimal | None
    note: LineNote


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one subject; `total` is None when too little was measured to score by."""

    total: Decimal | None
    attainable: Decimal
    lines: tuple[Line, ...]


def round_once(value: Decimal, *, places: int, rule: Rounding) -> Decimal:
    """The single rounding of a finished value: 四舍五入 away from zero, or 截断 towards it."""
    return value.quantize(_SNAP, context=EXACT).quantize(
        Decimal(1).scaleb(-places), rounding=_MODES[rule], context=EXACT
    )


def score_columns(
    spec: SchemeSpec, subjects: Iterable[K], columns: Sequence[Mapping[K, Reading]]
) -> dict[K, Score]:
    """Score everybody. `columns` holds one mapping subject → reading per indicator, in the scheme's order.

    A subject absent from a column has no reading there. Raises MissingReadingError and ScoreRangeError.
    """
    if len(columns) != len(spec.indicators):
        raise ValueError("one column per indicator")
    scores: dict[K, Score] = {}
    with localcontext(EXACT):
        for subject in subjects:
            try:
                scores[subject] = _score(spec, [column.get(subject) for column in columns])
            except SubjectError as error:
                error.subject = subject
                raise
    return scores


def score_one(spec: SchemeSpec, readings: Sequence[Reading | None]) -> Score:
    """Score a single subject; same contract as `score_columns`."""
    return score_columns(spec, [0], [{} if reading is None else {0: reading} for reading in readings])[0]


def _score(spec: SchemeSpec, readings: Sequence[Reading | None]) -> Score:
    pairs = list(zip(spec.indicators, readings, strict=True))
    notes = [_presence(indicator, reading) for indicator, reading in pairs]
    present = shared = ZERO
    for (indicator, reading), note in zip(pairs, notes, strict=True):
        if indicator.effect is Effect.DEDUCTION:
            continue
        if reading is not None and note is LineNote.NONE:
            present += indicator.weight
        elif indicator.missing is MissingPolicy.REDISTRIBUTE:
            shared += indicator.weight
        elif indicator.missing is MissingPolicy.REFUSE:
            raise MissingReadingError(f"“{indicator.name}”缺项，方案规定不得缺项。请补齐后重新核算。")
    scored = present > 0 and present >= spec.min_measured
    if not scored:
        shared = ZERO  # what little there is stands by its own weight, for the page to show
    exact: list[Decimal | None] = []
    weights: list[Decimal] = []
    for place, (indicator, reading) in enumerate(pairs):
        points, weight = None, ZERO
        if indicator.effect is Effect.DEDUCTION:
            points, notes[place] = _deduction(indicator, reading)
        elif reading is not None and notes[place] is LineNote.NONE:
            _check_range(indicator, reading)
            weight = indicator.weight * (present + shared) / present
            points = (reading.amount * indicator.weight * (present + shared)) / (
                reading.base * indicator.full_mark * present
            )
            notes[place] = LineNote.REWEIGHTED if shared else LineNote.NONE
        exact.append(points)
        weights.append(weight.quantize(_WEIGHT_PLACES))
    if present:
        _keep_above_floor(spec, exact, notes)
    total, shown = _rounded(spec, exact)
    return Score(
        total=total if scored else None,
        attainable=present + shared if scored else ZERO,
        lines=tuple(Line(*line) for line in zip(weights, shown, notes, strict=True)),
    )


def _presence(indicator: Indicator, reading: Reading | None) -> LineNote:
    """NONE when the reading counts, otherwise why it does not. A deduction is never missing."""
    if indicator.effect is Effect.DEDUCTION:
        return LineNote.NONE
    if reading is None:
        return LineNote.MISSING
    return LineNote.NONE if reading.sample >= indicator.min_sample else LineNote.TOO_FEW


def _check_range(indicator: Indicator, reading: Reading) -> None:
    if not ZERO <= reading.amount <= indicator.full_mark * reading.base:
        raw = decimal_text(round_once(reading.raw, places=4, rule=Rounding.HALF_UP))
        raise ScoreRangeError(
            f"“{indicator.name}”的得分 {raw} 不在 0 至满分 {decimal_text(indicator.full_mark)} 之间。"
            "请核对来源数据。"
        )


def _deduction(indicator: Indicator, reading: Reading | None) -> tuple[Decimal, LineNote]:
    """Negative points, no lower than minus the cap; nothing recorded takes nothing off."""
    if reading is None:
        return ZERO, LineNote.NONE
    amount = reading.amount / reading.base
    if amount < 0:
        raise ScoreRangeError(f"“{indicator.name}”的扣分为负。请核对来源数据。")
    if indicator.cap is not None and amount > indicator.cap:
        return -indicator.cap, LineNote.CAPPED
    return ZERO - amount, LineNote.NONE


def _keep_above_floor(spec: SchemeSpec, exact: list[Decimal | None], notes: list[LineNote]) -> None:
    """Deductions stop where the total reaches the floor; what was earned is never raised to it."""
    lack = spec.floor - sum((points for points in exact if points is not None), ZERO)
    for place in reversed(range(len(exact))):
        points = exact[place]
        if lack <= 0:
            return
        if points is not None and points < 0:
            given_back = min(lack, -points)
            exact[place] = points + given_back
            notes[place] = LineNote.FLOORED
            lack -= given_back


def _rounded(spec: SchemeSpec, exact: Sequence[Decimal | None]) -> tuple[Decimal, list[Decimal | None]]:
    """The total, rounded once, and the lines at the same places, made to sum to it.

    A line is rounded by the same rule; the units still missing go to the lines that lost most, in the
    scheme's order where they lost equally (largest remainder), so the shown breakdown always adds up.
    """
    unit = Decimal(1).scaleb(-spec.places)
    total = round_once(
        sum((points for points in exact if points is not None), ZERO), places=spec.places, rule=spec.rounding
    )
    shown = [
        None if points is None else round_once(points, places=spec.places, rule=spec.rounding)
        for points in exact
    ]
    difference = int((total - sum((points for points in shown if points is not None), ZERO)) / unit)
    step = unit if difference > 0 else -unit
    lost = [
        (-(whole - rounded) * step, place)
        for place, (whole, rounded) in enumerate(zip(exact, shown, strict=True))
        if whole is not None and rounded is not None
    ]
    for _, place in sorted(lost)[: abs(difference)]:
        rounded = shown[place]
        if rounded is not None:
            shown[place] = rounded + step
    return total, shown
