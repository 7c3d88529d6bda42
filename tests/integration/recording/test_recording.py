"""From the list of accepted bids into the ledger: each bid exactly once, whatever breaks between the steps."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from cashticket.auction.values import Accepted, Entry, PoisonEntry
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction
from tests.integration.recording.steps import Breaking, Crash, fence, record_all, rows
from tests.staging.auctions import open_auction
from tests.staging.engine import order_of
from tests.staging.rows import add_people


def test_a_bid_is_recorded_with_everything_its_answer_said(engine, auction, people, bid) -> None:
    bid("alice", 100_000)
    bid("bob", 105_000)
    answer = bid("carol", 110_000)
    assert record_waiting(engine, auction.id) == 3
    written = rows(auction)[-1]
    assert (written.sequence, written.person_id, written.nth) == (3, people["carol"].id, 1)
    assert (written.amount, written.rank, written.cutoff) == (110_000, answer.rank, answer.cutoff)
    assert (written.at_ms, written.ends_at_ms, written.request_id) == (answer.at_ms, answer.ends_at_ms, "carol-110000")
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
    assert queries.final_order(auction.id) == order_of(engine, auction.id)


def test_the_answer_remembered_in_the_ledger_is_the_answer_that_was_given(engine, auction, people, bid) -> None:
    answers = [bid(name, amount) for name, amount in (("alice", 100_000), ("bob", 110_000), ("carol", 105_000))]
    record_all(engine, auction)
    remembered = queries.remembered(auction.id, people["carol"].id, "carol-105000")
    assert remembered == replace(answers[2], replayed=True)
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
    assert queries.final_order(auction.id) == order_of(engine, auction.id)
    assert [bid.sequence for bid in queries.bids(auction.id)] == list(range(1, engine.read(auction.id).sequence + 1))
