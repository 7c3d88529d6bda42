"""The ceiling of an auction in the law, in the amounts that are offered, and in refusals."""

from dataclasses import replace

import pytest

from cashticket.auction import rules
from cashticket.auction.rules import Own, Window
from cashticket.auction.terms import NO_CEILING, Terms, check_terms, default_maximum
from cashticket.auction.values import Reason
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.live.pieces import standing_of, to_win
from cashticket.live.places import no_place
from tests.staging.watchers import ALICE, AUCTION, BOB, MALLORY, bid, open_auction
from tests.unit.test_live_pieces import CAROLS, SNAPSHOT

TERMS = Terms(7, 2, 100_000, 5_000, 0, 10_000, maximum=135_000)
NOW = Window(5_000, 10_000)


@pytest.mark.parametrize(
    ("minimum", "step", "maximum"),
    [
        (0, 1_000, NO_CEILING),
        (1, 1_000, 1_000_001),
        (100_000, 1_000, 10_000_000),
        (100_000, 5_000, 10_000_000),
        (1_000, 1_000, 1_001_000),
        (30_000_000, 1, NO_CEILING),
        (NO_CEILING, 1, NO_CEILING),
    ],
)
def test_without_a_name_the_ceiling_is_a_hundred_minimums_and_at_least_a_thousand_steps(
    minimum: int, step: int, maximum: int
) -> None:
    assert default_maximum(minimum, step) == maximum
    check_terms(Terms(7, 1, minimum, step, 0, 1, maximum=maximum))


def test_the_ceiling_can_be_bid_and_nothing_above_it() -> None:
    assert rules.judge(TERMS, NOW, Own(), 0, 135_000, cutoff=TERMS.minimum) is None
    assert rules.judge(TERMS, NOW, Own(), 0, 135_001, cutoff=TERMS.minimum) is Reason.TOO_HIGH
    assert rules.judge(TERMS, NOW, Own(1, 135_000), 0, 135_000, cutoff=TERMS.minimum) is Reason.NOT_ABOVE_OWN


def test_a_ceiling_lies_at_the_minimum_or_above() -> None:
    check_terms(replace(TERMS, maximum=100_000))
    with pytest.raises(ValueError, match="maximum must be at least the minimum of 100000"):
        check_terms(replace(TERMS, maximum=99_999))
    with pytest.raises(ValueError, match="maximum"):
        check_terms(replace(TERMS, maximum=NO_CEILING + 1))


def test_no_amount_above_the_ceiling_is_offered() -> None:
    amounts = {
        maximum: [
            choice["amount"]
            for choice in standing_of(replace(SNAPSHOT, terms=replace(SNAPSHOT.terms, maximum=maximum)), CAROLS)[
                "choices"
            ]
        ]
        for maximum in (140_000, 135_000, 134_999, 124_999, 114_999)
    }
    assert amounts == {
        140_000: [125_000, 135_000, 115_000],
        135_000: [125_000, 135_000, 115_000],
        134_999: [125_000, 115_000],
        124_999: [115_000],
        114_999: [],
    }


def test_nobody_can_win_once_every_winning_bid_stands_at_the_ceiling() -> None:
    engine = MemoryEngine()
    terms = open_auction(engine, seats=2, maximum=135_000)
    for person in (ALICE, BOB):
        bid(engine, person, 135_000)
    snapshot = engine.read(AUCTION)
    assert to_win(snapshot) > terms.maximum
    newcomer = standing_of(snapshot, no_place(snapshot, MALLORY))
    assert [choice["why"] for choice in newcomer["choices"]] == ["minimum"]
