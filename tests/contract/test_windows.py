"""Contract: parts of the order that do not grow with it, and the end of an auction's keys."""

from collections.abc import Sequence

import pytest

from cashticket.auction import rules
from cashticket.auction.boards import Bin, edge_ranks, histogram
from cashticket.auction.values import Entry, Permission, PoisonEntry, RankedBid, State
from cashticket.engine import windows
from cashticket.engine.interface import PLACES_MAX, ROWS_MAX, OrderRows, UnknownAuction
from cashticket.engine.pauses import RESTARTED
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, OPENS, accepted, publish

MINIMUM = 10_000


def crowd(rig: Rig, bidders: int, seats: int) -> list[RankedBid]:
    """Publish an auction and let people 1 … `bidders` bid, the later the higher. Returns the order."""
    publish(rig.engine, seats=seats)
    for person in range(1, bidders + 2):
        rig.engine.introduce(AUCTION, person, Permission.OK, 1, 1)
    amounts = {person: MINIMUM + 1_000 * person for person in range(1, bidders + 1)}
    answers = {person: accepted(rig.engine, person, amount) for person, amount in amounts.items()}
    return rules.order(RankedBid(person, amounts[person], answer.sequence) for person, answer in answers.items())


def test_a_board_of_many_seats_shows_the_top_and_the_rows_around_the_cutoff(rig: Rig) -> None:
    order = crowd(rig, 70, seats=50)
    board = rig.engine.read(AUCTION, OPENS)
    assert board.top == tuple(order[:20])
    assert board.edge == OrderRows(46, tuple(order[45:55]))
    assert board.last_winner == order[49]
    assert (board.cutoff, board.best, board.bidders) == (order[49].amount, order[0].amount, 70)


def test_a_board_with_free_seats_shows_the_last_bidders_and_no_last_winner(rig: Rig) -> None:
    order = crowd(rig, 30, seats=50)
    board = rig.engine.read(AUCTION, OPENS)
    assert board.edge == OrderRows(26, tuple(order[25:]))
    assert (board.last_winner, board.cutoff) == (None, MINIMUM)


def test_a_board_without_bids_has_no_rows(rig: Rig) -> None:
    publish(rig.engine)
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.top, board.edge, board.last_winner, board.histogram) == ((), OrderRows(1, ()), None, ())


def test_the_histogram_counts_every_standing_bid_once(rig: Rig) -> None:
    order = crowd(rig, 60, seats=50)
    board = rig.engine.read(AUCTION, OPENS)
    assert board.histogram == histogram(order, 1_000)
    assert sum(counted.bids for counted in board.histogram) == 60
    assert len(board.histogram) <= 12


def test_one_high_bid_does_not_press_all_others_into_one_bin(rig: Rig) -> None:
    crowd(rig, 60, seats=50)
    accepted(rig.engine, 61, 900_000, sure=900_000)
    bins = rig.engine.read(AUCTION, OPENS).histogram
    assert max(counted.bids for counted in bins) < 30, bins


def test_equal_amounts_share_a_bin() -> None:
    order = [RankedBid(person, MINIMUM, person) for person in range(1, 4)]
    assert histogram(order, 1_000) == (Bin(MINIMUM, 3),)


def test_the_rows_around_the_line_stay_inside_the_order() -> None:
    assert edge_ranks(seats=1, bidders=1) == (1, 1)
    assert edge_ranks(seats=2, bidders=100) == (1, 7)
    assert edge_ranks(seats=2_000, bidders=2_002) == (1_996, 2_002)
    assert edge_ranks(seats=2_000, bidders=0) == (1, 0)


def test_windows_of_the_order_follow_each_other_without_a_gap(rig: Rig) -> None:
    order = crowd(rig, 25, seats=2)
    windows = [rig.engine.rows(AUCTION, first, 10) for first in (1, 11, 21, 31)]
    assert [window.first for window in windows] == [1, 11, 21, 31]
    assert [bid for window in windows for bid in window.bids] == order
    assert windows[-1].bids == ()


@pytest.mark.parametrize("bidders", [0, 9, 10, 11, 25])
def test_the_whole_order_is_read_in_windows(rig: Rig, bidders: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "ROWS_MAX", 10)
    order = crowd(rig, bidders, seats=2)
    assert list(windows.whole_order(rig.engine, AUCTION)) == order


