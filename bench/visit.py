"""What one visit of a bidder costs web process, database and live store, step by step, and what news of a bid costs the
live store for each process that hears it.

    python -m bench.visit [--people 200] [--bidders 5000] [--write] [--json]

The application runs in this process, without gunicorn and nginx, on a MariaDB with every commit on its disk and a live
store that fsyncs always. It plays both store roles, as in the load lab. An auction of 2,000 seats is filled with the
bids of so many bidders. Then so many people who have a password go through each step together: the form, signing in,
the page, their own part, the review, the bid as a browser sends it, and another one as JSON. Counted is processor
time: of this process, and over all threads of each server. `--write` keeps the figures in docs/performance/visit.json.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from flask import Flask
from werkzeug.test import Client, TestResponse

from bench import report, servers
from cashticket import create_app, redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from lab.filling.auctions import MINIMUM, STEP, FilledAuction, fill_auction
from lab.load.crowd import PASSWORD, add_people_with_password
from lab.load.size.measuring import processor_ms, rest
from lab.servers.mariadb_server import MariaDbServer
from lab.signed_in import add_people

STORED = servers.ROOT / "docs" / "performance" / "visit.json"
SEATS = 2_000
LISTENERS = (0, 20, 40)
MESSAGES = 2_000
READS = 500
MESSAGE = "1|123456|1500000|1795908101648|123456"
"""As long as the news of an accepted bid."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The running application, its servers' process ids, and the filled auction."""

    app: Flask
    database_pid: int
    store_pid: int
    store: redis.Redis
    store_url: str

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.extensions["engine"]
        return engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200, help="people who go through all steps (default 200)")
    parser.add_argument("--bidders", type=int, default=5_000, help="people whose bids stand before (default 5,000)")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/performance/visit.json")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with _scene() as scene:
        with scene.app.app_context():
            auction, kept = _filled(scene, given.bidders)
            people = [email for _, email in add_people_with_password(given.people)]
            db.session.remove()
        # Outside of the application's context, which would hold one form's token for all requests.
        steps = _steps(scene, auction, people)
        figure = {"bench": "visit", "people": given.people, "bidders": given.bidders, "seats": SEATS, **kept}
        figure |= {"steps": steps, "board_read_store_ms": _board_read(scene, auction), "news": _news(scene)}
    if given.write:
        whole = figure | {"commit": report.commit(), "machine": report.machine()}
        STORED.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    report.finish(figure, given.json)


@contextmanager
def _scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cashticket-visit-")))
        database = MariaDbServer(durable=True)
        stack.callback(database.remove)
        url = stack.enter_context(servers.live_store(folder))
        os.environ.update(
            APP_ENV="testing",
            SECRET_KEY="a key for measuring only",
            DATABASE_URL=database.start().create_database("visit"),
            REDIS_URL=url,
            RATE_LIMITS="off",
            MAIL_URL=f"file:{folder}/mail",
            WITNESS_DIR=f"{folder}/witness",
        )
        app = create_app()
        with app.app_context():
            import flask_migrate

            flask_migrate.upgrade()
        client = redis.Redis.from_url(url)
        assert database.process is not None
        yield Scene(app, database.process.pid, int(client.info("server")["process_id"]), client, url)


def _filled(scene: Scene, bidders: int) -> tuple[FilledAuction, dict[str, float]]:
    """The auction, and what one bidder keeps in the live store's memory and one bid in the database, in bytes."""
    people = add_people(bidders)
    before = _store_bytes(scene)
    auction = fill_auction(scene.engine, people, SEATS, bids_each=range(3, 4))
    for person in people:
        scene.engine.introduce(auction.id, person, Permission.OK, 1, 1)
    in_store = (_store_bytes(scene) - before) / bidders
    db.session.remove()
    with db.engine.connect() as connection:
        connection.execute(db.text("ANALYZE TABLE bids"))
        size = "SELECT data_length + index_length FROM information_schema.tables WHERE table_name = 'bids'"
        in_database = float(connection.execute(db.text(size)).scalar_one()) / auction.bids
    return auction, {"store_bytes_a_bidder": round(in_store), "database_bytes_a_bid": round(in_database)}


def _store_bytes(scene: Scene) -> int:
    return int(scene.store.info("memory")["used_memory"])


def _steps(scene: Scene, auction: FilledAuction, people: list[str]) -> dict[str, dict[str, float]]:
    """Each step, made by all people before the next begins: processor time of one, in ms, and bytes of the answer."""
    browsers = [Browser(scene.app, email, auction.id, number) for number, email in enumerate(people)]
    steps = (
        Browser.form,
        Browser.sign_in,
        Browser.page,
        Browser.own_part,
        Browser.review,
        Browser.bid,
        Browser.json_bid,
    )
    return {step.__name__: _measured(scene, [step.__get__(each) for each in browsers]) for step in steps}


