"""An installation with two live stores, of which the first is frozen (SIGSTOP): nobody waits for it twice, and watch,
recording, boards and bids of the other one's auctions go on."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app, redis_keys
from cashticket.auction.values import Accepted
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.live.heard_stores import HeardStore
from cashticket.live.hub import Hub
from cashticket.wiring import current_engine, queue, queue_redis
from cashticket.work import orders_taken
from cashticket.work.drains import drain_all
from cashticket.work.watch.due import queue_due
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.store_guards import guarding
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people
from tests.staging.watchers import plain_rendering, saying, until, watch

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATIENCE_SECONDS = 0.35
AT_ONCE_SECONDS = 0.2


@pytest.fixture
def app(settings: config.Settings, own_store: RedisServer) -> Iterator[Flask]:
    """The application with two live stores, which give up after PATIENCE_SECONDS; the first is the test's own."""
    application = create_app(replace(settings, redis_url=own_store.url, live_stores=(("second", settings.redis_url),)))
    with application.app_context():
        for store in current_engine().stores().values():
            pool = store._client.connection_pool  # type: ignore[attr-defined]
            pool.connection_kwargs.update(socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
        yield application
        db.session.remove()
        db.engine.dispose()


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def bid(auction_id: int, person: int, amount: int = 100_000) -> object:
    return current_engine().place_bid(auction_id, person, 1, amount, f"request-{amount}")


def seconds_of(act: Callable[[], object]) -> float:
    began_at = time.monotonic()
    act()
    return time.monotonic() - began_at


def wait_in_vain(auction_id: int) -> None:
    with pytest.raises((StoreUnavailable, OutcomeUnknown)):
        current_engine().read(auction_id)


def test_one_bid_waits_for_a_frozen_store_and_the_next_ones_do_not_until_it_is_back(
    app: Flask, own_store: RedisServer
) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    assert isinstance(bid(here, alice), Accepted)
    with frozen(own_store):
        assert seconds_of(lambda: wait_in_vain(here)) > PATIENCE_SECONDS / 2
        assert current_engine().silent() == {"first"}
        for _ in range(5):
            assert seconds_of(lambda: wait_in_vain(here)) < AT_ONCE_SECONDS
        assert isinstance(bid(there, alice), Accepted)
        assert current_engine().auctions() == [there]
    wait_until(lambda: not current_engine().silent(), "the first store to be asked again")
    assert isinstance(bid(here, alice, 105_000), Accepted)


def test_the_watch_guards_and_queues_what_is_due_beside_a_frozen_store(app: Flask, own_store: RedisServer) -> None:
    ended_here, ended_there = open_auction(ends_in_ms=-1_000), open_auction(ends_in_ms=-1_000, store="second")
    running = open_auction(store="second")
    engine, stop = current_engine(), threading.Event()
    guards = {
        name: Guard(store, queue_redis(), (), 0, store=name, everywhere=engine)
        for name, store in engine.stores().items()
    }
    with frozen(own_store):
        queue_due(engine)
        assert seconds_of(lambda: queue_due(engine)) < AT_ONCE_SECONDS
        forget_queued(ended_here, ended_there)
        queued = queue_due(engine)
        assert ended_there in queued.settle and ended_here not in queued.settle
        with guarding(app, guards, stop):
            wait_until(lambda: orders_taken.taken_ms(queue_redis(), running) is not None, "the guard of the second")
            seen = orders_taken.taken_ms(queue_redis(), running)
            wait_until(lambda: orders_taken.taken_ms(queue_redis(), running) != seen, "its next round", seconds=2)
            stop.set()
    wait_until(lambda: not engine.silent(), "the first store to be asked again")
    forget_queued(ended_here, ended_there)
    assert ended_here in queue_due(engine).settle


def forget_queued(*auction_ids: int) -> None:
    queue_redis().delete(*map(redis_keys.settling, auction_ids))
    queue("settlement").empty()


def test_bids_of_the_other_store_are_recorded_while_the_first_is_frozen(app: Flask, own_store: RedisServer) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    assert isinstance(bid(here, alice), Accepted)
    engine, stop = current_engine(), threading.Event()
    urls = app.extensions["settings"].store_urls
    with frozen(own_store):
        job = threading.Thread(target=drain_all, args=(app, engine.stores(), urls, queue_redis(), stop, 20.0))
        job.start()
        assert isinstance(bid(there, alice), Accepted)
        wait_until(lambda: recorded(there) == 1, "the bid to be recorded", seconds=2)
        assert isinstance(bid(there, alice, 105_000), Accepted)
        assert seconds_of(lambda: wait_until(lambda: recorded(there) == 2, "the next one")) < 1
        assert recorded(here) == 0
    wait_until(lambda: recorded(here) == 1, "the bid in the first store to be recorded")
    stop.set()
    job.join(10)
    assert not job.is_alive()


def recorded(auction_id: int) -> int:
    db.session.remove()
    return queries.recorded_sequence(auction_id)


def test_boards_of_the_other_store_are_sent_while_the_first_is_frozen(app: Flask, own_store: RedisServer) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    servers = app.extensions["settings"].store_urls
    sources = {name: HeardStore(lambda url=url: connect(url)) for name, url in servers.items()}  # type: ignore[misc]
    hub = Hub(current_engine(), sources, plain_rendering)
    try:
        of_here, of_there = watch(hub, auction_id=here), watch(hub, auction_id=there)
        until(of_here, saying("board", "#0"))
        until(of_there, saying("board", "#0"))
        with frozen(own_store):
            wait_in_vain(here)
            assert isinstance(bid(there, alice), Accepted)
            assert seconds_of(lambda: until(of_there, saying("board", "#1"))) < 1
        assert isinstance(bid_when_back(here, alice), Accepted)
        until(of_here, saying("board", "#1"))
    finally:
        hub.stop()


def bid_when_back(auction_id: int, person: int) -> object:
    wait_until(lambda: not current_engine().silent(), "the first store to be asked again")
    return bid(auction_id, person)
