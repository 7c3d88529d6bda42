"""What settled auctions tell whoever thinks about a bid: their range and their middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.auction.past_results import (
    FinalFigures,
    PastResults,
    final_cutoff,
    mean_of_two,
    median,
    middle_places,
    summed_up,
)
from cashticket.auction.settlement_rules import award_price, uniform_price
from cashticket.auction.values import Pricing

amounts = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=50)


def figures_of(bids: list[int], seats: int, pricing: Pricing, minimum: int = 100_000) -> FinalFigures:
    """The figures of an auction with these bids, best first, where nobody is passed over."""
    won = bids[:seats]
    paid = [award_price(pricing, bid, uniform_price(won, seats, minimum)) for bid in won]
    nth = bids[seats - 1] if len(bids) >= seats else None
    return FinalFigures(paid[-1], median(paid), paid[0], final_cutoff(nth, minimum))


def test_the_median_of_an_odd_number_is_the_one_in_the_middle() -> None:
    assert median([300_000, 100_000, 110_000]) == 110_000 and median([7]) == 7


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle_in_whole_won() -> None:
    assert median([100_000, 400_000, 120_000, 110_000]) == 115_000
    assert median([100_000, 100_001]) == 100_000


@given(amounts)
def test_half_lie_at_or_above_the_median_and_half_at_or_below(some: list[int]) -> None:
    middle = median(some)
    assert sum(each >= middle for each in some) * 2 >= len(some)
    assert sum(each <= middle for each in some) * 2 >= len(some) - len(some) % 2
    assert min(some) <= middle <= max(some)


@given(amounts)
def test_the_two_middle_places_give_the_median_without_the_rest(some: list[int]) -> None:
    best_first = sorted(some, reverse=True)
    one, other = middle_places(len(some))
    assert mean_of_two(best_first[one - 1], best_first[other - 1]) == median(some)


def test_under_pay_as_bid_the_winning_amounts_are_the_winners_own_bids() -> None:
    bids = [300_000, 200_000, 150_000, 140_000, 130_000]
    assert figures_of(bids, 4, Pricing.PAY_AS_BID) == FinalFigures(140_000, 175_000, 300_000, 140_000)


def test_under_uniform_pricing_all_winning_amounts_are_the_one_price() -> None:
    bids = [300_000, 200_000, 150_000, 140_000, 130_000]
    assert figures_of(bids, 4, Pricing.UNIFORM) == FinalFigures(140_000, 140_000, 140_000, 140_000)


def test_while_seats_stayed_unsold_the_cutoff_is_the_minimum() -> None:
    assert figures_of([300_000], 4, Pricing.PAY_AS_BID) == FinalFigures(300_000, 300_000, 300_000, 100_000)
    assert figures_of([300_000], 4, Pricing.UNIFORM).highest == 100_000


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_auctions_say_nothing(count: int) -> None:
    assert summed_up([FinalFigures(1, 2, 3, 1)] * count) is None


def test_several_auctions_together() -> None:
    auctions = [
        FinalFigures(100_000, 120_000, 200_000, 100_000),
        FinalFigures(150_000, 160_000, 170_000, 150_000),
        FinalFigures(90_000, 130_000, 500_000, 80_000),
        FinalFigures(110_000, 111_000, 112_000, 110_000),
    ]
    assert summed_up(auctions) == PastResults(4, 90_000, 500_000, 125_000, 105_000)
    assert summed_up(auctions[:3]) == PastResults(3, 90_000, 500_000, 130_000, 100_000)
