"""What the ledger cannot record is quarantined at its place in the order; an unexplained gap stops its auction."""

from dataclasses import replace

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.ledger.recording import record_end, record_waiting
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction
from tests.integration.recording.steps import Breaking, Crash, fence, record_all, rows


def push(redis_client: redis.Redis, auction: Auction, text: str) -> None:
    redis_client.rpush(redis_keys.bids(auction.id), text)


def spoil(redis_client: redis.Redis, auction: Auction, index: int, text: str) -> None:
    """Replace an entry of the list, as a damaged store would."""
    redis_client.lset(redis_keys.bids(auction.id), index, text)


def test_a_bid_the_schema_refuses_is_set_aside_and_the_rest_goes_on(engine, auction, bid) -> None:
    bid("alice", 100_000)
    engine.introduce(auction.id, 999_999, Permission.OK, 1, 1)
    engine.place_bid(auction.id, 999_999, 1, 120_000, "nobody")
    bid("bob", 105_000)
    record_all(engine, auction)
    assert [row.sequence for row in rows(auction)] == [1, 3]
    assert fence(auction) == 3 and engine.peek(auction.id, 9) == []
    [aside] = quarantined_entries(auction.id)
    assert aside.sequence == 2 and "999999" in aside.raw and aside.reason and aside.resolved_at is None


def test_an_unreadable_entry_is_placed_once_a_gap_shows_which_bid_it_was(engine, auction, bid, redis_client) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    bid("carol", 110_000)
    spoil(redis_client, auction, 1, '{"sequence": "2", "per')
    record_all(engine, auction)
    assert [row.sequence for row in rows(auction)] == [1, 3]
    [aside] = quarantined_entries(auction.id)
    assert (aside.sequence, aside.raw, aside.resolved_at) == (2, '{"sequence": "2", "per', None)


def test_an_unreadable_entry_that_replaced_nothing_is_surplus(engine, auction, bid, redis_client) -> None:
    bid("alice", 100_000)
    push(redis_client, auction, "a stray text")
    bid("bob", 105_000)
    record_all(engine, auction)
    assert [row.sequence for row in rows(auction)] == [1, 2]
    [aside] = quarantined_entries(auction.id)
    assert aside.sequence is None and aside.resolved_at is not None and "surplus" in (aside.resolution or "")


@pytest.mark.parametrize(
    "text", [b"\xff\xfe no text", b"", b"\x00", "😀".encode() * 20_000, b"\xff" * 20_000, b'{"sequence": 2}']
)
def test_whatever_lies_in_the_list_is_set_aside(engine, auction, bid, redis_client, text) -> None:
    bid("alice", 100_000)
    redis_client.rpush(redis_keys.bids(auction.id), text)
    bid("bob", 105_000)
    record_all(engine, auction)
    assert [row.sequence for row in rows(auction)] == [1, 2]
    assert len(quarantined_entries(auction.id)) == 1 and engine.peek(auction.id, 1) == []


@pytest.mark.parametrize("step", ["before discard", "after discard"])
def test_a_crash_while_setting_aside_counts_the_entry_once(engine, auction, bid, redis_client, step) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    spoil(redis_client, auction, 0, "not a bid")
    source = Breaking(engine, step)
    with pytest.raises(Crash):
        record_waiting(source, auction.id)
    record_all(source, auction)
    assert [aside.sequence for aside in quarantined_entries(auction.id)] == [1]
    assert [row.sequence for row in rows(auction)] == [2]


def test_an_unreadable_entry_at_the_very_end_is_placed_when_the_auction_has_ended(
    engine, auction, bid, redis_client
) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    spoil(redis_client, auction, 1, "cut off")
    record_all(engine, auction)
    assert fence(auction) == 1
    assert record_end(auction.id, to_ms(auction.ends_at), final_sequence=2)
    assert fence(auction) == 2 and quarantined_entries(auction.id)[0].sequence == 2


def test_an_end_that_misses_bids_is_not_reached(engine, auction, bid) -> None:
    bid("alice", 100_000)
    assert not record_end(auction.id, to_ms(auction.ends_at), final_sequence=1)
    record_all(engine, auction)
    assert record_end(auction.id, to_ms(auction.ends_at) + 5, final_sequence=1)
    db.session.expire_all()
    assert auction.ends_at == to_moment(to_ms(auction.closes_at) + 5) and auction.state == "closing"


def test_a_missing_bid_that_nothing_explains_stops_this_auction_alone(engine, auction, bid, redis_client) -> None:
    for name, amount in (("alice", 100_000), ("bob", 105_000), ("carol", 110_000)):
        bid(name, amount)
    redis_client.lrem(redis_keys.bids(auction.id), 1, redis_client.lindex(redis_keys.bids(auction.id), 1))
    record_waiting(engine, auction.id)
    with pytest.raises(LedgerGap, match="bids 2 to 2"):
        record_waiting(engine, auction.id)
    assert fence(auction) == 1 and len(engine.peek(auction.id, 9)) == 1 and len(rows(auction)) == 1
    assert quarantined_entries(auction.id) == []


def test_an_auction_the_ledger_does_not_know_stops_alone(engine, auction, people, bid) -> None:
    stray = replace(terms_of(auction), auction_id=auction.id + 500)
    engine.open(stray)
    engine.introduce(stray.auction_id, people["alice"].id, Permission.OK, 1, 1)
    engine.place_bid(stray.auction_id, people["alice"].id, 1, 100_000, "stray")
    with pytest.raises(LedgerGap, match="no row in the ledger"):
        record_waiting(engine, stray.auction_id)
    assert len(engine.peek(stray.auction_id, 9)) == 1
