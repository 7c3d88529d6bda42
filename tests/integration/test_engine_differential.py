"""An engine on a real store or on row locks, given the same thousands of calls as the one in memory, answers alike.

A run follows from its seed, which it prints. CASHTICKET_DIFFERENTIAL_BIDS makes runs longer.
"""

import os
import random
from collections import Counter
from dataclasses import replace

import pytest

from cashticket.auction import rules
from cashticket.auction.terms import Terms
from cashticket.auction.values import (
    AMOUNT_MAX,
    SEQUENCE_MAX,
    Accepted,
    Entry,
    Permission,
    RankedBid,
    Reason,
    Refused,
    State,
)
from cashticket.engine.interface import OrderRows, Snapshot
from cashticket.engine.news import parse_news
from lab.servers.redis_server import RedisServer
from tests.fixtures.engines import MemoryRig, StoreRig
from tests.fixtures.locking import LockingRig
from tests.fixtures.rigs import Rig

BIDS = int(os.environ.get("CASHTICKET_DIFFERENTIAL_BIDS", "20000"))
BIDS_AN_AUCTION = 500
OPENS = 4_102_444_800_000


class Comparison:
    """Two engines that get the same calls, and a count of each kind of answer."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.dice = random.Random(seed)
        self.rigs = (MemoryRig(), rig)
        self.tally: Counter[str] = Counter()
        self.requests: list[tuple[int, int, str]] = []
        self.first = 0

    def ask(self, verb: str, *arguments: object, **named: object) -> object:
        """The answer that both give. Raises AssertionError, naming the call, when they differ."""
        ours, theirs = (getattr(rig.engine, verb)(*arguments, **named) for rig in self.rigs)
        assert ours == theirs, f"{verb}{arguments}{named}: memory says {ours}, the store says {theirs}"
        return ours

    def publish(self, auction_id: int) -> Terms:
        """Terms, some of them at a limit: a step of 1 won, the highest amount, the last sequence."""
        dice = self.dice
        step = dice.choice([1, 1_000, 7_777])
        minimum = dice.choice([0, 10_000, AMOUNT_MAX - 40 * step])
        length = dice.choice([2_000, 60_000])
        soft_close = dice.choice([0, 500, 120_000])
        maximum = min(AMOUNT_MAX, dice.choice([AMOUNT_MAX, minimum, minimum + 30 * step, minimum + 37 * step + 1]))
        ends = (OPENS, OPENS + length, soft_close, 3_000)
        terms = Terms(auction_id, dice.choice([1, 2, 5, 40]), minimum, step, *ends, maximum)
        self.ask("open", terms)
        self.first = SEQUENCE_MAX - dice.randrange(1, 200) if dice.random() < 0.25 else 0
        for rig in self.rigs:
            rig.start_sequence(auction_id, self.first)
        return terms

    def bid(self, terms: Terms, now_ms: int) -> None:
        """One bid: mostly sensible, sometimes a replay, a reused id, a stale or unknown person, or off the steps."""
        dice = self.dice
        person, request_id = dice.randrange(1, 121), f"r{dice.randrange(10**6)}"
        amount = terms.minimum + terms.step * dice.randrange(0, 41)
        far = terms.minimum + terms.step * (10 * terms.minimum // terms.step + 1)
        if dice.random() < 0.1:
            amount = dice.choice(
                [terms.minimum - 1, amount + 1, terms.maximum, terms.maximum + 1, AMOUNT_MAX, -3, 10**30, far]
            )
        if self.requests and dice.random() < 0.08:
            person, amount, request_id = dice.choice(self.requests)
            amount += dice.choice([0, 0, terms.step])
        epoch, sure = dice.choice([1] * 20 + [0, 2]), dice.choice([amount, None, None, terms.maximum])
        answer = self.ask("place_bid", terms.auction_id, person, epoch, amount, request_id, now_ms, sure=sure)
        self.count(answer)
        if isinstance(answer, Accepted):
            self.requests.append((person, amount, request_id))

    def count(self, answer: object) -> None:
        name = answer.reason.value if isinstance(answer, Refused) else type(answer).__name__
        self.tally["replayed" if isinstance(answer, Accepted) and answer.replayed else name] += 1

    def look(self, auction_id: int) -> None:
        """Some rows and places, in the middle of bidding."""
        self.rows(auction_id, self.dice.randrange(1, 130), self.dice.randrange(1, 30))
        self.ask("places", auction_id, self.dice.sample(range(1, 125), 9))

    def glance(self, terms: Terms, now_ms: int) -> None:
        """Something besides a bid."""
        dice, auction_id = self.dice, terms.auction_id
        person, amount = dice.randrange(1, 125), terms.minimum + terms.step * dice.randrange(-1, 42)
        match dice.randrange(9):
            case 0:
                self.ask("read", auction_id, now_ms)
            case 1:
                self.ask("place", auction_id, person)
            case 2:
                self.ask("would_rank", auction_id, person, amount)
            case 3:
                self.ask("peek", auction_id, dice.randrange(0, 50))
            case 4:
                self.ask("trim", auction_id, self.first + dice.randrange(0, 60))
            case 5:
                self.ask("close", auction_id, now_ms - dice.randrange(0, 400))
            case 6:
                permission = dice.choice([Permission.OK] * 6 + [Permission.BLOCKED, Permission.UNVERIFIED])
                self.ask("introduce", auction_id, person, permission, 1, dice.randrange(1, 9))
            case 8:
                self.ask("withdraw", auction_id, person, now_ms)
            case 7 if dice.random() < 0.05:
                self.ask("extend", auction_id, terms.closes_at_ms + dice.randrange(-5, 2_000))

    def run(self, auction_id: int) -> None:
        """Compare one auction from publishing to its last entry."""
        terms = self.publish(auction_id)
        self.requests.clear()
        for person in range(1, 119):
            self.ask("introduce", auction_id, person, Permission.OK, 1, 1)
        now_ms, stride = terms.opens_at_ms - 20, (terms.closes_at_ms - OPENS) // 90
        for number in range(BIDS_AN_AUCTION):
            self.bid(terms, now_ms)
            if number > BIDS_AN_AUCTION * 3 // 4 and self.dice.random() < 0.02:
                now_ms = self.last_moment(auction_id, now_ms)
            if self.dice.random() < 0.2:
                self.glance(terms, now_ms)
                self.look(auction_id)
            now_ms += self.dice.choice([-3, 0, 0, 1, stride])
        self.finish(auction_id, now_ms)

    def rows(self, auction_id: int, first: int, count: int) -> tuple[RankedBid, ...]:
        """Rows of the order, equal on both engines."""
        rows = self.ask("rows", auction_id, first, count)
        assert isinstance(rows, OrderRows)
        return rows.bids

    def last_moment(self, auction_id: int, now_ms: int) -> int:
        """The last millisecond of bidding, or the first after it."""
        board = self.ask("read", auction_id, now_ms)
        assert isinstance(board, Snapshot)
        return board.ends_at_ms - self.dice.choice([0, 1, 1, 1])

    def finish(self, auction_id: int, now_ms: int) -> None:
        """Compare what is left: order, board, every place, every entry, every message."""
        entries = self.ask("peek", auction_id, BIDS_AN_AUCTION)
        assert isinstance(entries, list) and all(isinstance(entry, Entry) for entry in entries)
        order = [bid for first in range(1, 140, 20) for bid in self.rows(auction_id, first, 20)]
        assert order == rules.order(order)
        for person in range(1, 125):
            self.ask("place", auction_id, person)
        self.ask("places", auction_id, list(range(1, 125)))
        self.ask("close", auction_id, now_ms + 10**8)
        self.ask("trim", auction_id, SEQUENCE_MAX)
        self.ask("finish", auction_id, self.dice.choice([State.SETTLED, State.VOIDED]))
        self.ask("read", auction_id, now_ms)
        self.ask("versions", [auction_id])
        self.ask("backlog", [auction_id])
        self.ask("auctions")
        ours, theirs = ([parse_news(text) for text in rig.news(auction_id)] for rig in self.rigs)
        assert ours == theirs


@pytest.mark.timeout(500)
def test_both_engines_give_the_same_answers(store: RedisServer) -> None:
    compare(StoreRig(store), BIDS // BIDS_AN_AUCTION)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("procedure", [False, True], ids=["plain", "procedure"])
def test_row_locks_give_the_same_answers(locking_database: str, procedure: bool) -> None:
    rig = LockingRig(locking_database, procedure=procedure)
    compare(rig, BIDS // BIDS_AN_AUCTION // 5)
    rig.engine.disconnect()


def compare(rig: Rig, auctions: int) -> None:
    """Compare an engine with the one in memory over this many auctions, in which every kind of answer comes up."""
    seed = int(os.environ.get("CASHTICKET_DIFFERENTIAL_SEED", "20260101"))
    print(f"seed {seed}, {auctions} auctions")
    comparison = Comparison(rig, seed)
    for auction_id in range(1, auctions + 1):
        comparison.run(auction_id)
    assert sum(comparison.tally.values()) == auctions * BIDS_AN_AUCTION
    met = set(comparison.tally)
    wanted = {reason.value for reason in Reason} | {"Accepted", "replayed", "UnknownPerson", "StaleSession"}
    assert met == wanted, f"the run had no answer of these kinds: {wanted - met}"


def test_a_difference_between_the_engines_is_seen(store: RedisServer) -> None:
    comparison = Comparison(StoreRig(store), 1)
    terms = replace(comparison.publish(1), minimum=0)
    comparison.rigs[0].start_sequence(1, 5)
    with pytest.raises(AssertionError, match="memory says"):
        for moment in range(200):
            comparison.ask("introduce", 1, 1, Permission.OK, 1, 1)
            comparison.bid(terms, OPENS + moment)
            comparison.glance(terms, OPENS + moment)
        comparison.finish(1, OPENS)
