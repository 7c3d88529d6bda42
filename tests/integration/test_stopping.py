"""Every process ends by itself soon after it is asked to, and the watch outlives its stores."""

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import websocket
from flask import Flask

from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.work import queueing
from tests.fixtures.databases import make_environment
from tests.servers.processes import WATCH, Process, running, wait_until
from tests.servers.redis_server import RedisServer
from tests.stage import Stage

SOON_SECONDS = 5.0
Start = Callable[..., Process]


@pytest.fixture
def start(app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path) -> Iterator[Start]:
    with running(make_environment(database_url, redis_server.url), tmp_path) as start:
        yield start


def ends_soon(process: Process) -> bool:
    """Asked by SIGTERM; whether it ended in order, and in time."""
    process.popen.send_signal(signal.SIGTERM)
    return process.popen.wait(SOON_SECONDS) == 0


def watch_runs(app: Flask) -> bool:
    return bool(app.extensions["queue_redis"].exists("live-store:seen"))


def test_the_watch_ends_when_asked(app: Flask, start: Start) -> None:
    Stage(app)
    watch = start(*WATCH)
    wait_until(lambda: watch_runs(app), "the first round of the watch")
    assert ends_soon(watch)


def test_a_worker_in_the_middle_of_a_drain_ends_when_asked(app: Flask, start: Start) -> None:
    stage = Stage(app)
    worker = start("worker.py", "bids")
    queueing.drain()
    stage.bid("alice", 100_000)
    wait_until(lambda: stage.recorded(), "the drain")
    assert ends_soon(worker)


def test_a_web_process_says_goodbye_to_its_sockets_and_ends(app: Flask, start: Start) -> None:
    stage = Stage(app)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "4")
    web = start("-m", "gunicorn", "--config", "gunicorn.conf.py", *options, "wsgi:app")
    line = wait_until(lambda: _socket(port, stage.id), "a socket")
    line.recv()
    web.popen.send_signal(signal.SIGTERM)
    line.settimeout(SOON_SECONDS)
    code = 0
    while not code:
        kind, data = line.recv_data(control_frame=True)
        code = int.from_bytes(data[:2], "big") if kind == websocket.ABNF.OPCODE_CLOSE else 0
    line.shutdown()
    assert code == 1012
    assert web.popen.wait(SOON_SECONDS) == 0


def _socket(port: int, auction_id: int) -> "websocket.WebSocket | None":
    address = f"ws://127.0.0.1:{port}/auctions/{auction_id}/live"
    line = websocket.WebSocket()
    try:
        # The address that is set is where pages come from; the socket is asked for directly.
        line.settimeout(SOON_SECONDS)
        line.connect(address, origin="http://127.0.0.1:8000")
        return line
    except (OSError, websocket.WebSocketException):
        line.shutdown()
        return None


@pytest.mark.timeout(120)
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
