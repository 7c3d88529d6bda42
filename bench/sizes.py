"""What the size of an auction costs: each figure at 100, 1,000, 10,000 and 150,000 bidders.

    python -m bench.sizes [--bidders 100,1000,10000,150000] [--write] [--json]

Each auction is filled in bulk by the product's own recording, on a MariaDB with every commit on its disk and a live
store that fsyncs always. A fifth of its bidders have seats, at most 2,000. Everything runs in this process, so times
are those of one core: settling and checking by the clock, reads by the processor time of the application that answers
them. `--write` keeps the figures in docs/performance/sizes.json and writes the table of docs/performance.md anew.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench import report, servers, sizes_table
from bench.hammer_scene import say
from cashticket import create_app
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.work.check.compare import check, check_since
from cashticket.work.closing import close_and_settle
from lab.filling.auctions import MINIMUM, STEP, FilledAuction, fill_auction
from lab.servers.mariadb_server import MariaDbServer
from lab.signed_in import add_people, sign_in

SEATS_MAX = 2_000
NEW_BIDS = 2_000
"""Bids that are placed after the filling: they are drained, and checked since the last check."""

READS = 50
RUNNING_SECONDS = 3_600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bidders", default="100,1000,10000", help="sizes, smallest first (default 100,1000,10000)")
    parser.add_argument("--write", action="store_true", help="keep the figures and write the table of the docs anew")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with application() as app, app.app_context():
        sizes = [measure(app, int(bidders)) for bidders in given.bidders.split(",")]
    figure = {"bench": "sizes", "sizes": sizes}
    if given.write:
        sizes_table.write(figure | {"commit": report.commit(), "machine": report.machine()})
    report.finish(figure, given.json)
    if any(size["mismatches"] for size in sizes):
        sys.exit("an auction does not check: these figures must not be used")


@contextmanager
def application() -> Iterator[Flask]:
    """The application on durable stores of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cashticket-sizes-")))
        database = MariaDbServer(durable=True)
        stack.callback(database.remove)
        os.environ.update(
            APP_ENV="testing",
            SECRET_KEY="a key for measuring only",
            DATABASE_URL=database.start().create_database("sizes"),
            REDIS_URL=stack.enter_context(servers.live_store(folder)),
            RATE_LIMITS="off",
            MAIL_URL=f"file:{folder}/mail",
            WITNESS_DIR=f"{folder}/witness",
        )
        app = create_app()
        with app.app_context():
            import flask_migrate

            flask_migrate.upgrade()
        yield app


def measure(app: Flask, bidders: int) -> dict[str, Any]:
    """Fill two auctions of this size: one that runs, one that is settled. Returns the figures."""
    engine: Engine = app.extensions["engine"]
    seats = min(SEATS_MAX, max(1, bidders // 5))
    say(f"{bidders:,} bidders: filling")
    people = add_people(bidders)
    running = _filled(engine, people, seats, ends_in_ms=1_000 * RUNNING_SECONDS)
    ended = _filled(engine, people, seats, ends_in_ms=-1_000)
    figures: dict[str, Any] = {"bidders": bidders, "seats": seats, "bids": running.bids, "mismatches": []}
    figures |= _running_figures(app, engine, running)
    say("settling")
    figures["settle_seconds"] = _seconds(lambda: close_and_settle(engine, ended.id))
    figures |= _result_figures(app, ended)
    for auction in (running, ended):
        figures["mismatches"] += check(engine, auction.id).faults
    db.session.remove()
    return figures


def _filled(engine: Engine, people: list[int], seats: int, ends_in_ms: int) -> FilledAuction:
    return fill_auction(engine, people, seats, bids_each=range(3, 4), ends_in_ms=ends_in_ms)


def _running_figures(app: Flask, engine: Engine, auction: FilledAuction) -> dict[str, Any]:
    """Checks, a drain, and the pages of an auction that runs."""
    say("checking")
    started = time.monotonic()
    mark = check(engine, auction.id).mark
    whole = time.monotonic() - started
    assert mark is not None
    bid_ms = _place_bids(engine, auction.id)
    drain = _seconds(lambda: _drain(engine, auction.id))
    since = _seconds(lambda: check_since(engine, auction.id, mark))
    address = f"/auctions/{auction.id}"
    return {
        "check_seconds": round(whole, 2),
        "bid_ms": bid_ms,
        "drain_ms_per_1000": round(1_000_000 * drain / NEW_BIDS, 1),
        "check_since_seconds": since,
        **_read(app, "board", f"{address}/board?lang=ko"),
        **_read(app, "page", address),
    }


def _result_figures(app: Flask, auction: FilledAuction) -> dict[str, Any]:
    """Reads of the result; the outcome is that of somebody in the middle."""
    [guest] = sign_in(app, [auction.bidders[len(auction.bidders) // 2]])
    address = f"/auctions/{auction.id}"
    return {
        **_read(app, "result", f"{address}/results"),
        **_read(app, "outcome", f"{address}/outcome", guest.cookie),
    }


def _place_bids(engine: Engine, auction_id: int) -> float:
    """Bids of people who are new here. Returns the median time of one, in ms."""
    waits = []
    for number, person in enumerate(add_people(NEW_BIDS)):
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
        started = time.perf_counter()
        amount = MINIMUM + STEP * (number % 500)
        answer = engine.place_bid(auction_id, person, 1, amount, "size", sure=amount)
        waits.append(time.perf_counter() - started)
        assert isinstance(answer, Accepted), answer
    return round(1000 * median(waits), 3)


def _drain(engine: Engine, auction_id: int) -> None:
    while record_waiting(engine, auction_id):
        db.session.remove()


def _seconds(act: Callable[[], object]) -> float:
    """Seconds by the clock."""
    started = time.monotonic()
    act()
    db.session.remove()
    return round(time.monotonic() - started, 3)


def _read(app: Flask, name: str, path: str, cookie: str = "") -> dict[str, float]:
    """Length of a page, and processor time of this process for one answer, in ms."""
    headers = {"Cookie": cookie} if cookie else {}
    spent = []
    for _ in range(READS):
        environ = EnvironBuilder(path=path, headers=headers).get_environ()
        started = time.process_time()
        answer, status, _headers = run_wsgi_app(app, environ, buffered=True)
        body = b"".join(answer)
        spent.append(time.process_time() - started)
        if not status.startswith("200"):
            sys.exit(f"{path} was answered {status}")
    return {f"{name}_bytes": len(body), f"{name}_cpu_ms": round(1000 * median(spent), 2)}


if __name__ == "__main__":
    main()
