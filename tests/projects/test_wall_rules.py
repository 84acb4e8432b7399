"""Where things stand on the wall: places, axis, lamps and words that keep clear of each other, order."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.rules import wall as rules
from projects.rules.wall import Label, Node, Window

DATA = Path(__file__).parent / "data"
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
TODAY = date(2026, 11, 25)


def rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@st.composite
def windows(draw):
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Window(first, last)


@st.composite
def nodes(draw):
    planned = draw(st.none() | DAYS)
    done = draw(st.none() | DAYS)
    return Node(
        name=draw(st.text("甲乙丙丁", min_size=1, max_size=8)),
        short=draw(st.text("甲乙丙丁", min_size=1, max_size=4)),
        light="GREEN" if done else draw(st.sampled_from(["RED", "YELLOW", "GREEN", "GREY"])),
        reason="原因",
        baseline_on=draw(st.none() | DAYS),
        planned_on=planned,
        forecast_on=draw(st.none() | DAYS),
        done_on=done,
    )


class TestPlaces:
    @given(windows(), DAYS, DAYS)
    def test_a_later_day_never_stands_further_left_and_none_stands_outside(self, window, one, other):
        early, late = sorted((one, other))
        assert 0 <= window.at(early) <= window.at(late) <= 100

    @given(windows(), DAYS)
    def test_only_a_day_outside_is_held_at_an_end(self, window, day):
        side = window.side(day)
        if side == "inside":
            assert 0 < window.at(day) < 100
        else:
            assert window.at(day) == (0 if side == "before" else 100)

    @pytest.mark.parametrize(
        ("day", "place"),
        [
            (date(2026, 1, 1), 0.14),
            (date(2026, 7, 2), 50.0),
            (date(2026, 12, 31), 99.86),
            (date(2025, 12, 31), 0),
            (date(2027, 1, 1), 100),
        ],
    )
    def test_the_middle_of_the_year_is_the_middle_of_the_wall(self, day, place):
        assert Window(date(2026, 1, 1), date(2026, 12, 31)).at(day) == place


class TestWindow:
    @pytest.mark.parametrize(
        ("today", "year", "first", "last"),
        [
            (date(2026, 6, 15), 2026, date(2026, 1, 1), date(2026, 12, 31)),
            (date(2026, 11, 25), 2026, date(2026, 1, 1), date(2027, 3, 31)),
            (date(2026, 12, 31), 2026, date(2026, 1, 1), date(2027, 6, 30)),
            (date(2026, 1, 1), 2026, date(2025, 10, 1), date(2026, 12, 31)),
            (date(2026, 3, 31), 2026, date(2025, 10, 1), date(2026, 12, 31)),
            (date(2026, 4, 1), 2026, date(2026, 1, 1), date(2026, 12, 31)),
            (date(2026, 11, 25), 2025, date(2025, 1, 1), date(2025, 12, 31)),
        ],
    )
    def test_a_year_and_what_comes_next(self, today, year, first, last):
        assert rules.window_of_year(today, year) == Window(first, last)

    @given(DAYS)
    def test_the_current_year_always_looks_ahead_and_back(self, today):
        window = rules.window_of_year(today, today.year)
        assert window.first <= today - timedelta(days=rules.LOOK_BACK_DAYS)
        assert window.last >= today + timedelta(days=rules.LOOK_AHEAD_DAYS)
        assert window.first.day == 1 and (window.last + timedelta(days=1)).day == 1

    @given(DAYS, st.lists(DAYS, max_size=8))
    def test_every_day_asked_for_is_inside(self, today, days):
        window = rules.window_of_days(today, days)
        assert {window.side(day) for day in [today, *days]} == {"inside"}

    @given(windows())
    def test_the_axis_fills_the_width_without_gap(self, window):
        found = rules.ticks(window)
        assert found[0].at == 0
        assert abs(found[-1].at + found[-1].width - 100) < 0.05
        for before, after in pairwise(found):
            assert abs(before.at + before.width - after.at) < 0.05

    @pytest.mark.parametrize(
        ("first", "last", "labels"),
        [
            (date(2026, 11, 1), date(2027, 1, 31), ["11月", "12月", "1月"]),
            (date(2026, 1, 1), date(2027, 12, 31), [f"{q}季度" for q in (1, 2, 3, 4)] * 2),
            (date(2020, 1, 1), date(2026, 12, 31), [str(year) for year in range(2020, 2027)]),
        ],
    )
    def test_months_then_quarters_then_years(self, first, last, labels):
        window = Window(first, last)
        assert [tick.label for tick in rules.ticks(window)] == labels
        assert rules.years(window)[0].label == f"{first.year}年"


class TestSpread:
    places = st.lists(st.floats(0, 100), max_size=30).map(sorted)

    @given(places, st.floats(0, 8))
    def test_order_and_bounds_are_kept_and_neighbours_stand_apart(self, places, gap):
        found = rules.spread(places, gap=gap, low=1, high=99)
        assert len(found) == len(places)
        assert all(1 <= place <= 99 for place in found)
        kept = min(gap, 98 / max(len(places) - 1, 1))
        assert all(right - left >= kept - 0.02 for left, right in pairwise(found))

    @given(places)
    def test_what_is_far_enough_apart_does_not_move(self, places):
        if all(right - left >= 2 for left, right in pairwise(places)):
            assert rules.spread(places, gap=2) == [round(place, 2) for place in places]

    def test_three_on_one_day_stand_around_it(self):
        assert rules.spread([50, 50, 50], gap=3) == [47, 50, 53]

    def test_at_the_end_they_are_pushed_inside(self):
        assert rules.spread([100, 100], gap=3, low=1, high=99) == [96, 99]

    def test_more_than_fit_stand_evenly(self):
        assert rules.spread([7] * 5, gap=60) == [0, 25, 50, 75, 100]


class TestLabels:
    labels = st.lists(
        st.builds(Label, at=st.floats(0, 100), width=st.floats(0.5, 30), rank=st.integers(0, 4)), max_size=15
    )

    @given(labels)
    def test_no_two_labels_overlap_and_none_leaves_the_wall(self, labels):
        found = rules.labels_shown(labels)
        spans = sorted(
            (middle - label.width / 2, middle + label.width / 2)
            for label, middle in zip(labels, found, strict=True)
            if middle is not None
        )
        assert all(left >= -0.01 and right <= 100.01 for left, right in spans)
        assert all(one[1] <= other[0] + 0.02 for one, other in pairwise(spans))

    @given(labels)
    def test_the_first_by_rank_is_always_shown(self, labels):
        found = rules.labels_shown(labels)
        if labels:
            best = min(range(len(labels)), key=lambda n: (labels[n].rank, labels[n].at, n))
            assert found[best] is not None

    def test_the_red_one_wins_over_its_neighbour(self):
        assert rules.labels_shown([Label(50, 6, 4), Label(52, 6, 0)]) == [None, 52]


class TestLane:
    @given(st.lists(nodes(), max_size=14), windows())
    def test_lamps_hang_in_the_order_of_their_days_inside_the_wall(self, found, window):
        lane = rules.draw(found, window=window, today=TODAY)
        places = [mark.at for mark in lane.marks]
        days = [mark.node.stands_on for mark in lane.marks]
        assert days == sorted(days)
        assert places == sorted(places)
        assert all(0 <= place <= 100 for place in places)
        assert len(lane.marks) + lane.undated + lane.before == len(found)

    @given(st.lists(nodes(), max_size=14), windows())
    def test_what_is_open_is_never_left_out(self, found, window):
        drawn = [mark.node for mark in rules.draw(found, window=window, today=TODAY).marks]
        for node in found:
            if node.done_on is None and node.planned_on is not None:
                assert node in drawn

    def node(self, **more):
        values = {
            "name": "开工",
            "short": "开工",
            "light": "GREEN",
            "reason": "",
            "baseline_on": None,
            "planned_on": date(2026, 6, 1),
            "forecast_on": None,
            "done_on": None,
        }
        return Node(**(values | more))

    def mark(self, **more):
        window = Window(date(2026, 1, 1), date(2026, 12, 31))
        (mark,) = rules.draw([self.node(**more)], window=window, today=TODAY).marks
        return mark, window

    def test_a_red_lamp_shows_how_far_its_delay_reaches(self):
        mark, window = self.mark(light="RED", planned_on=date(2026, 10, 1))
        assert (mark.shape, mark.late_to) == ("RED", window.at(TODAY))
        assert self.mark(light="YELLOW", planned_on=date(2026, 12, 1))[0].late_to is None

    def test_done_hangs_on_its_own_day_with_the_day_first_fixed_beside_it(self):
        mark, window = self.mark(done_on=date(2026, 7, 1), baseline_on=date(2026, 5, 1))
        assert (mark.shape, mark.at) == ("DONE", window.at(date(2026, 7, 1)))
        assert mark.ghost_at == window.at(date(2026, 5, 1))
        assert self.mark(baseline_on=date(2026, 6, 1))[0].ghost_at is None

    def test_a_forecast_out_of_sight_leaves_only_its_line(self):
        inside, window = self.mark(forecast_on=date(2026, 8, 1))
        assert inside.forecast_at == inside.expect_to == window.at(date(2026, 8, 1))
        outside, _ = self.mark(forecast_on=date(2027, 8, 1))
        assert (outside.forecast_at, outside.expect_to) == (None, 100)

    def test_what_is_overdue_since_before_the_window_still_warns_at_its_edge(self):
        mark, _ = self.mark(light="RED", planned_on=date(2024, 3, 1))
        assert (mark.side, mark.shape) == ("before", "RED")
        lane = rules.draw(
            [self.node(done_on=date(2024, 3, 1))],
            window=Window(date(2026, 1, 1), date(2026, 12, 31)),
            today=TODAY,
        )
        assert (lane.marks, lane.before) == ([], 1)


@pytest.mark.parametrize("row", rows("wall_rank.csv"), ids=lambda row: row["为什么"])
def test_what_hurts_more_comes_first(row):
    rank = rules.trouble_rank(
        light=row["灯色"],
        closed=row["已办结"] == "是",
        suspended=row["有暂停"] == "是",
        issues=int(row["未解决问题"]),
    )
    assert rank == int(row["次序"])
    assert rules.needs_eyes(rank) is (row["需关注"] == "是")


def amount(text):
    return Decimal(text) if text else None


@pytest.mark.parametrize("row", rows("wall_money.csv"), ids=lambda row: row["为什么"])
def test_which_money_is_shown(row):
    money = rules.money_of(
        plan=amount(row["年度计划"]),
        entries=amount(row["本年各月合计"]),
        table_plan=amount(row["导入表计划"]),
        table_done=amount(row["导入表累计"]),
    )
    assert (money.plan, money.done) == (amount(row["采用计划"]), amount(row["采用完成"]))
    assert money.imported is (row["按导入表"] == "是")
    assert money.share == amount(row["完成率"])


def test_a_total_is_of_what_can_be_compared():
    parts = [
        rules.Money(Decimal(100), Decimal(50)),
        rules.Money(Decimal(300), None),
        rules.Money(None, Decimal(70)),
        rules.Money(Decimal(100), Decimal(100)),
    ]
    assert rules.total_of(parts) == rules.Money(Decimal(200), Decimal(150))
    assert rules.total_of(parts[1:3]) == rules.Money(None, None)


@pytest.mark.parametrize(
    ("today", "year", "share"),
    [
        (date(2026, 12, 31), 2026, "100.0"),
        (date(2026, 1, 1), 2026, "0.3"),
        (date(2024, 7, 1), 2024, "50.0"),
        (date(2026, 7, 1), 2025, None),
    ],
)
def test_how_much_of_the_year_is_over(today, year, share):
    assert rules.elapsed(today, year) == (Decimal(share) if share else None)
