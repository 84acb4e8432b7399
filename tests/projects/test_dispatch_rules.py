"""Promises, chasing and the order of candidates against tables that a person of the office can review."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from projects.rules import chasing, dispatch, performance
from projects.rules.dispatch import Block, Line, Promised

DATA = Path(__file__).parent / "data"


def table(name):
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def day(text):
    return date.fromisoformat(text) if text else None


PROMISES, CHASING, TIMING = table("promises.csv"), table("chasing.csv"), table("timing.csv")
CANDIDATES = {name: list(rows) for name, rows in groupby(table("candidates.csv"), lambda r: r["table"])}


@pytest.mark.parametrize("row", PROMISES, ids=lambda r: "/".join(list(r.values())[:6]))
def test_what_became_of_a_promise(row):
    kept = dispatch.promise(
        state=row["state"],
        due_on=date.fromisoformat(row["due_on"]),
        done_on=day(row["done_on"]),
        task_state=row["task_state"],
        task_done_on=day(row["task_done_on"]),
        today=date.fromisoformat(row["today"]),
    )
    assert (kept.verdict, kept.reason) == (row["verdict"], row["reason"])


def test_the_table_of_promises_reaches_every_verdict():
    assert {row["verdict"] for row in PROMISES} == {"KEPT", "LATE", "BROKEN", "RUNNING", "DROPPED"}


def made_in(text):
    """`1 LETTER ACCEPTED 11-02 11-03`, by `;`: node, kind, state, proposed, answered; all of 2026."""
    for one in filter(None, text.split(";")):
        node, kind, state, proposed, *answered = one.split()
        at = datetime.fromisoformat(f"2026-{proposed}T09:00:00").replace(tzinfo=UTC)
        yield chasing.Made(
            int(node), kind, state, at, at.date(), day(f"2026-{answered[0]}") if answered else None
        )


@pytest.mark.parametrize("row", CHASING, ids=lambda r: r["case"])
def test_what_an_overdue_node_proposes(row):
    node = chasing.Node(
        pk=1,
        planned_on=day(row["planned_on"]),
        done_on=day(row["done_on"]),
        suspended_reason=row["suspended"],
        progress=Decimal(row["progress"]),
        kind=row["kind"],
        state=row["state"],
        recorded_on=date.fromisoformat(row["recorded_on"]),
        has_unit=row["unit"] == "1",
        has_leader=row["leader"] == "1",
    )
    chase = chasing.chase(
        node, list(made_in(row["made"])), today=date.fromisoformat(row["today"]), overrides={}
    )
    assert chase.kind == row["chase"]
    assert row["why"] in chase.reason


def test_the_table_of_chasing_reaches_every_end():
    assert {row["chase"] for row in CHASING} == {"LETTER", "CASE", ""}
    assert len({row["case"] for row in CHASING}) == len(CHASING) >= 30


@pytest.mark.parametrize("row", TIMING, ids=lambda r: "/".join(list(r.values())[:4]))
def test_whether_something_was_done_in_time(row):
    found = performance.timing(
        due_on=day(row["due_on"]),
        baseline_on=day(row["baseline_on"]),
        done_on=day(row["done_on"]),
        today=date.fromisoformat(row["today"]),
    )
    assert found == row["timing"]


@pytest.mark.parametrize("name", CANDIDATES)
@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_candidates(name, turned):
    """The order of the table is the order of the page, whatever the order they come in."""
    rows = CANDIDATES[name]
    figures = ("early", "on_time", "late", "overdue", "issues")
    records = [performance.Record(r["key"], **{f: int(r[f]) for f in figures}) for r in rows]
    placed = performance.order(list(reversed(records)) if turned else records)
    shown = [
        (p.record.key, str(p.rank or ""), "yes" if p.tied else "no", str(p.record.share or ""))
        for p in placed
    ]
    ranked = [r for r in rows if r["rank"]]
    few = sorted(
        (r for r in rows if not r["rank"]), key=lambda r: (-int(r["early"]) - int(r["on_time"]), r["key"])
    )
    share = [
        (r["key"], r["rank"], r["tied"], "" if r["share"] == "0.0" else r["share"]) for r in ranked + few
    ]
    assert [(*line[:3], "" if line[3] == "0.0" else line[3]) for line in shown] == share


def block(code, *, light="GREEN", red=0, broken=0, running=0, changes=0):
    promise = [Promised("补件", "建设局", "2026-11-20", "BROKEN", "", 1)] * broken
    promise += [Promised("补件", "建设局", "2026-11-20", "RUNNING", "", 1)] * running
    return Block(
        1,
        code,
        code,
        "",
        "",
        light,
        "",
        [Line("节点", "逾期")] * red,
        [Line("节点", "更新")] * changes,
        promise,
    )


def test_projects_with_trouble_stand_first():
    blocks = [
        block("quiet"),
        block("changed", changes=1),
        block("promised", running=1),
        block("amber", light="YELLOW", changes=1),
        block("red", light="RED", red=1),
        block("redder", light="RED", red=2),
        block("broken", broken=1),
    ]
    shown = [b.code for b in dispatch.in_order(blocks)]
    assert shown == ["broken", "redder", "red", "amber", "changed", "promised", "quiet"]
    assert [b.code for b in dispatch.in_order(blocks[::-1])] == shown
    assert [b.code for b in blocks if b.is_quiet] == ["quiet"]


@pytest.mark.parametrize(
    ("kind", "last", "due"),
    [
        ("FORTNIGHT", "2026-11-10", "2026-11-24"),
        ("FORTNIGHT", "2026-11-07", "2026-11-23"),  # a Saturday moves to Monday
        ("FORTNIGHT", "2026-09-18", "2026-10-08"),  # the national holiday
        ("MONTHLY", "2026-10-26", "2026-11-26"),
        ("MONTHLY", "2027-01-31", "2027-03-01"),  # the month's end, a Sunday
    ],
)
def test_when_the_next_meeting_is_due(kind, last, due):
    found = dispatch.next_due(kind=kind, last=date.fromisoformat(last), overrides={})
    assert found == date.fromisoformat(due)
