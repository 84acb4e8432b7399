"""Recomputing a finished run from its frozen inputs, and comparing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from assessment.choices import GroupBy
from assessment.models import Result, Run
from assessment.rules import digest, ranking, scoring
from assessment.rules.scheme import SchemeSpec, fingerprint

MOST_NAMED = 20
"""So many differing people are named; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A stored result without its ranks: what the last step of a run ranks."""

    id: int
    staff_no: str
    unit_code: str
    group: str
    total: Decimal | None
    lines: list[digest.Packed]


@dataclass
class Verification:
    """What came of it. `differences` name people by staff number."""

    expected: str
    recomputed: str
    people: int
    differences: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return self.expected == self.recomputed and not self.differences


def group_of(spec: SchemeSpec, establishment: str) -> str:
    """The group within which a person is ranked, as stored: the establishment, or nothing for all."""
    return establishment if spec.group_by is GroupBy.ESTABLISHMENT else ""


def computed_results(run: Run) -> Iterator[Computed]:
    """All results of a run, by staff number, from one query."""
    rows = Result.objects.filter(run=run).order_by("cadre__staff_no")
    fields = ("id", "cadre__staff_no", "unit__code", "group", "total", "lines")
    return (Computed(*row) for row in rows.values_list(*fields).iterator(chunk_size=2000))


def rank(spec: SchemeSpec, results: Iterable[Computed]) -> dict[int, ranking.Standing]:
    """The standing of each result by the scheme's tie rule."""
    return ranking.standings(
        (
            ranking.Entry(
                key=result.id,
                code=result.staff_no,
                unit=result.unit_code,
                group=result.group,
                total=result.total,
                ties=ranking.tie_values(spec, [digest.unpack(packed) for packed in result.lines]),
            )
            for result in results
        ),
        rule=spec.tie_rule,
    )


def run_digest(
    run: Run, spec: SchemeSpec, results: Iterable[Computed], standings: dict[int, ranking.Standing]
) -> str:
    """The SHA-256 of a whole run: period, frozen scheme, and every figure of every person."""
    header = {
        "kind": run.period.kind,
        "first_day": run.period.first_day.isoformat(),
        "last_day": run.period.last_day.isoformat(),
        "as_of": run.as_of.isoformat(),
        "scheme": fingerprint(spec),
    }
    return digest.digest(
        header,
        (
            digest.Row(one.staff_no, one.unit_code, one.group, one.total, standings[one.id], one.lines)
            for one in results
        ),
    )


def verify_run(run: Run) -> Verification:
    """Score and rank again from the stored inputs and the frozen scheme; compare every figure and the digest.

    The inputs are the amount, base and sample of every line, as they were when the run was made. The scheme
    is the run's own copy; a copy that was edited shows in its fingerprint.
    """
    spec = run.spec
    stored = list(computed_results(run))
    readings = {one.id: [digest.unpack(packed)[1] for packed in one.lines] for one in stored}
    columns: list[dict[int, scoring.Reading]] = []
    for place in range(len(spec.indicators)):
        column = {key: row[place] for key, row in readings.items() if len(row) > place}
        columns.append({key: reading for key, reading in column.items() if reading is not None})
    scores = scoring.score_columns(spec, [one.id for one in stored], columns)
    again = [
        Computed(
            id=one.id,
            staff_no=one.staff_no,
            unit_code=one.unit_code,
            group=one.group,
            total=scores[one.id].total,
            lines=[
                digest.pack(line, reading)
                for line, reading in zip(scores[one.id].lines, readings[one.id], strict=True)
            ],
        )
        for one in stored
    ]
    standings = rank(spec, again)
    outcome = Verification(run.sha256, run_digest(run, spec, again, standings), len(stored))
    if len(stored) != run.subjects:
        outcome.differences.append(f"应有 {run.subjects} 人的结果，库中有 {len(stored)} 人")
    if fingerprint(spec) != run.scheme_sha256:
        outcome.differences.append("冻结的方案与其摘要不符，方案被改动")
    outcome.differences += _differences(run, stored, again, standings)
    return outcome


def _differences(
    run: Run, stored: list[Computed], again: list[Computed], standings: dict[int, ranking.Standing]
) -> list[str]:
    """Whose stored figures are not what the inputs give."""
    fields = ("id", "rank_in_unit", "rank_in_district", "order")
    placed = {
        row[0]: ranking.Standing(*row[1:]) for row in Result.objects.filter(run=run).values_list(*fields)
    }
    found = []
    for before, after in zip(stored, again, strict=True):
        wrong = [
            what
            for what, differs in (
                ("总分", before.total != after.total),
                ("分项", before.lines != after.lines),
                ("名次", placed[before.id] != standings[before.id]),
            )
            if differs
        ]
        if wrong:
            found.append(f"{before.staff_no}：{'、'.join(wrong)}与冻结的输入不符")
    rest = len(found) - MOST_NAMED
    return [*found[:MOST_NAMED], f"另有 {rest} 人"] if rest > 0 else found