@pytest.mark.parametrize(("first", "count"), [(0, 10), (1, 0), (1, ROWS_MAX + 1)])
def test_a_window_out_of_bounds_is_refused(rig: Rig, first: int, count: int) -> None:
    publish(rig.engine)
    with pytest.raises(ValueError, match="rows are read"):
        rig.engine.rows(AUCTION, first, count)


def test_the_places_of_many_are_those_of_each(rig: Rig) -> None:
    crowd(rig, 5, seats=2)
    people = list(range(1, PLACES_MAX + 10))
    places = rig.engine.places(AUCTION, people)
    assert list(places) == people
    assert all(places[person] == rig.engine.place(AUCTION, person) for person in (1, 3, 5, 6, PLACES_MAX + 5))


def test_the_list_is_read_from_its_newest_entry_on_without_missing_one(rig: Rig) -> None:
    crowd(rig, 7, seats=2)
    assert sequences(rig.engine.tail(AUCTION, 0, 3)) == [5, 6, 7]
    rig.engine.trim(AUCTION, 1)
    accepted(rig.engine, 8, 20_000)
    assert sequences(rig.engine.tail(AUCTION, 3, 3)) == [3, 4, 5], "what came meanwhile pushed one back into view"
    assert sequences(rig.engine.tail(AUCTION, 6, 3)) == [2]
    assert rig.engine.tail(AUCTION, 9, 3) == rig.engine.tail(AUCTION, 0, 0) == rig.engine.tail(99, 0, 3) == []
    assert len(rig.engine.peek(AUCTION, 10)) == 7, "nothing left the list"


def sequences(entries: Sequence[Entry | PoisonEntry]) -> list[int]:
    return [entry.sequence for entry in entries if isinstance(entry, Entry)]


def test_how_many_auctions_stand_is_read_together_and_as_their_boards_say(rig: Rig) -> None:
    crowd(rig, 3, seats=2)
    publish(rig.engine, auction_id=5)
    rig.engine.trim(AUCTION, 2)
    rig.engine.pause(5, "a reason")
    statuses = rig.engine.statuses([5, AUCTION, 99])
    assert list(statuses) == [5, AUCTION] and rig.engine.statuses([]) == {}
    for auction_id, status in statuses.items():
        board = rig.engine.read(auction_id)
        shown = (board.sequence, board.recorded, board.version, board.ends_at_ms, board.paused)
        assert (status.sequence, status.recorded, status.version, status.ends_at_ms, status.paused) == shown
        assert status.state is State.OPEN and abs(status.now_ms - board.now_ms) < 60_000
    rig.check_elsewhere(AUCTION)
    assert rig.engine.statuses([AUCTION])[AUCTION].paused == RESTARTED
    rig.engine.close(AUCTION, CLOSES)
    ended = rig.engine.statuses([AUCTION])[AUCTION]
    assert (ended.state, ended.paused) == (rig.engine.read(AUCTION).state, rig.engine.read(AUCTION).paused)


def test_unknown_auctions_have_no_rows_and_no_places(rig: Rig) -> None:
    with pytest.raises(UnknownAuction):
        rig.engine.rows(AUCTION, 1, 10)
    with pytest.raises(UnknownAuction):
        rig.engine.places(AUCTION, [ALICE])
    with pytest.raises(UnknownAuction):
        list(windows.whole_order(rig.engine, AUCTION))


def test_a_finished_auction_is_forgotten_for_good(rig: Rig) -> None:
    publish(rig.engine)
    for person in (ALICE, BOB, CAROL):
        accepted(rig.engine, person, 10_000)
    rig.engine.close(AUCTION, CLOSES)
    rig.engine.trim(AUCTION, 3)
    rig.engine.finish(AUCTION, State.SETTLED)
    assert rig.engine.forget(AUCTION)
    with pytest.raises(UnknownAuction):
        rig.engine.read(AUCTION)
    assert rig.engine.auctions() == []
    assert rig.engine.forget(AUCTION)


def test_an_auction_that_is_not_finished_is_not_forgotten(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.engine.trim(AUCTION, 1)
    assert not rig.engine.forget(AUCTION)
    rig.engine.close(AUCTION, CLOSES)
    assert not rig.engine.forget(AUCTION)
    assert rig.engine.read(AUCTION).bidders == 1


def test_a_bid_that_waits_for_the_ledger_keeps_its_auction(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.engine.close(AUCTION, CLOSES)
    rig.engine.finish(AUCTION, State.VOIDED)
    assert not rig.engine.forget(AUCTION)
    assert len(rig.engine.peek(AUCTION, 10)) == 1
