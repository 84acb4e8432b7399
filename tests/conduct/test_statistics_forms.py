"""四种形态 of own violations: each counts once, under the heaviest; sums hold over months, units, forms."""

import io
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Case, IntegerField, Value, When
from openpyxl import load_workbook

from conduct.choices import HandlingWay
from conduct.models import Violation
from conduct.queries import statistics as queries
from conduct.rules import statistics as rules
from conduct.services import handlings
from conduct.services.corrections import reopen_violation
from conduct.services.violations import decide_violation
from core.models import Proposal
from core.services import proposals

FIRST, SENT, UNHANDLED, MERGED = "第一种形态", "已转问责，待处理", "未处理", "未处理（含已转问责）"


def decided(district, cadre, days_ago, *, state="CONFIRMED"):
    violation = district.log(cadre, days_ago=days_ago)
    decide_violation(
        violation_id=violation.pk, state=state, note="经核实", by=district.users["discipline2"],
        at=district.now,
    )  # fmt: skip
    return violation


def handle(district, violation, way):
    handlings.handle_violation(
        violation_id=violation.pk, way=way, on=district.today, by=district.users["discipline2"],
        at=district.now,
    )  # fmt: skip


def escalate(district, violation, answer=None):
    handlings.escalate_violation(
        violation_id=violation.pk, note="情节较重", by=district.users["discipline2"], at=district.now
    )
    if answer:
        proposal = Proposal.objects.get(source_label="conduct.Violation", source_id=violation.pk, kind="CASE")
        proposals.answer(
            proposal_id=proposal.pk, state=answer, answer="研判意见", by=district.users["dhead"],
            at=district.now,
        )  # fmt: skip


def reopen(district, violation):
    """The decision taken back by another officer, who then finds the same; what was handled is revoked."""
    reopen_violation(violation_id=violation.pk, note="有新证据", by=district.users["dhead"], at=district.now)
    decide_violation(
        violation_id=violation.pk, state="CONFIRMED", note="再次核实", by=district.users["dhead"],
        at=district.now,
    )  # fmt: skip


# Written out by hand: who, how many days ago, what was done, and where it is to be counted.
COURSES = (
    ("clerk", 1, ["TALK"], FIRST),
    ("clerk", 45, ["CRITICISM", "CIRCULAR"], FIRST),
    ("worker", 2, ["SELF_REVIEW"], FIRST),
    ("worker", 75, ["PLEDGE"], FIRST),
    ("clerk", 46, ["TALK", "reopen"], UNHANDLED),
    ("outsider", 3, ["ACCEPTED"], SENT),
    ("worker", 47, ["TALK", "ACCEPTED"], SENT),
    ("outsider", 4, ["propose"], UNHANDLED),
    ("clerk", 5, ["DECLINED", "TALK"], FIRST),
    ("worker", 6, ["DECLINED"], UNHANDLED),
    ("outsider", 76, [], UNHANDLED),
    ("outsider", 77, ["partly"], UNHANDLED),
    ("clerk", 7, ["dismissed"], None),
    ("clerk", 8, ["undecided"], None),
)
HOMES = {"clerk": "建设局", "worker": "征迁服务中心", "outsider": "财政局"}


@pytest.fixture
def handled(district):
    """Every course of the table, each on its own day."""
    for cadre, days_ago, steps, _ in COURSES:
        if steps == ["undecided"]:
            district.log(cadre, days_ago=days_ago)
            continue
        state = {"partly": "PARTLY", "dismissed": "DISMISSED"}.get(steps[0] if steps else "", "CONFIRMED")
        violation = decided(district, cadre, days_ago, state=state)
        for step in steps:
            if step in HandlingWay.values:
                handle(district, violation, step)
            elif step == "reopen":
                reopen(district, violation)
            elif step == "propose":
                escalate(district, violation)
            elif step in ("ACCEPTED", "DECLINED"):
                escalate(district, violation, answer=step)
    return district


def of(district, name):
    since = district.today - timedelta(days=300)
    return queries.statistics(district.users[name], since, district.today)


def by_hand(district):
    """The table above, counted without the database: per form and month, per form and unit."""
    months, homes = Counter(), Counter()
    for cadre, days_ago, _, form in COURSES:
        if form:
            day = district.today - timedelta(days=days_ago)
            months[form, (day.year, day.month)] += 1
            homes[form, HOMES[cadre]] += 1
    return months, homes


def told(found):
    months = {
        (row.label, month): n
        for row in found.forms
        for month, n in zip(found.months, row.months, strict=True)
        if n
    }
    homes = {
        (form.label, row.unit.name): n
        for row in found.units
        for form, n in zip(found.forms, row.forms_own, strict=True)
        if n
    }
    return months, homes


@pytest.mark.parametrize("name", ["discipline", "chief"])
def test_each_violation_counts_once_under_its_heaviest_form(handled, name):
    found = of(handled, name)
    months, homes = by_hand(handled)
    assert told(found) == (dict(months), dict(homes))
    assert [row.label for row in found.forms] == [FIRST, SENT, UNHANDLED]
    assert (found.counted, found.sum_of_forms) == (12, 12) and found.agrees


