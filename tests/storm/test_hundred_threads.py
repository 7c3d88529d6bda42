"""A hundred threads bid on one auction at once: their bids must be ones that the rules could have produced."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cashticket.auction import rules, settlement_rules
from cashticket.auction.boards import TOP_ROWS
from cashticket.auction.terms import Terms
from cashticket.auction.values import CHANCES, Accepted, Bid, Entry, Permission, Reason, Refused
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import RedisServer
from tests.staging.engine import order_of

THREADS, PEOPLE, BIDS_A_THREAD = 100, 60, 20
AUCTION = 7
TERMS = Terms(AUCTION, 10, 10_000, 1_000, 1_000, 4_102_444_800_000)


def bid_at_once(engine: RedisEngine) -> list[tuple[int, object]]:
    """(person, answer) of every bid; each person is played by several threads at once."""
    together = Barrier(THREADS)

    def attack(number: int) -> list[tuple[int, object]]:
        dice = random.Random(number)
        together.wait()
        answers: list[tuple[int, object]] = []
        for turn in range(BIDS_A_THREAD):
            person, amount = dice.randrange(1, PEOPLE + 1), 10_000 + 1_000 * dice.randrange(40)
            request_id = f"{number}-{turn}" if dice.random() < 0.9 else "shared"
            answers.append((person, engine.place_bid(AUCTION, person, 1, amount, request_id)))
        return answers

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for answers in pool.map(attack, range(THREADS)) for answer in answers]


@pytest.mark.timeout(500)
def test_a_hundred_threads_leave_a_record_that_the_law_could_have_made(store: RedisServer) -> None:
    engine = RedisEngine(connect(store.url, timeout_seconds=30))
    with store.client() as client:
        client.flushall()
    engine.open(TERMS)
    for person in range(1, PEOPLE + 1):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
    answers = bid_at_once(engine)

    entries = [entry for entry in engine.peek(AUCTION, THREADS * BIDS_A_THREAD) if isinstance(entry, Entry)]
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1)), "no gap, no repeat, in order"
    assert [entry.at_ms for entry in entries] == sorted(entry.at_ms for entry in entries)
    used = Counter(entry.person for entry in entries)
    assert max(used.values()) == CHANCES
    assert sorted((entry.person, entry.nth) for entry in entries) == [
        (person, nth) for person in sorted(used) for nth in range(1, used[person] + 1)
    ]
    check_answers(answers, entries)
    check_replay(engine, entries)


def check_answers(answers: list[tuple[int, object]], entries: list[Entry]) -> None:
    """Every accepted answer is recorded as it was given, and nothing else is."""
    accepted = {
        (person, answer.sequence, answer.nth, answer.amount, answer.rank, answer.cutoff, answer.at_ms)
        for person, answer in answers
        if isinstance(answer, Accepted)
    }
    assert accepted == {(e.person, e.sequence, e.nth, e.amount, e.rank, e.cutoff, e.at_ms) for e in entries}
    fresh = sum(isinstance(answer, Accepted) and not answer.replayed for _, answer in answers)
    assert fresh == len(entries)
    refusals = Counter(answer.reason for _, answer in answers if isinstance(answer, Refused))
    assert set(refusals) <= {Reason.NO_CHANCES_LEFT, Reason.NOT_ABOVE_OWN, Reason.REQUEST_REUSED}
    assert len(answers) == THREADS * BIDS_A_THREAD


def check_replay(engine: RedisEngine, entries: list[Entry]) -> None:
    """Replayed one by one, the record gives every rank, cut-off and displaced person, and the final winners."""
    bids = [Bid(e.sequence, e.person, e.nth, e.amount, e.at_ms, e.request_id) for e in entries]
    before: list[int] = []
    for number, entry in enumerate(entries, 1):
        order = rules.order_of_bids(bids[:number])
        top = [standing.person for standing in order[: TERMS.seats]]
        assert rules.rank(order, entry.person) == entry.rank
        assert rules.cutoff(order, TERMS.seats, TERMS.minimum) == entry.cutoff
        lost = set(before) - set(top)
        assert lost == ({entry.displaced} if entry.displaced else set())
        before = top
    final = rules.order_of_bids(bids)
    assert order_of(engine, AUCTION) == final
    assert engine.read(AUCTION).top == tuple(settlement_rules.winners(final, TERMS.seats)[:TOP_ROWS])
