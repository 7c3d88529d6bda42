"""Who waits for the lock of an auction on the lab's row locks, and what becomes of a bid whose connection ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from pymysql.connections import Connection

from cashticket.auction.values import Accepted, Reason, Refused
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from lab.systems.locking.connections import Connections, Rows, send
from lab.systems.locking.engine import LockingEngine
from lab.waiting import wait_until
from tests.fixtures.locking import LockingRig
from tests.staging.engine import ALICE, AUCTION, BOB, OPENS, accepted, bid, publish

# innodb_trx would name them, but what it shows stays old for as long as somebody reads it ten times a second.
WAITS = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
RUNNING = """SELECT id FROM information_schema.processlist
    WHERE db = DATABASE() AND command = 'Query' AND id <> CONNECTION_ID()"""


@pytest.fixture(params=[False, True], ids=["plain", "procedure"])
def engine(request: pytest.FixtureRequest, locking_database: str) -> Iterator[LockingEngine]:
    rig = LockingRig(locking_database, procedure=request.param)
    publish(rig.engine)
    yield rig.engine
    rig.engine.disconnect()


@contextmanager
def locked(url: str) -> Iterator["Connection[Any]"]:
    """Somebody else decides a bid all the while."""
    with Connections(url, 1).connection() as connection:
        send(connection, "START TRANSACTION", f"SELECT 1 FROM locking_auctions WHERE auction_id={AUCTION} FOR UPDATE")
        try:
            yield connection
        finally:
            connection.close()


def ask(url: str, statement: str) -> Rows:
    with Connections(url, 1).connection() as connection:
        rows = send(connection, statement)[0]
        connection.close()
    return rows


def is_waiting(url: str) -> bool:
    """Whether somebody waits for a lock."""
    return int(ask(url, WAITS)[0][1]) > 0


def test_after_a_refused_bid_refused_and_repeated_ones_wait_for_nobody(
    engine: LockingEngine, locking_database: str
) -> None:
    accepted(engine, ALICE, 10_000, "r")
    bid(engine, BOB, 9_000)
    with locked(locking_database):
        assert bid(engine, BOB, 9_000) == Refused(Reason.BELOW_MINIMUM, 3)
        assert accepted(engine, ALICE, 10_000, "r").replayed


def test_pages_are_read_while_a_bid_is_decided(engine: LockingEngine, locking_database: str) -> None:
    accepted(engine, ALICE, 10_000)
    with locked(locking_database):
        assert engine.read(AUCTION, OPENS).bidders == 1
        assert (engine.place(AUCTION, ALICE).rank, engine.rows(AUCTION, 1, 5).bids[0].person) == (1, ALICE)
        assert (engine.versions([AUCTION]), engine.would_rank(AUCTION, BOB, 10_000)) == ({AUCTION: 2}, 2)


def test_a_bid_waits_for_the_one_before_and_sees_it(engine: LockingEngine, locking_database: str) -> None:
    with ThreadPoolExecutor(1) as pool, locked(locking_database) as other:
        waits = pool.submit(accepted, engine, ALICE, 11_000)
        wait_until(lambda: is_waiting(locking_database), "the bid that waits for the lock")
        send(other, f"UPDATE locking_auctions SET sequence = 5 WHERE auction_id = {AUCTION}", "COMMIT")
        answer = waits.result(timeout=30)
    assert (answer.sequence, answer.rank) == (6, 1)


def test_a_bid_whose_connection_was_ended_can_be_sent_again(engine: LockingEngine, locking_database: str) -> None:
    with ThreadPoolExecutor(1) as pool, locked(locking_database):
        waits = pool.submit(accepted, engine, ALICE, 11_000, "r")
        wait_until(lambda: is_waiting(locking_database), "the bid that waits for the lock")
        [(number,)] = ask(locking_database, RUNNING)
        ask(locking_database, f"KILL {number}")
        with pytest.raises((OutcomeUnknown, StoreUnavailable)):
            waits.result(timeout=30)
    answer = bid(engine, ALICE, 11_000, "r")
    assert isinstance(answer, Accepted) and (answer.sequence, answer.replayed) == (1, False)
