"""Threads bid on the lab's row locks at once: the oracle must find nothing that the rules could not have produced."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine
from lab.checkers import violations
from lab.endings import ending_of_store
from lab.evidence import Evidence
from lab.history import OK, Recorder, read
from lab.systems.locking.engine import LockingEngine, empty_tables
from tests.storm.client import bid, look

THREADS, PEOPLE, BIDS_A_THREAD, ACCEPTED_AT_LEAST = 8, 700, 400, 1_000
TERMS = Terms(7, 20, 10_000, 1_000, 1_000, 4_102_444_800_000, maximum=80_000)


def bid_at_once(engine: Engine, recorder: Recorder) -> None:
    """Each person is played by several threads. One bid in ten repeats a request, one in ten breaks the terms."""
    together = Barrier(THREADS)

    def attack(number: int) -> None:
        dice = random.Random(number)
        together.wait()
        for turn in range(BIDS_A_THREAD):
            person, amount = dice.randrange(1, PEOPLE + 1), 10_000 + 1_000 * dice.randrange(70)
            if dice.random() < 0.1:
                amount = dice.choice([9_000, 81_000, amount + 1])
            request_id = f"{number}-{turn}" if dice.random() < 0.9 else f"shared-{person}"
            bid(recorder, engine, TERMS.auction_id, person, amount, request_id)
            if turn % 20 == 0:
                look(recorder, engine, TERMS.auction_id)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(attack, range(THREADS)))


@pytest.mark.parametrize("procedure", [False, True], ids=["plain", "procedure"])
def test_threads_leave_a_record_that_the_rules_allow(locking_database: str, tmp_path: Path, procedure: bool) -> None:
    empty_tables(locking_database)
    engine = LockingEngine(locking_database, THREADS, procedure)
    engine.open(TERMS)
    for person in range(1, PEOPLE + 1):
        engine.introduce(TERMS.auction_id, person, Permission.OK, 1, 1)
    recorder = Recorder(tmp_path / "history", "threads")
    bid_at_once(engine, recorder)
    recorder.close()

    evidence = Evidence(read(tmp_path / "history"), [ending_of_store(engine, TERMS)])
    bids = evidence.all_of("bid")
    assert len(bids) == THREADS * BIDS_A_THREAD
    assert not [each for each in bids if each.answer.get("reason") == "unavailable"], "no deadlock, no lost race"
    assert sum(each.outcome == OK and not each.answer["replayed"] for each in bids) >= ACCEPTED_AT_LEAST
    assert violations(evidence) == []
    engine.disconnect()
