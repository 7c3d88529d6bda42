"""Measures what a bid costs the server that decides it, while so many bids stand."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Entry, Permission
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from lab.load.size import standing
from lab.load.size.points import LIVE_STORE, PROCEDURE, ROW_LOCK, Point
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer
from lab.systems.locking.engine import LockingEngine, create_tables

THREADS = 8
RAISES = 2
"""People raise the bid that stands: each has two chances left, and as many bids stand afterwards as before."""

REST_SECONDS_MAX = 120.0
REST_SHARE = 0.02
"""A server that uses a smaller share of a core has finished what bulk filling left it to do."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """A running server that decides bids: its engine, its process, and how an auction is written in bulk."""

    engine: Engine
    pid: int
    fill: Callable[[Terms, Sequence[Entry]], None]


@contextmanager
def live_store() -> Iterator[Deciding]:
    """A live store as in production: with a log that is synced before each answer."""
    server = RedisServer(appendonly=True)
    try:
        process = server.start().process
        assert process
        connected = connect(server.url, timeout_seconds=60)
        engine = RedisEngine(connected)
        yield Deciding(engine, process.pid, partial(standing.fill_live_store, engine))
        connected.connection_pool.disconnect()
    finally:
        server.remove()


@contextmanager
def row_locks(*, procedure: bool) -> Iterator[Deciding]:
    """A database as in production: with the memory for it, and every commit on the disk before it is answered."""
    server = MariaDbServer(durable=True)
    try:
        url = server.start().create_database("size")
        assert server.process
        create_tables(url)
        engine = LockingEngine(url, THREADS, procedure)
        engine.connect()
        yield Deciding(engine, server.process.pid, partial(standing.fill_tables, engine, url))
        engine.disconnect()
    finally:
        server.remove()


SERVERS: dict[str, Callable[[], AbstractContextManager[Deciding]]] = {
    LIVE_STORE: live_store,
    ROW_LOCK: partial(row_locks, procedure=False),
    PROCEDURE: partial(row_locks, procedure=True),
}


def measure(form: str, server: Deciding, auction_id: int, bidders: Sequence[Entry], number: int, count: int) -> Point:
    """Let the people of these standing bids raise them, and return what that cost as round `number`; `count` bids
    stand. Raises RuntimeError when a bid was not accepted or another number of bids stands afterwards."""
    for each in bidders:
        server.engine.introduce(auction_id, each.person, Permission.OK, 1, 1)
    rest(server.pid)
    began, sent, used = time.monotonic(), time.process_time(), processor_ms(server.pid)
    accepted = _raise_all(server.engine, auction_id, bidders, number)
    seconds, client_ms = time.monotonic() - began, (time.process_time() - sent) * 1000
    server_ms = processor_ms(server.pid) - used
    stand = server.engine.read(auction_id).bidders
    if accepted != len(bidders) * RAISES or stand != count:
        raise RuntimeError(
            f"{form}: {accepted} of {len(bidders) * RAISES} bids were accepted, {stand} stand, not {count}"
        )
    return Point(form, count, number, accepted, round(server_ms, 3), round(client_ms, 3), round(seconds, 3))


def _raise_all(engine: Engine, auction_id: int, bidders: Sequence[Entry], number: int) -> int:
    def share(thread: int) -> int:
        dice, accepted = random.Random(f"{number}-{thread}"), 0
        for each in bidders[thread::THREADS]:
            amount = each.amount
            for nth in range(RAISES):
                amount += standing.STEP * dice.randint(1, 20)
                bid = (auction_id, each.person, 1, amount, f"{number}-{each.person}-{nth}")
                answer = engine.place_bid(*bid, sure=amount)
                accepted += isinstance(answer, Accepted)
        return accepted

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(share, range(THREADS)))


def rest(pid: int) -> None:
    """Wait until a server has finished what it does behind its answers, at most REST_SECONDS_MAX."""
    deadline = time.monotonic() + REST_SECONDS_MAX
    while time.monotonic() < deadline:
        began, used = time.monotonic(), processor_ms(pid)
        time.sleep(0.5)
        if processor_ms(pid) - used < (time.monotonic() - began) * 1000 * REST_SHARE:
            return


def processor_ms(pid: int) -> float:
    """Processor time of a process in ms, to the nanosecond: the sum of its threads. Raises OSError when it is gone."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in files) / 1_000_000
