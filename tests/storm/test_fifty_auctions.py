"""Fifty auctions under fire are recorded by four workers at once; killing one loses nothing, others take its share."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from rq import Worker
from sqlalchemy import insert

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission
from cashticket.config import Settings
from cashticket.engine.connection import connect
from cashticket.engine.interface import UnknownPerson
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.ledger.terms import terms_of
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.wiring import queue, queue_redis
from cashticket.work import drain_leases
from cashticket.work.draining import Drain
from lab.servers.processes import WATCH, Process, kill, running
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.engine import order_of
from tests.staging.rows import add_auction, add_concert

AUCTIONS, PEOPLE, WORKERS = 50, 2_000, 4
SECONDS_MAX = 120.0
PACE_SECONDS = 0.15

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.sweep]


class Fire:
    """Two threads that bid in all auctions in turn until stopped; `accepted` counts confirmed bids by auction.

    However slow the machine is, they bid until they are stopped: the chances of all people last for 10 minutes, and an
    answer may take a minute.
    """

    def __init__(self, settings: Settings, auctions: list[int], people: list[int]) -> None:
        self.settings, self.auctions, self.people = settings, auctions, people
        self.accepted: Counter[int] = Counter()
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._bid, args=(half,)) for half in (0, 1)]

    def __enter__(self) -> "Fire":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _bid(self, half: int) -> None:
        engine = RedisEngine(connect(self.settings.redis_url, timeout_seconds=60))
        for nth, person in itertools.product(range(3), self.people):
            # The first bids of all come as fast as they can: one drain alone cannot keep up with them.
            self._enough.wait(PACE_SECONDS if nth else 0)
            for auction_id in self.auctions[half::2]:
                bid = partial(engine.place_bid, auction_id, person, 1, 100_000 + 5_000 * nth, f"{person}-{nth}")
                if isinstance(answer := bid(), UnknownPerson):
                    engine.introduce(auction_id, person, Permission.OK, 1, 1)
                    answer = bid()
                self.accepted[auction_id] += isinstance(answer, Accepted)
                if self._enough.is_set():
                    return


@pytest.fixture
def people(app: Flask) -> list[int]:
    common = {"password_hash": "no log-in", "verified_at": utcnow()}
    rows = [{"email": f"fan{n}@example.org", "name": f"fan{n}", **common} for n in range(PEOPLE)]
    db.session.execute(insert(Person), rows)
    db.session.commit()
    return sorted(db.session.scalars(db.select(Person.id)))


@pytest.fixture
def auctions(app: Flask, people: list[int]) -> list[int]:
    concert, engine = add_concert(), app.extensions["engine"]
    rows = [add_auction(concert) for _ in range(AUCTIONS)]
    for row in rows:
        engine.open(terms_of(row))
    return [row.id for row in rows]


@pytest.fixture
def start(app: Flask, settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    with running(make_environment(database_url, settings.redis_url), tmp_path) as starter:
        yield starter


def ready_workers() -> int:
    """Number of workers that take jobs of the queue `bids`."""
    return Worker.count(queue=queue("bids"))


def holders(auctions: list[int]) -> dict[int, int]:
    """Auction → id of the process that records it now."""
    tokens = queue_redis().mget([redis_keys.draining(auction_id) for auction_id in auctions])
    return {each: int(token.split(b":")[1]) for each, token in zip(auctions, tokens, strict=True) if token}


def recorded(auctions: list[int]) -> dict[int, int]:
    db.session.rollback()
    return {auction_id: queries.recorded_sequence(auction_id) or 0 for auction_id in auctions}


def assert_nothing_lost_or_doubled(app: Flask, accepted: Counter[int]) -> None:
    engine, auctions = app.extensions["engine"], list(accepted)
    wait_until(lambda: recorded(auctions) == accepted, "every bid to be recorded", SECONDS_MAX)
    wait_until(lambda: not any(engine.backlog(auctions).values()), "every list to be empty", SECONDS_MAX)
    for auction_id in auctions:
        assert [bid.sequence for bid in queries.bids(auction_id)] == list(range(1, accepted[auction_id] + 1))
        assert queries.final_order(auction_id) == order_of(engine, auction_id)
        assert quarantined_entries(auction_id) == []


def others_recorded(app: Flask, auction_id: int) -> None:
    """Wait until what waits in this auction now is recorded."""
    last = app.extensions["engine"].read(auction_id).sequence
    wait_until(lambda: recorded([auction_id])[auction_id] >= last, f"others to take auction {auction_id}", SECONDS_MAX)


def test_four_drains_share_the_auctions(app: Flask, settings: Settings, auctions: list[int], people: list[int]) -> None:
    engine = app.extensions["engine"]
    for auction_id, person in itertools.product(auctions, people[:20]):
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
        engine.place_bid(auction_id, person, 1, 100_000, f"{person}")
    stop, start = threading.Event(), threading.Barrier(WORKERS)
    shares: list[Counter[int]] = []

    class Pause:
        def wait(self, seconds: float) -> None:
            if not any(engine.backlog(auctions).values()):
                stop.set()

    def drain() -> None:
        with app.app_context():
            mine = Drain(RedisEngine(connect(settings.redis_url)), queue_redis(), Pause(), stop)
            start.wait()
            shares.append(mine.run(SECONDS_MAX))

    threads = [threading.Thread(target=drain) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shares) == WORKERS and all(share.total() for share in shares), shares
    assert sum(shares, Counter()) == dict.fromkeys(auctions, 20)
    assert_nothing_lost_or_doubled(app, Counter(dict.fromkeys(auctions, 20)))


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_four_workers_record_at_once_and_killing_them_loses_nothing(
    app: Flask, settings: Settings, auctions: list[int], people: list[int], start: Callable[..., Process]
) -> None:
    """The watch starts as many drains as bids wait that nobody records: more than one, and four at most."""
    workers = [start("worker.py", "bids") for _ in range(WORKERS)]
    wait_until(lambda: ready_workers() == WORKERS, "all four workers to be ready", SECONDS_MAX)
    at_work: set[int] = set()

    def several_at_work() -> bool:
        at_work.update(holders(auctions).values())
        return sum(bool(at_work & set(worker.children())) for worker in workers) > 1

    with Fire(settings, auctions, people) as fire:
        backlog = app.extensions["engine"].backlog
        wait_until(lambda: min(backlog(auctions).values()) > 100, "bids to wait in every auction", SECONDS_MAX)
        start(*WATCH)
        wait_until(several_at_work, "several workers to record auctions", SECONDS_MAX)
        for turn in range(4):
            [(auction_id, holder)] = itertools.islice(
                wait_until(lambda: holders(auctions), "a holder", SECONDS_MAX).items(), 1
            )
            victim = next((worker for worker in workers if holder in worker.children()), None)
            if victim is None:
                continue
            if turn % 2:
                kill(holder)
            else:
                victim.kill()
                workers[workers.index(victim)] = start("worker.py", "bids")
            assert queue_redis().pttl(redis_keys.draining(auction_id)) <= drain_leases.LEASE_MS
            others_recorded(app, auction_id)
    assert_nothing_lost_or_doubled(app, fire.accepted)
