"""Units of work, each done by its own process, with or without a trap.

Processes are forked from a server that has loaded everything once. They start fast and inherit no connection or thread
of the tests.
"""

import multiprocessing
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask

from cashticket import create_app, jobs, redis_keys
from cashticket.models.columns import utcnow
from cashticket.notify import outbox
from cashticket.settlement import awards
from cashticket.wiring import current_engine, current_shelves, queue_redis
from cashticket.witness.testimony import read_testimony
from cashticket.work import delivering
from cashticket.work.draining import Drain
from cashticket.work.watch.guard import Guard
from tests.fixtures.databases import make_settings
from tests.storm.crash.points import Interruption, Point, Trap, lay

SECONDS = 30.0
DONE = "done"

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.storm.crash.preload"])


@dataclass(frozen=True, slots=True)
class CrashStores:
    """Where a process finds its stores."""

    database_url: str
    redis_url: str
    folder: Path

    def app(self) -> Flask:
        return create_app(make_settings(self.database_url, self.redis_url, self.folder))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person's session cookie and CSRF token."""

    cookie: str
    token: str


# The units. Each returns the answer its caller gets.


def bid(app: Flask, browser: SignedIn, auction_id: int, amount: int, request_id: str) -> tuple[int, dict[str, Any]]:
    """Bid through the door. Returns status and JSON."""
    client = app.test_client()
    client.set_cookie("cashticket", browser.cookie)
    form = {"amount": amount, "request_id": request_id, "csrf_token": browser.token}
    answer = client.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


def drain(app: Flask) -> None:
    """One round of a drain that has just started, after the leases of an interrupted one have ended."""
    with app.app_context():
        for auction_id in current_engine().auctions():
            queue_redis().delete(redis_keys.draining(auction_id))
        Drain(current_engine(), queue_redis(), _NoAlarm(), threading.Event()).round()


def settle(app: Flask, auction_id: int) -> None:
    with app.app_context():
        jobs.settle(auction_id)


def tell(app: Flask, auction_id: int) -> None:
    with app.app_context():
        jobs.tell(auction_id)


def cancel(app: Flask, award_id: int, person_id: int, now: datetime) -> str:
    with app.app_context():
        return awards.cancel(award_id, person_id, now).award.state


def hand_over(app: Flask, auction_id: int) -> None:
    with app.app_context():
        jobs.lapse_and_offer(auction_id)


def deliver(app: Flask) -> None:
    """Send what is due; then what somebody leased who died, as if their lease had ended."""
    with app.app_context():
        for clock in (utcnow, lambda: utcnow() + outbox.LEASE):
            assert not delivering.deliver(current_engine(), threading.Event(), SECONDS, clock)


def guard(app: Flask, auction_id: int) -> None:
    """Rounds of a guard that has just started, one at least, until the auction takes bids."""
    with app.app_context():
        engine, shelves = current_engine(), current_shelves()
        guard = Guard(engine, queue_redis(), (), 0, read_testimony=lambda: read_testimony(shelves))
        ends_at = time.monotonic() + SECONDS
        guard.round()
        while engine.read(auction_id).paused:
            assert time.monotonic() < ends_at, "the auction stays paused"
            guard.round()


class _NoAlarm:
    def wait(self, seconds: float) -> None:
        raise AssertionError("a single round waits for nobody")


UNITS = {unit.__name__: unit for unit in (bid, drain, settle, tell, deliver, cancel, hand_over, guard)}


class Worker:
    """A process that does one unit. `received` waits for its next message, `go_on` releases it where it stands
    still."""

    def __init__(
        self, stores: CrashStores, unit: str, facts: tuple[Any, ...], trap: tuple[Point, str] | None = None
    ) -> None:
        self._pipe, theirs = _forks.Pipe()
        self.process: BaseProcess = _forks.Process(target=_work, args=(stores, unit, facts, trap, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def received(self) -> Any:
        """Its next message; None when it has ended. Raises AssertionError after a timeout."""
        assert self._pipe.poll(SECONDS), "the process neither ended nor said anything"
        try:
            return self._pipe.recv()
        except EOFError:
            return None

    def go_on(self) -> None:
        self._pipe.send("go on")

    def ended(self, seconds: float) -> bool:
        self.process.join(seconds)
        return self.process.exitcode is not None

    def remove(self) -> None:
        self._pipe.close()
        self.process.kill()
        self.process.join(SECONDS)
        self.process.close()


def _work(
    stores: CrashStores, unit: str, facts: tuple[Any, ...], trap: tuple[Point, str] | None, pipe: Connection
) -> None:
    """Do the unit; after a failure do it again, as a surviving process does."""
    app = stores.app()
    if trap is not None:
        lay(Trap(*trap, pipe))
    try:
        answer = UNITS[unit](app, *facts)
    except Interruption:
        answer = UNITS[unit](app, *facts)
    pipe.send((DONE, answer))
