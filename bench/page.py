"""Home, concert and auction page by anonymous visitors, and the own part of a bidder, as a ratio to a route of the same
application that does nothing (`ratio`), and to a route of a bare Flask application (`bare_ratio`).

    python -m bench.page [--runs 5] [--seconds 4] [--json]

The database holds a season of concerts with auctions that run, open later, or have ended. All routes get requests from
the same tool through the same hooks, in turns, so that the machine's other work affects all of them. The
auction page goes through the shipped nginx, as it does in production; the own part, which nginx never keeps for the
signed-in, goes straight.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import report, servers
from bench.scene import settings
from cashticket import create_app
from cashticket.catalogue.concerts import add_concert
from cashticket.catalogue.plans import Plan
from cashticket.wiring import current_engine, page_cache
from cashticket.work.publishing import publish, store_now
from lab.servers.nginx_server import MISSING, Nginx, nginx_binary
from lab.signed_in import add_people, sign_in

THREADS = 2
CONNECTIONS = 32
CONCERTS = 30
YARDSTICK = "/yardstick"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns of each route (default 5)")
    parser.add_argument("--seconds", type=int, default=4, help="length of one turn (default 4)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as folder, servers.live_store(Path(folder)) as store:
        os.environ.update(settings(Path(folder), store))
        figure = measure(given.runs, given.seconds, given.workers)
    report.finish(figure, given.json)


def measure(runs: int, seconds: int, workers: int) -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=servers.ROOT, check=True)
        concert = _season()
        page_cache().drop()
        cookie = sign_in(app, add_people(1))[0].cookie
    environ = dict(os.environ)
    bare_server = servers.web_process(environ, "bench.bare:app", workers, CONNECTIONS, "/bare", "python:bench.bare")
    ours = servers.web(environ, "bench.app:app", workers, CONNECTIONS)
    with ours as web, _nginx(web) as front, bare_server as (bare, _):
        urls = {
            "home": f"{web}/",
            "concert": f"{web}/concerts/{concert}",
            "auction": f"{front}/auctions/1",
            "own_part": f"{web}/auctions/1/standing?lang=ko&with=account",
            "yardstick": f"{web}{YARDSTICK}",
            "bare": f"{bare}/bare",
        }
        cookies = {"own_part": cookie}
        turns: dict[str, list[dict[str, Any]]] = {name: [] for name in urls}
        sizes = {name: _size(url, cookies.get(name, "")) for name, url in urls.items()}
        for turn in range(runs):
            for name, url in urls.items():
                turns[name].append(load(url, seconds, cookies.get(name, "")))
                print(f"turn {turn + 1}/{runs} {name}: {_rate(turns[name][-1]):,.0f}/s", file=sys.stderr)
    return _figure(turns, sizes)


@contextmanager
def _nginx(web: str) -> Iterator[str]:
    """The shipped nginx before `web`; yields its address."""
    binary = nginx_binary()
    if binary is None:
        sys.exit(MISSING)
    port = int(web.rpartition(":")[2])
    with tempfile.TemporaryDirectory(prefix="cashticket-nginx-") as folder:
        nginx = Nginx(binary, Path(folder) / "nginx", [port, port], port)
        try:
            yield nginx.start().url
        finally:
            nginx.stop()


def _figure(turns: dict[str, list[dict[str, Any]]], sizes: dict[str, int]) -> dict[str, Any]:
    rates = {name: [_rate(turn) for turn in of_route] for name, of_route in turns.items()}
    figure: dict[str, Any] = {"bench": "page"}
    for name in ("home", "concert", "auction", "own_part"):
        for kind, yardstick in (("ratio", "yardstick"), ("bare_ratio", "bare")):
            ratios = report.spread([page / none for page, none in zip(rates[name], rates[yardstick], strict=True)])
            figure |= {f"{name}_{kind}": ratios["median"], f"{name}_{kind}_spread": ratios}
        figure |= {f"{name}_bytes": sizes[name]}
    for name, of_route in turns.items():
        figure[f"{name}_per_second"] = report.spread(rates[name])
        figure[f"{name}_p99_ms"] = report.spread([turn["p99_ms"] for turn in of_route])["median"]
    figure["broken"] = sum(turn["broken"] + turn["not_2xx"] for of_route in turns.values() for turn in of_route)
    return figure


def _season() -> int:
    """Add concerts with auctions that run, open later, or have ended. Returns the id of one whose auction runs."""
    now = store_now(current_engine())
    first = 0
    for number in range(CONCERTS):
        concert = add_concert(
            title=f"Night {number}", artist="The Lanterns", venue="Han River Hall", starts_at=now + timedelta(days=30)
        )
        first = first or concert.id
        opens = now if number % 2 == 0 else now + timedelta(days=1 + number)
        plan = Plan(concert.id, 20, 100_000, 5_000, opens_at=opens, closes_at=min(opens, now) + timedelta(days=28))
        if plan.closes_at > plan.opens_at:
            publish(current_engine(), plan, now)
    return first


def _size(url: str, cookie: str) -> int:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=10) as answer:
        return len(answer.read())


def load(url: str, seconds: int, cookie: str) -> dict[str, Any]:
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency"]
    command += ["-H", f"Cookie: {cookie}", "-s", str(Path(__file__).with_name("page.lua")), url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text_line = next(text_line for text_line in printed.splitlines() if text_line.startswith("RESULT "))
    answer: dict[str, Any] = json.loads(text_line.removeprefix("RESULT "))
    return answer


def _rate(turn: dict[str, Any]) -> float:
    return float(turn["requests"] - turn["not_2xx"]) / float(turn["seconds"])


if __name__ == "__main__":
    main()
