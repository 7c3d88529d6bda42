"""A course: one fixed rate of bids, events in its middle, and what happened in each second."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cashticket.extensions import db
from cashticket.models import RecordedBid
from cashticket.wiring import current_engine
from lab.load import ledger_file, raw
from lab.load.bids import Bidding, BidTurns
from lab.load.client import ClientFailed
from lab.load.faults import Fault
from lab.load.site import Site
from lab.load.turns import WAITING_MAX, Companion, Load

LOOK_SECONDS = 0.5
ANSWER_SECONDS_MAX = 5
"""The client gives up waiting for an answer after this time; so many seconds of requests may wait at once."""
FIRST_ANSWER_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Course:
    """How long it takes, as a multiple of how long a scenario holds a rate, and what happens meanwhile. `queues`: those
    with a worker, where a system drains."""

    length: int
    faults: tuple[Fault, ...] = ()
    queues: tuple[str, ...] = ("bids",)

    def seconds(self, unit_s: int) -> int:
        """How long bids come."""
        return self.length * unit_s


class CourseTurns(BidTurns):
    """Holds one rate while the events of a course happen. `unit_s` is how long a scenario holds a rate."""

    def __init__(self, site: Site, bidding: Bidding, course: Course) -> None:
        super().__init__(site, bidding)
        self._course = course
        self.unit_s = 0

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        load = super().prepare(rate, seconds, folder)
        plan = load.plan | {"clients": min(WAITING_MAX, rate * ANSWER_SECONDS_MAX)}
        # Processes that are killed take their processor time along.
        return replace(load, plan=plan, facts={"cpu_seconds": {}})

    @contextmanager
    def beside(self, load: Load, console: Path) -> Iterator[Companion]:
        faults = [fault for fault in self._course.faults if fault.hits(self._site)] if self.unit_s else []
        events = Events(self._site, faults, self.unit_s, console)
        with looking(self._site, load.auctions) as looks:
            try:
                yield events
            finally:
                events.undo_all()
        events.facts["looks"] = looks
        if events.is_waiting:
            raise ClientFailed("k6 ended before every event of the course had happened")

    def _judge(self, load: Load, answers: list[raw.Answer]) -> dict[str, Any]:
        facts = super()._judge(load, answers)
        self.write_ledger(load.auctions)
        # Published answers are timed from the first one on.
        return facts | {"first_sent_ms": min((answer.sent_ms for answer in answers), default=0)}

    def write_ledger(self, auctions: Sequence[int]) -> int:
        """Write the recorded bids of these auctions as a raw file. Returns how many there are."""
        columns = (RecordedBid.auction_id, RecordedBid.sequence, RecordedBid.request_id)
        chosen = db.select(*columns).where(RecordedBid.auction_id.in_(auctions)).order_by(*columns[:2])
        with self._site.app.app_context():
            bids = db.session.execute(chosen).all()
        ledger_file.write(self._folder, bids)
        return len(bids)

    def hold(self, rate: int, seconds: int, folder: Path) -> None:
        self._folder = folder
        super().hold(rate, seconds, folder)


class Events(Companion):
    """Lets the events of a course happen when they are due, counted from the first answer."""

    def __init__(self, site: Site, faults: Sequence[Fault], unit_s: float, console: Path) -> None:
        super().__init__()
        self._site, self._console = site, console
        self._due = [*faults]
        self._open: dict[Fault, float] = {}
        self._unit_s = unit_s
        self._began: float | None = None
        self._waits_since = time.monotonic()
        self.facts["events"] = []

    @property
    def is_waiting(self) -> bool:
        """Whether some event has not happened."""
        return bool(self._due)

    def look(self) -> None:
        """Start and undo what is due."""
        if self._began is None:
            if not self._console.exists() or not self._console.stat().st_size:
                return
            self._began = time.monotonic()
        passed = time.monotonic() - self._began
        for fault in [each for each in self._due if each.begin_s(self._unit_s) <= passed]:
            self._due.remove(fault)
            self._open[fault] = time.monotonic()
            self.facts["events"].append({"name": fault.name, "began_ms": now_ms()})
            fault.begin(self._site)
        now = time.monotonic()
        for fault in [each for each, began in self._open.items() if each.lasts_s(self._unit_s) <= now - began]:
            self._undo(fault)

    def client_ended(self) -> None:
        """Undo what still lasts: nothing would be recorded without it."""
        self.undo_all()

    def undo_all(self) -> None:
        """Undo what has happened, at once: after an interruption too."""
        for fault in [*self._open]:
            self._undo(fault)

    def _undo(self, fault: Fault) -> None:
        del self._open[fault]
        fault.end(self._site)
        event = next(each for each in self.facts["events"] if each["name"] == fault.name)
        event["ended_ms"] = now_ms() if fault.lasts_s(self._unit_s) else event["began_ms"]


def now_ms() -> int:
    """The time of day in ms since 1970, as k6's script reads it."""
    return time.time_ns() // 1_000_000


@contextmanager
def looking(site: Site, auctions: Sequence[int]) -> Iterator[list[tuple[int, int, int]]]:
    """Look at the backlog all the while, in a thread: (ms since 1970, accepted bids, those of them that wait for the
    ledger). Nothing where a decision is a row already."""
    looks: list[tuple[int, int, int]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            with site.app.app_context():
                looks.append(_look(auctions))

    thread = threading.Thread(target=look, name="looks", daemon=True)
    if site.system.drains:
        thread.start()
    try:
        yield looks
    finally:
        ended.set()
        if site.system.drains:
            thread.join()
            with site.app.app_context():
                looks.append(_look(auctions))


def _look(auctions: Sequence[int]) -> tuple[int, int, int]:
    engine = current_engine()
    # Accepted bids first: what is accepted between the two reads counts as recorded later, never as recorded too early.
    accepted = sum(engine.read(auction).sequence for auction in auctions)
    waiting = sum(engine.backlog(list(auctions)).values())
    return now_ms(), accepted, waiting
