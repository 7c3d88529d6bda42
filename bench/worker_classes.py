"""Bids and pages by gevent's workers as a ratio to gthread's, and the p99 of both.

    python -m bench.worker_classes [--runs 5] [--seconds 4] [--workers 2] [--mariadb] [--json]

Two servers run side by side with the same application, live store and database; they get the same kind of requests from
the same tool in turns. Neither witnesses bids, because gunicorn.conf.py starts more work in a gevent process (the news
for sockets) than in one for bids, which would be compared as well.

`home` asks as anybody, `own_part` is what a signed-in person's auction page asks of the tables and the live store.
SQLite holds up all greenlets of a process. `--mariadb` starts a MariaDB for the run, `--database-url` names another
database. `gthread_broken` and
`gevent_broken` count answers that failed or took longer than the 2 s after which wrk gives up.
"""

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import page, report, servers
from bench.bid import BIDS_PER_SECOND_MAX, Route, take_turn
from bench.prepared_bids import CHANCES, CONNECTIONS
from bench.scene import publish, settings
from cashticket import create_app
from cashticket.wiring import current_engine
from lab.servers.mariadb_server import MariaDbServer
from lab.signed_in import SignedIn, add_people, invite

CLASSES = ("gthread", "gevent")
CONFIG = "python:bench.bare"
PAGES = {"home": "/", "own_part": "/auctions/{}/standing?lang=ko&with=account"}

Turn = tuple[float, float]
"""Answers a second, and the p99 in ms."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns of each kind of worker and request (default 5)")
    parser.add_argument("--seconds", type=int, default=4, help="length of one turn (default 4)")
    parser.add_argument("--workers", type=int, default=2, help="web processes of each server (default 2)")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--mariadb", action="store_true", help="use a MariaDB that is started for this run")
    kind.add_argument("--database-url", default="", help="an empty database (default: SQLite in a temporary folder)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cashticket-bench-")))
        os.environ.update(settings(folder, stack.enter_context(servers.live_store(folder))))
        if given.mariadb:
            database = MariaDbServer(durable=True)
            stack.callback(database.remove)
            os.environ["DATABASE_URL"] = database.start().create_database("workers")
        elif given.database_url:
            os.environ["DATABASE_URL"] = given.database_url
        figure = measure(given.runs, given.seconds, given.workers, folder)
    report.finish(figure, given.json)


def measure(runs: int, seconds: int, workers: int, folder: Path) -> dict[str, Any]:
    app, environ = create_app(), dict(os.environ)
    turns: dict[str, list[Turn]] = defaultdict(list)
    broken = dict.fromkeys(CLASSES, 0)
    with app.app_context(), ExitStack() as stack:
        auction = publish()
        people_a_turn = BIDS_PER_SECOND_MAX * seconds // CHANCES
        guests = invite(app, current_engine(), auction, add_people(people_a_turn * runs * len(CLASSES)))
        routes = {}
        for kind in CLASSES:
            server = servers.web_process(environ, "bench.app:app", workers, CONNECTIONS, "/healthz", CONFIG, kind)
            address, web = stack.enter_context(server)
            routes[kind] = Route(address, f"/auctions/{auction}/bids", web, os.getpid())
        for turn in range(runs):
            print(f"turn {turn + 1}/{runs}", file=sys.stderr)
            for kind, route in routes.items():
                mine, guests = guests[:people_a_turn], guests[people_a_turn:]
                broken[kind] += _take_turns(turns, kind, route, auction, mine, folder, seconds)
    return _figure(turns) | {"workers": workers} | {f"{kind}_broken": count for kind, count in broken.items()}


def _take_turns(
    turns: dict[str, list[Turn]],
    kind: str,
    route: Route,
    auction: int,
    guests: list[SignedIn],
    folder: Path,
    seconds: int,
) -> int:
    """One turn of each kind of request by this kind of worker. Returns how many answers were no success."""
    bids = take_turn(route, auction, folder, guests, seconds)
    turns[f"bid {kind}"].append((bids.rate, bids.p99_ms))
    broken = bids.refused + bids.broken
    for name, path in PAGES.items():
        answer = page.load(route.address + path.format(auction), seconds, guests[0].cookie if "{" in path else "")
        turns[f"{name} {kind}"].append((answer["requests"] / answer["seconds"], answer["p99_ms"]))
        broken += answer["not_2xx"] + answer["broken"]
    return broken


def _figure(turns: dict[str, list[Turn]]) -> dict[str, Any]:
    figure: dict[str, Any] = {"bench": "worker_classes"}
    for name in ("bid", *PAGES):
        gthread, gevent = (turns[f"{name} {kind}"] for kind in CLASSES)
        ratios = report.spread([new[0] / old[0] for new, old in zip(gevent, gthread, strict=True)])
        figure |= {f"{name}_gevent_ratio": ratios["median"], f"{name}_gevent_ratio_spread": ratios}
        for kind, of_kind in (("gthread", gthread), ("gevent", gevent)):
            figure[f"{name}_{kind}_per_second"] = report.spread([rate for rate, _ in of_kind])["median"]
            figure[f"{name}_{kind}_p99_ms"] = report.spread([p99 for _, p99 in of_kind])["median"]
    return figure


if __name__ == "__main__":
    main()
