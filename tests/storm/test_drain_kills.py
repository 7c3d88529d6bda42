"""Workers that drain while bids come in are killed halfway: no bid is lost or doubled."""

import itertools
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
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
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.wiring import queue_redis
from lab.servers.processes import WATCH, Process, is_alive, kill, running
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.engine import order_of
from tests.staging.rows import add_auction, add_concert

PEOPLE = 8_000
PACE_SECONDS = 0.01
# The goal is 5 seconds; a machine that runs other tests as well gets more.
GOES_ON_SECONDS = 60.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.sweep]

on_both = pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.trial), "mariadb"], indirect=True
)


class BidderThreads:
    """A thread that bids until stopped; `accepted` counts confirmed bids.

    However slow the machine is, it bids until it is stopped: the chances of all people last for four minutes, and an
    answer may take a minute.
    """

    def __init__(self, settings: Settings, auction: Auction, people: list[int]) -> None:
        self.engine = RedisEngine(connect(settings.redis_url, timeout_seconds=60))
        self.auction_id, self.people = auction.id, people
        self.accepted = 0
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._bid)

    def __enter__(self) -> "BidderThreads":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._enough.set()
        self._thread.join()

    def _bid(self) -> None:
        for nth, person in itertools.product(range(3), self.people):
            amount = 100_000 + 5_000 * (20 * nth + person % 20)
            bid = partial(self.engine.place_bid, self.auction_id, person, 1, amount, f"{person}-{nth}")
            if isinstance(answer := bid(), UnknownPerson):
                self.engine.introduce(self.auction_id, person, Permission.OK, 1, 1)
                answer = bid()
            self.accepted += isinstance(answer, Accepted)
            if self._enough.wait(PACE_SECONDS):
                return


