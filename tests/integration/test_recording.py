"""From the list of accepted bids into the ledger: each bid exactly once, whatever breaks between the steps."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import event

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Entry, Permission, PoisonEntry
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.ledger.recording import record_end, record_waiting
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Person, RecordedBid
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people


class Crash(Exception):
    """What a test throws where a process would die."""


@pytest.fixture
def engine(app: Flask) -> RedisEngine:
    engine: RedisEngine = app.extensions["engine"]
    return engine


@pytest.fixture
def auction(engine: RedisEngine, people: dict[str, Person]) -> Auction:
    """Two seats, open now; everybody is introduced."""
    auction_id = open_auction(people=[person.id for person in people.values()], soft_close_seconds=120)
    return db.session.get_one(Auction, auction_id)


@pytest.fixture
def bid(engine: RedisEngine, auction: Auction, people: dict[str, Person]) -> Callable[[str, int], Accepted]:
    """Bid as somebody and be accepted."""

    def place(name: str, amount: int) -> Accepted:
        answer = engine.place_bid(auction.id, people[name].id, 1, amount, f"{name}-{amount}")
        assert isinstance(answer, Accepted), answer
        return answer

    return place


def rows(auction: Auction) -> list[RecordedBid]:
    db.session.rollback()
    return db.session.query(RecordedBid).filter_by(auction_id=auction.id).order_by(RecordedBid.sequence).all()


def fence(auction: Auction) -> int | None:
    db.session.rollback()
    return queries.recorded_sequence(auction.id)


def record_all(source: Any, auction: Auction, batch: int = 500) -> None:
    while record_waiting(source, auction.id, batch):
        pass


def test_a_bid_is_recorded_with_everything_its_answer_said(engine, auction, people, bid) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    said = bid("carol", 110_000)
    assert record_waiting(engine, auction.id) == 3
    written = rows(auction)[-1]
    assert (written.sequence, written.person_id, written.nth) == (3, people["carol"].id, 1)
    assert (written.amount, written.rank, written.cutoff) == (110_000, said.rank, said.cutoff)
    assert (written.at_ms, written.ends_at_ms, written.request_id) == (said.at_ms, said.ends_at_ms, "carol-110000")
    assert (written.displaced_id, written.alert) == (people["alice"].id, True)
    assert fence(auction) == 3 and engine.read(auction.id).recorded == 3
    assert engine.peek(auction.id, 10) == []


def test_nothing_waiting_is_nothing_to_do(engine, auction) -> None:
    assert record_waiting(engine, auction.id) == 0


def test_a_batch_takes_only_so_many_and_the_rest_later(engine, auction, bid) -> None:
    for amount in (100_000, 105_000, 110_000):
        bid("alice", amount)
    assert record_waiting(engine, auction.id, batch=2) == 2
    assert fence(auction) == 2
    assert record_waiting(engine, auction.id, batch=2) == 1
    assert [row.sequence for row in rows(auction)] == [1, 2, 3]


def test_numbers_are_exact_at_their_edges(engine, people, app) -> None:
    alice = people["alice"].id
    auction = db.session.get_one(Auction, open_auction(minimum=0, step=1, people=[alice]))
    for amount in (2**31 - 3, 2**31 - 2, 2**31 - 1):
        assert isinstance(engine.place_bid(auction.id, alice, 1, amount, f"r{amount}"), Accepted)
    record_all(engine, auction)
    assert [row.amount for row in rows(auction)] == [2**31 - 3, 2**31 - 2, 2**31 - 1]
    assert queries.final_order(auction.id) == engine.order(auction.id)


def test_the_answer_remembered_in_the_ledger_is_the_answer_that_was_given(engine, auction, people, bid) -> None:
    said = [bid(name, amount) for name, amount in (("alice", 100_000), ("bob", 110_000), ("carol", 105_000))]
    record_all(engine, auction)
    found = queries.remembered(auction.id, people["carol"].id, "carol-105000")
    assert found == replace(said[2], replayed=True)
    assert queries.remembered(auction.id, people["alice"].id, "carol-105000") is None
    assert queries.remembered(auction.id, people["carol"].id, "CAROL-105000") is None


def test_a_soft_close_reaches_the_ledger_with_its_bid(engine, auction, people, app) -> None:
    now_ms = to_ms(auction.closes_at) - 1_000
    engine.place_bid(auction.id, people["alice"].id, 1, 100_000, "late", now_ms=now_ms)
    record_all(engine, auction)
    db.session.expire_all()
    assert auction.ends_at == to_moment(now_ms + 120_000)


def test_a_recorded_bid_never_moves_the_end_back(engine, auction, bid) -> None:
    later = to_moment(to_ms(auction.ends_at) + 600_000)
    bid("alice", 100_000)
    auction.ends_at = later
    db.session.commit()
    record_all(engine, auction)
    db.session.expire_all()
    assert auction.ends_at == later


# Crashes at each step


class Breaking:
    """The engine as a source that dies at one named step, once."""

    def __init__(self, engine: RedisEngine, step: str) -> None:
        self.engine, self.step = engine, step

    def _break(self, step: str) -> None:
        if self.step == step:
            self.step = ""
            raise Crash(step)

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        self._break("before peek")
        return self.engine.peek(auction_id, count)

    def trim(self, auction_id: int, through_sequence: int) -> int:
        self._break("before trim")
        dropped = self.engine.trim(auction_id, through_sequence)
        self._break("after trim")
        return dropped

    def discard(self, auction_id: int, raw: str) -> bool:
        self._break("before discard")
        dropped = self.engine.discard(auction_id, raw)
        self._break("after discard")
        return dropped


@pytest.fixture
def break_sql(app: Flask) -> Iterator[Callable[[str], None]]:
    """Make the next statement that starts with the given words fail after it was sent; "COMMIT" fails before it."""
    armed: list[str] = []

    def after(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if armed and statement.startswith(armed[0]):
            armed.clear()
            raise Crash(statement)

    def commit(connection: Any) -> None:
        if armed == ["COMMIT"]:
            armed.clear()
            raise Crash("commit")

    event.listen(db.engine, "after_cursor_execute", after)
    event.listen(db.engine, "commit", commit)
    yield armed.append
    event.remove(db.engine, "after_cursor_execute", after)
    event.remove(db.engine, "commit", commit)


@pytest.mark.parametrize("step", ["before peek", "before trim", "after trim"])
def test_a_crash_around_the_list_loses_and_doubles_nothing(engine, auction, bid, step) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    source = Breaking(engine, step)
    with pytest.raises(Crash):
        record_waiting(source, auction.id)
    bid("carol", 110_000)
    record_all(source, auction)
    assert [row.sequence for row in rows(auction)] == [1, 2, 3]
    assert fence(auction) == 3 and engine.read(auction.id).recorded == 3 and engine.peek(auction.id, 9) == []


@pytest.mark.parametrize("step", ["UPDATE auctions", "INSERT INTO bids", "COMMIT"])
def test_a_crash_inside_the_unit_leaves_nothing_behind(engine, auction, bid, break_sql, step) -> None:
    bid("alice", 100_000)
    break_sql(step)
    with pytest.raises(Crash):
        record_waiting(engine, auction.id)
    assert rows(auction) == [] and fence(auction) == 0 and len(engine.peek(auction.id, 9)) == 1
    record_all(engine, auction)
    assert [row.sequence for row in rows(auction)] == [1]


def test_an_overtaken_drain_writes_nothing_twice(engine, auction, bid) -> None:
    """Another drain records the same entries after this one has read them and before it writes."""

    class Overtaken(Breaking):
        def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
            seen = self.engine.peek(auction_id, count)
            record_waiting(self.engine, auction_id)
            return seen

    bid("alice", 100_000)
    bid("bob", 105_000)
    assert record_waiting(Overtaken(engine, ""), auction.id) == 0
    assert [row.sequence for row in rows(auction)] == [1, 2]


def test_a_drain_overtaken_within_its_unit_starts_again(engine, auction, bid, app) -> None:
    """The fence moves between reading it and moving it: the unit is undone and reads again."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets only one unit write at a time, so nobody can overtake inside it")
    bid("alice", 100_000)
    bid("bob", 105_000)
    overtaken: list[str] = []

    def overtake(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("UPDATE auctions SET") and not overtaken:
            overtaken.append(statement)
            assert record_waiting(engine, auction.id, batch=1) == 1

    event.listen(db.engine, "before_cursor_execute", overtake)
    try:
        record_all(engine, auction)
    finally:
        event.remove(db.engine, "before_cursor_execute", overtake)
    assert overtaken and [row.sequence for row in rows(auction)] == [1, 2]


# What cannot be recorded


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


def test_a_thousand_bids_in_odd_batches_give_the_order_of_the_live_store(engine, app) -> None:
    luck = random.Random(7)
    crowd = add_people(120)
    auction = db.session.get_one(Auction, open_auction(seats=20, people=crowd))
    for turn in range(1_000):
        amount = 100_000 + 5_000 * luck.randrange(60)
        engine.place_bid(auction.id, luck.choice(crowd), 1, amount, f"turn-{turn}")
        if luck.random() < 0.02:
            record_waiting(engine, auction.id, batch=luck.randrange(1, 40))
    record_all(engine, auction, batch=33)
    assert queries.final_order(auction.id) == engine.order(auction.id)
    assert [bid.sequence for bid in queries.bids(auction.id)] == list(range(1, engine.read(auction.id).sequence + 1))
