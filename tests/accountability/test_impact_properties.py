"""Random lists of measures against a second implementation that walks every day of ten years and asks."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountability.choices import BARS_PROMOTION, PersonKind
from accountability.queries import default_book
from accountability.rules.impact import as_data, assess
from accountability.rules.measures import Imposed
from accountability.rules.spans import length, prolonged, span
from tests.support import day_walk
from tests.support.day_walk import Given

BOOK = default_book()
FIRST, YEARS = date(2020, 1, 1), 10
CIVIL = PersonKind.CIVIL_SERVANT
BARS = {effect.label for effect in BARS_PROMOTION}
days = st.dates(FIRST, date(2023, 12, 31)) | st.sampled_from(
    [date(2020, 2, 29), date(2020, 8, 31), date(2021, 1, 31), date(2021, 5, 31), date(2022, 12, 31)]
)


@st.composite
def a_measure(draw: st.DrawFn, batched: bool = True) -> Given:
    effective = draw(days)
    code = draw(st.sampled_from([*day_walk.MONTHS, "M08", "M01", "M05"]))
    # Beside another in one decision P03 would rise to 留党察看, of a length nobody typed in.
    batch = draw(st.sampled_from(["", "", "甲", "乙"])) if batched and code != "P03" else ""
    ended = draw(st.none() | st.integers(0, 900)) if code != "M08" else draw(st.integers(0, 300))
    return Given(
        code=code,
        effective=effective,
        ended=None if ended is None else effective + timedelta(days=ended),
        cancelled=draw(st.integers(0, 4)) == 0,
        batch=batch,
    )


def imposed(one: Given) -> Imposed:
    cancelled = one.effective + timedelta(days=30) if one.cancelled else None
    return Imposed(
        code=one.code, effective=one.effective, ended=one.ended, cancelled=cancelled, batch=one.batch
    )


def assessed(measures: list[Given]):
    return assess(BOOK, CIVIL, [imposed(one) for one in measures])


slow = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(st.lists(a_measure(), min_size=1, max_size=7))
def test_every_day_of_ten_years(measures):
    outcome, walked = assessed(measures), day_walk.walk(measures)
    last_barred = None
    for offset in range(YEARS * 366):
        day = FIRST + timedelta(days=offset)
        then = outcome.on(day)
        assert Counter(period.code for period in then.periods) == day_walk.codes_on(walked, day), day
        effects = [effect.effect.label for effect in then.effects]
        assert len(effects) == len(set(effects)), "an effect stands in one line only"
        assert set(effects) == day_walk.effects_on(walked, day), day
        last_barred = day if BARS & set(effects) else last_barred
    assert outcome.barred_until == last_barred
    grades = {grade.year: grade.limit.label for grade in outcome.annual_grades}
    for year in range(FIRST.year, FIRST.year + YEARS):
        assert grades.get(year) == day_walk.grade_of(walked, year), year


@slow
@given(st.lists(a_measure(), min_size=1, max_size=6), st.data())
def test_a_cancelled_measure_is_as_if_it_had_never_been(measures, data):
    index = data.draw(st.integers(0, len(measures) - 1))
    without = assessed([one for number, one in enumerate(measures) if number != index])
    measures[index].cancelled = True
    with_it = assessed(measures)
    assert [(p.code, p.first_day, p.last_day) for p in with_it.periods] == [
        (p.code, p.first_day, p.last_day) for p in without.periods
    ]
    assert [(e.effect, e.first_day, e.last_day) for e in with_it.effects] == [
        (e.effect, e.first_day, e.last_day) for e in without.effects
    ]
    assert [(g.year, g.limit) for g in with_it.annual_grades] == [
        (g.year, g.limit) for g in without.annual_grades
    ]
    assert any("撤销，不计入" in warning for warning in with_it.warnings)


@slow
@given(st.lists(a_measure(batched=False), min_size=1, max_size=6, unique_by=lambda one: one.effective))
def test_the_order_of_typing_changes_nothing(measures):
    there, back = assessed(measures), assessed(measures[::-1])
    assert sorted((p.code, p.first_day, p.last_day) for p in there.periods) == sorted(
        (p.code, p.first_day, p.last_day) for p in back.periods
    )
    assert [(e.effect, e.first_day, e.last_day) for e in there.effects] == [
        (e.effect, e.first_day, e.last_day) for e in back.effects
    ]


@slow
@given(st.lists(a_measure(batched=False), min_size=1, max_size=6), a_measure(batched=False))
def test_one_more_decision_never_makes_an_effect_end_earlier(measures, one_more):
    before, after = assessed(measures), assessed([*measures, one_more])
    for effect in before.effects:
        ends = [e.last_day for e in after.effects if e.effect is effect.effect]
        assert max(ends) >= effect.last_day


@slow
@given(st.lists(a_measure(), max_size=6), days)
def test_the_answer_is_plain_json_and_says_why(measures, day):
    data = as_data(assessed(measures), day)
    assert json.loads(json.dumps(data)) == data
    assert set(data) >= {"periods", "effects", "annual_grades", "border_days", "warnings"}
    for period in data["periods"]:
        assert period["rule"]
        assert period["last_day"] is None or period["first_day"] <= period["last_day"]
    assert data["border_days"] == sorted(set(data["border_days"]))


@given(days, st.integers(1, 60))
def test_a_span_ends_where_the_walk_ends(first, months):
    assert span(first, months).last == day_walk.last_day(first, months)


@given(days, st.integers(1, 1500), st.integers(1, 48))
def test_a_remainder_is_what_the_walk_counts(first, more, months):
    end = first + timedelta(days=more)
    rest = length(first, end)
    assert (rest.months, rest.days) == day_walk.months_and_days(first, end)
    assert prolonged(first, months, rest) >= span(first, months).last
