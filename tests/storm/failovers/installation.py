"""The installation of the trial: stores and sentinels, a ledger, one web process, a drain, checks and the watch."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from cashticket import config, create_app
from cashticket.auction.terms import NO_CEILING
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import publish_auction
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Concert
from cashticket.models.units import in_one_unit
from cashticket.work import voiding
from lab.servers.installation import STOP_SECONDS, ServerProcess, WebProcess
from lab.servers.redis_server import RedisServer
from lab.servers.replicated_store import ReplicatedStore
from lab.signed_in import SignedIn, add_people, sign_in
from lab.waiting import wait_until
from tests.fixtures.databases import migrate

SEATS, MINIMUM, STEP = 20, 10_000, 1_000
READY_SECONDS = 60.0


class LiveStore(Protocol):
    """What runs the live store. `url` is what REDIS_URL names."""

    url: str

    def start(self) -> object: ...

    def stop(self) -> None: ...


Store = TypeVar("Store", bound=LiveStore)


class Site(Generic[Store]):
    """`app` reads both stores and bids through its engine. `people` are signed in on the web processes too, of which
    `web` is the first."""

    def __init__(self, folder: Path, replicas: int, people: int, store: Store, webs: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._replicas, self._people = folder, replicas, people
        self.store = store
        self.queue_store = RedisServer()
        names = ["web", *(f"web-{number}" for number in range(2, webs + 1))]
        self.webs = [WebProcess(name, self._environment(), folder) for name in names]
        self.web = self.webs[0]
        calls = {"bids": ["worker.py", "bids"], "checks": ["worker.py", "checks"]}
        calls["watch"] = ["-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch"]
        self.workers = {
            name: ServerProcess(name, [sys.executable, *call], self._environment(), folder)
            for name, call in calls.items()
        }
        self.app: Flask
        self.people: list[SignedIn]

    def start(self, *, without: tuple[str, ...] = ()) -> "Site[Store]":
        """Start everything but the workers in `without`, and wait until it takes bids."""
        self.store.start()
        self.queue_store.start()
        migrate(self._environment()["DATABASE_URL"], self.folder)
        self.app = create_app(config.load(self._environment(), self.folder / "instance"))
        with self.app.app_context():
            self.people = sign_in(self.app, add_people(self._people))
        for name, process in self.workers.items():
            if name not in without:
                process.start()
        for web in self.webs:
            web.start()
        for web in self.webs:
            wait_until(web.is_ready, f"{web.name} with everything it needs", READY_SECONDS)
        return self

    def stop(self) -> None:
        """Stop everything and delete what it stored."""
        processes = (*self.workers.values(), *self.webs)
        try:
            for process in processes:
                process.ask_to_stop()
            for process in processes:
                process.stop(STOP_SECONDS)
        finally:
            self.store.stop()
            self.queue_store.remove()

    def open_auction(self) -> int:
        """Open a new auction that ends long after the run. Returns its id."""
        engine = self.app.extensions["engine"]
        with self.app.app_context():
            now = to_moment(engine.clock())
            plan = Plan(_concert(now), SEATS, MINIMUM, STEP, now, now + timedelta(hours=2), maximum=NO_CEILING)
            auction_id = publish_auction(plan, now, lambda row: engine.open(terms_of(row))).id
            db.session.remove()
            return auction_id

    def void(self, auction_id: int) -> None:
        """Take the auction of a run away, so that the next run is guarded alone."""
        with self.app.app_context():
            voiding.void(
                self.app.extensions["engine"], auction_id, "the run is over", "trial", datetime.now().astimezone()
            )
            db.session.remove()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | {
            "APP_ENV": "testing",
            "SECRET_KEY": "a-key-for-tests-only",
            "DATABASE_URL": f"sqlite:///{self.folder / 'ledger.db'}",
            "REDIS_URL": self.store.url,
            "STORE_REPLICAS": str(self._replicas),
            "QUEUE_REDIS_URL": self.queue_store.url,
            "MAIL_URL": f"file:{self.folder / 'mail'}",
            "RATE_LIMITS": "off",
            "PYTHONUNBUFFERED": "1",
        }


class Installation(Site[ReplicatedStore]):
    """The trial's, with one web process."""

    def __init__(self, folder: Path, replicas: int, people: int) -> None:
        super().__init__(folder, replicas, people, ReplicatedStore(folder / "stores"))


def _concert(now: datetime) -> int:
    later = now + timedelta(days=30)
    texts = {"title": "한여름 밤의 공연", "artist": "Seoul Quartet", "venue": "올림픽홀"}

    def work(session: Session) -> int:
        concert = Concert(**texts, starts_at=later, cancel_until=later - timedelta(days=1))
        session.add(concert)
        session.flush()
        return concert.id

    return in_one_unit(work)