class Browser:
    """One person's browser, which remembers the forms that it was shown."""

    def __init__(self, app: Flask, email: str, auction: int, number: int) -> None:
        self._client = Client(app)
        self._email, self._auction = email, f"/auctions/{auction}"
        self._amount = MINIMUM * 30 + STEP * number
        self._shown = self._token = ""

    def form(self) -> TestResponse:
        return self._keep(self._client.get(f"/login?next={self._auction}"), 200)

    def sign_in(self) -> TestResponse:
        hidden = {name: self._field(name) for name in ("csrf_token", "next")}
        form = hidden | {"email": self._email, "password": PASSWORD}
        return self._keep(self._client.post("/login", data=form, headers={"Origin": "http://localhost"}), 303)

    def page(self) -> TestResponse:
        return self._keep(self._client.get(self._auction), 200)

    def own_part(self) -> TestResponse:
        path = f"{self._auction}/standing?lang=ko&with=account"
        return self._keep(self._client.get(path, headers={"HX-Request": "true"}), 200)

    def review(self) -> TestResponse:
        path = f"{self._auction}/confirm?amount={self._amount}"
        return self._keep(self._client.get(path, headers={"HX-Request": "true"}), 200)

    def bid(self) -> TestResponse:
        form = {name: self._field(name) for name in ("csrf_token", "amount", "request_id")}
        self._token, form["sure"] = form["csrf_token"], form["amount"]
        headers = {"HX-Request": "true", "Origin": "http://localhost"}
        return self._keep(self._client.post(f"{self._auction}/bids", data=form, headers=headers), 200)

    def json_bid(self) -> TestResponse:
        """A higher bid, as the load lab sends them. The form's token holds as long as the session."""
        amount = str(self._amount * 2)
        form = {"csrf_token": self._token, "amount": amount, "sure": amount, "request_id": "as-json"}
        headers = {"Accept": "application/json", "Origin": "http://localhost"}
        return self._keep(self._client.post(f"{self._auction}/bids", data=form, headers=headers), 200)

    def _keep(self, answer: TestResponse, status: int) -> TestResponse:
        self._shown = answer.get_data(as_text=True)
        if answer.status_code // 100 != status // 100:
            sys.exit(f"{answer.request.path} was answered {answer.status_code}:\n{self._shown[:2000]}")
        return answer

    def _field(self, name: str) -> str:
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', self._shown)
        value = tag and re.search(r'value="([^"]*)"', tag[0])
        return value[1] if value else ""


def _measured(scene: Scene, acts: Sequence[Callable[[], TestResponse]]) -> dict[str, float]:
    pids = {"database": scene.database_pid, "store": scene.store_pid}
    began = {name: processor_ms(pid) for name, pid in pids.items()}
    web, sent = 0.0, 0
    for act in acts:
        started = time.process_time()
        answer = act()
        web += time.process_time() - started
        sent += len(answer.get_data())
    spent = {f"{name}_ms": (processor_ms(pid) - began[name]) / len(acts) for name, pid in pids.items()}
    figures = {"web_ms": 1000 * web / len(acts), **spent, "bytes": sent / len(acts)}
    return {name: round(value, 3) for name, value in figures.items()}


def _board_read(scene: Scene, auction: FilledAuction) -> float:
    """Processor time of the live store for one look of a live process at the auction, in ms."""
    rest(scene.store_pid)
    began = processor_ms(scene.store_pid)
    for _ in range(READS):
        scene.engine.read(auction.id)
    return round((processor_ms(scene.store_pid) - began) / READS, 4)


def _news(scene: Scene) -> list[dict[str, float]]:
    """Processor time of the live store for one message, in ms, by the number of those who hear it."""
    return [{"listeners": count, "store_ms": _published(scene, count)} for count in LISTENERS]


def _published(scene: Scene, listeners: int) -> float:
    clients = [redis.Redis.from_url(scene.store_url).pubsub() for _ in range(listeners)]
    for each in clients:
        each.psubscribe(redis_keys.NEWS_PATTERN)
        each.get_message(timeout=1)
    rest(scene.store_pid)
    began = processor_ms(scene.store_pid)
    for _ in range(MESSAGES):
        heard = scene.store.publish(redis_keys.news(1), MESSAGE)
        assert heard == listeners, heard
        for each in clients:
            each.get_message(timeout=1)
    spent = (processor_ms(scene.store_pid) - began) / MESSAGES
    for each in clients:
        each.close()
    return round(spent, 4)


if __name__ == "__main__":
    main()
