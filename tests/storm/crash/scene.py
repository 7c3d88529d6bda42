"""One auction on stores that several processes share, and how a unit of work is interrupted on it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from cashticket.auction.values import Accepted, Permission
from cashticket.extensions import db
from cashticket.ledger import award_queries
from cashticket.ledger.terms import terms_of
from cashticket.models import Award
from lab import history
from lab.checkers import violations
from lab.endings import ending_of
from lab.evidence import Ending, Evidence
from lab.history import Recorder
from tests.fixtures.people import Browser
from tests.fixtures.redis import idle_connections_closed
from tests.staging.auctions import Stage
from tests.storm.client import bid
from tests.storm.crash.points import KILL, REACHED, STALL, Point
from tests.storm.crash.units import DONE, UNITS, CrashStores, SignedIn, Worker

# In this order the two best are alice and mallory; carol and bob wait in line, and three were pushed out on the way.
BIDS = (("alice", 100_000), ("bob", 105_000), ("carol", 110_000), ("mallory", 115_000), ("alice", 120_000))
OVERLAP_SECONDS = 0.15


@dataclass
class Scene:
    """An application on shared stores, and one auction with its history."""

    app: Flask
    stores: CrashStores
    alice: SignedIn
    alice_id: int
    stage: Stage
    recorder: Recorder
    path: Path

    @property
    def id(self) -> int:
        return self.stage.id

    def bids(self) -> None:
        """Everybody bids; in an auction that is over, just before its end."""
        engine, end = self.stage.engine, self.stage.engine.read(self.id).ends_at_ms
        now_ms = end - 500 if end <= engine.clock() else None
        for name, amount in BIDS:
            person = self.stage.people[name]
            assert isinstance(bid(self.recorder, engine, self.id, person, amount, f"{amount}", now_ms), Accepted)

    def publish(self) -> None:
        """The live store, which is empty, gets the auction again, with its people."""
        self.stage.engine.open(terms_of(self.stage.row()))
        for person in self.stage.people.values():
            self.stage.engine.introduce(self.id, person, Permission.OK, 1, 1)

    def award_of(self, name: str) -> Award:
        db.session.remove()
        person = self.stage.people[name]
        return next(worker for worker in award_queries.awards_of(self.id) if worker.person_id == person)

    def do(self, unit: str, *facts: Any) -> Any:
        """Do the unit in this process."""
        return UNITS[unit](self.app, *facts)

    def interrupt(self, point: Point, how: str, unit: str, *facts: Any) -> list[Any]:
        """Do the unit in a process that is interrupted at the point, then once more as a restarted process does.

        Returns the answers of all that finished. Raises AssertionError when the point was never reached.
        """
        answers = []
        worker = Worker(self.stores, unit, facts, (point, how))
        others: list[Worker] = []
        try:
            assert worker.received() == REACHED, f"{unit} never came to where {point.name}"
            if how == STALL:
                others.append(Worker(self.stores, unit, facts))
                others[0].ended(OVERLAP_SECONDS if point.locked else 30)
                worker.go_on()
            if how == KILL:
                assert worker.received() is None
            answers += [_answer(each) for each in (worker, *others) if how != KILL]
        finally:
            for each in (worker, *others):
                each.remove()
        return [*answers, self.do(unit, *facts)]

    def letters(self) -> list[str]:
        """The left part of the Message-ID of every mail that left, repeats included."""
        mails = (self.stores.folder / "instance" / "mail").glob("*.eml")
        texts = "\n".join(mail.read_text() for mail in mails)
        return re.findall(r"^Message-ID: <([^@]+)@", texts, re.MULTILINE)

    def judged(self) -> Ending:
        """Final state of the auction. Raises AssertionError when a promise is broken or `auction check` complains."""
        ending = ending_of(self.stage.engine, self.id)
        assert violations(Evidence(history.read(self.path), [ending])) == []
        checked = self.app.test_cli_runner().invoke(args=["auction", "check", str(self.id)])
        assert checked.exit_code == 0, checked.output
        return ending


def _answer(worker: Worker) -> Any:
    message = worker.received()
    assert message is not None and message[0] == DONE, "the process did not get through"
    return message[1]


@contextmanager
def application(stores: CrashStores) -> Iterator[Flask]:
    with idle_connections_closed():
        app = stores.app()
        app.test_client_class = Browser
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def one_auction(stores: CrashStores, alice: tuple[SignedIn, int], folder: Path, ends_in_ms: int) -> Iterator[Scene]:
    path = folder / "history.jsonl"
    with Recorder(path, "everybody") as recorder, application(stores) as app:
        yield Scene(app, stores, *alice, Stage(app, ends_in_ms=ends_in_ms), recorder, path)