def test_forms_add_up_in_every_month_and_at_every_level(handled):
    found = of(handled, "chief")
    for place, total in enumerate(found.monthly):
        assert sum(row.months[place] for row in found.forms) == total
    rows = {row.unit: row for row in found.units}
    for unit, row in rows.items():
        below = [r for r in found.units if r.unit.parent_id == unit.pk]
        for form in range(len(found.forms)):
            assert row.forms[form] == row.forms_own[form] + sum(child.forms[form] for child in below)
        assert (sum(row.forms_own), sum(row.forms)) == (row.own, row.total)
    assert rows[handled.root].forms == tuple(row.total for row in found.forms)


def test_a_unit_head_is_not_told_what_was_sent_up(handled):
    found = of(handled, "unithead")
    merged = Counter()
    for cadre, days_ago, steps, form in COURSES:
        if form and cadre != "outsider":
            day = handled.today - timedelta(days=days_ago)
            # What stands is counted as it stands: a case that is accepted moves nothing here.
            stands = set(steps) & set(HandlingWay.values) and "reopen" not in steps
            merged[FIRST if stands else MERGED, (day.year, day.month)] += 1
    assert told(found)[0] == dict(merged)
    assert [row.label for row in found.forms] == [FIRST, MERGED] and found.agrees


def test_nobody_learns_from_the_numbers_that_a_case_is_prepared_about_oneself(district):
    violation = decided(district, "chief", 1)
    before = of(district, "chief"), of(district, "discipline2")
    escalate(district, violation, answer="ACCEPTED")
    after = of(district, "chief"), of(district, "discipline2")
    assert after[0] == before[0]
    assert [row.total for row in before[1].forms] == [0, 0, 1]
    assert [row.total for row in after[1].forms] == [0, 1, 0] and after[1].agrees


def test_what_an_app_above_decides_takes_the_row_out_of_waiting(handled, monkeypatch):
    """Which measure belongs to which form is known above; here only the form of a row arrives."""
    rows = Violation.objects.order_by("id")
    ids = {tuple(steps): row.pk for (_, _, steps, _), row in zip(COURSES, rows, strict=True)}
    given = {ids["ACCEPTED",]: 3, ids["TALK", "ACCEPTED"]: 1, ids["TALK",]: 2}

    def measures():
        cases = [When(pk=pk, then=Value(form)) for pk, form in given.items()]
        return Case(*cases, default=None, output_field=IntegerField())

    monkeypatch.setattr(queries, "OUTCOMES", [measures])
    found = of(handled, "discipline")
    assert {row.label: row.total for row in found.forms} == {
        FIRST: 5, "第二种形态": 1, "第三种形态": 1, "第四种形态": 0, SENT: 0, UNHANDLED: 5,
    }  # fmt: skip
    assert found.agrees and found.counted == 12
    assert sum(row.total for row in of(handled, "unithead").forms) == 8


@pytest.mark.parametrize(
    ("handled", "sent", "decided", "expected"),
    [
        (False, False, [], "UNHANDLED"),
        (True, False, [], "FIRST"),
        (False, True, [], "SENT"),
        (True, True, [None], "SENT"),
        (True, True, [None, 1], "FIRST"),
        (True, True, [2, 4], "FOURTH"),
        (True, False, [3, None], "THIRD"),
        (False, False, [None, None], "UNHANDLED"),
    ],
)
def test_the_heaviest_form_and_waiting(handled, sent, decided, expected):
    assert rules.treatment(handled=handled, sent=sent, decided=decided).name == expected


def test_page_and_workbook_show_the_forms_and_say_how_they_count(handled, as_role):
    client = as_role("chief")
    since = (handled.today - timedelta(days=300)).isoformat()
    page = client.get("/statistics/", {"since": since}).content.decode()
    assert "按最重的一项计一次" in page and SENT in page and "不相符" not in page
    book = load_workbook(io.BytesIO(client.get("/statistics/export/", {"since": since}).content))
    rows = [[cell.value for cell in row] for row in book["形态逐月"].iter_rows(min_row=3)]
    assert [(row[0], row[-1]) for row in rows[1:]] == [
        (FIRST, 5), (SENT, 2), (UNHANDLED, 5), ("当月合计", 12),
    ]  # fmt: skip
    heads, *lines = [[cell.value for cell in row] for row in book["单位"].iter_rows(min_row=3)]
    root = dict(zip(heads, lines[0], strict=True))
    shown = ("含下级违规", f"含下级：{FIRST}", f"含下级：{SENT}", f"本单位：{FIRST}")
    assert [root[head] for head in shown] == [12, 5, 2, 0]


def test_the_forms_cost_no_statement_more_however_many_there_are(
    handled, as_role, django_assert_max_num_queries
):
    client = as_role("discipline")
    client.get("/statistics/")
    with django_assert_max_num_queries(15) as few:
        client.get("/statistics/")
    for number in range(30):
        handle(handled, decided(handled, "clerk", 100 + number), "TALK")
        escalate(handled, decided(handled, "worker", 100 + number), answer="ACCEPTED")
    with django_assert_max_num_queries(15) as many:
        page = client.get("/statistics/", {"since": (handled.today - timedelta(days=300)).isoformat()})
    assert len(many.captured_queries) == len(few.captured_queries)
    assert page.context["found"].counted == 72
