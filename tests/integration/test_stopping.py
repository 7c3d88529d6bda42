"""Every process ends by itself soon after SIGTERM, and the watch survives outages of its stores."""

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import websocket
from flask import Flask
from sqlalchemy.orm import Session

from cashticket import redis_keys
from cashticket.cli.demo import running_auction
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.models import Auction, Concert, Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.work import heartbeats, queueing
from cashticket.work.watch.report import last_report
from lab.servers.live_service import LiveService
from lab.servers.processes import WATCH, Process, running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.auctions import Stage
from tests.web.live_server import close_code

pytestmark = pytest.mark.sweep

SOON_SECONDS = 10.0
Start = Callable[..., Process]

# Tests that do not depend on the kind of database run on one.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Silent:
    """A server that accepts connections and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.port: int = self._listener.getsockname()[1]
        self._callers: list[socket.socket] = []

    def wait_for_a_caller(self) -> None:
        self._callers.append(self._listener.accept()[0])

    def close(self) -> None:
        for each in (self._listener, *self._callers):
            each.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def inbox_notice(person: int, auction: int) -> int:
    """Store a notice, and its mail in the outbox. Returns its id."""
    row = Notification(person_id=person, kind="voided", auction_id=auction, facts={})

    def work(session: Session) -> int:
        session.add(row)
        session.flush()
        add_notice_messages(session, utcnow(), Notification.id == row.id)
        return row.id

    return in_one_unit(work)


def message_of(notice_id: int) -> OutboxMessage:
    db.session.remove()
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.reference == notice_id)).one()


@pytest.fixture
def start(app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path) -> Iterator[Start]:
    with running(make_environment(database_url, redis_server.url), tmp_path) as start:
        yield start


def ends_soon(process: Process) -> bool:
    """Send SIGTERM. Returns whether the process ended with status 0; raises TimeoutExpired after SOON_SECONDS."""
    process.popen.send_signal(signal.SIGTERM)
    return process.popen.wait(SOON_SECONDS) == 0


def watch_runs(app: Flask) -> bool:
    return bool(app.extensions["queue_redis"].exists("live-store:seen"))


def test_the_watch_ends_when_asked(app: Flask, start: Start) -> None:
    Stage(app)
    watch = start(*WATCH)
    wait_until(lambda: heartbeats.signs(app.extensions["queue_redis"])["watch"].alive == 1, "a sign of life")
    wait_until(lambda: last_report(app.extensions["queue_redis"]), "the report of its first round")
    assert ends_soon(watch)


def test_a_worker_in_the_middle_of_a_drain_ends_when_asked(app: Flask, start: Start) -> None:
    stage = Stage(app)
    worker = start("worker.py", "bids")
    queueing.drain()
    stage.bid("alice", 100_000)
    wait_until(lambda: stage.recorded(), "the drain")
    assert ends_soon(worker)


@on_sqlite
@pytest.mark.parametrize("queue", ["bids", "settlement", "checks", "mail", "push"])
def test_a_worker_without_work_ends_when_asked(app: Flask, start: Start, queue: str) -> None:
    worker = start("worker.py", queue)
    wait_until(lambda: heartbeats.signs(app.extensions["queue_redis"])[queue].alive == 1, "a sign of life")
    assert ends_soon(worker), worker.log.read_text()


def test_a_mail_worker_whose_server_falls_silent_ends_and_the_mail_waits(
    app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path, silent: Silent
) -> None:
    stage = Stage(app)
    notice = inbox_notice(stage.people["alice"], stage.id)
    environment = make_environment(database_url, redis_server.url) | {"MAIL_URL": f"smtp://127.0.0.1:{silent.port}"}
    with running(environment, tmp_path) as start:
        worker = start("worker.py", "mail")
        queueing.deliver()
        silent.wait_for_a_caller()
        assert message_of(notice).state is MessageState.LEASED, "nobody else mails it meanwhile"
        assert ends_soon(worker), worker.log.read_text()
    assert message_of(notice).state is MessageState.WAITING, "it is free to be tried again"


def test_a_settlement_worker_that_waits_for_a_lock_ends_and_nothing_is_settled(
    app: Flask, start: Start, redis_client: redis.Redis
) -> None:
    stage = Stage(app, ends_in_ms=1)
    stage.bid("alice", 100_000)
    worker = start("worker.py", "settlement")
    with db.engine.connect().execution_options(writes=True) as locking:
        locking.execute(db.select(Concert).where(Concert.id == stage.concert_id).with_for_update())
        locking.execute(db.select(Auction).where(Auction.id == stage.id).with_for_update())
        queueing.settle(stage.id)
        state = redis_keys.state(stage.id)
        wait_until(lambda: redis_client.hget(state, "state") == "closing", "the settlement to begin")
        assert ends_soon(worker), worker.log.read_text()
        locking.rollback()
    assert stage.row().state != "settled" and stage.winners() == {}


@on_sqlite
def test_the_watch_ends_when_asked_while_the_database_is_silent(
    app: Flask, redis_server: RedisServer, tmp_path: Path, silent: Silent
) -> None:
    Stage(app)
    address = f"mysql+pymysql://root@127.0.0.1:{silent.port}/cashticket"
    with running(make_environment(address, redis_server.url), tmp_path) as start:
        watch = start(*WATCH)
        silent.wait_for_a_caller()
        assert ends_soon(watch), watch.log.read_text()


@on_sqlite
def test_robots_end_when_asked_while_the_house_is_silent(app: Flask, start: Start, silent: Silent) -> None:
    running_auction.seed()
    bots = start("-m", "flask", "--app", "wsgi", "demo", "bots", "--url", f"http://127.0.0.1:{silent.port}")
    silent.wait_for_a_caller()
    assert ends_soon(bots), bots.log.read_text()


@on_sqlite
def test_the_live_service_says_goodbye_to_its_sockets_and_ends(
    app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    stage = Stage(app)
    service = LiveService(make_environment(database_url, redis_server.url), tmp_path).start_and_wait()
    try:
        connection = wait_until(lambda: _socket(service.port, stage.id), "a socket")
        connection.recv()
        service.ask_to_stop()
        assert close_code(connection) == 1012
        connection.shutdown()
    finally:
        assert service.stop(SOON_SECONDS) == 0, service.last_words()


def test_a_web_process_says_goodbye_to_its_sockets_and_ends(app: Flask, start: Start) -> None:
    stage = Stage(app)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "4")
    web = start("-m", "gunicorn", "--config", "gunicorn.conf.py", *options, "wsgi:app")
    connection = wait_until(lambda: _socket(port, stage.id), "a socket")
    connection.recv()
    web.popen.send_signal(signal.SIGTERM)
    connection.settimeout(SOON_SECONDS)
    assert close_code(connection) == 1012
    connection.shutdown()
    assert web.popen.wait(SOON_SECONDS) == 0


def _socket(port: int, auction_id: int) -> "websocket.WebSocket | None":
    address = f"ws://127.0.0.1:{port}/auctions/{auction_id}/live"
    connection = websocket.WebSocket()
    try:
        # The origin is the configured address; the socket is opened at the service itself.
        connection.settimeout(SOON_SECONDS)
        connection.connect(address, origin="http://127.0.0.1:8000")
        return connection
    except (OSError, websocket.WebSocketException):
        connection.shutdown()
        return None


def test_a_store_that_is_killed_is_checked_by_the_watch_and_takes_bids_again(
    app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    durable = RedisServer(appendonly=True)
    durable.start()
    app.extensions["engine"] = RedisEngine(connect(durable.url))
    stage = Stage(app)
    environment = make_environment(database_url, redis_server.url) | {"REDIS_URL": durable.url}
    queue = redis.Redis.from_url(environment["QUEUE_REDIS_URL"])
    try:
        with running(environment, tmp_path) as start:
            start(*WATCH)
            wait_until(lambda: queue.exists("live-store:seen"), "the first round of the watch")
            wait_until(lambda: _pause(stage) == "", "bidding")
            stage.bid("alice", 100_000)
            seen = queue.get("live-store:seen")
            durable.kill()
            durable.start()
            wait_until(lambda: queue.get("live-store:seen") != seen, "the watch to see another store")
            wait_until(lambda: _pause(stage) == "", "bidding to go on")
            assert stage.bid("bob", 105_000).sequence == 2
    finally:
        durable.remove()


def _pause(stage: Stage) -> str:
    try:
        return stage.engine.read(stage.id).paused
    except (StoreUnavailable, OutcomeUnknown):
        return "away"
