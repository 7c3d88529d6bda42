"""Rule 14: what taking a standing out of an order does, on the law alone."""

import pytest

from cashticket.auction.rules import order_of_bids
from cashticket.auction.values import Bid, RankedBid
from cashticket.auction.withdrawals import WITHDRAWN, brought_in, entry_of_withdrawal

ALICE, BOB, CAROL = 1, 2, 3
ORDER = [RankedBid(ALICE, 13_000, 3), RankedBid(BOB, 12_000, 1), RankedBid(CAROL, 11_000, 2)]


@pytest.mark.parametrize(
    ("person", "seats", "who"),
    [(ALICE, 1, BOB), (ALICE, 2, CAROL), (BOB, 2, CAROL), (BOB, 1, None), (ALICE, 3, None), (99, 2, None)],
)
def test_who_was_next_comes_in_when_a_winner_leaves(person: int, seats: int, who: int | None) -> None:
    assert brought_in(ORDER, person, seats) == who


@pytest.mark.parametrize(("person", "seats", "rank", "cutoff"), [(ALICE, 2, 1, 11_000), (CAROL, 3, 3, 10_000)])
def test_the_entry_has_the_rank_before_and_the_cutoff_after(person: int, seats: int, rank: int, cutoff: int) -> None:
    entry = entry_of_withdrawal(ORDER, person, seats, 10_000, sequence=4, at_ms=5, ends_at_ms=9)
    assert (entry.nth, entry.rank, entry.cutoff, entry.ends_at_ms) == (WITHDRAWN, rank, cutoff, 9)
    assert not entry.alert


def test_who_was_withdrawn_ranks_again_only_with_a_later_bid() -> None:
    bids = [Bid(1, ALICE, 1, 12_000, 1, "a"), Bid(2, BOB, 1, 11_000, 2, "b"), Bid(3, ALICE, WITHDRAWN, 12_000, 3, "")]
    assert order_of_bids(bids) == [RankedBid(BOB, 11_000, 2)]
    assert order_of_bids([*bids, Bid(4, ALICE, 2, 10_000, 4, "c")])[1] == RankedBid(ALICE, 10_000, 4)
