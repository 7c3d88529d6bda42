"""The bars of a board: how many bids by amount, and where the cut-off lies."""

from dataclasses import replace

from cashticket.auction.boards import Bin
from cashticket.auction.values import RankedBid
from cashticket.engine.interface import Snapshot
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.live.pieces import board_of
from cashticket.live.spread import bars
from tests.staging.watchers import ALICE, AUCTION, BOB, CAROL, MALLORY, bid, open_auction


def snapshot(cutoff: int, *, is_full: bool = True) -> Snapshot:
    engine = MemoryEngine()
    open_auction(engine, seats=3)
    last = RankedBid(ALICE, cutoff, 1) if is_full else None
    bins = (Bin(100_000, 400), Bin(120_000, 0), Bin(140_000, 3))
    return replace(engine.read(AUCTION), histogram=bins, cutoff=cutoff, last_winner=last)


def test_the_highest_amounts_come_first_and_the_last_bin_has_no_end() -> None:
    shown = [(bar["lowest"], bar["highest"], bar["bids"]) for bar in bars(snapshot(120_000))]
    assert shown == [(140_000, None, 3), (120_000, 135_000, 0), (100_000, 115_000, 400)]


def test_a_bar_is_as_long_as_its_share_of_the_longest_and_never_invisible() -> None:
    assert str([bar["percent"] for bar in bars(snapshot(120_000))]) == "[1, 0, 100]"


def test_the_bar_of_the_cut_off_lies_between_those_that_are_in_and_those_that_are_out() -> None:
    sides = {cutoff: [bar["side"] for bar in bars(snapshot(cutoff))] for cutoff in (100_000, 115_000, 135_000, 160_000)}
    assert sides == {
        100_000: ["in", "in", "cutoff"],
        115_000: ["in", "in", "cutoff"],
        135_000: ["in", "cutoff", "out"],
        160_000: ["cutoff", "out", "out"],
    }


def test_while_seats_are_free_every_bar_is_in() -> None:
    assert {bar["side"] for bar in bars(snapshot(100_000, is_full=False))} == {"in"}


def test_while_the_rows_show_every_bid_there_are_no_bars() -> None:
    engine = MemoryEngine()
    open_auction(engine, seats=2)
    for person, amount in ((ALICE, 130_000), (BOB, 120_000), (CAROL, 110_000), (MALLORY, 100_000)):
        bid(engine, person, amount)
    assert engine.read(AUCTION).histogram and not board_of(engine.read(AUCTION))["bars"]
