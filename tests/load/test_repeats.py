"""Repeats of a knee: the rates that a repeat tries, and what all repeats say together."""

from dataclasses import replace

import pytest

from lab.load.endurance import endurance_rate
from lab.load.knee import RATE_MIN, Knee, Turn, knee_of
from lab.load.repeats import Pair, median_of, next_rate_near, pair_around, ratios, spread_of
from tests.load.test_knee import choked, held

PAIR = Pair(held=500, choked=540)
PRECISION = 0.08


def knees(*rates: int | None) -> list[Knee]:
    return [Knee(rate, None if rate is None else rate + 20, client_bound=False) for rate in rates]


@pytest.mark.parametrize(
    ("rates", "middle", "spread"),
    [
        ((500,), 0, (500, 500)),
        ((500, 700, 600), 2, (500, 700)),
        ((700, 500, 600, 500, 900), 2, (500, 900)),
        # Of an even number the lower one of both in the middle.
        ((700, 500), 1, (500, 700)),
        ((400, 700, 500, 600), 2, (400, 700)),
        # A repeat that held nothing is the lowest.
        ((700, None, 500), 2, (None, 700)),
        ((None, None, 500), 0, (None, 500)),
    ],
)
def test_the_median_is_the_knee_of_one_repeat_and_the_spread_goes_from_lowest_to_highest(
    rates: tuple[int | None, ...], middle: int, spread: tuple[int | None, int | None]
) -> None:
    assert median_of(knees(*rates)) == middle
    assert spread_of(knees(*rates)) == spread


def test_without_repeats_there_is_neither_median_nor_spread() -> None:
    assert median_of([]) is None
    assert spread_of([]) == (None, None)


def test_a_repeat_begins_at_the_median_of_those_before_it() -> None:
    assert pair_around(knees(500, 700, 600), PRECISION) == Pair(600, 648)
    assert pair_around(knees(10), PRECISION) == Pair(10, 11)
    assert pair_around(knees(None, None, 500), PRECISION) is None
    assert pair_around([], PRECISION) is None


@pytest.mark.parametrize(
    ("turns", "rate"),
    [
        ([], 500),
        ([held(500)], 540),
        ([held(500), choked(540)], None),
        # Above the pair: a step, then one twice as far, then what lies between.
        ([held(500), held(540)], 580),
        ([held(500), held(540), choked(580)], None),
        ([held(500), held(540), held(580)], 660),
        ([held(500), held(540), held(580), choked(660)], 620),
        # Below it.
        ([choked(500)], 460),
        ([choked(500), held(460)], None),
        ([choked(500), choked(460)], 420),
        ([choked(500), choked(460), held(420)], None),
        ([choked(500), choked(460), choked(420)], 340),
        ([choked(500), choked(460), choked(420), held(340)], 380),
        # A client that is the limit proves nothing above.
        ([held(500), held(540, dropped=1)], None),
    ],
)
def test_a_repeat_tries_the_pair_again_and_steps_where_it_no_longer_holds(turns: list[Turn], rate: int | None) -> None:
    assert next_rate_near(turns, PAIR, PRECISION) == rate


def test_a_repeat_ends_at_the_lowest_rate_there_is() -> None:
    low = Pair(RATE_MIN + 1, RATE_MIN + 2)
    assert next_rate_near([choked(RATE_MIN + 1)], low, PRECISION) == RATE_MIN
    assert next_rate_near([choked(RATE_MIN + 1), choked(RATE_MIN)], low, PRECISION) is None


@pytest.mark.parametrize("capacity", [17, 230, 459, 460, 499, 500, 539, 540, 541, 640, 3_000])
def test_with_time_enough_a_repeat_finds_the_capacity_wherever_it_moved(capacity: int) -> None:
    turns: list[Turn] = []
    while (rate := next_rate_near(turns, PAIR, PRECISION)) is not None:
        assert rate not in [turn.rate for turn in turns]
        turns.append(held(rate) if rate <= capacity else choked(rate))
        assert len(turns) < 14
    knee = knee_of(turns)
    assert knee.held is not None and knee.choked is not None
    assert knee.held <= capacity < knee.choked
    assert knee.choked - knee.held <= max(PAIR.step, knee.held * PRECISION)


def test_three_rates_are_enough_while_the_capacity_stays_within_two_steps() -> None:
    for capacity in range(420, 580):
        turns: list[Turn] = []
        while (rate := next_rate_near(turns, PAIR, PRECISION)) is not None:
            turns.append(held(rate) if rate <= capacity else choked(rate))
        assert len(turns) <= 3, capacity


def test_a_ratio_is_that_of_the_medians_and_its_range_that_of_single_repeats() -> None:
    ours, theirs = knees(600, 900, 660), knees(300, 300, 220)
    assert ratios(ours, theirs) == (2.2, 2.0, 3.0)
    # Of other medians than of any one repeat, the range still holds it.
    assert ratios(knees(600, 600, 300), knees(300, 100, 100)) == (6.0, 2.0, 6.0)


def test_a_ratio_leaves_out_repeats_without_a_knee_and_needs_both_medians() -> None:
    assert ratios(knees(600, None, 600), knees(300, 300, None)) == (2.0, 2.0, 2.0)
    assert ratios(knees(None, None, 500), knees(300, 300, 300)) is None
    assert ratios([], knees(300)) is None


def test_the_rate_of_endurance_is_a_share_of_the_knee() -> None:
    assert endurance_rate(675, 0.7) == 472
    assert endurance_rate(11, 0.7) == RATE_MIN


def test_a_repeat_of_a_pair_does_not_depend_on_the_order_of_its_turns() -> None:
    turns = [held(500), choked(540, client_cpu_share=0.5)]
    assert next_rate_near(turns, PAIR, PRECISION) is next_rate_near(turns[::-1], PAIR, PRECISION) is None
    assert replace(PAIR, choked=550).step == 50
