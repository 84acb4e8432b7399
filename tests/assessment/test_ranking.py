"""Ranks: the published example, the tie rules, and independence from the order of input."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.choices import TieRule
from assessment.rules.ranking import Entry, ranks, standings

TIE_CASES: list[tuple[list[int], list[int], list[int]]] = [
    # totals, standard, dense
    ([], [], []),
    ([90], [1], [1]),
    ([90, 80], [1, 2], [1, 2]),
    ([80, 90], [2, 1], [2, 1]),
    ([90, 90], [1, 1], [1, 1]),
    ([90, 80, 80, 70], [1, 2, 2, 4], [1, 2, 2, 3]),
    ([90, 90, 80], [1, 1, 3], [1, 1, 2]),
    ([90, 90, 90, 80], [1, 1, 1, 4], [1, 1, 1, 2]),
    ([90, 80, 80, 80, 70], [1, 2, 2, 2, 5], [1, 2, 2, 2, 3]),
    ([70, 80, 80, 90, 90], [5, 3, 3, 1, 1], [3, 2, 2, 1, 1]),
    ([80, 70, 80, 70, 80], [1, 4, 1, 4, 1], [1, 2, 1, 2, 1]),
    ([0, 0, 0], [1, 1, 1], [1, 1, 1]),
    ([0, -5, 0], [1, 3, 1], [1, 2, 1]),
    ([100, 99, 98, 97], [1, 2, 3, 4], [1, 2, 3, 4]),
    ([97, 98, 99, 100], [4, 3, 2, 1], [4, 3, 2, 1]),
]


def test_golden_g4_smaller_comes_first() -> None:
    assert ranks([0, 2, 3, 2], rule=TieRule.STANDARD, descending=False) == [1, 2, 4, 2]
    assert ranks([0, 2, 3, 2], rule=TieRule.DENSE, descending=False) == [1, 2, 3, 2]


@pytest.mark.parametrize(("totals", "standard", "dense"), TIE_CASES)
def test_tie_rules(totals: list[int], standard: list[int], dense: list[int]) -> None:
    assert ranks(totals, rule=TieRule.STANDARD) == standard
    assert ranks(totals, rule=TieRule.DENSE) == dense


def test_the_published_district_table_has_a_shared_third_place() -> None:
    # Eight counties, one shared third place, the next is fifth: standard competition ranks.
    assert ranks([8, 7, 6, 6, 4, 3, 2, 1], rule=TieRule.STANDARD) == [1, 2, 3, 3, 5, 6, 7, 8]


def entry(code: str, total: str | None, *ties: str | None, unit: str = "A", group: str = "") -> Entry[str]:
    return Entry(
        code,
        code,
        unit,
        group,
        None if total is None else Decimal(total),
        tuple(None if tie is None else Decimal(tie) for tie in ties),
    )


def test_tie_breakers_are_compared_in_order_and_the_rest_shares_the_rank() -> None:
    result = standings(
        [
            entry("4", "90", "80", "0"),
            entry("3", "90", "80", "-2"),
            entry("2", "90", "80", "0"),
            entry("1", "90", "70", "0"),
        ],
        rule=TieRule.STANDARD,
    )
    assert {key: standing.in_group for key, standing in result.items()} == {"2": 1, "4": 1, "3": 3, "1": 4}
    assert sorted(result, key=lambda key: result[key].order) == ["2", "4", "3", "1"]


def test_a_missing_tie_breaker_comes_after_any_present_one() -> None:
    result = standings([entry("1", "90", None), entry("2", "90", "0")], rule=TieRule.STANDARD)
    assert (result["2"].in_group, result["1"].in_group) == (1, 2)


def test_units_and_groups_are_ranked_apart() -> None:
    result = standings(
        [
            entry("1", "90", unit="A", group="甲"),
            entry("2", "95", unit="B", group="甲"),
            entry("3", "85", unit="A", group="甲"),
            entry("4", "99", unit="A", group="乙"),
        ],
        rule=TieRule.STANDARD,
    )
    assert {key: (one.in_unit, one.in_group) for key, one in result.items()} == {
        "1": (1, 2),
        "2": (1, 1),
        "3": (2, 3),
        "4": (1, 1),
    }


def test_who_could_not_be_scored_has_no_rank_and_stands_last() -> None:
    result = standings([entry("1", None), entry("2", "0"), entry("3", "10")], rule=TieRule.STANDARD)
    assert (result["1"].in_unit, result["1"].in_group, result["1"].order) == (None, None, 3)
    assert result["2"].in_group == 2


entries = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 5)),
        st.one_of(st.none(), st.integers(0, 2)),
        st.sampled_from("AB"),
        st.sampled_from(["", "甲"]),
    ),
    max_size=25,
).map(
    lambda rows: [
        entry(
            f"{place:03}",
            None if total is None else str(total),
            None if tie is None else str(tie),
            unit=unit,
            group=group,
        )
        for place, (total, tie, unit, group) in enumerate(rows)
    ]
)


@settings(deadline=None)
@given(everybody=entries, rule=st.sampled_from(TieRule), seed=st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_input(
    everybody: list[Entry[str]], rule: TieRule, seed: Any
) -> None:
    shuffled = list(everybody)
    seed.shuffle(shuffled)
    expected = standings(everybody, rule=rule)
    assert standings(shuffled, rule=rule) == expected
    assert sorted(one.order for one in expected.values()) == list(range(1, len(everybody) + 1))
    for left in everybody:
        for right in everybody:
            if left.group == right.group and left.total is not None and right.total is not None:
                higher = left.strength > right.strength
                assert higher == ((expected[left.key].in_group or 0) < (expected[right.key].in_group or 0))
                if higher:
                    assert expected[left.key].order < expected[right.key].order