@pytest.fixture
def start(app: Flask, settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    environment = make_environment(database_url, settings.redis_url)
    with running(environment, tmp_path) as starter:
        yield starter


@pytest.fixture
def people(app: Flask) -> list[int]:
    common = {"password_hash": "no log-in", "verified_at": utcnow()}
    rows = [{"email": f"fan{n}@example.org", "name": f"fan{n}", **common} for n in range(PEOPLE)]
    db.session.execute(insert(Person), rows)
    db.session.commit()
    return sorted(db.session.scalars(db.select(Person.id)))


@pytest.fixture
def auction(app: Flask, people: list[int]) -> Auction:
    row = add_auction(add_concert(), seats=50)
    engine = app.extensions["engine"]
    engine.open(terms_of(row))
    return row


def recorded(auction: Auction) -> int:
    db.session.rollback()
    return queries.recorded_sequence(auction.id) or 0


def wait_for_more(auction: Auction, what: str) -> None:
    before = recorded(auction)
    wait_until(lambda: recorded(auction) > before, what, GOES_ON_SECONDS)


def draining(workers: list[Process]) -> tuple[Process, int]:
    """The worker whose child drains now, and the child's id."""

    def first() -> tuple[Process, int] | None:
        return next(((worker, child) for worker in workers for child in worker.children()), None)

    return wait_until(first, "a drain")


def assert_nothing_lost_or_doubled(app: Flask, auction: Auction, accepted: int) -> None:
    engine = app.extensions["engine"]
    final = engine.read(auction.id).sequence
    assert final == accepted
    wait_until(lambda: recorded(auction) == final, "the last bid to be recorded")
    assert [bid.sequence for bid in queries.bids(auction.id)] == list(range(1, final + 1))
    assert queries.final_order(auction.id) == order_of(engine, auction.id)
    assert max(Counter(bid.person_id for bid in queries.bids(auction.id)).values()) <= 3
    wait_until(lambda: engine.read(auction.id).recorded == final, "the live store to know")
    assert engine.peek(auction.id, 1) == [] and quarantined_entries(auction.id) == []


@on_both
def test_killing_workers_and_their_children_mid_drain_loses_and_doubles_nothing(
    app: Flask, settings: Settings, auction: Auction, people: list[int], start: Callable[..., Process]
) -> None:
    workers = [start("worker.py", "bids"), start("worker.py", "bids")]
    start(*WATCH)
    with BidderThreads(settings, auction, people) as bidders:
        wait_for_more(auction, "the first bids to be recorded")
        for turn in range(3):
            victim, child = draining(workers)
            if turn == 0:
                kill(child)
            else:
                victim.kill()
                wait_until(lambda child=child: not is_alive(child), "the child to die with its parent")
                workers.remove(victim)
                workers.append(start("worker.py", "bids"))
            wait_for_more(auction, f"recording to go on after kill {turn}")
    assert bidders.accepted > 0
    assert_nothing_lost_or_doubled(app, auction, bidders.accepted)


@on_both
def test_a_worker_asked_to_stop_mid_drain_ends_and_another_goes_on(
    app: Flask, settings: Settings, auction: Auction, people: list[int], start: Callable[..., Process]
) -> None:
    """Without a watch: the drain that stops leaves the lists to the other worker."""
    workers = [start("worker.py", "bids"), start("worker.py", "bids")]
    from cashticket.work import queueing

    queueing.drain()
    with BidderThreads(settings, auction, people) as bidders:
        wait_for_more(auction, "the first bids to be recorded")
        stopped, _ = draining(workers)
        assert stopped.stop() == 0, stopped.log.read_text()
        wait_for_more(auction, "the other worker to go on")
    assert_nothing_lost_or_doubled(app, auction, bidders.accepted)


@on_both
def test_two_drains_at_once_record_every_bid_once(
    app: Flask, settings: Settings, auction: Auction, people: list[int], start: Callable[..., Process]
) -> None:
    """The leases are taken away again and again, so that drains overlap; only the fence keeps them apart."""
    from cashticket.work import queueing

    for _ in range(2):
        start("worker.py", "bids")
    with BidderThreads(settings, auction, people) as bidders:
        for _ in range(5):
            queue_redis().delete(redis_keys.drain_lease("first"), redis_keys.draining(auction.id))
            queueing.drain()
            wait_for_more(auction, "recording with overlapping drains")
    assert_nothing_lost_or_doubled(app, auction, bidders.accepted)


def test_an_idle_worker_ends_at_once_when_asked(start: Callable[..., Process], app: Flask) -> None:
    worker = start("worker.py", "mail")
    wait_until(lambda: app.extensions["queue_redis"].scard("rq:workers"), "the worker to register")
    worker.popen.send_signal(signal.SIGINT)
    assert worker.popen.wait(60) == 0, worker.log.read_text()


@pytest.mark.parametrize("arguments", [(), ("everything",), ("bids", "mail")])
def test_a_worker_without_its_one_queue_says_how_it_is_called(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with running({}, tmp_path) as start:
        worker = start("worker.py", *arguments)
        assert worker.popen.wait(60) == 2
    assert "usage: python worker.py bids|settlement|checks|mail" in worker.log.read_text()


@on_both
def test_a_drain_that_stood_still_until_its_leases_were_gone_does_no_harm(
    app: Flask, settings: Settings, auction: Auction, people: list[int], start: Callable[..., Process]
) -> None:
    """Others may record meanwhile what it was about to record, and it may hold a lock of the database."""
    for _ in range(2):
        start("worker.py", "bids")
    start(*WATCH)
    with BidderThreads(settings, auction, people) as bidders:
        for _ in range(3):
            wait_for_more(auction, "bids to be recorded")
            frozen = wait_until(drain_that_stays, "a drain that holds the lease")
            os.kill(frozen, signal.SIGSTOP)
            try:
                wait_until(lambda frozen=frozen: drain_that_stays() != frozen, "the lease of the frozen drain to end")
            finally:
                os.kill(frozen, signal.SIGCONT)
            wait_for_more(auction, "recording to go on")
    assert_nothing_lost_or_doubled(app, auction, bidders.accepted)


def drain_that_stays() -> int | None:
    """The living process that holds the lease of the drain that stays, as the lease names it."""
    token = queue_redis().get(redis_keys.drain_lease("first"))
    process = int(token.decode().split(":")[1]) if token else 0
    return process if process and is_alive(process) else None
