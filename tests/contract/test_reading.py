"""Contract: the board, where a person ranks, and the rank a bid would take."""

from dataclasses import replace

from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, RankedBid
from cashticket.engine.interface import Place
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, OPENS, TERMS, accepted, publish


def test_a_board_without_bids(rig: Rig) -> None:
    publish(rig.engine)
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.bidders, board.cutoff, board.best, board.top) == (0, 10_000, None, ())


def test_the_board_shows_the_top_in_order_and_counts_everybody(rig: Rig) -> None:
    publish(rig.engine)
    for person, amount in ((ALICE, 10_000), (BOB, 12_000), (CAROL, 11_000)):
        accepted(rig.engine, person, amount)
    board = rig.engine.read(AUCTION, OPENS)
    assert board.top == (RankedBid(BOB, 12_000, 2), RankedBid(CAROL, 11_000, 3))
    assert (board.bidders, board.cutoff, board.best) == (3, 11_000, 12_000)
    assert (board.version, board.sequence, board.recorded) == (4, 3, 0)


def test_the_cutoff_is_the_minimum_while_seats_are_free(rig: Rig) -> None:
    publish(rig.engine)
    assert accepted(rig.engine, ALICE, 15_000).cutoff == 10_000
    assert rig.engine.read(AUCTION, OPENS).cutoff == 10_000
    assert accepted(rig.engine, BOB, 13_000).cutoff == 13_000


def test_the_place_of_somebody_who_never_bid(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.place(AUCTION, CAROL) == Place(CAROL, 1, 0, 0, None, False, 3, False)


def test_a_place_changes_with_the_bids_of_others(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    accepted(rig.engine, ALICE, 10_000)
    assert rig.engine.place(AUCTION, ALICE) == Place(ALICE, 2, 1, 10_000, 1, True, 2, False)
    accepted(rig.engine, BOB, 11_000)
    assert rig.engine.place(AUCTION, ALICE) == Place(ALICE, 3, 1, 10_000, 2, False, 2, False)


def test_a_place_says_whether_the_ledger_has_the_newest_bid(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.engine.trim(AUCTION, 1)
    assert rig.engine.place(AUCTION, ALICE).recorded
    accepted(rig.engine, ALICE, 11_000)
    assert not rig.engine.place(AUCTION, ALICE).recorded


def test_a_bid_would_rank_behind_everybody_at_its_amount(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 12_000)
    accepted(rig.engine, BOB, 11_000)
    ranks = {amount: rig.engine.would_rank(AUCTION, CAROL, amount) for amount in (10_000, 11_000, 12_000, 13_000)}
    assert ranks == {10_000: 3, 11_000: 3, 12_000: 2, 13_000: 1}
    assert rig.engine.would_rank(AUCTION, CAROL, AMOUNT_MAX) == 1
    assert rig.engine.would_rank(AUCTION, CAROL, 10**5000) == 1
    assert rig.engine.would_rank(AUCTION, CAROL, -5) == 3


def test_ones_own_bid_does_not_lower_the_rank_of_the_next(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 12_000)
    assert rig.engine.would_rank(AUCTION, ALICE, 11_000) == 1
    assert rig.engine.would_rank(AUCTION, ALICE, 12_000) == 1


def test_ones_own_bid_does_not_lower_the_rank_of_the_next_even_with_the_last_sequence(rig: Rig) -> None:
    publish(rig.engine)
    rig.start_sequence(AUCTION, SEQUENCE_MAX - 1)
    accepted(rig.engine, ALICE, 12_000)
    assert rig.engine.would_rank(AUCTION, ALICE, 12_000) == 1


def test_would_rank_predicts_the_rank_of_the_bid(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 12_000)
    accepted(rig.engine, BOB, 11_000)
    predicted = rig.engine.would_rank(AUCTION, CAROL, 11_000)
    assert accepted(rig.engine, CAROL, 11_000).rank == predicted == 3


def test_versions_and_backlogs_of_many_auctions_are_read_together(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.open(replace(TERMS, auction_id=5))
    accepted(rig.engine, ALICE, 10_000)
    assert rig.engine.versions([5, AUCTION, 99]) == {5: 1, AUCTION: 2}
    assert rig.engine.backlog([5, AUCTION, 99]) == {5: 0, AUCTION: 1, 99: 0}
    assert rig.engine.versions([]) == {} and rig.engine.backlog([]) == {}
    assert rig.engine.auctions() == [5, AUCTION]
