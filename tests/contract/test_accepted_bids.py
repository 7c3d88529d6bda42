"""Contract: whoever listens to an engine gets the entry of every bid it accepts, and of repeated requests."""

from dataclasses import replace

from cashticket.auction.values import Entry
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, accepted, bid, publish


def test_a_listener_gets_each_accepted_bid_as_the_list_has_it(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    bids = rig.accepted_bids()
    accepted(rig.engine, ALICE, 10_000, "with spaces, {braces} and 한글")
    accepted(rig.engine, BOB, 11_000)
    entries = rig.engine.peek(AUCTION, 10)
    assert bids == [(AUCTION, entry) for entry in entries] and len(bids) == 2
    assert bids[1][1].displaced == ALICE


def test_a_listener_gets_a_repeated_request_without_the_displaced(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 11_000, "r")
    bids = rig.accepted_bids()
    assert accepted(rig.engine, BOB, 11_000, "r").replayed
    entry = rig.engine.peek(AUCTION, 10)[-1]
    assert isinstance(entry, Entry)
    assert bids == [(AUCTION, replace(entry, displaced=None, alert=False))]


def test_a_listener_gets_no_refused_bid(rig: Rig) -> None:
    publish(rig.engine)
    bids = rig.accepted_bids()
    bid(rig.engine, ALICE, 1)
    assert bids == []
